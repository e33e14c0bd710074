"""A bench of these tests' own for the player: its router is no more than whether it lives."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, cast

from kimi_conformance.contract.scene import PLAIN, Scene
from kimi_conformance.contract.trip import Arrival, Ask, Named, Play, Trip
from kimi_conformance.exchange import Exchange, Request, Response
from kimi_conformance.router.case import Case
from kimi_conformance.router.driver import CannotStart
from kimi_conformance.router.player import Player
from kimi_conformance.router.tally import Infra, Unseen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kimi_conformance.contract.profile import Isolation
    from kimi_conformance.router.bench import Bench
    from kimi_conformance.router.tally import Played

ALWAYS = 10_000
BOUND_S = 10
STEPS = 3
"""So many turns of the loop does a trip take."""
RULE = "router.gate.rule"
NO_STRAYS = "router.request.one-request-per-request"


@dataclass
class FakeBench:
    """A bench whose clock ticks by one whenever it is read, and whose router is no more than whether it lives.

    A name in `kills` ends the router as often as the number says, over the request itself; a name in `poisons` right
    after its answer. `refuses` are the restarts, counted from 1, that fail. A name in `strays` makes the router call
    without a mark, `where` it says; so does every start where `calls_at_start`. A name in `hangs` is never answered,
    one in `mute` not in time.
    """

    kills: dict[str, int] = field(default_factory=dict)
    poisons: dict[str, int] = field(default_factory=dict)
    refuses: frozenset[int] = frozenset()
    strays: frozenset[str] = frozenset()
    where: str = "stray of"
    hangs: frozenset[str] = frozenset()
    mute: frozenset[str] = frozenset()
    calls_at_start: bool = False
    isolation: Isolation = "shared"
    restartable: bool = True
    fixed: bool = False
    profile: None = None
    restarts: int = 0
    asked: int = 0
    dead: str | None = None
    log: list[str] = field(default_factory=list)
    flying: list[str] = field(default_factory=list)
    most: int = 0
    settled: list[list[str]] = field(default_factory=list)
    hanging: asyncio.Event = field(default_factory=asyncio.Event)
    _ticks: count[int] = field(default_factory=count)
    _unmarked: list[Arrival] = field(default_factory=list)

    def clock(self) -> float:
        """The next tick."""
        return float(next(self._ticks))

    async def open(self) -> None:
        """The first start, which `refuses` may name, too."""
        await self.restart()

    async def trip(self, ask: Ask) -> Trip:
        """Takes `STEPS` turns of the loop, and may end the router."""
        name, start = ask.model.slug, self.clock()
        self.asked += 1
        self.flying.append(name)
        self.most = max(self.most, len(self.flying))
        self.log.append(f"{name} asked")
        try:
            for _ in range(STEPS):
                await asyncio.sleep(0)
            if name in self.strays:
                self._call_without_mark(name)
            if name in self.hangs:
                self.hanging.set()
                await asyncio.Event().wait()
        finally:
            self.flying.remove(name)
        if not self.dead and self.kills.get(name, 0):
            self.kills[name] -= 1
            self.dead = f"killed by {name}"
        sent = Request("POST", "http://router.test/")
        error = "reset: the router ended" if self.dead else "timeout: too late" if name in self.mute else None
        answer = Exchange(sent, None if error else Response(200), error, start, self.clock())
        if not self.dead and self.poisons.get(name, 0):
            self.poisons[name] -= 1
            self.dead = f"poisoned by {name}"
        self.log.append(f"{name} over")
        return Trip(ask, f"mark of {name}", sent, answer)

    async def settle(self, trips: Iterable[Trip]) -> None:
        """Nothing is ever on its way."""
        self.settled.append([trip.ask.model.slug for trip in trips])
        await asyncio.sleep(0)

    async def look_at_rows(self) -> None:
        """There are none."""

    def completed(self, trip: Trip) -> Trip:
        """Each trip arrived once."""
        return replace(trip, arrivals=(Arrival("upstream", trip.client, 0.0),))

    def take_strays(self) -> tuple[Arrival, ...]:
        """The calls without a mark so far."""
        taken = tuple(self._unmarked)
        self._unmarked.clear()
        return taken

    def take_unmarked(self) -> tuple[Arrival, ...]:
        """Nothing comes to a ledger here."""
        return ()

    async def ended(self) -> str | None:
        """How it ended."""
        await asyncio.sleep(0)
        return self.dead

    async def restart(self) -> None:
        """A new router, unless this start is refused."""
        assert not self.flying, "a router must not be replaced under a request"
        self.restarts += 1
        self.log.append("restart")
        self.dead = "never started"
        await asyncio.sleep(0)
        if self.restarts in self.refuses:
            raise CannotStart("its port is taken")
        self.dead, self.asked = None, 0
        if self.calls_at_start:
            self._call_without_mark("start")

    def _call_without_mark(self, name: str) -> None:
        self._unmarked.append(Arrival(f"{self.where} {name}", Exchange(Request("POST", "/")), self.clock()))


def ask(name: str, *acts: str) -> Ask:
    return Ask(Named(name, name), scene=Scene(acts) if acts else PLAIN)


def case(
    name: str,
    *names: str,
    rule: str = RULE,
    acts: Sequence[str] = (),
    together: bool = False,
    disturbs: bool = False,
    alone: bool = False,
    fresh: bool = False,
    timed: bool = False,
) -> Case:
    """A case that asks for a model of each of `names`, or of its own name; `acts` are what the upstream does."""
    asks = tuple(ask(each, *acts) for each in names or [name])
    return Case(rule, (("case", name),), asks, together, disturbs, alone, fresh, timed)


def played(
    bench: FakeBench,
    cases: Sequence[Case],
    *,
    concurrency: int = 8,
    told: list[str] | None = None,
    others: Sequence[FakeBench] = (),
    phase: Callable[[str], None] = lambda _: None,
) -> dict[str, Played]:
    """What became of each case, by the name that `case` gave it. `others` are the further routers that there may be."""
    tell = ([] if told is None else told).append
    spare = iter(others)
    player = Player(
        cast("Bench", bench),
        concurrency=concurrency,
        told=tell,
        phase=phase,
        more=lambda: cast("Bench", next(spare)),
        routers=1 + len(others),
    )
    became = asyncio.run(asyncio.wait_for(player.play(cases), BOUND_S))
    return {name.partition("@case=")[2]: one for name, one in became.items()}


def fates(became: Mapping[str, Played]) -> dict[str, str]:
    """`fine`, `ended`, `infra` or `unseen` for each case."""
    return {name: _fate(one) for name, one in became.items()}


def _fate(one: Played) -> str:
    match one:
        case Play():
            return "ended" if one.ended else "fine"
        case Infra():
            return "infra"
        case Unseen():
            return "unseen"


def a_play(one: Played) -> Play:
    assert isinstance(one, Play)
    return one


def called(one: Played) -> list[str]:
    """Where the arrivals of a case's trips came in."""
    return [arrival.upstream for trip in a_play(one).trips for arrival in trip.arrivals]
