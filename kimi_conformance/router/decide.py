"""Asks an implementation that exposes only its decision: what an answer is, and the asking of a Python callable.

The question is `{"agent": …, "model": …, "surface": …}`; what the request lacks is not in it. The answer
is `{"route": NAME}`, with `"tier": NAME` if it likes, or `{"refuse": WHY}`.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from kimi_conformance.contract.trip import Decision
from kimi_conformance.router.load import load, raised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

ANSWER_S: Final = 15.0
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
    return Undecided(f"protocol: the answer is neither {wanted}: {quoted(repr(answer))}")


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
    """What `function` returns. Not by an executor: at exit those wait for their threads, hanging ones too.

    A coroutine that comes when nobody waits for it any more is closed: Python would warn of it.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    outcomes: list[tuple[Any, BaseException | None]] = []
    turn = threading.Lock()
    waiting = True

    def run() -> None:
        outcome: tuple[Any, BaseException | None]
        try:
            outcome = function(question), None
        except BaseException as error:  # noqa: BLE001 (raised again in the task that asked)
            outcome = None, error
        with turn:
            outcomes.append(outcome)
            if not waiting:
                _close(outcomes)
                return
        with suppress(RuntimeError):  # the loop is closed: nobody asks any more
            loop.call_soon_threadsafe(told.set)

    threading.Thread(target=run, daemon=True).start()
    try:
        await told.wait()
    except asyncio.CancelledError:
        with turn:
            waiting = False
            _close(outcomes)
        raise
    answer, error = outcomes.pop()
    if error:
        raise error
    return answer


def _close(outcomes: Iterable[tuple[Any, BaseException | None]]) -> None:
    for answer, _ in outcomes:
        if inspect.iscoroutine(answer):
            answer.close()


def quoted(text: str | bytes) -> str:
    """`text` in one line of bounded length, fit for a terminal."""
    decoded = text.decode(errors="replace") if isinstance(text, bytes) else text
    line = "".join(char if char.isprintable() else " " for char in decoded)
    line = " ".join(line.split())
    return line if len(line) <= QUOTED_CHARS else line[:QUOTED_CHARS] + "…"
