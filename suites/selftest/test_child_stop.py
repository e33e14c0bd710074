"""Stopping a router: it is asked once, and its descendants end with it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.router.child import start
from suites.selftest.processes import (
    BOUND_S,
    ENV,
    FAMILY,
    HEARS,
    OBEYS,
    UP,
    linux_only,
    lives,
    python,
    run,
    running,
    until_exited,
    until_gone,
    until_said,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_stop_asks_once_and_lets_the_router_finish(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, *python(HEARS)) as child:
            await until_said(child.log, UP)
            await child.stop()
            assert child.exited.result().says == "exit code 0"
            assert child.log_tail().splitlines()[1:] == ["heard 15"]

    run(story())


@pytest.mark.parametrize(
    ("leave", "deaf"),
    [
        pytest.param(False, False, id="in-group"),
        pytest.param(True, False, id="one-daemonised", marks=linux_only),
        pytest.param(True, True, id="the-daemonised-one-ignores-sigterm", marks=linux_only),
    ],
)
def test_stop_ends_every_descendant(tmp_path: Path, *, leave: bool, deaf: bool) -> None:
    code = FAMILY.format(leave=leave, deaf=deaf, then="signal.pause()")

    async def story() -> None:
        async with running(tmp_path, *python(code)) as child:
            pids = [int(pid) for pid in await until_said(child.log, r"born (\d+)\n", times=2)]
            began = time.monotonic()
            await child.stop()
            assert time.monotonic() - began < (BOUND_S if deaf else 1.0)
            assert [pid for pid in (child.pid, *pids) if lives(pid)] == []
            assert child.exited.result().says == "killed by SIGTERM"

    run(story())


@pytest.mark.parametrize("leave", [False, pytest.param(True, marks=linux_only)], ids=["in-group", "one-daemonised"])
def test_descendants_end_with_the_router(tmp_path: Path, *, leave: bool) -> None:
    code = FAMILY.format(leave=leave, deaf=False, then="signal.sigtimedwait([], 0.2); os._exit(0)")

    async def story() -> None:
        async with running(tmp_path, *python(code)) as child:
            pids = [int(pid) for pid in await until_said(child.log, r"born (\d+)\n", times=2)]
            assert (await until_exited(child)).says == "exit code 0"
            await until_gone(child.pid, *pids)

    run(story())


def test_stop_may_be_called_any_number_of_times(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, *python(OBEYS)) as child:
            await asyncio.gather(child.stop(), child.stop())
            assert not lives(child.pid)
            await child.stop()

    run(story())


def test_stopping_one_router_leaves_the_other(tmp_path: Path) -> None:
    async def story() -> None:
        first, second = await asyncio.gather(
            start(python(OBEYS), cwd=tmp_path, env=ENV, log=tmp_path / "first"),
            start(python(OBEYS), cwd=tmp_path, env=ENV, log=tmp_path / "second"),
        )
        await until_said(second.log, "up")
        await first.stop()
        assert not lives(first.pid)
        assert lives(second.pid)
        assert not second.exited.done()
        await second.stop()

    run(story())
