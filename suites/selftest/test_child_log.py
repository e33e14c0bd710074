"""A router's log: bounded, begun anew, fit for a terminal."""

from __future__ import annotations

import asyncio
import os
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.router.child import read_log
from suites.selftest.processes import BOUND_S, lives, python, run, running, until_exited, until_said

if TYPE_CHECKING:
    from pathlib import Path


def size(folder: Path) -> int:
    """The bytes of the files in `folder`, which may vanish meanwhile."""
    total = 0
    for file in folder.iterdir():
        with suppress(FileNotFoundError):
            total += file.stat().st_size
    return total


def test_a_flood_of_1_gb_is_kept_within_bounds_and_told(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, "head", "-c", "1000000000", "/dev/zero") as child:
            most = 0
            while not child.exited.done():
                await asyncio.wait({child.exited}, timeout=0.05)
                most = max(most, size(tmp_path))
                assert len(child.log_tail()) < 1000
            assert child.exited.result().says == "exit code 0"
            assert most < 3_000_000
            await child.stop()
            kept = read_log(child.log)
            (left_out,) = re.findall(rb"\n\[\.\.\. (\d+) bytes left out \.\.\.\]\n", kept)
            assert int(left_out) + kept.count(b"\0") == 1_000_000_000
            assert kept.index(b"[") >= 256 * 1024

    run(story())
    assert list(tmp_path.iterdir()) == [tmp_path / "log"]


def test_an_endless_flood_is_stopped(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, "yes") as child:
            await until_said(child.log, "y", times=1000)
            began = time.monotonic()
            await child.stop()
            assert time.monotonic() - began < BOUND_S
            assert not lives(child.pid)

    run(story())


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")  # noqa: PTH110 (a device, not a path)
def test_a_full_disk_does_not_stop_the_router(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to("/dev/full")

    async def story() -> None:
        async with running(tmp_path, *python("print('x' * 200_000)")) as child:
            assert (await until_exited(child)).says == "exit code 0"

    run(story())


def test_the_log_is_begun_anew(tmp_path: Path) -> None:
    for name in ("log", "log.300000"):
        (tmp_path / name).write_text("old")

    async def story() -> None:
        async with running(tmp_path, "echo", "new") as child:
            await until_exited(child)
            assert read_log(child.log) == b"new\n"

    run(story())


def test_a_dropped_segment_is_told_as_left_out(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for name, text in (("log", "head"), ("log.10", "tail"), ("log.14", "end"), ("log.old", "not ours")):
        (tmp_path / name).write_text(text)
    assert read_log(log) == b"head\n[... 6 bytes left out ...]\ntailend"


def test_the_tail_of_a_log_is_fit_for_a_terminal(tmp_path: Path) -> None:
    text = "old\n" * 30 + "\x1b[31mred\x1b[0m\tand\0more\x1b]0;title\x07\n" + "long" * 1000 + "\n" + "bad \\xff €"
    code = f"import sys; sys.stdout.buffer.write({text!r}.encode().replace(b'\\\\xff', b'\\xff'))"

    async def story() -> None:
        async with running(tmp_path, *python(code)) as child:
            await until_exited(child)
            mark = "\N{REPLACEMENT CHARACTER}"
            old, red, long, bad = child.log_tail(4).splitlines()
            assert old == "old"
            assert red == f"red\tand{mark}more{mark}]0;title{mark}"
            assert long == "long" * 75 + "…"
            assert bad == f"bad {mark} €"
            assert len(child.log_tail().splitlines()) == 20

    run(story())
