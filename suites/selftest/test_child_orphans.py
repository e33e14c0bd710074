"""No router outlives its suite or its supervisor, however those end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.router import child as child_module
from suites.selftest.processes import (
    BOUND_S,
    DEAF,
    HEARS,
    OBEYS,
    UP,
    lives,
    python,
    run,
    running,
    said,
    until_exited,
    until_gone,
    until_said,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUITE = """
import asyncio, os, pathlib, signal, sys
from kimi_conformance.router.child import start
async def begin():
    router = [sys.executable, "-I", "-S", "-c", sys.argv[2]]
    return await start(router, cwd=pathlib.Path("/"), env={}, log=pathlib.Path(sys.argv[1]))
async def main(body):
    child = await begin()
    try:
        await body()
    finally:
        await child.stop()
"""
WAITS = "asyncio.run(main(asyncio.Event().wait))"
FORKS = """
async def body(): os.fork(), signal.pause()
asyncio.run(main(body))
"""


def test_a_router_whose_supervisor_is_killed_is_killed_too(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, *python(DEAF)) as child:
            ((_, supervisor),) = await until_said(child.log, UP)
            os.kill(int(supervisor), signal.SIGKILL)
            assert (await until_exited(child)).says == "killed by SIGKILL"
            await until_gone(child.pid)

    run(story())


def test_a_supervisor_that_stands_still_is_killed_with_its_router(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "STOP_S", 0.1)

    async def story() -> None:
        async with running(tmp_path, *python(HEARS)) as child:
            ((_, supervisor),) = await until_said(child.log, UP)
            os.kill(int(supervisor), signal.SIGSTOP)
            await asyncio.wait_for(child.stop(), 1)
            await until_gone(child.pid, int(supervisor))

    run(story())


@contextmanager
def a_suite(log: Path, router: str, last: str) -> Iterator[subprocess.Popen[bytes]]:
    """A suite in a process and a group of its own, with `last` as its last line."""
    command = [sys.executable, "-c", SUITE + last, str(log), router]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:  # noqa: S603 (our own code)
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("router", "last"),
    [
        pytest.param(HEARS, WAITS, id="router-obeys"),
        pytest.param(DEAF, WAITS, id="router-ignores-sigterm"),
        pytest.param(HEARS, FORKS, id="a-fork-holds-the-pipe"),
    ],
)
def test_a_suite_killed_with_sigkill_leaves_no_router(tmp_path: Path, router: str, last: str) -> None:
    async def story() -> None:
        with a_suite(tmp_path / "log", router, last) as process:
            ((pid, _),) = await until_said(tmp_path / "log", UP)
            process.kill()
            await until_gone(int(pid))

    run(story())


def test_ctrl_c_reaches_the_suite_alone_which_ends_the_router(tmp_path: Path) -> None:
    async def story() -> None:
        with a_suite(tmp_path / "log", HEARS, WAITS) as process:
            ((pid, supervisor),) = await until_said(tmp_path / "log", UP)
            os.killpg(process.pid, signal.SIGINT)
            assert await asyncio.to_thread(process.wait, BOUND_S) == -signal.SIGINT
            assert (lives(int(pid)), lives(int(supervisor))) == (False, False)
            assert said(tmp_path / "log", r"heard (\d+)") == ["15"]

    run(story())


def test_a_loop_that_ends_without_stop_leaves_no_router(tmp_path: Path) -> None:
    last = "kept = asyncio.run(begin()); print(kept.pid, flush=True); signal.pause()"

    async def story() -> None:
        with a_suite(tmp_path / "log", OBEYS, last) as process:
            assert process.stdout is not None
            pid = int(await asyncio.to_thread(process.stdout.readline))
            await until_gone(pid)
            assert process.poll() is None

    run(story())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_supervisor_that_is_asked_to_end_ends_the_router(tmp_path: Path, number: signal.Signals) -> None:
    async def story() -> None:
        async with running(tmp_path, *python(HEARS)) as child:
            ((_, supervisor),) = await until_said(child.log, UP)
            os.kill(int(supervisor), number)
            assert (await until_exited(child)).says == "exit code 0"
            assert child.log_tail().splitlines()[1:] == ["heard 15"]

    run(story())
