"""Ledger: what the router writes down of its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import HEALTHY
from kimi_conformance.contract.trip import outcome
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import in_short, must_arrive
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.failing import route_of
from kimi_conformance.judge.row import untrue
from kimi_conformance.oracle import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.oracle import World

OUTAGES: Final = {
    "refused": "refuses connections",
    "ledger-500": "answers 500",
    "aside-reset": "breaks off",
    "aside-held": "does not answer",
}
KIMI_HOSTS: Final = ("moonshot.ai", "moonshot.cn", "kimi.com", "kimi.ai")


@check("router.ledger.one-row-per-call", one_sided="tells")
def one_row_per_call(play: Play, world: World) -> Iterator[Flaw]:
    """A row for every trip that reached an upstream, and none for one that the router refused itself."""
    if unseen := _unseen(world.profile):
        yield unseen
        return
    for trip in play.trips:
        refused = isinstance(world.expect(trip.ask), Refused) or trip.ask.body is not None
        if not _reached(trip, world) and not refused:
            yield from must_arrive([trip], Verdict.NOT_OBSERVED)
            continue
        due = 1 if _reached(trip, world) else 0
        if len(trip.rows) != due:
            calls = f"{len(trip.arrivals)} upstream request{'' if len(trip.arrivals) == 1 else 's'}"
            seen = "the client was served" if world.profile.one_sided else calls
            message = f"{seen}, and {_rows(trip)} under its trace id {trip.mark}"
            yield Flaw(f"{due} row{'' if due == 1 else 's'}", str(len(trip.rows)), "ledger", message)
    yield from must_arrive((trip for trip in play.trips[:1] if not _reached(trip, world)), Verdict.NOT_OBSERVED)


@check("router.ledger.row-tells-the-truth", "router.ledger.joined-by-trace", one_sided="tells")
def row_tells_the_truth(play: Play, world: World) -> Iterator[Flaw]:
    """Every column of every row says what was so of the trip whose trace id it has."""
    if unseen := _unseen(world.profile):
        yield unseen
        return
    yield from must_arrive((trip for trip in play.trips if not _reached(trip, world)), Verdict.NOT_OBSERVED)
    for trip in play.trips:
        if _reached(trip, world) and not trip.rows:
            message = f"no row has the trace id {trip.mark}"
            yield Flaw("a row", "none", "ledger", message, _without_row(play))
        for row in trip.rows[-1:]:
            yield from untrue(trip, row, world)


@check("router.ledger.dual-write")
def dual_write(play: Play, world: World) -> Iterator[Flaw]:
    """One request at the gateway and one row, and the trace id is in both."""
    if unseen := _unseen(world.profile):
        yield unseen
        return
    for trip in play.trips:
        gateway = route_of(trip, world).upstream
        there = [arrival for arrival in trip.arrivals if arrival.upstream == gateway]
        if len(there) != 1:
            seen = ", ".join(arrival.upstream for arrival in trip.arrivals) or "none"
            yield Flaw(f"one request at {gateway}", seen, "upstream", f"{len(there)} requests reached {gateway}")
        for arrival in there:
            if not any(trip.mark in value for _, value in arrival.exchange.request.headers):
                message = f"no header of the request at {gateway} has the trace id: its log cannot be joined"
                yield Flaw(f"a header with {trip.mark}", "none", "upstream request headers", message)
        if len(trip.rows) != 1:
            yield Flaw("one row", str(len(trip.rows)), "ledger", f"{_rows(trip)} under the trace id {trip.mark}")


@check("router.ledger.no-bypass")
def no_bypass(play: Play, world: World) -> Iterator[Flaw]:
    """Nothing arrives where the provider itself is, nor is its host asked for outside."""
    yield from must_arrive(play.trips, Verdict.NOT_OBSERVED)
    for trip in play.trips:
        for arrival in (*trip.arrivals, *trip.side):
            upstream = world.profile.upstreams.get(arrival.upstream)
            beside = upstream is not None and "kimi" in upstream.speaks
            if beside or _is_kimis(arrival.upstream):
                actual = f"{in_short(arrival.exchange.request)} at {arrival.upstream}"
                yield Flaw("the gateway only", actual, "upstream", f"went past the gateway: {actual}")


@check("router.ledger.outage-does-not-fail-the-call")
def outage_does_not_fail_the_call(play: Play, world: World) -> Iterator[Flaw]:
    """The client is served as ever while the ledger is down; and the ledger is in use, or nothing was seen."""
    ledger = world.profile.ledger
    name = ledger.postgrest.upstream if ledger and ledger.postgrest else ""
    for trip in play.trips:
        down = trip.ask.scene.ledger
        if down == HEALTHY:
            continue
        fate = _fate(trip)
        if fate is not None:
            held = " and kept waiting" if fate.startswith("timeout") else ""
            message = f"with a ledger that {OUTAGES.get(down, down)} the call was failed{held}: {fate}"
            yield Flaw("the upstream's answer", fate, "client response", message)
        else:
            yield from must_arrive([trip])
    asked = any(arrival.upstream == name for trip in play.trips for arrival in trip.side)
    if not asked:
        yield Flaw("a call of the ledger", "none", "ledger", "the ledger was never called", Verdict.NOT_OBSERVED)
    for trip in play.trips:
        if trip.ask.scene.ledger == HEALTHY and trip.arrivals and not trip.rows:
            message = "the ledger is up again, and the next call has left no row"
            yield Flaw("a row", "none", "ledger", message, Verdict.WARN if asked else Verdict.NOT_OBSERVED)


def _reached(trip: Trip, world: World) -> bool:
    """Whether a call reached an upstream; where nobody can see that, whether its client was served."""
    return bool(trip.arrivals) or (world.profile.one_sided and outcome(trip) == "served")


def _fate(trip: Trip) -> str | None:
    """What became of a call that was not served; None for one that was."""
    return None if outcome(trip) == "served" else trip.client.error or f"status {trip.client.status}"


def _rows(trip: Trip) -> str:
    count = len(trip.rows)
    return "no row" if not count else f"{count} row{'' if count == 1 else 's'}"


def _without_row(play: Play) -> Verdict:
    """Where no trip has a row, another requirement says so; among trips that have theirs one may not be without."""
    return Verdict.FAIL if any(trip.rows for trip in play.trips) else Verdict.NOT_OBSERVED


def _unseen(profile: Profile) -> Flaw | None:
    """Why no row can be joined with its call, where that is so."""
    if profile.one_sided and not (profile.ledger and profile.ledger.postgres):
        message = "the router runs already, and writes to a ledger that is not the suite's"
        return Flaw("a ledger that can be read", "none", "ledger", message, Verdict.NOT_OBSERVED)
    if profile.ledger and "trace" in profile.ledger.columns:
        return None
    message = "the profile names no column with the trace id (`ledger.columns.trace`): rows cannot be joined with calls"
    return Flaw("a trace column", "none", "profile /ledger/columns", message, Verdict.NOT_OBSERVED)


def _is_kimis(arrival_at: str) -> bool:
    """Whether what was asked for outside is a host of Kimi's: `outside: api.moonshot.ai:443`."""
    host = arrival_at.removeprefix("outside: ").split(":")[0]
    return arrival_at.startswith("outside: ") and any(host == own or host.endswith(f".{own}") for own in KIMI_HOSTS)
