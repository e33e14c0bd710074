"""A router's process as the suite holds it: started, watched, ended, its log readable at any time."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SUPERVISOR = Path(__file__).with_name("supervisor.py")
START_S = 10.0
STOP_S = 4.5
"""The supervisor's own limit is shorter; this one is for a supervisor that stands still."""
KILLED_S = 0.5
"""For the reports' pipe to close once the supervisor is killed."""
LINE_CHARS = 300
TERMINAL_CODES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")  # ECMA-48, 5.4


class StartError(Exception):
    """A command that could not be started, and why."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended, `after_s` seconds after its start: with an exit code, or killed by a signal."""

    after_s: float
    code: int | None = None
    signal: int | None = None

    @property
    def says(self) -> str:
        """`exit code 1`, `killed by SIGSEGV`, or `killed by signal 40` for one without a name."""
        if self.signal is None:
            return f"exit code {self.code}"
        with suppress(ValueError):
            return f"killed by {signal.Signals(self.signal).name}"
        return f"killed by signal {self.signal}"


class Child:
    """A running command, made by `start`.

    `pid` is its process and the number of its process group. `exited` gets the `Exit` as soon as that process has ended
    and its last words are in the log; what is left of its group is then being ended, and is gone after `stop`. Wait for
    it with `asyncio.wait`, which does not cancel it.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        loop = asyncio.get_running_loop()
        self.pid = 0
        self.log = log
        self.exited: asyncio.Future[Exit] = loop.create_future()
        self._started: asyncio.Future[int] = loop.create_future()
        self._process = process
        self._began = loop.time()
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Ends every process of the router and its supervisor: SIGTERM, 1.5 s, SIGKILL; 5 s at most in all.

        Never raises, whatever is dead already. A second call waits for the first.
        """
        self._let_go()
        _, pending = await asyncio.wait({self._watching}, timeout=STOP_S)
        if pending:
            self._process.kill()
            await asyncio.wait(pending, timeout=KILLED_S)

    def log_tail(self, lines: int = 20) -> str:
        """The last `lines` lines of the output, fit for a terminal: long ones cut, control codes taken out."""
        text = read_log(self.log).decode(errors="replace")
        return "\n".join(_printable(line) for line in text.splitlines()[-lines:])

    async def _watch(self) -> None:
        """Reads the supervisor's reports until it is gone, then leaves nothing behind."""
        reports = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reports), self._process.stdout
        )
        try:
            async for line in reports:
                self._heed(json.loads(line))
        finally:
            self._let_go()  # also where the loop is ending and nobody called stop()
            transport.close()
        status = self._process.wait(timeout=1.0)  # its pipe closed as it died: over at once
        if not self._started.done():
            self._started.set_exception(StartError(f"its supervisor ended without a report (status {status})"))
        elif self.pid and not self.exited.done():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            after_s = asyncio.get_running_loop().time() - self._began
            self.exited.set_result(Exit(after_s, signal=signal.SIGKILL))
        join_log(self.log)

    def _heed(self, report: dict[str, Any]) -> None:
        """Takes one report of the supervisor."""
        match report:
            case {"started": pid}:
                self.pid = pid
                if not self._started.done():
                    self._started.set_result(pid)
            case {"failed": why} if not self._started.done():
                self._started.set_exception(StartError(why))
            case {"exited": code, "after_s": after_s} if not self.exited.done():
                self.exited.set_result(Exit(after_s, code) if code >= 0 else Exit(after_s, signal=-code))

    def _let_go(self) -> None:
        """Closes the pipe whose end is the supervisor's order to end the router."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()


async def start(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path) -> Child:
    """Starts `command` under a supervisor, with `env` as its whole environment and its output kept in `log`.

    A name without a slash is looked for in the PATH of `env`, any other from `cwd`. The command must stay in the
    foreground: when its process ends, so does its group. `log` is written anew; its folder must exist. Raises
    `StartError`.
    """
    spec = {
        "command": list(command),
        "cwd": str(cwd),
        "env": dict(env),
        "log": str(log),
        "suite": os.getpid(),
    }
    try:
        _clear_log(log)
        child = Child(_supervise(spec), log)
    except OSError as error:
        raise StartError(f"could not start {command[0]}: {error}") from error
    try:
        async with asyncio.timeout(START_S):
            await child._started  # noqa: SLF001 (a part of this module)
    except StartError as error:
        await child.stop()
        raise StartError(f"could not start {command[0]}: {error}") from None
    except TimeoutError:
        await child.stop()
        raise StartError(f"could not start {command[0]}: its supervisor said nothing for {START_S:g} s") from None
    except asyncio.CancelledError:
        await child.stop()
        raise
    return child


def _supervise(spec: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Starts the supervisor and tells it what to do.

    Not through asyncio: its transport kills the process where it is closed or collected, and a supervisor that is
    killed cannot end its router. A session of its own keeps the terminal's Ctrl-C away from both.
    """
    process = subprocess.Popen(  # noqa: S603 (our own script)
        [sys.executable, "-I", "-S", str(SUPERVISOR)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it died: the end of its reports says so
        process.stdin.write(json.dumps(spec).encode() + b"\n")
        process.stdin.flush()
    return process


def read_log(log: Path) -> bytes:
    """What is kept of the output written to `log`, and in each gap a line saying how many bytes were left out."""
    kept = b""
    end = 0
    for start_at, file in [(0, log), *_segments(log)]:
        with suppress(FileNotFoundError):  # dropped by the supervisor meanwhile: its bytes belong to the gap
            data = file.read_bytes()
            if start_at > end:
                kept += b"\n[... %d bytes left out ...]\n" % (start_at - end)
            kept += data
            end = start_at + len(data)
    return kept


def join_log(log: Path) -> None:
    """Makes one file of the log and its segments, once the supervisor is gone."""
    if segments := _segments(log):
        log.write_bytes(read_log(log))
        for _, file in segments:
            file.unlink()


def _clear_log(log: Path) -> None:
    """Begins an empty log in place of an older one. Raises `OSError`."""
    for _, file in _segments(log):
        file.unlink()
    log.write_bytes(b"")


def _segments(log: Path) -> list[tuple[int, Path]]:
    """The segments of `log` with their offsets, in order."""
    prefix = f"{log.name}."
    files = [file for file in log.parent.iterdir() if file.name.startswith(prefix)]
    offsets = [(file.name.removeprefix(prefix), file) for file in files]
    return sorted((int(offset), file) for offset, file in offsets if offset.isascii() and offset.isdigit())


def _printable(line: str) -> str:
    """`line` without terminal codes and unprintable characters, and of bounded length."""
    clean = TERMINAL_CODES.sub("", line[: 4 * LINE_CHARS])
    clean = "".join(char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in clean)
    return clean if len(clean) <= LINE_CHARS else clean[:LINE_CHARS] + "…"
