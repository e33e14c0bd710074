"""Retry: a call that may be tried again is, as often and at the pace that the route promises, and no other is."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import HEALTHY, REFUSED
from kimi_conformance.contract.trip import outcome
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import must_arrive
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.failing import BAD, kinds, route_of, split
from kimi_conformance.judge.kept import got, kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kimi_conformance.contract.profile import Retry, Route
    from kimi_conformance.contract.trip import Arrival, Play, Trip
    from kimi_conformance.oracle import World

EARLY: Final = 0.95
"""A timer may run out a little early; no machine that is busy makes it do so."""

ALIKE: Final = 1.25
"""Gaps that differ by less are one gap, measured several times."""


@check("router.retry.rate-limit-retried", "router.retry.promised-kinds-retried")
def retried(play: Play, world: World) -> Iterator[Flaw]:
    """As many attempts as it takes, and no more than were promised; then the answer, or the last error unchanged."""
    for trip in play.trips:
        route = route_of(trip, world)
        if REFUSED in trip.ask.scene.acts:
            yield from _refused(trip, route, world)
            continue
        mine, others = split(trip, world)
        yield from must_arrive([trip], Verdict.NOT_OBSERVED)
        yield from _as_often(trip, mine, route)
        if mine and _heals(trip, route):
            if outcome(trip) != "served":
                message = f"the upstream was well again in time, and the client got {got(trip)}"
                yield Flaw("an ordinary answer", got(trip), "client response", message)
        elif mine and not any(other.exchange.status and other.exchange.status < BAD for other in others):
            yield from kept(trip)


@check("router.retry.client-errors-not-retried", "router.retry.quota-not-retried", "router.retry.only-as-promised")
def not_retried(play: Play, world: World) -> Iterator[Flaw]:
    """One attempt, since the route promises none for this."""
    for trip in play.trips:
        yield from must_arrive([trip], Verdict.NOT_OBSERVED)
        mine, _ = split(trip, world)
        if len(mine) > 1:
            what = mine[0].exchange.status or mine[0].exchange.error
            message = f"{what} was tried {len(mine)} times, which the route does not promise"
            yield Flaw("one attempt", _times(trip, mine), "upstream", message)


@check("router.retry.backoff-grows")
def backoff_grows(play: Play, world: World) -> Iterator[Flaw]:
    """Each gap is at least half of what was promised, and the gaps grow.

    A busy machine makes a gap longer and never shorter: of several trips the shortest gap counts.
    """
    trips = [[*_gaps(split(trip, world)[0])] for trip in play.trips]
    yield from must_arrive(play.trips, Verdict.NOT_OBSERVED)
    least = [min(gaps) for gaps in zip(*trips, strict=False)]
    retry = route_of(play.trips[0], world).retry
    if retry is None or not least:
        yield Flaw("a second attempt", "none", "upstream", "there was no gap to be measured", Verdict.NOT_OBSERVED)
        return
    for n, gap in enumerate(least):
        due = retry.base_ms * 2**n / 2
        if gap < due * EARLY:
            message = (
                f"attempt {n + 2} came {gap:.0f} ms after the answer before, half of the promised gap is {due:.0f} ms"
            )
            yield Flaw(f"at least {due:.0f} ms", f"{gap:.0f} ms", f"upstream request {n + 2}", message)
            return
    if len(least) > 1 and least[-1] <= least[0] * ALIKE:
        every = [gap for gaps in trips for gap in gaps]
        constant = max(every) <= min(every) * ALIKE
        shown = ", ".join(f"{gap:.0f} ms" for gap in least)
        message = "the gaps do not grow" if constant else "the gaps are too uneven to tell whether they grow"
        verdict = Verdict.FAIL if constant else Verdict.NOT_OBSERVED
        yield Flaw("each gap above the one before", shown, "upstream", f"{message}: {shown}", verdict)


@check("router.retry.retry-after-honoured")
def retry_after_honoured(play: Play, world: World) -> Iterator[Flaw]:
    """The next attempt is not made before the upstream wants it."""
    for trip in play.trips:
        mine, _ = split(trip, world)
        said = _retry_after(mine[0]) if mine else None
        if said is None or len(mine) < 2:  # noqa: PLR2004 - a first and a second
            missing = "no second attempt" if len(mine) == 1 else "no seconds in Retry-After"
            seen = missing if mine else f"no upstream request; the client got {got(trip)}"
            message = f"{seen}, so that nothing can be said of when it is made"
            yield Flaw("a second attempt", seen, "upstream", message, Verdict.NOT_OBSERVED)
            continue
        gap = next(_gaps(mine))
        if gap < said * 1000 * EARLY:
            message = f"the upstream said Retry-After: {said:g}, and was asked again after {gap:.0f} ms"
            yield Flaw(f"at least {said * 1000:.0f} ms", f"{gap:.0f} ms", "upstream request 2", message)


def _as_often(trip: Trip, mine: Sequence[Arrival], route: Route) -> Iterator[Flaw]:
    """Whether the route was tried exactly as often as its promise and the upstream's answers make it."""
    retry = route.retry
    if retry is None:
        return
    for number, arrival in enumerate(mine, start=1):
        last = number == len(mine)
        if number > retry.retries or not kinds(arrival) & {*retry.on}:
            if not last:
                message = f"{len(mine)} attempts, where {number} were promised"
                yield Flaw(f"{number} attempts", _times(trip, mine), "upstream", message)
            return
        if last and kinds(arrival) <= {*retry.on}:
            due = _due(trip, retry)
            message = f"given up after {number} of {due} attempts, at {arrival.exchange.status}"
            yield Flaw(f"{due} attempts", _times(trip, mine), "upstream", message)


