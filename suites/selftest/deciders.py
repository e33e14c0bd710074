"""Asking a decider one question after another."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.trip import Decision
from kimi_conformance.router.decide import CallableDecider, Undecided

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from kimi_conformance.router.decide import Answer
    from kimi_conformance.router.decide_program import ProgramDecider

    Decider = CallableDecider | ProgramDecider

BOUND_S = 5.0
QUESTION: Mapping[str, Any] = {"agent": "dispo", "model": "kimi-k2.6", "surface": "chat", "stream": False}
KIMI = Decision("kimi", "specialty", None)


def run(test: Awaitable[Any]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(BOUND_S):
            return await test

    return asyncio.run(bounded())


def answers(decider: Decider, *models: Any) -> list[Answer]:
    """What `decider` answers to one question per model, one after another."""
    questions = [{**QUESTION, "model": model} for model in models]

    async def test() -> list[Answer]:
        try:
            return [await decider.decide(question) for question in questions]
        finally:
            await decider.stop()

    given: list[Answer] = run(test())
    assert questions == [{**QUESTION, "model": model} for model in models]
    return given


def error(answer: Answer) -> str:
    assert isinstance(answer, Undecided)
    return answer.error
