"""A stand-in started for a while with all that it tells kept: for tests and for looking at a router by hand."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kimi_conformance.upstream.gates import Gates
from kimi_conformance.upstream.script import Script
from kimi_conformance.upstream.server import StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from kimi_conformance.exchange import Exchange, Request


def now_ms() -> float:
    """The clock that it runs on."""
    return time.monotonic() * 1000


@dataclass(slots=True)
class Watched:
    """What a stand-in told: its arrivals (serial, request, time) and, in `done`, its exchanges as they ended."""

    gates: Gates = field(default_factory=Gates)
    arrivals: list[tuple[int, Request, float]] = field(default_factory=list)
    done: asyncio.Queue[Exchange] = field(default_factory=asyncio.Queue)

    async def exchange(self, within_s: float = 2.0) -> Exchange:
        """The next exchange that has ended. Raises `TimeoutError`."""
        async with asyncio.timeout(within_s):
            return await self.done.get()


@asynccontextmanager
async def watched(
    answer: Script | Callable[[Request], Script], *, port: int = 0, gate_timeout_s: float = 5.0
) -> AsyncIterator[tuple[StandIn, Watched]]:
    """A stand-in called `upstream` that gives the same answer to all, or the one that `answer` makes."""
    seen = Watched()
    standin = StandIn(
        "upstream",
        (lambda _: answer) if isinstance(answer, Script) else answer,
        port=port,
        clock=now_ms,
        on_arrival=lambda _, serial, request, t_ms: seen.arrivals.append((serial, request, t_ms)),
        on_done=lambda _, __, exchange: seen.done.put_nowait(exchange),
        gates=seen.gates,
        gate_timeout_s=gate_timeout_s,
    )
    await standin.start()
    try:
        yield standin, seen
    finally:
        await standin.stop()
