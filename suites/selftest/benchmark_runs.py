"""Routing runs, timed: the whole command, its phases, and a bare httpx loop that sends the same requests."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.registry.home import routing_suites
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router.bench import Bench
from kimi_conformance.router.install import tools_folder
from kimi_conformance.router.plan import make_plan
from kimi_conformance.router.player import Player
from kimi_conformance.router.tally import Infra
from kimi_conformance.router.verdicts import admit, judge_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kimi_conformance.exchange import Request
    from kimi_conformance.router.plan import Plan
    from kimi_conformance.router.tally import Played

COMMAND: Final = "import sys; sys.argv[0] = 'kimi-conformance'; from kimi_conformance.cli import main; main()"
IMPORTS: Final = "import kimi_conformance.cli.main"
COLLECT: Final = (
    *(sys.executable, "-B", "-P", "-m", "pytest", "--collect-only", "-c", os.devnull, "--noconftest"),
    *("--disable-plugin-autoload", "-p", "kimi_conformance.plugin", "-p", "allure_pytest.plugin"),
    *("-p", "no:cacheprovider", "-p", "no:terminal", "--import-mode=importlib"),
)
"""The child of `check` up to where it would play: its start, its imports, the items. Like it, it keeps no bytecode."""


BOUND_S: Final = 120.0


class Failed(Exception):
    """A run that did not go as a measured run must. Says what happened."""


@dataclass(slots=True)
class Laps:
    """Seconds by phase."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def lap(self, phase: str) -> Iterator[None]:
        """Time what happens within."""
        start = time.perf_counter()
        yield
        self.seconds[phase] = time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class Run:
    """One run against a profile: how many cases and requests, and seconds by phase."""

    cases: int
    requests: int
    seconds: Mapping[str, float]


def measure(profile: str) -> Run:
    """One run: `whole` and its `cpu` (user time, router included) in processes of their own, the rest in this one.

    `plan` is in this process what the command does twice; `report` is what is left of the whole: the items of pytest,
    the records, results.json, the summary, the end of the router. Raises `Failed`.
    """
    laps = Laps()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with laps.lap("whole"):
        _succeed([sys.executable, "-c", COMMAND, "check", profile])
    laps.seconds["cpu"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    with laps.lap("import"):
        _succeed([sys.executable, "-c", IMPORTS])
    with laps.lap("collect"):
        _succeed([*COLLECT, "--router", profile, str(routing_suites())])
    with laps.lap("plan"):
        plan = make_plan(load_profile(profile), datetime.now(UTC).date())
    requests = asyncio.run(_play(plan, laps))
    known = ("import", "collect", "plan", "open", "play", "judge")
    laps.seconds["report"] = laps.seconds["whole"] - sum(laps.seconds[phase] for phase in known)
    return Run(len(plan.cases), requests, laps.seconds)


def _succeed(command: list[str]) -> None:
    """Run it in a folder of its own, with bytecode kept from run to run as anybody's Python keeps it."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run(  # noqa: S603 - our own commands
                command, capture_output=True, text=True, check=True, cwd=folder, env=env, timeout=BOUND_S
            )
        except subprocess.CalledProcessError as error:
            raise Failed(f"{error}\n{error.stdout[-2000:]}{error.stderr[-2000:]}") from error
        except subprocess.TimeoutExpired as error:
            raise Failed(str(error)) from error


async def _play(plan: Plan, laps: Laps) -> int:
    """Play all cases, judge them, then send the same requests again in a bare loop. How many requests."""
    loaded = plan.loaded
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(loaded.profile, loaded.folder, Path(scratch), tools_folder(loaded.profile))
        try:
            with laps.lap("open"):
                await bench.open()
            with laps.lap("play"):
                played = await Player(bench).play(list(plan.cases.values()))
            with laps.lap("judge"):
                world = replace(plan.world, profile=bench.profile)
                judged = admit(judge_all(played, plan.requirements, world), plan.known)
            if bad := [case for case, one in judged.items() if one.verdict is Verdict.FAIL]:
                raise Failed(f"{loaded.profile.name} fails {', '.join(bad)}: what was timed is not a healthy run")
            sent = list(_sent(played))
            if not loaded.profile.asgi:
                laps.seconds["loop"] = await _in_process_of_its_own(sent)
        finally:
            await bench.close()
    return len(sent)


def _sent(played: Mapping[str, Played]) -> Iterator[Request]:
    for case, play in played.items():
        if isinstance(play, Infra):
            raise Failed(f"{case} could not be played: {play.reason}")
        yield from (trip.sent for trip in play.trips)


async def _in_process_of_its_own(requests: list[Request]) -> float:
    """Seconds of the bare loop. In a thread it would wait for the stand-ins' share of the interpreter, too."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, bare_loop, requests)


def bare_loop(requests: list[Request]) -> float:
    """What anybody would write: one client with keep-alive, one request after another, each answer read whole."""
    with httpx.Client(trust_env=False) as client:
        start = time.perf_counter()
        for request in requests:
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
            client.request(request.method, request.url, headers=headers, content=request.body)
        return time.perf_counter() - start
