"""Subjects side by side, each in a process of its own, with a bound on its time; what is finished is kept at once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

TRIES: Final = 2
"""A process that was killed, hung or ended with an error is tried so many times."""


@dataclass(frozen=True, slots=True)
class Task:
    """A subject with the areas whose cases are played (all, where there are none), and the file that it goes into."""

    subject: str
    areas: tuple[str, ...]
    file: Path


async def play_all(
    tasks: Sequence[Task], *, jobs: int, limit_s: float, told: Callable[[Task, str], None]
) -> Sequence[Task]:
    """Play `tasks`, `jobs` of them at once, each within `limit_s` seconds. Returns those that came to nothing.

    `told` is called after each try: with an empty text when the task's file is there, else with what went wrong.
    """
    waiting = deque((task, 1) for task in tasks)
    lost: list[Task] = []

    async def work() -> None:
        while waiting:
            task, attempt = waiting.popleft()
            problem = await _played(task, limit_s)
            told(task, problem)
            if problem and attempt < TRIES:
                waiting.append((task, attempt + 1))
            elif problem:
                lost.append(task)

    workers = [asyncio.create_task(work()) for _ in range(min(jobs, len(tasks)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.wait(workers)
    return lost


async def _played(task: Task, limit_s: float) -> str:
    """Play `task` in a process. What went wrong, or nothing."""
    log = task.file.with_suffix(".log")
    with log.open("wb") as sink:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "kimi_conformance.killing.play", task.subject, str(task.file), *task.areas),
            stdin=asyncio.subprocess.PIPE,  # the tether: the child ends with us
            stdout=asyncio.subprocess.DEVNULL,
            stderr=sink,
            process_group=0,
        )
        try:
            async with asyncio.timeout(limit_s):
                code = await child.wait()
        except TimeoutError:
            return f"it did not end within {limit_s:g} s"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
    if code < 0:
        return f"its process was killed by {signal.Signals(-code).name}"
    if code or not task.file.exists():
        return f"its process ended with exit code {code}: {_last_line(log)}"
    log.unlink(missing_ok=True)
    return ""


def _last_line(log: Path) -> str:
    return (log.read_text("utf-8", "replace").strip().splitlines() or ["it said nothing"])[-1]
