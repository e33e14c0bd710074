"""Asks a program with JSON lines on stdio: its life, its lines, and living on after one that fails."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import Decision
from kimi_conformance.router.child import StartError
from kimi_conformance.router.decide import ANSWER_S, QUOTED_CHARS, Undecided, decision_of, quoted

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kimi_conformance.router.decide import Answer

STOP_S: Final = 0.5
"""For a program to end by itself, once its input or its own output has ended."""
KILLED_S: Final = 1.0
"""For it to be gone once it is killed."""
LINE_BYTES: Final = 64 * 1024
LINES: Final = 16
"""As many unasked lines are read at most; then the program has to wait."""
STDERR_BYTES: Final = 4 * 1024


class ProgramDecider:
    """Asks a program that reads one JSON object per line and writes one. One process, one question at a time.

    `env` is its whole environment; a name without a slash is looked for in the PATH of `env`. After anything but a
    valid answer the process is ended, for its next line may belong to the last question; the next question starts
    another.
    """

    def __init__(self, command: Sequence[str], cwd: Path, env: Mapping[str, str], timeout_s: float = ANSWER_S) -> None:
        self._command = tuple(command)
        self._cwd = cwd
        self._env = dict(env)
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._program: _Program | None = None

    async def start(self) -> None:
        """Starts the program, which `decide` would do too. Raises `StartError`."""
        async with self._turn:
            await self._running()

    async def decide(self, question: Mapping[str, Any]) -> Answer:
        """What the program answers to `question`, or how it failed to.

        A process that answered before and ends now is no evidence against this question: it is asked once more, of a
        new process.
        """
        line = json.dumps(dict(question)).encode() + b"\n"
        async with self._turn:
            used = self._program is not None and self._program.answers > 0
            answer = await self._ask(line)
            if used and isinstance(answer, Undecided) and answer.error.startswith("closed: "):
                answer = await self._ask(line)
            return answer

    async def stop(self) -> None:
        """Ends the program: its input ends, and half a second later its whole process group is killed."""
        async with self._turn:
            await self._end(STOP_S)

    async def _ask(self, line: bytes) -> Answer:
        answer: Answer | None = None
        try:
            program = await self._running()
            async with asyncio.timeout(self._timeout_s):
                answer = await program.ask(line)
        except StartError as error:
            return Undecided(f"refused: {error}")
        except TimeoutError:
            answer = Undecided(f"timeout: no answer within {self._timeout_s:g} s{program.last_words()}")
        finally:
            if not isinstance(answer, Decision):  # cancelled, too
                await self._end(0)
        return answer

    async def _running(self) -> _Program:
        """The process, started where there is none. Raises `StartError`."""
        if self._program is None:
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._command,
                    cwd=self._cwd,
                    env=self._env,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                    limit=LINE_BYTES,
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                raise StartError(f"could not start {self._command[0]}: {error}") from error
            self._program = _Program(process)
        return self._program

    async def _end(self, grace_s: float) -> None:
        program, self._program = self._program, None
        if program:
            await program.end(grace_s)


class _Program:
    """A running process: its lines, and the last of its stderr."""

    def __init__(self, process: Process) -> None:
        self.answers = 0
        self._process = process
        self._lines: asyncio.Queue[bytes | Undecided | None] = asyncio.Queue(LINES)
        self._stderr = b""
        self._readers = {asyncio.create_task(self._read_lines()), asyncio.create_task(self._read_stderr())}

    async def ask(self, line: bytes) -> Answer:
        """Writes `line` and reads the answer."""
        assert self._process.stdin
        unasked = not self._lines.empty()
        if not unasked:
            with suppress(BrokenPipeError, ConnectionResetError):  # the end of its output says so, too
                self._process.stdin.write(line)
                await self._process.stdin.drain()
        answer = await self._lines.get()
        if answer is None:
            return await self._closed()
        if isinstance(answer, Undecided):
            return answer
        if unasked:
            return Undecided(f"protocol: the program wrote a line that nobody asked for: {quoted(answer)}")
        self.answers += 1
        try:
            return decision_of(json.loads(answer))
        except (ValueError, RecursionError) as error:
            return Undecided(f"protocol: the answer is not JSON ({error}): {quoted(answer)}")

    async def end(self, grace_s: float) -> None:
        """Ends the process and its group; kills what is left of them after `grace_s`."""
        assert self._process.stdin
        assert self._process.stdout
        assert self._process.stderr
        self._process.stdin.close()
        await self._wait(grace_s)
        with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group that has only zombies
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._wait(KILLED_S)
        for reader in self._readers:
            reader.cancel()
        await asyncio.wait(self._readers)
        with suppress(TimeoutError):
            async with asyncio.timeout(KILLED_S):  # what is left in the pipes keeps them from closing
                await asyncio.gather(self._process.stdout.read(), self._process.stderr.read())

    def last_words(self) -> str:
        """The end of its stderr, as the end of a message."""
        return f"; its stderr ends: {quoted(self._stderr[-QUOTED_CHARS:])}" if self._stderr.strip() else ""

    async def _closed(self) -> Undecided:
        """How it ended."""
        await self._wait(STOP_S)
        code = self._process.returncode
        if code is None:
            return Undecided(f"closed: the program closed its output{self.last_words()}")
        await asyncio.wait(self._readers, timeout=STOP_S)
        how = f"ended with exit code {code}" if code >= 0 else f"was killed by signal {-code}"
        return Undecided(f"closed: the program {how}{self.last_words()}")

    async def _wait(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._process.wait()

    async def _read_lines(self) -> None:
        assert self._process.stdout
        try:
            while line := await self._process.stdout.readline():
                await self._lines.put(line)
        except ValueError:
            await self._lines.put(Undecided(f"protocol: the program wrote a line of more than {LINE_BYTES} bytes"))
        else:
            await self._lines.put(None)

    async def _read_stderr(self) -> None:
        assert self._process.stderr
        while data := await self._process.stderr.read(STDERR_BYTES):
            self._stderr = (self._stderr + data)[-STDERR_BYTES:]
