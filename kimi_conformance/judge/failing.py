"""Calls that fail, read for the checks: what each upstream said, and at which of two destinations it was said."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.destination import routes_of, same_destination
from kimi_conformance.oracle import Routed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.profile import Profile, Route
    from kimi_conformance.contract.trip import Arrival, Trip
    from kimi_conformance.exchange import Response
    from kimi_conformance.oracle import World

OVERLOADED: Final = frozenset({"engine_overloaded_error", "overloaded_error"})
QUOTA: Final = frozenset({"exceeded_current_quota_error", "insufficient_quota"})
TOO_MANY: Final = 429
BAD: Final = 400
SERVERS: Final = 500
ANY_WINDOW: Final = zlib.MAX_WBITS | 32
"""gzip and zlib (which HTTP calls deflate), told apart by zlib itself."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an error says, wherever its dialect puts it."""

    type: str
    message: str


def split(trip: Trip, world: World) -> tuple[list[Arrival], list[Arrival]]:
    """The arrivals at the destination that the trip must take, and those anywhere else."""
    expected = world.expect(trip.ask)
    mine: list[Arrival] = []
    others: list[Arrival] = []
    for arrival in trip.arrivals:
        on = isinstance(expected, Routed) and _is_on(arrival, expected.route, world.profile)
        (mine if on else others).append(arrival)
    return mine, others


def route_of(trip: Trip, world: World) -> Route:
    """The route that the trip must take. Cases of failing upstreams are about routed requests only."""
    expected = world.expect(trip.ask)
    if not isinstance(expected, Routed):
        raise TypeError(f"{trip.ask.model.slug} is not routed")
    return world.profile.routes[expected.route]


def at_fallback(arrival: Arrival, route: Route, world: World) -> bool:
    """Whether an arrival is where the route's fallback leads."""
    return route.fallback is not None and _is_on(arrival, route.fallback, world.profile)


def served(arrival: Arrival) -> bool:
    """Whether the upstream answered with success, to the end."""
    status = arrival.exchange.status or BAD
    return arrival.exchange.error is None and status < BAD


def refusals(trip: Trip) -> list[Response]:
    """Every error that an upstream said, to its end."""
    answers = ((arrival.exchange.response, arrival.exchange.error) for arrival in trip.arrivals)
    return [response for response, error in answers if response and error is None and response.status >= BAD]


def kinds(arrival: Arrival) -> frozenset[str]:
    """The words of `retry: {on: …}` that take what an upstream answered; none of them, where it may not be retried.

    Two words where both fit: an engine that is overloaded and says 5xx.
    """
    response = arrival.exchange.response
    if response is None or response.status < BAD:
        return frozenset()
    words = {*_strings(said(response))}
    if words & QUOTA:
        return frozenset({"quota"})
    by_status = {"server_error"} if response.status >= SERVERS else set()
    if words & OVERLOADED or (by_status and any("overloaded" in word for word in words)):
        return frozenset({"overloaded", *by_status})
    return frozenset({"rate_limit"} if response.status == TOO_MANY else by_status)


def told(response: Response) -> Told | None:
    """Type and message of an error; None where it has none."""
    value = said(response)
    error = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return None
    return Told(str(error.get("type")), error["message"])


def said(response: Response) -> Any:
    """The body as JSON; None where it is none, or cannot be unpacked."""
    body = unpacked(response)
    try:
        return None if body is None else json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def unpacked(response: Response) -> bytes | None:
    """The body without the coding that its header names; None where it is not in that coding."""
    coding = (response.header("content-encoding") or "identity").strip().lower()
    if coding in {"", "identity"}:
        return response.body
    if coding not in {"gzip", "x-gzip", "deflate"}:
        return None
    try:
        return zlib.decompress(response.body, ANY_WINDOW)
    except zlib.error:
        return None


def _strings(value: Any) -> Iterator[str]:
    """Every string within a JSON value."""
    match value:
        case str():
            yield value
        case dict():
            for member in value.values():
                yield from _strings(member)
        case list():
            for member in value:
                yield from _strings(member)


def _is_on(arrival: Arrival, name: str, profile: Profile) -> bool:
    return any(same_destination(name, taken, profile) for taken in routes_of(arrival, profile))
