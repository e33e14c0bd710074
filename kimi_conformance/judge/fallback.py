"""Fallback: another destination takes over where the first has failed for good, once, and with a key of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.trip import outcome
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import must_arrive
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.failing import BAD, at_fallback, kinds, route_of, split
from kimi_conformance.judge.kept import got, kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.contract.profile import Route
    from kimi_conformance.contract.trip import Arrival, Play, Trip
    from kimi_conformance.exchange import Request
    from kimi_conformance.oracle import World

CREDENTIALS: Final = frozenset(
    {"authorization", "proxy-authorization", "x-api-key", "api-key", "x-portkey-api-key", "x-goog-api-key"}
)
TEXTS: Final = re.compile(r'"(?:content|text)"\s*:\s*"((?:[^"\\]|\\.)*)"')
SHORTEST: Final = 8
"""A word of a header that is no longer than this is no secret: it may be anywhere."""


@check("router.fallback.after-exhaustion")
def after_exhaustion(play: Play, world: World) -> Iterator[Flaw]:
    """The fallback is asked when the route has had all its attempts, and its answer reaches the client."""
    for trip in play.trips:
        yield from must_arrive([trip], Verdict.NOT_OBSERVED)
        route, (mine, others) = route_of(trip, world), split(trip, world)
        if not trip.arrivals:
            continue
        there = [other for other in others if at_fallback(other, route, world)]
        if not there:
            seen = f"{others[0].upstream} was asked" if others else f"nobody was; the client got {got(trip)}"
            message = f"route {route.fallback} was not asked when the first had failed: {seen}"
            yield Flaw(f"a call on route {route.fallback}", seen, "upstream", message)
            continue
        yield from _not_before(mine, there[0], route)
        if outcome(trip) != "served" or trip.mark not in _words(trip):
            message = f"the fallback answered, and the client got {got(trip)}"
            yield Flaw("the fallback's answer", got(trip), "client response", message)


@check("router.fallback.not-for-client-errors")
def not_for_client_errors(play: Play, world: World) -> Iterator[Flaw]:
    """What the client did wrong, or may not do, is not done elsewhere."""
    for trip in play.trips:
        yield from must_arrive([trip], Verdict.NOT_OBSERVED)
        mine, others = split(trip, world)
        if mine and others:
            what = mine[-1].exchange.status
            message = f"{what} of the first destination was taken to {others[0].upstream}"
            yield Flaw("no other destination", others[0].upstream, "upstream", message)


@check("router.fallback.once")
def once(play: Play, world: World) -> Iterator[Flaw]:
    """The fallback is asked once (and again where its own route promises that), and nobody after it."""
    for trip in play.trips:
        route, (_, others) = route_of(trip, world), split(trip, world)
        there = [other for other in others if at_fallback(other, route, world)]
        if not there:
            yield _not_asked(route, trip)
            continue
        own = world.profile.routes[str(route.fallback)].retry
        most = 1 + own.retries if own and own.by == "router" and kinds(there[0]) & {*own.on} else 1
        if len(there) > most:
            message = f"route {route.fallback} was asked {len(there)} times for one request"
            yield Flaw(f"{most}", f"{len(there)}", "upstream", message)
        for third in (other for other in others if other not in there):
            message = f"a third destination was asked: {third.upstream}"
            yield Flaw(f"nobody after route {route.fallback}", third.upstream, "upstream", message)


@check("router.fallback.no-key-of-the-first")
def no_key_of_the_first(play: Play, world: World) -> Iterator[Flaw]:
    """What opens the first upstream is not told to the second."""
    for trip in play.trips:
        route, (mine, others) = route_of(trip, world), split(trip, world)
        there = [other for other in others if at_fallback(other, route, world)]
        if not there or not mine:
            yield _not_asked(route, trip)
            continue
        secrets = {word for one in mine for word in _credentials(one.exchange.request)}
        secrets -= {*_credentials(trip.sent)}  # the client's own, where a router hands that on by design
        if not secrets:
            message = "the first upstream was given no key that could be told apart"
            yield Flaw("a key of the first", "none", "upstream request", message, Verdict.NOT_OBSERVED)
        for other in there:
            for where in sorted({place for secret in secrets for place in _places(secret, other.exchange.request)}):
                message = f"the fallback at {other.upstream} was given the key of {mine[0].upstream}, in its {where}"
                yield Flaw("no key of the first", f"in the {where}", f"upstream request {where}", message)


@check("router.fallback.first-error-shown")
def first_error_shown(play: Play, world: World) -> Iterator[Flaw]:
    """Where the fallback fails too, the client is told why the first did."""
    for trip in play.trips:
        route, (mine, others) = route_of(trip, world), split(trip, world)
        if not mine or not others:
            yield _not_asked(route, trip)
            continue
        errors = (one.exchange.response for one in mine)
        yield from kept(trip, [error for error in errors if error and error.status >= BAD])


def _not_asked(route: Route, trip: Trip) -> Flaw:
    message = f"route {route.fallback} was not asked, so that nothing can be said of it; the client got {got(trip)}"
    return Flaw(f"a call on route {route.fallback}", "none", "upstream", message, Verdict.NOT_OBSERVED)


def _not_before(mine: Iterable[Arrival], there: Arrival, route: Route) -> Iterator[Flaw]:
    """Whether the first route had its attempts: all that it promises, and none after the fallback was asked."""
    tries = [one for one in mine if one.t_ms <= there.t_ms]
    retry = route.retry if route.retry and route.retry.by == "router" else None
    due = 1 + retry.retries if retry and tries and kinds(tries[-1]) and kinds(tries[-1]) <= {*retry.on} else 1
    if len(tries) < due:
        message = f"the fallback was asked after {len(tries)} of the {due} attempts that the route promises"
        yield Flaw(f"{due} attempts before", str(len(tries)), "upstream", message)


def _credentials(request: Request) -> Iterator[str]:
    """The words that open a door: those of the headers that are for it."""
    for name, value in request.headers:
        if name.lower() in CREDENTIALS:
            yield from (word for word in value.split() if len(word) > SHORTEST)


def _places(secret: str, request: Request) -> Iterator[str]:
    for name, value in request.headers:
        if secret in value:
            yield f"header {name.lower()}"
    if secret in request.url:
        yield "URL"
    if secret.encode() in request.body:
        yield "body"


def _words(trip: Trip) -> str:
    """What an answer says: its texts, which a stream has in pieces."""
    body = trip.client.response.body.decode("utf-8", "replace") if trip.client.response else ""
    return "".join(TEXTS.findall(body))
