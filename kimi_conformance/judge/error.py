"""Error: what an upstream refuses, or fails to answer, reaches the client as what it is, and soon."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import PLAIN
from kimi_conformance.contract.trip import outcome
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.check import Check, Flaw, check
from kimi_conformance.judge.cooldown import COOLDOWN, HINT, rested
from kimi_conformance.judge.failing import BAD, SERVERS, TOO_MANY, refusals, served, unpacked
from kimi_conformance.judge.kept import WHERE, got, kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.oracle import World

SLACK_MS: Final = 2000
"""A machine that is busy may see the end of an answer so much later."""

COOLED: Final = frozenset({TOO_MANY, 503})
"""What a router answers that leaves an upstream alone for a while, whether or not its profile says that it does."""


def of_each(look: Callable[[Trip, World], Iterator[Flaw]]) -> Check:
    """A check that looks at each trip of a case by itself."""

    def each(play: Play, world: World) -> Iterator[Flaw]:
        for trip in play.trips:
            yield from look(trip, world)

    return each


def _kept(trip: Trip, _: World) -> Iterator[Flaw]:
    yield from kept(trip)


for _rule in ("401-kept", "403-kept", "404-of-upstream-kept", "400-kept", "429-types-kept", "5xx-kept"):
    check(f"router.error.{_rule}")(of_each(_kept))


@check("router.error.gzip-error-handled")
@of_each
def gzip_error_handled(trip: Trip, _: World) -> Iterator[Flaw]:
    """An error that came compressed can be read by the client."""
    if not any(error.header("content-encoding") for error in refusals(trip)):
        message = "the router asked the upstream not to compress, so nothing came compressed"
        yield Flaw("a compressed error", "none", "upstream", message, Verdict.NOT_OBSERVED)
        return
    yield from kept(trip)


@check("router.error.html-504-handled")
@of_each
def html_504_handled(trip: Trip, _: World) -> Iterator[Flaw]:
    """A page of HTML is a 5xx for the client, and nothing that calls itself JSON and is none."""
    if not refusals(trip):
        yield from kept(trip)
        return
    yield from _answered(trip)
    client = trip.client.response
    if client is None or "json" not in (client.header("content-type") or "").lower():
        return
    body = unpacked(client) or client.body
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        shown = body[:160].decode("utf-8", "backslashreplace")
        where = f"{WHERE} header content-type"
        yield Flaw("JSON, or another content type", shown, where, f"what calls itself JSON is none: {shown}")


@check("router.error.refused-answered", "router.error.reset-answered")
@of_each
def answered(trip: Trip, _: World) -> Iterator[Flaw]:
    """The client is answered: with an error of the server's side, or by whoever took the call over.

    Where the upstream had begun its answer, the client may have half of it, if that cannot be taken for the whole.
    """
    begun = any(arrival.exchange.response for arrival in trip.arrivals)
    yield from _visible(trip) if begun and trip.client.response else _answered(trip)


@check("router.error.wrong-length-visible")
@of_each
def wrong_length_visible(trip: Trip, _: World) -> Iterator[Flaw]:
    """Half an answer does not look whole."""
    yield from _visible(trip)


@check("router.error.slow-bounded")
@of_each
def slow_bounded(trip: Trip, world: World) -> Iterator[Flaw]:
    """A silent upstream costs the client no more time than the profile promises."""
    limits = world.profile.limits
    if (trip.client.error or "").startswith("timeout"):
        silent_s = (trip.client.end_ms - _last_ms(trip)) / 1000
        if trip.client.response and silent_s < limits.stream_gap_s:
            message = f"the client was gone before stream_gap_s ({limits.stream_gap_s:g} s) had run out"
            yield Flaw("an end", str(trip.client.error), WHERE, message, Verdict.NOT_OBSERVED)
            return
        bound = f"{limits.stream_gap_s:g} s of silence" if trip.client.response else f"{limits.answer_s:g} s"
        message = f"the upstream is silent, and the router with it: {trip.client.error}"
        yield Flaw(f"an end within {bound}", str(trip.client.error), WHERE, message)
        return
    if trip.client.response is None:
        yield from _answered(trip)
        return
    yield from _visible(trip)
    silent_ms = trip.client.end_ms - _last_ms(trip)
    if trip.client.error and silent_ms > limits.stream_gap_s * 1000 + SLACK_MS:
        seen = f"{silent_ms / 1000:.1f} s"
        message = f"the answer was silent for {seen} before it was cut"
        yield Flaw(f"{limits.stream_gap_s:g} s at the most", seen, WHERE, message)


@check("router.error.router-survives")
def router_survives(play: Play, world: World) -> Iterator[Flaw]:
    """An ordinary request right after a failed one is served."""
    for trip in play.trips:
        if trip.ask.scene != PLAIN or outcome(trip) == "served":
            continue
        seen = got(trip)
        rests = trip.client.status in COOLED or world.profile.isolation == "fresh"
        if rests and rested(trip):
            yield Flaw("an ordinary answer", seen, WHERE, f"{COOLDOWN} ({HINT})", Verdict.NOT_OBSERVED)
        else:
            yield Flaw("an ordinary answer", seen, WHERE, f"after the failed request an ordinary one got {seen}")


def _answered(trip: Trip) -> Iterator[Flaw]:
    """Whether the client got an error of the server's side, or an answer that an upstream gave."""
    status, error = trip.client.status, trip.client.error
    taken_over = any(served(arrival) for arrival in trip.arrivals)
    if status is None or error:
        how = str(error)
        message = "the client waits in vain" if how.startswith("timeout") else "the client got no whole answer"
        yield Flaw("a 5xx", how, WHERE, f"{message}: {how}")
    elif status < BAD and not taken_over:
        yield Flaw("a 5xx", str(status), WHERE, f"an upstream that failed became {status}")
    elif BAD <= status < SERVERS:
        yield Flaw("a 5xx", str(status), WHERE, f"an upstream that failed became {status}, which blames the client")


def _visible(trip: Trip) -> Iterator[Flaw]:
    """Whether the client can tell that the answer broke off: it is cut, or an error."""
    client = trip.client.response
    if trip.client.error or client is None or client.status >= BAD or any(served(one) for one in trip.arrivals):
        return
    message = f"the upstream's answer broke off, and the client's looks whole ({len(client.body)} bytes)"
    yield Flaw("a cut, or a 5xx", f"{client.status}, ended as if whole", WHERE, message)


def _last_ms(trip: Trip) -> float:
    """When the client last saw anything of the answer."""
    response = trip.client.response
    if response is None:
        return trip.client.start_ms
    return response.pieces[-1].t_ms if response.pieces else response.t_ms
