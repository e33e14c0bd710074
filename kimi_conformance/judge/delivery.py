"""Delivery: a request arrives whole, once, where its own bytes say, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.trip import ABSENT, outcome
from kimi_conformance.judge.arrivals import body_of, path_of, shown
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.destination import on_expected_route, routes_of
from kimi_conformance.judge.request import members_kept
from kimi_conformance.oracle import Routed, expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Play
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
    for trip in play.trips:
        if not trip.arrivals and outcome(trip) != "refused":
            yield Flaw(
                "a refusal or a call", f"status {trip.client.status}", "client response", "neither refused nor served"
            )
        for arrival in trip.arrivals:
            body = body_of(arrival)
            if isinstance(body, Flaw):
                yield body
                continue
            # json.loads keeps the last of equal keys, as Go's, Node's and Python's readers at the upstreams do.
            model = body.get("model", ABSENT)
            must = expect(world.profile, trip.ask.agent.value, model)
            taken = routes_of(arrival, world.profile)
            if not isinstance(must, Routed) or must.route not in taken:
                wanted = must.route if isinstance(must, Routed) else "a refusal"
                message = f"the upstream reads {shown(model)}, but the router went by the other name"
                yield Flaw(wanted, " or ".join(sorted(taken)) or "no route", "upstream request /model", message)


@check("router.request.one-request-per-request")
def one_request_per_request(play: Play, _world: World) -> Iterator[Flaw]:
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
    for stray in play.strays:
        request = stray.arrival.exchange.request
        actual = f"{request.method} {path_of(request.url)} at {stray.arrival.upstream}"
        beside = ", ".join(stray.beside[:NAMED]) or "none"
        message = f"belongs to no request of the suite: {actual}; cases in flight: {beside}"
        yield Flaw("no request that nobody asked for", actual, "upstream", message)


@check("router.request.malformed-json-refused")
def malformed_json_refused(play: Play, _world: World) -> Iterator[Flaw]:
    """4xx, and no upstream called."""
    for trip in play.trips:
        if outcome(trip) != "refused":
            seen = f"status {trip.client.status}" if trip.client.status else str(trip.client.error)
            yield Flaw("4xx", seen, "client response", "a body that is no JSON object was not refused")
        if trip.arrivals:
            yield Flaw(
                "no upstream request", trip.arrivals[0].upstream, "upstream request", "reached an upstream all the same"
            )
