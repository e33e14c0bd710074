"""Routers that are small programs, and what is left of them: started, listened to, waited for."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.router.child import Child, Exit, read_log, start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="adopting orphans is Linux's")
BOUND_S = 5.0
ENV = {"PATH": os.environ["PATH"]}

OBEYS = "import signal; print('up', flush=True); signal.pause()"
HEARS = """
import os, signal
def say(*words): os.write(1, " ".join(map(str, words)).encode() + b"\\n")
def heard(number, frame):
    say("heard", number)
    if number == signal.SIGTERM: os._exit(0)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, heard)
say("up", os.getpid(), os.getppid())
while True: signal.pause()
"""
DEAF = HEARS.replace("if number == signal.SIGTERM: os._exit(0)", "")
UP = r"up (\d+) (\d+)\n"
FAMILY = """
import os, signal
for leave in (False, {leave}):
    if not os.fork():
        if leave:
            os.setsid()
            if os.fork(): os._exit(0)
            if {deaf}: signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("born", os.getpid(), flush=True)
        signal.pause()
{then}
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 12))


@asynccontextmanager
async def running(tmp_path: Path, *command: str) -> AsyncIterator[Child]:
    child = await start(command, cwd=tmp_path, env=ENV, log=tmp_path / "log")
    try:
        yield child
    finally:
        await child.stop()


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(BOUND_S):
        while not happened():  # noqa: ASYNC110 (what another process does raises no event here)
            await asyncio.sleep(0.01)


async def until_said(log: Path, pattern: str, times: int = 1) -> list[Any]:
    """The matches of `pattern` in the log, once there are `times` of them."""
    await until(lambda: len(said(log, pattern)) >= times)
    return said(log, pattern)


def said(log: Path, pattern: str) -> list[Any]:
    return re.findall(pattern, read_log(log).decode(errors="replace"))


async def until_exited(child: Child) -> Exit:
    return await asyncio.wait_for(asyncio.shield(child.exited), BOUND_S)


def lives(pid: int) -> bool:
    """Whether a process runs. One that only waits to be reaped by init, which may take its time, does not."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat").read_text()
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # ended just now, or macOS
        return not Path("/proc").exists()
    return stat.rpartition(")")[2].split()[0] != "Z"


async def until_gone(*pids: int) -> None:
    await until(lambda: not any(lives(pid) for pid in pids))
