"""Asks an implementation that exposes only its decision: a Python callable, or a program with JSON lines on stdio.

The question is `{"agent": …, "model": …, "surface": …, "stream": …}`; what the request lacks is not in it. The answer
is `{"route": NAME}`, with `"tier": NAME` if it likes, or `{"refuse": WHY}`.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from kimi_conformance.contract.trip import Decision
from kimi_conformance.router.asgi import load, raised
from kimi_conformance.router.child import StartError

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

ANSWER_S: Final = 15.0
STOP_S: Final = 0.5
"""For a program to end by itself, once its input or its own output has ended."""
KILLED_S: Final = 1.0
"""For it to be gone once it is killed."""
LINE_BYTES: Final = 64 * 1024
LINES: Final = 16
"""As many unasked lines are read at most; then the program has to wait."""
STDERR_BYTES: Final = 4 * 1024
QUOTED_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Undecided:
    """A question without a valid answer. `error` is worded as an exchange's, with the same kinds."""

    error: str


Answer: TypeAlias = Decision | Undecided


def decision_of(answer: Any) -> Answer:
    """Reads an answer: exactly the members named above, all of them strings."""
    match answer:
        case {"route": str(route), "tier": str(tier), **more} if not more:
            return Decision(route, tier, None)
        case {"route": str(route), **more} if not more:
            return Decision(route, None, None)
        case {"refuse": str(why), **more} if not more:
            return Decision(None, None, why)
    wanted = '{"route": NAME, "tier": NAME (optional)} nor {"refuse": WHY}'
    return Undecided(f"protocol: the answer is neither {wanted}: {_quoted(repr(answer))}")


class CallableDecider:
    """Asks the function `package.module:function`, plain or async, imported from `folder`. One question at a time.

    It is called in a thread, so that a plain one that never returns is only late; what an async one awaits runs in the
    loop. Making a decider raises `LoadError`.
    """

    def __init__(self, spec: str, folder: Path, timeout_s: float = ANSWER_S) -> None:
        self._function = load(spec, folder)
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()

    async def decide(self, question: Mapping[str, Any]) -> Answer:
        """What the function answers to `question`, or how it failed to."""
        bound = asyncio.timeout(self._timeout_s)
        async with self._turn:
            try:
                async with bound:
                    return decision_of(await self._call(dict(question)))
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task and task.cancelling():
                    raise
                return Undecided("closed: the function raised CancelledError")
            except (Exception, SystemExit) as error:  # noqa: BLE001 (foreign code: anything may come out of it)
                late = f"timeout: no answer within {self._timeout_s:g} s"
                return Undecided(late if bound.expired() else f"closed: the function raised {raised(error)}")

    async def stop(self) -> None:
        """Nothing is left to end: a thread that hangs does not outlive this process."""

    async def _call(self, question: dict[str, Any]) -> Any:
        answer = await _in_thread(self._function, question)
        return await answer if inspect.isawaitable(answer) else answer


async def _in_thread(function: Callable[[dict[str, Any]], Any], question: dict[str, Any]) -> Any:
    """What `function` returns. Not by an executor: at exit those wait for their threads, hanging ones too."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[tuple[Any, BaseException | None]] = loop.create_future()

    def settle(answer: Any, error: BaseException | None) -> None:
        if not result.done():
            result.set_result((answer, error))

    def run() -> None:
        outcome: tuple[Any, BaseException | None]
        try:
            outcome = function(question), None
        except BaseException as error:  # noqa: BLE001 (raised again in the task that asked)
            outcome = None, error
        with suppress(RuntimeError):  # the loop is closed: nobody asks any more
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, daemon=True).start()
    answer, error = await result
    if error:
        raise error
    return answer


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


Decider: TypeAlias = CallableDecider | ProgramDecider


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
            return Undecided(f"protocol: the program wrote a line that nobody asked for: {_quoted(answer)}")
        self.answers += 1
        try:
            return decision_of(json.loads(answer))
        except (ValueError, RecursionError) as error:
            return Undecided(f"protocol: the answer is not JSON ({error}): {_quoted(answer)}")

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
        return f"; its stderr ends: {_quoted(self._stderr[-QUOTED_CHARS:])}" if self._stderr.strip() else ""

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


def _quoted(text: str | bytes) -> str:
    """`text` in one line of bounded length, fit for a terminal."""
    decoded = text.decode(errors="replace") if isinstance(text, bytes) else text
    line = "".join(char if char.isprintable() else " " for char in decoded)
    line = " ".join(line.split())
    return line if len(line) <= QUOTED_CHARS else line[:QUOTED_CHARS] + "…"
