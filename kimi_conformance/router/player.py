"""The player: plays cases through one router and says what became of each. Independent of pytest.

First all undisturbing cases side by side, then the others one at a time: what arrives without a mark then belongs to
the case that is being played. A router that dies is started again, and the cases in flight are played again one at a
time: the one that ends it again, and once more in a router of its own, is to blame.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.trip import Play, Stray
from kimi_conformance.router.driver import CannotStart
from kimi_conformance.router.traffic import QUIET_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kimi_conformance.contract.trip import Arrival, Trip
    from kimi_conformance.router.bench import Bench
    from kimi_conformance.router.case import Case

CONCURRENCY: Final = 32

RESTARTS: Final = 50
"""A router that ends more often than this is given up."""

MUTE: Final = 4
"""A router that has left so many cases unanswered, and has answered none, is given up: waiting is long."""

STRAYS_BELONG_TO: Final = "router.request.one-request-per-request"


@dataclass(frozen=True, slots=True)
class Infra:
    """Why a case says nothing about conformance."""

    reason: str


Played = Play | Infra


class Player:
    """Plays cases on a bench. `told` is called with each case's id once, as soon as it is known what became of it."""

    def __init__(
        self, bench: Bench, *, concurrency: int = CONCURRENCY, told: Callable[[str], None] = lambda _: None
    ) -> None:
        self._bench = bench
        self._concurrency = concurrency
        self._told = told
        self._deaths = 0
        self._answered = False
        self._unanswered = 0
        self._trips: dict[str, list[Trip]] = {}
        self._ended: dict[str, str] = {}
        self._infra: dict[str, str] = {}
        self._windows: list[tuple[float, str | None]] = []
        self._done: set[str] = set()
        self._lost = ""

    async def play(self, cases: Sequence[Case]) -> dict[str, Played]:
        """What became of each of `cases`, by id. Cancelled, it still says what became of those already played."""
        try:
            await self._play(cases)
        except asyncio.CancelledError:
            await self._settle(case for case in cases if case.id in self._done)
        done = [case for case in cases if case.id in self._done]
        for case in done:
            self._trips[case.id] = [self._bench.completed(trip) for trip in self._trips.get(case.id, ())]
        doubled = tuple(_doubled(done, self._trips))
        nobodys = self._own_strays(self._bench.take_strays(), self._own)
        self._own_strays(self._bench.take_unmarked(), self._own_side)
        return _with_strays({case.id: self._played(case) for case in done}, nobodys, doubled)

    async def _play(self, cases: Sequence[Case]) -> None:
        calm = [case for case in cases if not case.apart]
        await self._side_by_side(calm)
        await self._settle(calm)
        apart = [case for case in cases if case.apart]
        await self._in_turn(apart, fresh=self._bench.fresh)
        await self._settle(apart)

    async def _side_by_side(self, cases: Iterable[Case]) -> None:
        waiting = deque(cases)
        while waiting and not self._lost:
            flying: dict[str, Case] = {}
            stop = asyncio.Event()
            workers = [self._work(waiting, flying, stop) for _ in range(min(self._concurrency, len(waiting)))]
            await asyncio.gather(*workers)
            if stop.is_set():
                await self._blame([*flying.values()])
        self._give_up(waiting)

    async def _work(self, waiting: deque[Case], flying: dict[str, Case], stop: asyncio.Event) -> None:
        while waiting and not stop.is_set() and not self._lost:
            case = waiting.popleft()
            flying[case.id] = case
            await self._attempt(case)
            if self._failed(case) and await self._bench.ended():
                stop.set()
            if not stop.is_set():
                del flying[case.id]
                self._finished(case)

    async def _blame(self, suspects: Sequence[Case]) -> None:
        """Play the cases in flight again, one at a time. If none ends the router again, none of them says anything."""
        died = await self._bench.ended()
        await self._revive()
        before = len(self._ended)
        await self._in_turn(suspects)
        if len(self._ended) == before and not self._lost:
            reason = f"the router ended ({died}) while this case and others were played, and not again"
            for case in suspects:
                self._infra.setdefault(case.id, reason)

    async def _in_turn(self, cases: Iterable[Case], *, fresh: bool = False) -> None:
        """One after another; `fresh`: each in a new router."""
        waiting = deque(cases)
        while waiting and not self._lost:
            if fresh and not await self._restarted():
                break
            case = waiting.popleft()
            await self._alone(case)
            self._finished(case)
        self._give_up(waiting)

    async def _alone(self, case: Case) -> None:
        """Play `case`. If it ends the router it must do so again, in a new one: the old one was perhaps ending."""
        how = await self._ends_it(case)
        if not how:
            return
        if self._lost:
            self._infra[case.id] = self._lost
        elif await self._ends_it(case):
            self._ended[case.id] = how
        else:
            self._infra[case.id] = f"the router ended ({how}) while this case was played, and not again"

    def _finished(self, case: Case) -> None:
        self._done.add(case.id)
        self._told(case.id)

    async def _ends_it(self, case: Case) -> str | None:
        """Play `case`. If the router ended over it: how; it is started again then."""
        await self._attempt(case)
        how = await self._bench.ended() if self._failed(case) else None
        if how:
            await self._revive()
        return how

    async def _attempt(self, case: Case) -> None:
        self._trips[case.id] = []
        if case.apart:
            self._windows.append((self._bench.clock(), case.id))
        if case.together:
            self._trips[case.id] = list(await asyncio.gather(*map(self._bench.trip, case.asks)))
        else:
            for ask in case.asks:
                self._trips[case.id].append(await self._bench.trip(ask))
        self._listen(self._trips[case.id])

    def _listen(self, trips: Sequence[Trip]) -> None:
        """Whether the router answers at all: one that only accepts says nothing about conformance."""
        self._answered |= any(trip.client.response for trip in trips)
        self._unanswered += all((trip.client.error or "").startswith("timeout") for trip in trips)
        if self._unanswered >= MUTE and not self._answered:
            self._lost = f"the router accepts connections and answers no request ({trips[0].client.error}); given up"
            self._infra.update(dict.fromkeys(self._trips, self._lost))

    def _failed(self, case: Case) -> bool:
        return any(trip.client.error for trip in self._trips[case.id])

    async def _revive(self) -> None:
        """Start a router that has ended again, unless it has done so too often."""
        self._deaths += 1
        if self._deaths > RESTARTS:
            self._lost = f"the router was started again {RESTARTS} times; given up"
            return
        await self._restarted()

    async def _restarted(self) -> bool:
        """Whether a new router runs in the place of the old one. What it calls as it starts belongs to no case."""
        self._windows.append((self._bench.clock(), None))
        try:
            await self._bench.restart()
        except CannotStart as error:
            self._lost = f"the router could not be started again: {error}"
            return False
        return True

    async def _settle(self, cases: Iterable[Case]) -> None:
        """Wait for what the trips of `cases` have still on its way."""
        if trips := [trip for case in cases for trip in self._trips.get(case.id, ())]:
            await self._bench.settle(trips)

    def _own_strays(self, strays: Iterable[Arrival], own: Callable[[Trip, Arrival], Trip]) -> tuple[Arrival, ...]:
        """Give what carries no mark to the case that was played alone when it came, and there to the trip under way.

        `own` adds it there. Returns what belongs to no case.
        """
        nobodys: list[Arrival] = []
        for stray in strays:
            owner = next((case for start, case in reversed(self._windows) if start <= stray.t_ms), None)
            if owner is None:
                nobodys.append(stray)
            elif owner in self._done:
                trips = self._trips[owner]
                begun = [index for index, trip in enumerate(trips) if trip.client.start_ms <= stray.t_ms]
                mine = begun[-1] if begun else 0
                trips[mine] = own(trips[mine], stray)
        return tuple(nobodys)

    @staticmethod
    def _own(trip: Trip, stray: Arrival) -> Trip:
        return replace(trip, arrivals=(*trip.arrivals, stray))

    @staticmethod
    def _own_side(trip: Trip, stray: Arrival) -> Trip:
        return replace(trip, side=(*trip.side, stray))

    def _give_up(self, cases: Iterable[Case]) -> None:
        for case in cases:
            self._infra[case.id] = self._lost
            self._finished(case)

    def _played(self, case: Case) -> Played:
        if reason := self._infra.get(case.id):
            return Infra(reason)
        return Play(case.id, case.requirement, tuple(self._trips[case.id]), ended=self._ended.get(case.id))


