"""A run: one router, one loop in a thread of its own, and the verdicts of the cases that were played there."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING, Any, TypeVar

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.router.again import LONGEST_S, ONCE_MORE, doubtful, hinted, second_look
from kimi_conformance.router.bench import Bench
from kimi_conformance.router.driver import CannotStart
from kimi_conformance.router.keeping import keep_redacted
from kimi_conformance.router.leaking import with_leaks
from kimi_conformance.router.loop_thread import LoopThread
from kimi_conformance.router.outlook import outlook
from kimi_conformance.router.player import CONCURRENCY, Player
from kimi_conformance.router.real_service import allowing
from kimi_conformance.router.rows import LedgerGone
from kimi_conformance.router.verdicts import Judged, admit, judge_all
from kimi_conformance.router.way import REPLAY
from kimi_conformance.upstream.server import PortTaken

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
    from concurrent.futures import Future
    from datetime import date

    from kimi_conformance.contract.trip import Ask, Trip
    from kimi_conformance.router.bench import Answer
    from kimi_conformance.router.case import Case
    from kimi_conformance.router.plan import Plan
    from kimi_conformance.router.way import Way

T = TypeVar("T")


class RunFailed(Exception):
    """A mistake of the suite, met while cases were played. Says which."""


class Run:
    """Plays cases of `plan` in the background. `tools` is where `install:` put the router, `keep` where traces stay."""

    def __init__(
        self,
        plan: Plan,
        *,
        tools: Path,
        keep: Path | None = None,
        concurrency: int = CONCURRENCY,
        routers: int = 1,
        told: Callable[[str], None] = lambda _: None,
        phase: Callable[[str], None] = lambda _: None,
        way: Way = REPLAY,
        redactor: Callable[[Mapping[str, str]], Callable[[str], str]] | None = None,
    ) -> None:
        """At most `routers` routers run at once. `told` and `phase` are the player's.

        Where calls cost there is one router, and it is asked one question at a time; what it leaves is kept as the
        `redactor` of the run's secrets has it, and not at all without one.
        """
        self.way = way
        self._redactor = redactor
        self._keep = keep if way.live else None  # nothing is written there before it is without keys
        keep = None if way.live else keep
        concurrency, routers = (1, 1) if way.live else (concurrency, routers)
        self._plan = plan
        self._tools = tools
        self._ending = ExitStack()
        scratch = keep or Path(self._ending.enter_context(tempfile.TemporaryDirectory(prefix="kimi-conformance-")))
        scratch.mkdir(parents=True, exist_ok=True)
        self._scratch = scratch.absolute()
        self.bench = Bench(plan.loaded.profile, plan.loaded.folder, self._scratch, tools, way=way)
        self._benches = [self.bench]
        self._phase = phase
        self._unseen: Mapping[str, Judged] = {}
        self._loop = LoopThread()
        most = min(concurrency, plan.loaded.profile.limits.at_once or concurrency)
        self._player = Player(self.bench, concurrency=most, told=told, more=self._further, routers=routers, phase=phase)
        self._playing: Future[Mapping[str, Judged]] | None = None
        self._task: asyncio.Task[Any] | None = None

    @property
    def on(self) -> date:
        """The day of the run."""
        return self._plan.world.on

    def start(self, cases: Sequence[Case]) -> None:
        """Begin to play those of `cases` that the run's way allows."""
        seen = outlook(cases, self._plan.loaded.profile, self.way)
        self._unseen = {name: Judged(Verdict.NOT_OBSERVED, message=why) for name, why in seen.unseen.items()}
        self._task = self._loop.run(_begun(self._play(seen.played)))
        self._playing = self._loop.submit(_end_of(self._task))

    def results(self) -> Mapping[str, Judged]:
        """The verdict on every case, once all are played. Raises `RunFailed` where the suite itself went wrong."""
        assert self._playing is not None
        error = self._playing.exception()
        if error:
            # A new exception each time: one that is raised again grows its traceback, and every item asks.
            where = "".join(format_exception(error)[-2:]).strip()
            raise RunFailed(f"the suite itself went wrong: {type(error).__name__}: {error}\n{where}")
        return self._playing.result()

    def interrupt(self) -> Mapping[str, Judged]:
        """Stop playing. The verdicts on the cases that were played to their end."""
        if self._task is None or self._playing is None:
            return {}
        self._loop.loop.call_soon_threadsafe(self._task.cancel)
        return self._playing.result()

    def open(self) -> None:
        """Start stand-ins and router without playing a case. Raises `CannotStart` or `PortTaken`."""
        self._task = self._loop.run(_begun(self.bench.open()))
        self._loop.run(_end_of(self._task))

    def trip(self, ask: Ask, play: Answer | None = None) -> Trip:
        """One ask, seen from both sides; `play` is what the upstream answers."""
        return self._loop.run(self._trip(ask, play))

    def close(self) -> None:
        """End the router and the stand-ins; wait for both."""
        try:
            if self._task:
                self._loop.run(_stopped(self._task))
            self._loop.run(_closed(self._benches))
            if self._keep and self._redactor:
                keep_redacted(self._redactor(self.bench.secrets), self._scratch, self._keep)
        finally:
            self._loop.stop()
            self._ending.close()

    def _further(self) -> Bench:
        """One more router of the same kind, with stand-ins of its own."""
        scratch = self._scratch / f"router-{len(self._benches) + 1}"
        scratch.mkdir(exist_ok=True)
        loaded = self._plan.loaded
        self._benches.append(
            Bench(loaded.profile, loaded.folder, scratch, self._tools, beside=self.bench, way=self.way)
        )
        return self._benches[-1]

    async def _play(self, cases: Sequence[Case]) -> Mapping[str, Judged]:
        try:
            await self.bench.open()
        except (CannotStart, PortTaken) as error:
            return {**self._unseen, **{case.id: Judged(Verdict.INFRA_ERROR, message=str(error)) for case in cases}}
        except asyncio.CancelledError:
            return {}
        try:
            return await self._verdicts(cases)
        except LedgerGone as error:
            return {**self._unseen, **{case.id: Judged(Verdict.INFRA_ERROR, message=str(error)) for case in cases}}

    async def _verdicts(self, cases: Sequence[Case]) -> Mapping[str, Judged]:
        judged = await self._judged(self._player, cases)
        listed = frozenset().union(*(entry.cases for entry in self._plan.known))  # known, whatever a new router does
        unknown = [case for case in cases if case.id not in listed]
        if (again := doubtful(unknown, judged)) and self._may_look_again():
            self._phase(ONCE_MORE)
            seconds: Mapping[str, Judged] = {}
            async with asyncio.timeout(LONGEST_S):  # the player then still says what became of those already played
                seconds = await self._judged(Player(self.bench), again)
            judged |= {name: second_look(judged[name], second) for name, second in seconds.items()}
        judged |= await self._leaking(judged)
        judged = {name: hinted(one, self.bench.isolation) for name, one in judged.items()}
        return {**self._unseen, **admit(judged, self._plan.known)}

    async def _judged(self, player: Player, cases: Sequence[Case]) -> dict[str, Judged]:
        played = await player.play(cases)
        world = replace(self._plan.world, secrets=dict(self.bench.secrets))
        judged = judge_all(played, self._plan.requirements, world, player.profiles)
        return {
            name: allowing(one, self.bench.live, one_sided=self.bench.profile.one_sided) for name, one in judged.items()
        }

    def _may_look_again(self) -> bool:
        """Whether there is time for it, a new router to be had, and cases that may have disturbed each other."""
        task = asyncio.current_task()
        interrupted = task is not None and task.cancelling() > 0
        calm = not interrupted and not self.way.live
        return self.bench.isolation == "shared" and self.bench.restartable and calm

    async def _leaking(self, judged: Mapping[str, Judged]) -> dict[str, Judged]:
        """The verdicts of the cases that answer for what leaked, once no router says anything any more."""
        await asyncio.gather(*(bench.retire() for bench in self._benches))
        plays = [one.play for one in judged.values() if one.play]
        leaked = with_leaks(plays, *(bench.leaks for bench in self._benches))
        world = replace(self._plan.world, profile=self.bench.profile, secrets=dict(self.bench.secrets))
        return judge_all(leaked, self._plan.requirements, world)

    async def _trip(self, ask: Ask, play: Answer | None) -> Trip:
        trip = await self.bench.trip(ask, play)
        await self.bench.settle([trip])
        completed = self.bench.completed(trip)
        strays = self.bench.take_strays()  # nothing else is under way: what lost its mark is this trip's
        return replace(completed, arrivals=(*completed.arrivals, *strays))


async def _closed(benches: Iterable[Bench]) -> None:
    """Ends them all at once. Raises what broke one of them, once all are closed."""
    ends = await asyncio.gather(*(bench.close() for bench in benches), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end


async def _begun(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    return asyncio.create_task(work)


async def _end_of(task: asyncio.Task[T]) -> T:
    return await task


async def _stopped(task: asyncio.Task[Any]) -> None:
    """Returns once `task` is over; one that is still at work (the router is just being started) is cancelled first."""
    task.cancel()
    await asyncio.wait({task})
