"""Retries and fallback that are left to Portkey: its config has them, and the router does not do them once more."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.trip import outcome
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import must_arrive
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.oracle import Routed, meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.profile import Route
    from kimi_conformance.contract.trip import Arrival, Attempt, Play, Trip
    from kimi_conformance.oracle import World

KIMIS: Final = frozenset({"kimi", "moonshot"})
"""The providers behind which Kimi is."""
WHERE: Final = "Portkey's config"
BAD: Final = 400


@check("router.retry.left-to-portkey")
def left_to_portkey(play: Play, world: World) -> Iterator[Flaw]:
    """One request for each call; Portkey calls as often as was promised; the client is served where Portkey serves."""
    yield from must_arrive(play.trips)
    for trip in play.trips:
        route = _route(trip, world)
        if len(trip.arrivals) > 1:
            calls = sum(len(arrival.attempts) for arrival in trip.arrivals)
            actual = f"{len(trip.arrivals)}, for which Portkey called its providers {calls} times"
            message = f"the router calls Portkey again, which has tried again already: {actual}"
            yield Flaw("one request to Portkey", actual, "upstream", message)
        for arrival in trip.arrivals[:1]:
            yield from _calls(arrival, route)
        for arrival in trip.arrivals[-1:]:
            yield from _handed_on(trip, arrival)


@check("router.fallback.config-names-fallback")
def config_names_fallback(play: Play, world: World) -> Iterator[Flaw]:
    """Portkey calls Kimi first, and the fallback's target once Kimi has failed, for one request of the router's."""
    yield from must_arrive(play.trips)
    for trip in play.trips:
        route = _route(trip, world)
        for arrival in trip.arrivals[:1]:
            if not arrival.attempts:
                yield _called_nobody(arrival)
                continue
            first, *others = _targets(arrival)
            name = meant(world.profile, str(trip.ask.model.value))
            if world.catalogue.find(name) and first.provider not in KIMIS:
                yield Flaw("first Kimi", _named(first), WHERE, f"for {name} Portkey calls {_named(first)} first")
            wanted = world.profile.routes[str(route.fallback)]
            if not others:
                message = f"the config has nothing after {_named(first)}: where that fails, so does the call"
                yield Flaw(f"then {_marks(wanted)}", "no other target", WHERE, message)
            elif not _is(others[0], wanted):
                seen = _named(others[0])
                yield Flaw(f"then {_marks(wanted)}", seen, WHERE, f"the fallback of Portkey's config is {seen}")
        for arrival in trip.arrivals[-1:]:
            yield from _handed_on(trip, arrival)


def _route(trip: Trip, world: World) -> Route:
    """The route that the trip must take. Cases are about routed requests only."""
    expected = world.expect(trip.ask)
    if not isinstance(expected, Routed):
        raise TypeError(f"{trip.ask.model.slug} is not routed")
    return world.profile.routes[expected.route]


def _calls(arrival: Arrival, route: Route) -> Iterator[Flaw]:
    """Whether Portkey called the first target as often as the profile promises."""
    if not arrival.attempts:
        yield _called_nobody(arrival)
        return
    place = arrival.attempts[0].option
    calls = list(takewhile(lambda attempt: attempt.option == place, arrival.attempts))
    promised = 1 + (route.retry.retries if route.retry else 0)
    least = promised if calls[-1].status >= BAD else 1
    if not least <= len(calls) <= promised:
        actual = f"{len(calls)}: {', '.join(str(attempt.status) for attempt in calls)}"
        message = f"Portkey calls {_named(calls[0])} {len(calls)} times, where the profile promises {promised}"
        yield Flaw(f"{promised} calls of {_named(calls[0])}", actual, WHERE, message)


def _handed_on(trip: Trip, arrival: Arrival) -> Iterator[Flaw]:
    """Whether the client fares as the router did at Portkey; where that was cut, nothing can be said."""
    due = arrival.exchange.status
    if due is None or arrival.exchange.error:
        message = "Portkey's own answer did not come to its end"
        yield Flaw("an answer", str(arrival.exchange.error), "upstream", message, Verdict.NOT_OBSERVED)
    elif (outcome(trip) == "served") != (due < BAD):
        seen = str(trip.client.status or trip.client.error)
        yield Flaw(str(due), seen, "client response", f"Portkey answered {due}, and the client got {seen}")


def _targets(arrival: Arrival) -> list[Attempt]:
    """The first call of each target, in their order."""
    return list({attempt.option: attempt for attempt in reversed(arrival.attempts)}.values())[::-1]


def _called_nobody(arrival: Arrival) -> Flaw:
    answer = arrival.exchange.response
    said = answer.body[:160].decode("utf-8", "backslashreplace") if answer else str(arrival.exchange.error)
    return Flaw("a call of a provider", said, "upstream", f"Portkey called no provider: {said}")


def _is(attempt: Attempt, route: Route) -> bool:
    """Whether an attempt is at the destination of `route`, as far as its marks tell."""
    marks = {name.lower(): mark for name, mark in route.headers.items()}
    key, provider = marks.get("x-portkey-virtual-key"), marks.get("x-portkey-provider")
    return (key is None or key == attempt.key) and provider in (None, attempt.provider, f"@{attempt.key}")


def _named(attempt: Attempt) -> str:
    return f"{attempt.option} ({attempt.key or attempt.provider})"


def _marks(route: Route) -> str:
    return ", ".join(str(mark) for mark in route.headers.values())
