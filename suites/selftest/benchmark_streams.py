"""Two hundred streams of five hundred events at once: `python suites/selftest/benchmark_streams.py`. No test is timed.

The reference router in a process of its own, under uvicorn; the suite is its client and its upstreams. Every word of
every stream must reach its own client, in order, and no other's: else it says so and ends with 1. Printed are the time
and the memory (resident, at its peak) of the router and of the suite.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate, cycle
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from kimi_conformance.contract.scene import token
from kimi_conformance.contract.trip import Play
from kimi_conformance.judge import judge
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router.bench import Bench
from kimi_conformance.router.install import tools_folder
from kimi_conformance.router.plan import make_plan
from kimi_conformance.upstream import kimi
from kimi_conformance.upstream.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.exchange import Request
    from kimi_conformance.router.plan import Plan
    from kimi_conformance.upstream.script import Script

CROSS_TALK: Final = "router.stream.no-cross-talk"
EQUAL: Final = "router.stream.events-equal-in-order"
MARK: Final = re.compile(rb"kc[0-9a-f]{6}x\d{7}")
MB: Final = 1024
"""Of kilobytes."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run came to; memory in MB."""

    streams: int
    events: int
    seconds: float
    router_mb: float | None
    suite_mb: float
    suite_before_mb: float
    at_once: int
    flaws: tuple[str, ...]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=200, metavar="N", help="how many at once (200)")
    parser.add_argument("--events", type=int, default=500, metavar="N", help="how many words each (500)")
    options = parser.parse_args()
    say = Console(highlight=False).print
    one = asyncio.run(measured(options.streams, options.events))
    rate = one.streams * one.events / one.seconds
    router = "not measured: there is no /proc" if one.router_mb is None else f"{one.router_mb:.0f} MB at its peak"
    say(f"{one.streams} streams of {one.events} words, {one.at_once} of them at once, load {os.getloadavg()[0]:.1f}")
    say(f"time    {one.seconds:.1f} s, {rate:,.0f} events a second")
    say(f"router  {router}")
    say(f"suite   {one.suite_mb:.0f} MB at its peak, {one.suite_before_mb:.0f} MB before")
    if one.flaws:
        sys.exit("\n".join([f"{len(one.flaws)} flaws:", *one.flaws[:10]]))
    say("all words came to their own clients, in order")


async def measured(streams: int, events: int) -> Measured:
    """One run."""
    plan = make_plan(load_profile("reference"), datetime.now(UTC).date())
    asks = cycle(next(case.asks for case in plan.cases.values() if case.requirement == CROSS_TALK))
    loaded = plan.loaded
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(loaded.profile, loaded.folder, Path(scratch), tools_folder(loaded.profile))
        await bench.open()
        try:
            before = own_peak_mb()
            start = time.perf_counter()
            trips = await asyncio.gather(*(bench.trip(next(asks), saying(events)) for _ in range(streams)))
            seconds = time.perf_counter() - start
            router = router_peak_mb()
            await bench.settle(trips)
            flaws = tuple(found(plan, tuple(map(bench.completed, trips)), events))
        finally:
            await bench.close()
    return Measured(streams, events, seconds, router, own_peak_mb(), before, most_at_once(trips), flaws)


def saying(events: int) -> Callable[[Request], Script]:
    """What the upstreams answer: so many words of the request's own, in the wire that is asked."""

    def answer(request: Request) -> Script:
        mark = MARK.search(request.body)
        assert mark
        reply = Reply(text="".join(token(mark[0].decode(), number) for number in range(events)), reasoning="")
        face = kimi.MESSAGES if request.url.endswith("/messages") else kimi.CHAT
        return kimi.answer(replace(request, url=face), kimi.Config(reply=reply))

    return answer


def found(plan: Plan, trips: tuple[Trip, ...], events: int) -> Iterator[str]:
    """What the judge finds, and every stream of which not all was sent."""
    for requirement in (CROSS_TALK, EQUAL):
        play = Play(requirement, requirement, trips)
        for finding in judge(plan.requirements[requirement], play, plan.world):
            yield f"{requirement}: {finding.verdict}: {finding.message}, {finding.where}"
    for trip in trips:
        sent = trip.arrivals[0].exchange.response if trip.arrivals else None
        if sent is None or token(trip.mark, events - 1).strip().encode() not in sent.body:
            yield f"{trip.mark}: the upstream did not send all of it"


def most_at_once(trips: Iterable[Trip]) -> int:
    """How many streams were under way at once, at the most: from their first word at the client to the last."""
    pieces = [trip.client.response.pieces for trip in trips if trip.client.response and trip.client.response.pieces]
    changes = sorted([*((some[0].t_ms, 1) for some in pieces), *((some[-1].t_ms, -1) for some in pieces)])
    return max(accumulate(change for _, change in changes), default=0)


def own_peak_mb() -> float:
    """The most memory that this process had so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (MB * MB if sys.platform == "darwin" else MB)


def router_peak_mb() -> float | None:
    """The most memory that the router had so far; None where there is no /proc to ask."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            command = status.with_name("cmdline").read_bytes()
            if b"uvicorn" in command and os.getpid() in ancestors(int(status.parent.name)):
                return int(re.findall(r"VmHWM:\s+(\d+)", status.read_text("ascii"))[0]) / MB
        except (OSError, IndexError):  # it ended while we looked
            continue
    return None


def ancestors(pid: int) -> Iterator[int]:
    """The processes that a process comes from, nearest first."""
    while pid > 1:
        pid = int(re.findall(r"PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("ascii"))[0])
        yield pid


if __name__ == "__main__":
    main()
