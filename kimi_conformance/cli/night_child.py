"""A step of the night: a command of ours in a child of its own, with a log and a bound."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kimi_conformance.cli.status import Status
from kimi_conformance.cli.surroundings import Interrupted, pythonpath
from kimi_conformance.plugin.tether import TETHER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

STEP_S: Final = 0.2
ENDING_S: Final = 60.0
"""How long a step may take to write what it has, once it is told to end."""
WORDS_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Ended:
    """A child that has ended: its exit code (negative: the signal that killed it), and its last words.

    `late`: it was told to end, because its time was over.
    """

    code: int
    said: str
    took_s: float
    late: bool = False


def run_step(words: Sequence[str], log: Path, within_s: float, about: str) -> Ended:
    """Run `kimi-conformance WORDS`; what it prints goes into `log`. `about` is shown on a terminal meanwhile.

    Raises `Interrupted` once the child has ended because this process was told to. If this process is killed, it ends,
    too: it is tethered.
    """
    began, status = time.monotonic(), Status()
    held, tether = os.pipe()
    try:
        with log.open("wb") as sink:
            child = subprocess.Popen(  # noqa: S603 - our own interpreter and command
                [sys.executable, "-P", "-m", "kimi_conformance", *words],
                env={**os.environ, **pythonpath(), "PYTHONUTF8": "1", TETHER: str(held)},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                pass_fds=(held,),
                process_group=0,
            )
            try:
                late = not _ended(child, began + within_s, lambda: status.show(f"{about}, {_minutes(began)}"))
                if late:
                    _end(child)
            except Interrupted:
                _end(child)
                raise
            finally:
                status.clear()
    finally:
        os.close(tether)
        os.close(held)
    return Ended(child.returncode, _last_words(log), time.monotonic() - began, late)


def _ended(child: subprocess.Popen[bytes], by: float, meanwhile: object) -> bool:
    assert callable(meanwhile)
    while child.poll() is None:
        if time.monotonic() > by:
            return False
        meanwhile()
        with suppress(subprocess.TimeoutExpired):
            child.wait(STEP_S)
    return True


def _end(child: subprocess.Popen[bytes]) -> None:
    """Have it end as by Ctrl-C, and wait; one that does not, or that is in the way of a second interrupt, is killed."""
    try:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGINT)
        child.wait(ENDING_S)
    except (Interrupted, subprocess.TimeoutExpired):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _minutes(began: float) -> str:
    seconds = time.monotonic() - began
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"  # noqa: PLR2004 - a minute


def _last_words(log: Path) -> str:
    """The last line of what it printed."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - WORDS_BYTES))
        lines = file.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else "it said nothing"
