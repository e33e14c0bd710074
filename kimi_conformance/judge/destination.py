"""Which route a request was seen to take: by the upstream it reached and the headers that mark it there."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.profile import JsonMark, Mark
from kimi_conformance.contract.trip import Arrival, Trip, outcome
from kimi_conformance.judge.check import Flaw
from kimi_conformance.judge.cooldown import unasked
from kimi_conformance.judge.json_diff import differences
from kimi_conformance.oracle import Expected, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.profile import Profile, Route


def on_expected_route(trip: Trip, expected: Expected, profile: Profile) -> Iterator[Flaw]:
    """The flaws of a trip that did not go where it must: to one route, or nowhere where it must be refused."""
    if isinstance(expected, Refused):
        yield from _must_be_refused(trip, expected)
    elif trip.decision:
        yield from _decided(trip, expected.route, profile)
    elif not trip.arrivals:
        actual = f"no upstream was called; {_client(trip)}"
        yield Flaw(_route(profile, expected.route), actual, "upstream", unasked(trip))
    else:
        for arrival in trip.arrivals:
            if expected.route not in routes_of(arrival, profile):
                seen = _seen(arrival, profile)
                yield Flaw(_route(profile, expected.route), seen, "upstream request", f"took the wrong route: {seen}")


def routes_of(arrival: Arrival, profile: Profile) -> frozenset[str]:
    """The routes that `arrival` is on: those whose upstream and marks all fit, the most closely marked ones.

    Routes with equal upstream and marks are one destination, so there can be several. An arrival that carries the marks
    of two destinations is on neither: which of them counts is for the upstream to decide, not for the router.
    """
    fitting = {
        name: sum(_closeness(mark) for mark in route.headers.values())
        for name, route in profile.routes.items()
        if route.upstream == arrival.upstream and all(_carries(arrival, *mark) for mark in route.headers.items())
    }
    most = max(fitting.values(), default=0)
    closest = [name for name, closeness in fitting.items() if closeness == most]
    one = all(same_destination(closest[0], name, profile) for name in closest)
    return frozenset(closest if one else ())


def same_destination(one: str, other: str, profile: Profile) -> bool:
    """Whether two routes lead to one destination."""
    first, second = profile.routes[one], profile.routes[other]
    return (first.upstream, first.headers) == (second.upstream, second.headers)


def destination(trip: Trip, profile: Profile) -> frozenset[str] | None:
    """Where a trip went, for comparing trips: the routes of its last arrival, or `None` where it reached nothing."""
    if trip.decision:
        return _alike(trip.decision.route, profile)
    return routes_of(trip.arrivals[-1], profile) if trip.arrivals else None


def _alike(route: str | None, profile: Profile) -> frozenset[str] | None:
    """The routes that are one destination with `route`."""
    if route not in profile.routes:
        return None if route is None else frozenset({route})
    return frozenset(name for name in profile.routes if same_destination(name, route, profile))


def tiers_of(trip: Trip, profile: Profile) -> Iterator[tuple[str, object]]:
    """Every tier that was seen of a trip, with where: in a decision, a header of the response, a row of the ledger."""
    if trip.decision:
        if trip.decision.tier is not None:
            yield "decision /tier", trip.decision.tier
        return
    seen, ledger, response = profile.tier_seen, profile.ledger, trip.client.response
    if seen and seen.header and response and (tier := response.header(seen.header)) is not None:
        yield f"client response {seen.header}", tier
    if seen and seen.ledger and ledger:
        pointer = ledger.columns.get("tier", f"/{seen.ledger}")
        for row in trip.rows:
            yield f"ledger row {pointer}", _member(row.values, pointer)


def at_pointer(value: Any, pointer: str) -> Any:
    """The member of `value` at a JSON pointer (RFC 6901). Raises `LookupError` where there is none."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        match value:
            case dict():
                value = value[key]
            case list() if key.isdecimal():
                value = value[int(key)]
            case _:
                raise LookupError(pointer)
    return value


def _member(values: Any, pointer: str) -> object:
    try:
        return at_pointer(values, pointer)
    except LookupError:
        return None


def _must_be_refused(trip: Trip, expected: Refused) -> Iterator[Flaw]:
    if trip.arrivals:
        reached = " and ".join(arrival.upstream for arrival in trip.arrivals)
        yield Flaw(
            "no upstream is called", f"reached {reached}", "upstream request", f"{expected.why} reached an upstream"
        )
    if outcome(trip) != "refused":
        yield Flaw(f"4xx: {expected.why}", _client(trip), "client response", "was not refused with 4xx")


def _decided(trip: Trip, route: str, profile: Profile) -> Iterator[Flaw]:
    decided = trip.decision.route if trip.decision else None
    if decided is None or decided not in profile.routes or not same_destination(decided, route, profile):
        said = decided if decided is not None else f"refused: {trip.decision.refusal if trip.decision else None}"
        yield Flaw(f"route {route}", said, "decision /route", f"decided for the wrong route: {said}")


def _closeness(mark: Mark) -> int:
    """An exact mark says more than a glob."""
    return 1 if isinstance(mark, str) and any(wild in mark for wild in "*?[") else 2


def _carries(arrival: Arrival, name: str, mark: Mark) -> bool:
    value = arrival.exchange.request.header(name)
    if value is None:
        return False
    if not isinstance(mark, JsonMark):
        return value == mark or fnmatchcase(value, mark)
    try:
        return not list(differences(mark.is_, at_pointer(json.loads(value), mark.json_)))
    except (ValueError, LookupError, RecursionError):
        return False


def _route(profile: Profile, name: str) -> str:
    return f"route {name}: {_describe(profile.routes[name])}"


def _describe(route: Route) -> str:
    marks = (
        f"{name}: {mark if isinstance(mark, str) else f'{mark.json_} = {mark.is_!r}'}"
        for name, mark in route.headers.items()
    )
    return ", ".join([f"upstream {route.upstream}", *marks])


def _seen(arrival: Arrival, profile: Profile) -> str:
    marking = {name.lower() for route in profile.routes.values() for name in route.headers}
    marks = (f"{name}: {value}" for name, value in arrival.exchange.request.headers if name.lower() in marking)
    where = " or ".join(sorted(routes_of(arrival, profile))) or "no route of the profile"
    return ", ".join([f"{where}: upstream {arrival.upstream}", *marks])


def _client(trip: Trip) -> str:
    if trip.decision:
        return f"decided for {trip.decision.route}"
    if trip.client.response is None:
        return f"the client got no answer ({trip.client.error})"
    body = trip.client.response.body[:160].decode("utf-8", "backslashreplace")
    return f"the client got {trip.client.response.status}: {body}"