def _doubled(cases: Iterable[Case], trips: Mapping[str, Sequence[Trip]]) -> Iterator[Stray]:
    """The arrivals that are one too many in cases of other requirements than the one that forbids them."""
    for case in cases:
        if case.requirement != STRAYS_BELONG_TO:
            for trip in trips[case.id]:
                yield from (Stray(arrival, (case.id,), doubled=True) for arrival in trip.arrivals[1:])


def _with_strays(
    played: Mapping[str, Played], arrivals: Iterable[Arrival], doubled: tuple[Stray, ...]
) -> dict[str, Played]:
    """`played`, with what nobody asked for given to the first case of the requirement that forbids it.

    That is what belongs to no case, and what is one too many in the cases of any other requirement.
    """
    plays = [play for play in played.values() if isinstance(play, Play)]
    strays = (*(Stray(arrival, _in_flight(plays, arrival.t_ms)) for arrival in arrivals), *doubled)
    owner = next((play for play in plays if play.requirement == STRAYS_BELONG_TO), None)
    if not strays or owner is None:
        return dict(played)
    return {**played, owner.case: replace(owner, strays=strays)}


def _in_flight(plays: Iterable[Play], t_ms: float) -> tuple[str, ...]:
    """The cases with a client still waiting, or served within the last `QUIET_S`, at `t_ms`."""
    late = QUIET_S * 1000
    return tuple(
        play.case
        for play in plays
        if any(trip.client.start_ms <= t_ms <= trip.client.end_ms + late for trip in play.trips)
    )
