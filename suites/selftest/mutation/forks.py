"""Work in forks, several side by side, each within bounds: what one of them spoils is gone with it."""

from __future__ import annotations

import math
import mmap
import os
import resource
import signal
import struct
import sys
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WALL: Final = 3600
"""Seconds of the clock after which a fork is ended, whatever it waits for."""
MEMORY: Final = 4 << 30
CRASHED: Final = 70
NOTHING: Final = -1
"""The first number of a fork that left without any."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """Work of a fork, which returns two small numbers, within `cpu_s` seconds of processor time."""

    key: Any
    work: Callable[[], tuple[int, int]]
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How a fork ended: with its two numbers, or by a signal (`killed_by`)."""

    key: Any
    code: int = 0
    detail: int = -1
    killed_by: int = 0
    cpu_s: float = 0.0


def side_by_side(tasks: Iterator[Bounded], jobs: int, until: float = math.inf) -> Iterator[Ended]:
    """The ends of all tasks, as they come; from `until` on (monotonic seconds) none is begun any more."""
    slots = mmap.mmap(-1, 8 * jobs)
    free, running = list(range(jobs)), dict[int, tuple[int, Bounded]]()
    more = True
    while more or running:
        while more and free:
            task = next(tasks, None) if time.monotonic() < until else None
            if task is None:
                more = False
                break
            slot = free.pop()
            running[_forked(task, slots, slot)] = slot, task
        if running:
            pid, status, usage = os.wait4(-1, 0)
            slot, task = running.pop(pid)
            free.append(slot)
            yield _ended(task, status, slots, slot, usage.ru_utime + usage.ru_stime)


def _ended(task: Bounded, status: int, slots: mmap.mmap, slot: int, cpu_s: float) -> Ended:
    if os.WIFSIGNALED(status):
        return Ended(task.key, killed_by=os.WTERMSIG(status), cpu_s=cpu_s)
    if os.WEXITSTATUS(status) != 0:
        return Ended(task.key, killed_by=-os.WEXITSTATUS(status), cpu_s=cpu_s)
    code, detail = struct.unpack_from("ii", slots, 8 * slot)
    if code == NOTHING:
        return Ended(task.key, killed_by=NOTHING, cpu_s=cpu_s)
    return Ended(task.key, code, detail, cpu_s=cpu_s)


def _forked(task: Bounded, slots: mmap.mmap, slot: int) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    struct.pack_into("ii", slots, 8 * slot, NOTHING, -1)
    pid = os.fork()
    if pid:
        return pid
    status = CRASHED
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.setitimer(signal.ITIMER_PROF, task.cpu_s)
        signal.alarm(WALL)
        struct.pack_into("ii", slots, 8 * slot, *task.work())
        status = 0
    except BaseException:  # noqa: BLE001 - the fork's outermost frame: a mutant may raise anything, and nobody else hears
        traceback.print_exc()
    finally:
        os._exit(status)


def silenced() -> None:
    """Let nothing that is printed from here on be seen."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
