"""Error: what an upstream refuses, or fails to answer, reaches the client as what it is, and soon."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import PLAIN
from kimi_conformance.contract.trip import outcome
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import must_arrive
from kimi_conformance.judge.check import Check, Flaw, check
from kimi_conformance.judge.cooldown import COOLDOWN, HINT, rested
from kimi_conformance.judge.failing import BAD, SERVERS, TOO_MANY, refusals, served, unpacked
from kimi_conformance.judge.kept import WHERE, got, kept
from kimi_conformance.judge.patience import SLACK_S, patience_s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.exchange import Response
    from kimi_conformance.oracle import World

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


@check("router.error.refused-answered")
def refused_answered(play: Play, _: World) -> Iterator[Flaw]:
    """The client is answered where nobody listens, by a router that calls this upstream when somebody does."""
    ordinary = [trip for trip in play.trips if trip.ask.scene == PLAIN]
    unseen = [*must_arrive(ordinary, Verdict.NOT_OBSERVED)]
    yield from unseen
    for trip in play.trips:
        if trip not in ordinary and not unseen:
            yield from _answered(trip)


@check("router.error.reset-answered")
@of_each
def reset_answered(trip: Trip, _: World) -> Iterator[Flaw]:
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
    limits, client = world.profile.limits, trip.client
    due_s = patience_s(trip.ask, world.profile) - limits.stream_gap_s
    if client.response is None:
        yield from _answered(trip)
        return
    took_s = (client.response.t_ms - client.start_ms) / 1000
    if took_s > due_s:
        message = f"the upstream is silent, and the client was answered after {took_s:.1f} s"
        yield Flaw(f"an answer within {due_s:g} s", f"{took_s:.1f} s", WHERE, message)
    silent_s = (client.end_ms - _last_ms(client.response)) / 1000
    if silent_s > limits.stream_gap_s + SLACK_S:
        message = f"within its answer the upstream is silent, and the router with it: {silent_s:.1f} s"
        yield Flaw(f"an end after {limits.stream_gap_s:g} s of silence", f"{silent_s:.1f} s", WHERE, message)
    elif (client.error or "").startswith("timeout"):
        message = f"the client had gone before stream_gap_s ({limits.stream_gap_s:g} s) had run out"
        yield Flaw("an end", str(client.error), WHERE, message, Verdict.NOT_OBSERVED)
    yield from _visible(trip)


@check("router.error.router-survives")
def router_survives(play: Play, world: World) -> Iterator[Flaw]:
    """An ordinary request right after a failed one is served."""
    for trip in play.trips:
        if trip.ask.scene != PLAIN or outcome(trip) == "served":
            continue
        seen = got(trip)
        known = world.profile.isolation == "fresh"
        if rested(trip) and (known or trip.client.status in COOLED):
            message = COOLDOWN if known else f"{COOLDOWN} ({HINT})"
            yield Flaw("an ordinary answer", seen, WHERE, message, Verdict.NOT_OBSERVED)
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
    """Whether the client can tell that the answer broke off: it is cut, or an error.

    A stream has an end of its own, whatever becomes of the connection: the area of streams looks at that.
    """
    client = trip.client.response
    if trip.client.error or client is None or client.status >= BAD or any(served(one) for one in trip.arrivals):
        return
    if trip.ask.stream or "event-stream" in (client.header("content-type") or ""):
        return
    message = f"the upstream's answer broke off, and the client's looks whole ({len(client.body)} bytes)"
    yield Flaw("a cut, or a 5xx", f"{client.status}, ended as if whole", WHERE, message)


def _last_ms(response: Response) -> float:
    """When the client last saw anything of the answer."""
    return response.pieces[-1].t_ms if response.pieces else response.t_ms
