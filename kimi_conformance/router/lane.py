"""A lane: one router, and the cases that are played through it, side by side or in turn.

A router that dies is started again, and the cases in flight are played again one at a time: the one that ends it again,
and once more in a router of its own, is to blame. What arrives without a mark belongs to the case that is played in
turn when it comes.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.router.driver import CannotStart
from kimi_conformance.router.outside import OUTSIDE

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterable, Sequence

    from kimi_conformance.contract.trip import Arrival, Trip
    from kimi_conformance.router.bench import Bench
    from kimi_conformance.router.case import Case
    from kimi_conformance.router.tally import Tally

RESTARTS: Final = 50
"""A router that ends more often than this is given up."""


class GivenUp(Exception):
    """There is no router any more. Says why."""


class Lane:
    """Plays cases through the router of `bench` and writes down in `tally` what became of them."""

    def __init__(self, bench: Bench, tally: Tally) -> None:
        self.bench = bench
        self._tally = tally
        self._mine: dict[str, Case] = {}
        self._windows: list[tuple[float, str | None]] = []
        self._disturbed = False
        self._settled: set[str] = set()
        """The cases whose rows were waited for."""

    async def side_by_side(self, cases: Sequence[Case], waiting: deque[Case], concurrency: int) -> None:
        """Play `waiting`, which are `cases`, so many at once. Where there is no router any more the tally is lost."""
        if self._windows:
            self._windows.append((self.bench.clock(), None))
        while waiting and not self._tally.lost:
            flying: dict[str, Case] = {}
            stop = asyncio.Event()
            workers = [self._work(waiting, flying, stop) for _ in range(min(concurrency, len(waiting)))]
            await asyncio.gather(*workers)
            if stop.is_set():
                await self._blame([*flying.values()])
        await self.settle(case for case in cases if case.id in self._tally.done)

    async def in_turn(self, waiting: deque[Case]) -> None:
        """Play `waiting` one after another, each in the state of the router that it needs. Raises `GivenUp`.

        The case under way is then back in `waiting`, unless it is known what became of it.
        """
        while waiting and not self._tally.lost:
            case = waiting.popleft()
            try:
                await self._prepare(case)
                await self._alone(case, owns=True)
            except GivenUp:
                if case.id in self._tally.ended:
                    self._tally.finished(case)
                else:
                    self._mine.pop(case.id, None)
                    waiting.appendleft(case)
                raise
            await self.settle([case], rows=case.alone)
            self._tally.finished(case)

    async def settle(self, cases: Iterable[Case], *, rows: bool = True) -> None:
        """Wait for what the trips of `cases` have still on its way; for `rows` of a ledger, too."""
        settling = list(cases)
        if rows:
            self._settled.update(case.id for case in settling)
        if trips := [trip for case in settling for trip in self._tally.trips.get(case.id, ())]:
            await self.bench.settle(trips if rows else ())

    async def settle_all(self) -> None:
        """Wait for what is still on its way of all that was played here and was not waited for."""
        left = [case for case in self._mine.values() if case.id not in self._settled]
        await self.settle(case for case in left if case.id in self._tally.done)
        await self.bench.look_at_rows()

    def complete(self) -> None:
        """Give the trips that were made here all that arrived under their marks."""
        for name in self._mine:
            self._tally.trips[name] = [self.bench.completed(trip) for trip in self._tally.trips[name]]

    def own(self) -> tuple[Arrival, ...]:
        """Give what arrived without a mark to the case that was played in turn then. Returns what is nobody's.

        What is asked of the outer world is no call of a model, and comes at any time: it is seen beside such a case,
        and remains nobody's.
        """
        inner: list[Arrival] = []
        outer: list[Arrival] = []
        for stray in self.bench.take_strays():
            (outer if stray.upstream.startswith(f"{OUTSIDE}: ") else inner).append(stray)
        self._own((*self.bench.take_unmarked(), *outer), _arrived_aside)
        return *self._own(inner, _arrived), *outer

    async def _work(self, waiting: deque[Case], flying: dict[str, Case], stop: asyncio.Event) -> None:
        while waiting and not stop.is_set() and not self._tally.lost:
            case = waiting.popleft()
            flying[case.id] = case
            await self._attempt(case)
            if self._failed(case) and await self.bench.ended():
                stop.set()
            if not stop.is_set():
                del flying[case.id]
                self._tally.finished(case)

    async def _blame(self, suspects: Sequence[Case]) -> None:
        """Play the cases in flight again, one at a time. If none ends the router again, none of them says anything."""
        died = await self.bench.ended()
        before = len(self._tally.ended)
        left = list(suspects)
        try:
            await self._revive()
            while left and not self._tally.lost:
                await self._alone(left[0], owns=False)
                self._tally.finished(left.pop(0))
        except GivenUp as error:
            self._tally.lost = str(error)
        for case in left:
            if case.id not in self._tally.ended:
                self._tally.infra[case.id] = self._tally.lost
            self._tally.finished(case)
        if len(self._tally.ended) == before and not self._tally.lost:
            reason = f"the router ended ({died}) while this case and others were played, and not again"
            for case in suspects:
                self._tally.infra.setdefault(case.id, reason)

    async def _prepare(self, case: Case) -> None:
        """A new router where `case` needs one: because of what it asks for, or of what the profile says."""
        if self.bench.asked if case.fresh else self._disturbed and self.bench.isolation == "fresh":
            await self._restart()

    async def _alone(self, case: Case, *, owns: bool) -> None:
        """Play `case`, which may own what arrives meanwhile.

        If it ends the router it must do so again, in a new one: the old one was perhaps ending.
        """
        how = await self._ends_it(case, owns=owns)
        if not how:
            return
        await self._revive()
        if await self._ends_it(case, owns=owns):
            self._tally.ended[case.id] = how
            await self._revive()
        else:
            self._tally.infra[case.id] = f"the router ended ({how}) while this case was played, and not again"

    async def _ends_it(self, case: Case, *, owns: bool) -> str | None:
        """Play `case`. If the router ended over it: how."""
        if owns:
            self._windows.append((self.bench.clock(), case.id))
        await self._attempt(case)
        return await self.bench.ended() if self._failed(case) else None

    async def _attempt(self, case: Case) -> None:
        self._mine[case.id] = case
        self._tally.profiles[case.id] = self.bench.profile
        self._disturbed |= case.disturbs
        trips = self._tally.trips[case.id] = []
        if case.together:
            trips += await asyncio.gather(*map(self.bench.trip, case.asks))
            self._tally.listen(trips)
            return
        for ask in case.asks:
            if len(trips) == 1 and case.alone and case.fresh:  # its alert, if any, carries no mark: not the next one's
                await self.bench.settle(trips)
            trips.append(await self.bench.trip(ask))
            self._tally.listen(trips[-1:])
            if self._tally.lost:
                return

    def _failed(self, case: Case) -> bool:
        return any(trip.client.error for trip in self._tally.trips[case.id])

    async def _revive(self) -> None:
        """Start a router that has ended again, unless it has done so too often. Raises `GivenUp`."""
        self._tally.deaths += 1
        if self._tally.deaths > RESTARTS:
            raise GivenUp(f"the router was started again {RESTARTS} times; given up")
        await self._restart()

    async def _restart(self) -> None:
        """A new router in the place of the old one. What it calls as it starts belongs to no case."""
        self._windows.append((self.bench.clock(), None))
        try:
            await self.bench.restart()
        except CannotStart as error:
            raise GivenUp(f"the router could not be started again: {error}") from error
        self._disturbed = False

    def _own(self, strays: Iterable[Arrival], own: Callable[[Trip, Arrival], Trip]) -> tuple[Arrival, ...]:
        """Add each of `strays`, by `own`, to the trip that was under way when it came. Returns the others."""
        nobodys: list[Arrival] = []
        for stray in strays:
            owner = next((case for start, case in reversed(self._windows) if start <= stray.t_ms), None)
            if owner is None:
                nobodys.append(stray)
            elif owner in self._mine and owner in self._tally.done:
                trips = self._tally.trips[owner]
                begun = [index for index, trip in enumerate(trips) if trip.client.start_ms <= stray.t_ms]
                mine = begun[-1] if begun else 0
                trips[mine] = own(trips[mine], stray)
        return tuple(nobodys)


def _arrived(trip: Trip, stray: Arrival) -> Trip:
    return replace(trip, arrivals=(*trip.arrivals, stray))


def _arrived_aside(trip: Trip, stray: Arrival) -> Trip:
    return replace(trip, side=(*trip.side, stray))
