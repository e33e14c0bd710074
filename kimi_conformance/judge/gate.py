"""Gate: each request goes where the decision table says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.catalogue import Host, State, state
from kimi_conformance.contract.trip import ABSENT, outcome
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import body_of, shown
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.destination import destination, on_expected_route, tiers_of
from kimi_conformance.oracle import Routed, is_registered, own_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.oracle import World


NOT_FOUND: Final = 404


@check(
    "router.gate.claude-takes-plan-route",
    "router.gate.non-claude-leaves-plan-route",
    "router.gate.each-registered-model-reaches-its-route",
)
def served_by_its_route(play: Play, world: World) -> Iterator[Flaw]:
    """Every trip goes where the oracle says, in a form that a healthy upstream serves: with its key, on its path."""
    yield from takes_its_route(play, world)
    for trip in play.trips:
        for arrival in trip.arrivals:
            answer = arrival.exchange.response
            if answer and answer.status >= 400:  # noqa: PLR2004 - RFC 9110, 15.5 and 15.6
                said = f"{answer.status}: {answer.body[:160].decode('utf-8', 'backslashreplace')}"
                where = f"upstream {arrival.upstream}"
                yield Flaw("a request that the upstream serves", said, where, f"the upstream refused it: {said}")


@check(
    "router.gate.prefix-test-ignores-case",
    "router.gate.only-a-prefix-counts",
    "router.gate.other-agents-never-take-plan-route",
    "router.gate.missing-model-takes-default",
    "router.gate.unregistered-model-takes-default",
    "router.gate.built-in-names-are-names",
)
def takes_its_route(play: Play, world: World) -> Iterator[Flaw]:
    """Every trip goes where the oracle says; and where that is nowhere, another of the same case goes somewhere.

    A refusal beside which nothing is accepted proves nothing: a router that answers 400 to all would pass.
    """
    for trip in play.trips:
        yield from on_expected_route(trip, world.expect(trip.ask), world.profile)
    routed = [isinstance(world.expect(trip.ask), Routed) for trip in play.trips]
    if play.trips and not any(routed):
        message = "nothing that must be accepted was asked beside it: the refusal proves nothing"
        yield Flaw("an accepted twin", "none", "client", message, Verdict.NOT_OBSERVED)


@check("router.gate.no-memory-between-requests")
def each_for_itself(play: Play, world: World) -> Iterator[Flaw]:
    """Every trip takes its own route with its own model, and gets the answer to its own request."""
    yield from takes_its_route(play, world)
    for trip in play.trips:
        expected = world.expect(trip.ask)
        if isinstance(expected, Routed):
            yield from goes_out_as(trip, expected.model)
        answer = trip.client.response.body if trip.client.response else b""
        other = next((other.mark for other in play.trips if other is not trip and other.mark.encode() in answer), None)
        if other:
            yield Flaw(
                f"the answer to {trip.mark}", f"the answer to {other}", "client response", "got another's answer"
            )


@check("router.gate.non-string-model-is-refused")
def refused_and_alive(play: Play, world: World) -> Iterator[Flaw]:
    """The odd request goes where the oracle says (nowhere, as a rule), and the ordinary one after it is served."""
    yield from takes_its_route(play, world)
    after = play.trips[-1]
    if outcome(after) == "failed":
        actual = after.client.error or f"status {after.client.status}"
        yield Flaw(
            "the next request is answered", actual, "client response", "the router did not answer the next request"
        )


@check("router.gate.prefix-resolved")
def prefix_resolved(play: Play, world: World) -> Iterator[Flaw]:
    """The prefix's route is taken, and the name goes out as the policy says."""
    for trip in play.trips:
        expected = world.expect(trip.ask)
        yield from on_expected_route(trip, expected, world.profile)
        if isinstance(expected, Routed):
            yield from goes_out_as(trip, expected.model)


@check("router.gate.same-for-streams", "router.gate.same-for-every-surface")
def same_route(play: Play, world: World) -> Iterator[Flaw]:
    """All trips of the case took one route. What reached nothing took none, and is like nothing."""
    first, *others = ((trip, destination(trip, world.profile)) for trip in play.trips)
    if all(where is None for _, where in (first, *others)):
        yield Flaw("an upstream request", "none", "upstream", "no upstream was called for any of them")
    for trip, where in others:
        if where != first[1]:
            expected = f"{_routes(first[1])}, as {_how(first[0])}"
            actual = f"{_routes(where)} {_how(trip)}"
            message = f"the route depends on more than agent and model: {actual}"
            yield Flaw(expected, actual, "upstream request", message)


