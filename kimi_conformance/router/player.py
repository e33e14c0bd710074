"""The player: plays cases through routers and says what became of each. Independent of pytest.

What leaves no state behind is played side by side. The rest follows in turn: one at a time through the one router; or
in several routers, each with stand-ins of its own, from the beginning on, where they share no state that matters. What
measures time comes last of all, when the machine has nothing else to do.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.trip import Play
from kimi_conformance.router.driver import CannotStart
from kimi_conformance.router.lane import GivenUp, Lane
from kimi_conformance.router.order import in_turn, side_by_side
from kimi_conformance.router.strays import one_too_many, with_strays
from kimi_conformance.router.tally import Tally
from kimi_conformance.upstream.server import PortTaken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.router.bench import Bench
    from kimi_conformance.router.case import Case
    from kimi_conformance.router.tally import Played

CONCURRENCY: Final = 32

SIDE_BY_SIDE: Final = "side by side"
IN_TURN: Final = "one at a time"
IN_NEW_ROUTERS: Final = "in new routers"

WORTH: Final = 8
"""So many cases that must be played one at a time are worth the start of one more router."""

NO_NEW_ROUTER: Final = "it takes a router that has seen nothing, and this one was started by somebody else"


class Player:
    """Plays cases on a bench. `told` is called with each case's id once, as soon as it is known what became of it.

    `phase` is called with the way in which cases are played from now on. `more` makes a further bench of the same kind,
    which its caller closes; `routers` is how many there may be in all.
    """

    def __init__(
        self,
        bench: Bench,
        *,
        concurrency: int = CONCURRENCY,
        told: Callable[[str], None] = lambda _: None,
        phase: Callable[[str], None] = lambda _: None,
        more: Callable[[], Bench] | None = None,
        routers: int = 1,
    ) -> None:
        self._concurrency = concurrency
        self._tally = Tally(told)
        self._first = Lane(bench, self._tally)
        self._lanes = [self._first]
        self._more = more
        self._routers = routers
        self._phase = phase

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """By case: the profile as it was filled in for the router that the case was played in."""
        return self._tally.profiles

    async def play(self, cases: Sequence[Case]) -> dict[str, Played]:
        """What became of each of `cases`, by id. Cancelled, it still says what became of those already played."""
        try:
            await self._play(cases)
        except asyncio.CancelledError:
            await self._settle()
        for lane in self._lanes:
            lane.complete()
        doubled = {play.case: one_too_many(play) for play in self._played(cases).values() if isinstance(play, Play)}
        nobodys = [arrival for lane in self._lanes for arrival in lane.own()]
        return with_strays(self._played(cases), nobodys, doubled)

    def _played(self, cases: Sequence[Case]) -> dict[str, Played]:
        return {case.id: self._tally.played(case) for case in cases if case.id in self._tally.done}

    async def _play(self, cases: Sequence[Case]) -> None:
        able = [case for case in cases if not case.fresh or self._first.bench.restartable]
        for case in cases:
            if case not in able:
                self._tally.unseen[case.id] = NO_NEW_ROUTER
                self._tally.finished(case)
        await self._play_all([case for case in able if not case.timed])
        await self._play_all([case for case in able if case.timed], quietly=True)
        await self._settle()

    async def _play_all(self, cases: Sequence[Case], *, quietly: bool = False) -> None:
        """Play `cases`; `quietly`: with no other router beside the first."""
        bench = self._first.bench
        calm = side_by_side(cases, bench.isolation)
        waiting = deque(in_turn(cases, bench.isolation))
        further = 0 if quietly else self._further(len(waiting))
        others = [asyncio.create_task(self._beside(waiting)) for _ in range(further)]
        try:
            left = deque(calm)
            if left:
                self._phase(SIDE_BY_SIDE)
            await self._first.side_by_side(calm, left, self._concurrency)
            self._tally.give_up(left)
            if waiting:
                self._phase(IN_NEW_ROUTERS if bench.isolation == "fresh" else IN_TURN)
            await self._last(waiting)
            await asyncio.gather(*others)
            await self._last(waiting)  # what a router that could not be started again has left
        finally:
            for other in others:
                other.cancel()
            if others:
                await asyncio.wait(others)

    def _further(self, waiting: int) -> int:
        """How many routers more there shall be: to start them takes long, and so does to play one at a time."""
        bench = self._first.bench
        if self._more is None or bench.isolation == "shared" or bench.fixed:
            return 0
        return min(self._routers - 1, waiting if bench.isolation == "fresh" else waiting // WORTH)

    async def _last(self, waiting: deque[Case]) -> None:
        """Play what is waiting in the first router. What it cannot play is given up."""
        try:
            await self._first.in_turn(waiting)
        except GivenUp as error:
            self._tally.lost = str(error)
        if self._tally.lost:
            self._tally.give_up(waiting)
            waiting.clear()

    async def _beside(self, waiting: deque[Case]) -> None:
        """Play what is waiting in a further router; where it cannot be started the others play it."""
        assert self._more is not None
        lane = Lane(self._more(), self._tally)
        try:
            await lane.bench.open()
        except (CannotStart, PortTaken):
            return
        self._lanes.append(lane)
        try:
            await lane.in_turn(waiting)
        except GivenUp:
            return

    async def _settle(self) -> None:
        await asyncio.gather(*(lane.settle_all() for lane in self._lanes))
