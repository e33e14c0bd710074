"""Delivery: a request arrives whole, once, where its own bytes say, or not at all."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import ABSENT, LOOKUP, outcome
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import body_of, in_short, must_arrive, shown, shown_apart
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.destination import on_expected_route, routes_of
from kimi_conformance.judge.request import members_kept
from kimi_conformance.oracle import Routed, expect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Play, Stray, Trip
    from kimi_conformance.oracle import World
NAMED: Final = 8
"""How many of the cases in flight a message names."""


@check("router.request.large-body-kept")
def large_body_kept(play: Play, world: World) -> Iterator[Flaw]:
    """The body arrives whole, on the model's own route."""
    for trip in play.trips:
        yield from on_expected_route(trip, world.expect(trip.ask), world.profile)
    yield from members_kept(None)(play, world)


@check("router.request.duplicate-keys-agree")
def duplicate_keys_agree(play: Play, world: World) -> Iterator[Flaw]:
    """Refused; or on the route of the name that the forwarded body ends up with."""
    odd, ordinary = _odd_and_ordinary(play)
    yield from must_arrive(ordinary, Verdict.NOT_OBSERVED)
    for trip in odd:
        if not trip.arrivals and outcome(trip) != "refused":
            seen = f"status {trip.client.status}" if trip.client.status else str(trip.client.error)
            yield Flaw("a refusal or a call", seen, "client response", "neither refused nor served")
        for arrival in trip.arrivals:
            body = body_of(arrival)
            if isinstance(body, Flaw):
                yield body
                continue
            # json.loads keeps the last of equal keys, as Go's, Node's and Python's readers at the upstreams do.
            seen = body.get("model", ABSENT)
            taken = routes_of(arrival, world.profile)
            due = {route for route, model in _meant(trip, world) if model == seen}
            if not due and isinstance(read := expect(world.profile, trip.ask.agent.value, seen), Routed):
                due = {read.route}
            if not due & taken:
                wanted = " or ".join(sorted(due)) or "a refusal"
                message = f"the upstream reads {shown(seen)}, but the router went by the other name"
                yield Flaw(wanted, " or ".join(sorted(taken)) or "no route", "upstream request /model", message)


@check("router.request.one-request-per-request")
def one_request_per_request(play: Play, world: World) -> Iterator[Flaw]:
    """Exactly one arrival a trip, and none that nobody asked for."""
    for trip in play.trips:
        if len(trip.arrivals) != 1:
            where = ", ".join(f"{arrival.upstream} at {arrival.t_ms:.0f} ms" for arrival in trip.arrivals) or "none"
            yield Flaw(
                "one upstream request",
                f"{len(trip.arrivals)}: {where}",
                "upstream",
                f"{len(trip.arrivals)} upstream requests for one",
            )
    outer: dict[str, list[Stray]] = defaultdict(list)
    for stray in play.strays:
        if stray.arrival.upstream.startswith("outside"):
            outer[_host(stray)].append(stray)
        else:
            yield _unasked(stray)
    for host, calls in outer.items():
        yield _outer(host, calls, world.profile)


def _unasked(stray: Stray) -> Flaw:
    actual = f"{in_short(stray.arrival.exchange.request)} at {stray.arrival.upstream}"
    if stray.doubled:
        message = f"one upstream request too many in {stray.beside[0]}: {actual}"
        return Flaw("one upstream request for each", actual, "upstream", message)
    message = f"belongs to no request of the suite: {actual}; cases in flight: {_beside(stray)}"
    return Flaw("no request that nobody asked for", actual, "upstream", message)


def _outer(host: str, calls: Sequence[Stray], profile: Profile) -> Flaw:
    """The calls of one host of the outer world.

    It may be a look for a new version: nobody pays for it, but replay mode has no network. A host that is intercepted
    and was not reached all the same is another matter.
    """
    first = calls[0].arrival
    actual = f"{in_short(first.exchange.request)} at {first.upstream}"
    count = sum(call.arrival.exchange.request.method != LOOKUP for call in calls)  # those are noted once in a while
    many = f" ({count} times)" if count > 1 else ""
    if host in profile.intercept and first.exchange.error:
        why = first.exchange.error.split(": ", 1)[-1]
        return Flaw("a call that is caught", actual, "upstream", f"{why}{many}; cases in flight: {_beside(calls[0])}")
    message = (
        f"belongs to no request of the suite: {actual}{many}; there is no network: if the router has this host "
        f"hard-coded, add it to the profile, `intercept: {{{host}: UPSTREAM}}`; cases in flight: {_beside(calls[0])}"
    )
    return Flaw("no request that nobody asked for", actual, "upstream", message, Verdict.WARN)


def _host(stray: Stray) -> str:
    """The host of the outer world that was called, with its port where it is no usual one."""
    return stray.arrival.upstream.split(": ", 1)[-1].removesuffix(":443").removesuffix(":80")


def _beside(stray: Stray) -> str:
    return ", ".join(stray.beside[:NAMED]) or "none"


@check("router.request.malformed-json-refused")
def malformed_json_refused(play: Play, world: World) -> Iterator[Flaw]:
    """4xx, and no upstream called; while the ordinary request beside it is accepted.

    A router that forwards what it cannot read has the upstream refuse it, which gets the bytes that were sent.
    """
    odd, ordinary = _odd_and_ordinary(play)
    yield from must_arrive(ordinary, Verdict.NOT_OBSERVED)
    for trip in odd:
        if outcome(trip) != "refused":
            seen = f"status {trip.client.status}" if trip.client.status else str(trip.client.error)
            yield Flaw("4xx", seen, "client response", "a body that is no JSON object was not refused")
        if not trip.arrivals:
            continue
        if world.profile.policy.non_string_model == "refuse":
            reached = trip.arrivals[0].upstream
            yield Flaw("no upstream request", reached, "upstream request", "reached an upstream all the same")
            continue
        sent = trip.sent.body.decode(errors="replace")
        for arrival in trip.arrivals:
            if arrival.exchange.request.body != trip.sent.body:
                seen = arrival.exchange.request.body.decode(errors="replace")
                yield Flaw(*shown_apart(sent, seen), "upstream request", "was changed on its way")


def _odd_and_ordinary(play: Play) -> tuple[list[Trip], list[Trip]]:
    """The trips whose body is the case's own, and the ordinary ones beside them, which must be accepted."""
    odd = [trip for trip in play.trips if trip.ask.body is not None]
    return odd, [trip for trip in play.trips if trip.ask.body is None]


def _meant(trip: Trip, world: World) -> Iterator[tuple[str, Any]]:
    """The route, and the name at the upstream, of every model that the body names."""
    named: list[Any] = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        named.extend(value for key, value in pairs if key == "model")
        return dict(pairs)

    json.loads(trip.sent.body, object_pairs_hook=note)
    for name in named:
        expected = expect(world.profile, trip.ask.agent.value, name)
        if isinstance(expected, Routed):
            yield expected.route, expected.model