@check("router.gate.tier-belongs-to-route")
def tier_of_its_route(play: Play, world: World) -> Iterator[Flaw]:
    """The tier that was recorded is that of the route that was taken, right or wrong as that may be."""
    for trip in play.trips:
        expected = world.expect(trip.ask)
        if not isinstance(expected, Routed):
            continue
        taken = destination(trip, world.profile)
        due = {world.profile.routes[name].tier for name in taken or [expected.route] if name in world.profile.routes}
        tiers = list(tiers_of(trip, world.profile))
        wanted = " or ".join(sorted(tier for tier in due if tier is not None))
        if wanted and (taken is None or not tiers):
            message = "no tier was seen: no ledger row or header belongs to this call"
            yield Flaw(wanted, "nothing", "ledger", message, Verdict.NOT_OBSERVED)
        for where, tier in tiers:
            if wanted and taken and tier not in due:
                yield Flaw(wanted, repr(tier), where, f"recorded tier {tier!r} on route {_routes(taken)}")


@check("router.gate.no-own-404-for-a-registered-model")
def no_own_404(play: Play, world: World) -> Iterator[Flaw]:
    """A 404 at the client was an upstream's, on the expected route."""
    for trip in play.trips:
        expected = world.expect(trip.ask)
        if trip.client.status != NOT_FOUND:
            if not trip.arrivals:
                message = "no upstream was called, so that there was no answer to pass on"
                yield Flaw("an upstream request", "none", "upstream", message, Verdict.NOT_OBSERVED)
            continue
        on_route = not list(on_expected_route(trip, expected, world.profile))
        if not on_route or not any(arrival.exchange.status == NOT_FOUND for arrival in trip.arrivals):
            body = trip.client.response.body[:160].decode("utf-8", "backslashreplace") if trip.client.response else ""
            yield Flaw("no 404 but the right upstream's", body, "client response", "404 to a registered model")


@check("router.gate.registered-models-are-served")
def registered_models_are_served(play: Play, world: World) -> Iterator[Flaw]:
    """The registered model is alive on the host that its route leads to, for 60 days to come."""
    for trip in play.trips:
        name = own_name(world.profile, trip.ask.model.value)
        model = world.catalogue.find(name)
        expected = world.expect(trip.ask)
        if model is None or not isinstance(expected, Routed):
            continue
        host = _host(expected.route, world.profile)
        where = "profile /policy/models"
        if host is None:
            message = f"the route of {name} does not lead to Kimi itself: its calendar is not known here"
            yield Flaw("a route to Kimi", expected.route, where, message, Verdict.NOT_OBSERVED)
        elif (found := state(model, host, world.on)) is not State.LIVE:
            yield Flaw(f"live on {host} on {world.on}", found.value, where, f"{name} is registered: {found.value}")


@check("router.gate.live-kimi-models-registered")
def live_models_are_registered(play: Play, world: World) -> Iterator[Flaw]:
    """The live model has an entry or a prefix."""
    for trip in play.trips:
        name = trip.ask.model.value
        if not is_registered(world.profile, name):
            yield Flaw(
                "an entry in models or a prefix",
                "none",
                "profile /policy/models",
                f"{name} is live, and not registered",
            )


def goes_out_as(trip: Trip, model: object) -> Iterator[Flaw]:
    """The flaws of a trip whose upstream saw another model than `model`."""
    for arrival in trip.arrivals:
        body = body_of(arrival)
        if isinstance(body, Flaw):
            yield body
        elif (seen := body.get("model", ABSENT)) != model:
            message = f"the upstream was asked for {shown(seen)}, not {shown(model)}"
            yield Flaw(shown(model), shown(seen), "upstream request /model", message)


def _host(route: str, profile: Profile) -> Host | None:
    """The Kimi host that a route leads to, by itself or by a virtual key. `None` where it leads elsewhere."""
    named = profile.routes[route]
    upstream = profile.upstreams[named.upstream]
    providers = {upstream.virtual_keys.get(str(mark)) for mark in named.headers.values()}
    if "kimi-code" in providers or "api.kimi." in (upstream.live or ""):
        return "coding"
    return "platform" if "kimi" in upstream.speaks or providers & {"kimi", "moonshot"} else None


def _routes(routes: frozenset[str] | None) -> str:
    if routes is None:
        return "no upstream"
    return " or ".join(sorted(routes)) or "no route of the profile"


def _how(trip: Trip) -> str:
    return f"on {trip.ask.surface}{', streamed' if trip.ask.stream else ', not streamed'}"
