"""The bench: a router between its stand-ins, on one asyncio loop, and the trips that are made through it."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from kimi_conformance.contract.reach import AgentPort
from kimi_conformance.contract.scene import HEALTHY
from kimi_conformance.contract.trip import Arrival, Ask, Trip, outcome
from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.judge.leaks import Seen, leaks, looked_for
from kimi_conformance.judge.patience import patience_s
from kimi_conformance.router.asking import request_of
from kimi_conformance.router.client_keys import with_agents_key, with_unknown_keys
from kimi_conformance.router.direct import straight
from kimi_conformance.router.forward import Forward
from kimi_conformance.router.http_client import HttpClient
from kimi_conformance.router.ledgers import rows_of
from kimi_conformance.router.meter import UNPAID, Meter
from kimi_conformance.router.outer_world import OuterWorld
from kimi_conformance.router.process import Process
from kimi_conformance.router.question import decision, question
from kimi_conformance.router.reach import open_driver
from kimi_conformance.router.rows import wait_for
from kimi_conformance.router.stage import Stage, Watching
from kimi_conformance.router.standins import MODEL_DIALECTS, outer_world, stand_ins
from kimi_conformance.router.traffic import Marks, Traffic
from kimi_conformance.router.values import Values
from kimi_conformance.router.way import REPLAY
from kimi_conformance.upstream.gates import Gates
from kimi_conformance.upstream.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from kimi_conformance.contract.profile import Isolation, Profile
    from kimi_conformance.contract.trip import Leak
    from kimi_conformance.router.driver import Driver
    from kimi_conformance.router.way import Way
    from kimi_conformance.upstream.script import Script
    from kimi_conformance.upstream.server import StandIn

Answer: TypeAlias = "Script | Callable[[Request], Script]"

DEAF_S: Final = 0.3
"""Rows and alerts are written after the answer: a ledger that is down is down for so long after it, too."""

ALERT_S: Final = 2.0
"""How long an alert may take that a call has raised."""


class Bench:
    """A router under test between its stand-ins. `open` before, `close` after, whatever happened between."""

    def __init__(
        self,
        profile: Profile,
        folder: Path,
        scratch: Path,
        tools: Path,
        *,
        beside: Bench | None = None,
        way: Way = REPLAY,
    ) -> None:
        """`beside`: another bench of the same run, whose clock and canaries this one has, too."""
        self._began: float = beside._began if beside else time.perf_counter()  # noqa: SLF001 - the same class
        self._written = profile
        self._folder = folder
        self._gates = Gates()
        webhook = profile.alerts.upstream if profile.alerts else None
        self._traffic = Traffic(Marks(), _model_upstreams(profile), webhook, self._gates)
        self._store = Store(self.clock)
        self._rows = rows_of(profile, self._store, self.clock)
        self._stage = Stage(profile)
        self._outside = outer_world(self._traffic, self.clock, self._gates)
        self._outer_world = OuterWorld(self._outside, profile.intercept, self._traffic, self.clock, lambda: self.asked)
        self._started: list[StandIn] = []
        self._values = Values(profile, scratch, tools, {})
        self._whole, self._rowless = True, False
        """What was waited for in vain is not waited for again: rows that are complete, or that there are any."""
        self._past = HttpClient()
        if beside:
            self._values.secrets = beside._values.secrets  # noqa: SLF001 - the same class
        self._values.env = way.env
        self._meter = Meter(way.cap, way.pace_s) if way.live else None
        self.live: Mapping[str, str] = {}
        """The real services behind stand-ins of ours: upstream -> host."""
        self._shares = way.live or way.smoke
        self._made: list[tuple[Ask, Trip]] = []
        self._driver: Driver | None = None
        self._answered: list[tuple[str, Exchange]] = []
        self._logs: list[bytes] = []
        self.profile = profile
        self.asked = 0
        """How many trips were made through the router since it was started."""

    @property
    def restartable(self) -> bool:
        """Whether a new router can be put in the place of the old one."""
        return self._written.start is not None or self._written.asgi is not None

    @property
    def isolation(self) -> Isolation:
        """What the profile says of the state that its router keeps, as far as it can be had."""
        wanted = self._written.isolation
        return "shared" if wanted == "fresh" and not self.restartable else wanted

    @property
    def fixed(self) -> bool:
        """Whether there can only be one such router at a time, because ports are fixed."""
        agent = self._written.agent
        ports = agent.port.values() if isinstance(agent, AgentPort) else ()
        listening = any(upstream.listen for upstream in self._written.upstreams.values())
        return listening or any("{" not in str(port) for port in ports)

    @property
    def secrets(self) -> Mapping[str, str]:
        """What must not be written down, by name: the canaries of this run, and the keys of a live one."""
        return {**self._values.secrets, **{f"env.{name}": value for name, value in self._values.env.items()}}

    def clock(self) -> float:
        """Milliseconds since the run began: one clock for client, router and upstreams."""
        return (time.perf_counter() - self._began) * 1000

    async def open(self) -> None:
        """Start the stand-ins, then the router. Raises `CannotStart` or `PortTaken`."""
        forwards = self._forwards()
        self.live = {name: forward.host for name, forward in forwards.items()}
        played = stand_ins(
            self._written,
            self._folder,
            secret=self._values.secret,
            traffic=self._traffic,
            stage=self._stage,
            clock=self.clock,
            gates=self._gates,
            store=self._store,
            forwards=forwards,
        )
        await self._rows.open()
        for stand_in in (self._outside, *played):
            await stand_in.start()
            self._started.append(stand_in)
        self._values.upstreams = {stand_in.name: stand_in.url for stand_in in played}
        await self._outer_world.start({stand_in.name: stand_in for stand_in in played})
        await self._reach()

    async def restart(self) -> None:
        """A new router in the place of the old one. Raises `CannotStart`."""
        await self.retire()
        await self._reach()

    async def retire(self) -> None:
        """End the router, whose last words are then known; the stand-ins stay."""
        if self._driver:
            await self._driver.close()
            if (log := self._driver.output()) is not None:
                self._logs.append(log)
            self._driver = None

    async def close(self) -> None:
        """End the router and the stand-ins, and leave nothing behind."""
        try:
            if self._driver:
                await self._driver.close()
        finally:
            await self._outer_world.stop()
            await self._rows.close()
            await self._past.close()
            await asyncio.gather(*(stand_in.stop() for stand_in in self._started))

    async def ended(self) -> str | None:
        """How the router's process ended, if it did."""
        return await self._driver.ended() if self._driver else "never started"

    async def trip(self, ask: Ask, play: Answer | None = None) -> Trip:
        """Ask the router; `play` is what the upstream answers. What arrived there is added by `completed`.

        Where calls cost, the same ask is made once, whoever wants it.
        """
        if not self._shares or ask.again:
            return await self._trip(ask, play)
        made = next((trip for asked, trip in self._made if asked == ask), None)
        if made is None:
            made = await self._trip(ask, play)
            self._made.append((ask, made))
        return made

    async def _trip(self, ask: Ask, play: Answer | None) -> Trip:
        assert self._driver is not None
        self.asked += 1
        mark = self._traffic.marks.make()
        if play:
            self._traffic.scripts[mark] = play
        if self.profile.decide is not None:
            sent = Request("DECIDE", "", body=json.dumps(question(ask)).encode())
            exchange = await self._driver.send(sent)
            return Trip(ask, mark, sent, exchange, decision=decision(exchange))
        sent = self._request(ask, mark, self._driver.base)
        if ask.stranger:
            sent = with_unknown_keys(sent, self.profile, self._values)
        if self._meter:
            await self._meter.pace()
            unpaid = self._meter.take() if self.profile.one_sided else self._meter.stopped
            if unpaid:
                now = self.clock()
                return Trip(ask, mark, sent, Exchange(sent, None, f"{UNPAID}{unpaid.removeprefix(UNPAID)}", now, now))
        self._stage.enter(mark, ask)
        leave = asyncio.Event() if ask.hangs_up else None
        watching = Watching(mark, partial(self._seen, mark), leave)
        self._traffic.asked(mark)
        try:
            async with self._deaf(mark):
                exchange = await self._sent(ask, sent, watching, leave)
                if not ask.direct:
                    self._answered.append((mark, exchange))
                if self._meter and self.profile.one_sided:
                    self._meter.read(exchange, self._driver.base)
                return Trip(ask, mark, sent, exchange)
        finally:
            self._traffic.answered(mark)

    async def settle(self, trips: Sequence[Trip]) -> None:
        """Wait for what is still on its way to the upstreams, to the ledger and to the webhook; bounded."""
        await self._traffic.settle()
        if self._alarming(trips):
            await self._traffic.alarm_since(min(trip.client.start_ms for trip in trips), ALERT_S)
        healthy = (trip for trip in trips if trip.ask.scene.ledger == HEALTHY and not trip.ask.direct)
        called = [trip.mark for trip in healthy if self._called(trip)]
        if called and not self._rowless:
            others = [trip.mark for trip in trips]
            if not await wait_for(self._rows, self.profile, called, others, whole=self._whole):
                self._whole = False
                self._rowless = not any(self._rows.of(mark) for mark, _ in self._answered)

    async def look_at_rows(self) -> None:
        """Read once more the rows of all that was asked: of some there may be too many by now."""
        await asyncio.sleep(self._rows.look_s)
        await self._rows.refresh([mark for mark, _ in self._answered])

    def _called(self, trip: Trip) -> bool:
        """Whether a call reached an upstream; where that cannot be seen, whether its client was served."""
        seen = bool(self._traffic.arrivals(trip.mark))
        return seen or (self.profile.one_sided and outcome(trip) == "served")

    def _alarming(self, trips: Iterable[Trip]) -> bool:
        """Whether one of `trips` ended in what the profile promises an alert for."""
        on = self.profile.alerts.on if self.profile.alerts else ()
        return any(trip.client.status in on for trip in trips)

    async def _sent(self, ask: Ask, sent: Request, watching: Watching, leave: asyncio.Event | None) -> Exchange:
        """The exchange with the router, or past it."""
        if ask.direct:
            return await self._past.send(
                sent, clock=self.clock, on_piece=watching, timeout_s=self.profile.limits.answer_s
            )
        assert self._driver is not None
        within_s = patience_s(ask, self.profile)
        return await self._driver.send(sent, on_piece=watching, give_up=leave, within_s=within_s)

    def completed(self, trip: Trip) -> Trip:
        """`trip` with all that arrived under its mark."""
        rows = self._rows.of(trip.mark)
        side = (*trip.side, *self._traffic.side(trip.mark))
        return replace(trip, arrivals=self._traffic.arrivals(trip.mark), rows=rows, side=side)

    def take_strays(self) -> tuple[Arrival, ...]:
        """The arrivals so far that belong to nobody."""
        return self._traffic.take_strays()

    def leaks(self, case_of: Callable[[str | None, float], str]) -> tuple[Leak, ...]:
        """The secrets that were seen where they do not belong, in all that this bench has seen since it was made.

        `case_of` gives the case of a mark, else of a time. Of a router that still runs the last words are missing.
        """
        logs = None if self._written.start is None else tuple(self._logs)
        given = {f"env.{name}": key for name, key in self._values.env.items() if looked_for(key)}
        wanted = {**self._values.secrets, **(given if self.profile.one_sided else {})}
        seen = Seen(wanted, tuple(self._answered), tuple(self._traffic.heard), logs)
        return leaks(self._written, seen, case_of)

    def take_unmarked(self) -> tuple[Arrival, ...]:
        """What came to ledgers and webhooks without a mark so far."""
        return self._traffic.take_unmarked()

    def _forwards(self) -> Mapping[str, Forward]:
        """In live mode: what passes the requests of each upstream with `live:` on."""
        if self._meter is None:
            return {}
        live = {name: upstream.live for name, upstream in self._written.upstreams.items() if upstream.live}
        return {name: Forward(self._values.fill(base), self._meter) for name, base in live.items()}

    async def _reach(self) -> None:
        self._driver, self.profile = await open_driver(
            self._written,
            self._folder,
            self._values,
            world=self._outer_world.world(self._values.scratch, self._started),
            clock=self.clock,
        )
        self._stage.profile = self.profile
        self.asked = 0

    def _seen(self, mark: str, word: int) -> None:
        """The client has seen a word of its stream: what waits for that goes on."""
        if under_way := self._traffic.under_way(mark):
            self._gates.open(*under_way, f"seen-{word}")

    @asynccontextmanager
    async def _deaf(self, mark: str) -> AsyncIterator[None]:
        """While this trip is made, and for `DEAF_S` after its answer, nobody listens where its scene has it so.

        Hosts that are intercepted share their port: who calls one of these is reset.
        """
        deaf = self._stage.deaf(mark)
        silent = [stand_in for stand_in in self._started if stand_in.name in deaf]
        network = self._driver.network if isinstance(self._driver, Process) else None
        for stand_in in silent:
            await stand_in.deafen()
            if network:
                await network.lock(stand_in.port)
        try:
            yield
            if silent:
                await asyncio.sleep(DEAF_S)
        finally:
            for stand_in in silent:
                await stand_in.start()
                if network:
                    with suppress(ConnectionError):  # the router has ended: the next one has a network of its own
                        await network.unlock(stand_in.port)

    def _request(self, ask: Ask, mark: str, base: str) -> Request:
        if ask.direct:
            url_of, key_of = self._values.upstreams.__getitem__, self._values.secret
            return straight(ask, self.profile, mark, url_of=url_of, key_of=key_of)
        return with_agents_key(request_of(ask, self.profile, mark, base), self.profile, self._values)


def _model_upstreams(profile: Profile) -> frozenset[str]:
    return frozenset(name for name, upstream in profile.upstreams.items() if MODEL_DIALECTS & {*upstream.speaks})