def _due(trip: Trip, retry: Retry) -> int:
    """How many attempts a scene takes in which all but the last act are to be tried again."""
    ill = len(trip.ask.scene.acts) - 1 if trip.ask.scene.acts[-1] == HEALTHY else retry.retries
    return min(ill, retry.retries) + 1


def _heals(trip: Trip, route: Route) -> bool:
    """Whether the upstream is well again within the promised attempts."""
    acts = trip.ask.scene.acts
    return route.retry is not None and acts[-1] == HEALTHY and len(acts) <= route.retry.retries + 1


def _refused(trip: Trip, route: Route, world: World) -> Iterator[Flaw]:
    """Nobody listens, so that no attempt can be seen; but the waits between them take their time.

    At the least half of what was promised: an answer that comes sooner cannot have tried so often.
    """
    if route.retry is None:
        return
    least = sum(route.retry.base_ms * 2**n / 2 for n in range(route.retry.retries))
    if route.retry.backoff == "fixed":
        least = route.retry.base_ms * route.retry.retries / 2
    _, others = split(trip, world)
    end = min([trip.client.end_ms, *(other.t_ms for other in others)])
    took = end - trip.client.start_ms
    if not least:
        message = "the profile promises no wait between attempts, so that none can be seen"
        yield Flaw("a wait", "none", "client response", message, Verdict.NOT_OBSERVED)
    elif took < least * EARLY:
        message = f"given up after {took:.0f} ms, and {route.retry.retries} retries take {least:.0f} ms at the least"
        yield Flaw(f"at least {least:.0f} ms", f"{took:.0f} ms", "client response", message)


def _gaps(mine: Sequence[Arrival]) -> Iterator[float]:
    """From the head of each answer to the next request, in ms: both as seen at the upstream, on one clock."""
    for before, after in pairwise(mine):
        response = before.exchange.response
        yield after.t_ms - (response.t_ms if response else before.exchange.end_ms)


def _retry_after(arrival: Arrival) -> float | None:
    response = arrival.exchange.response
    value = response.header("retry-after") if response else None
    return float(value) if value and value.isascii() and value.isdecimal() else None


def _times(trip: Trip, arrivals: Sequence[Arrival]) -> str:
    """How many there were, and when each came, in ms after the client's request."""
    since = trip.client.start_ms
    when = ", ".join(f"{arrival.exchange.status or 'cut'} at {arrival.t_ms - since:.0f} ms" for arrival in arrivals)
    return f"{len(arrivals)}: {when}"
