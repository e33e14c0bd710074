"""Asking a bare decision: what counts as an answer, and callables that live on after a question they fail on."""

from __future__ import annotations

import asyncio
import sys
import threading
from inspect import CORO_CLOSED, getcoroutinestate
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.trip import Decision
from kimi_conformance.router.decide import CallableDecider, decision_of
from kimi_conformance.router.load import LoadError
from suites.selftest.command import wait_for
from suites.selftest.deciders import KIMI, QUESTION, answers, error, run

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.router.decide import Answer

FUNCTIONS = """
import asyncio, sys, threading
hold = threading.Event()
asked = []
def gate(question):
    asked.append(question)
    match question.get("model", "ABSENT"):
        case "kimi-k2.6": return {"route": "kimi", "tier": "specialty"}
        case "ABSENT": return {"refuse": "no model"}
        case "raises": raise KeyError("raises")
        case "stops": raise StopIteration
        case "exits": sys.exit(3)
        case "late": raise TimeoutError("upstream")
        case "cancels": raise asyncio.CancelledError
        case "hangs": hold.wait()
        case "wrong": return {"rute": "kimi"}
        case None: return {"route": "default"}
    question.clear()
async def async_gate(question):
    await asyncio.sleep(0)
    if question.get("model") == "hangs":
        await asyncio.Event().wait()
    return gate(question)
class Gate:
    async def __call__(self, question):
        return await async_gate(question)
gate_object = Gate()
def returns_coroutine(question):
    return async_gate(question)
made = []
def makes_coroutine(question):
    if question.get("model") == "held":
        hold.wait()
    made.append(async_gate(question))
    return made[-1]
thread = lambda question: {"route": threading.current_thread().name}
async def loop_thread(question):
    return {"route": threading.current_thread().name}
"""


@pytest.fixture
def functions(tmp_path: Path) -> Path:
    tmp_path.joinpath("suite_gate.py").write_text(FUNCTIONS, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        pytest.param({"route": "kimi", "tier": "max"}, Decision("kimi", "max", None), id="route-and-tier"),
        pytest.param({"route": "kimi"}, Decision("kimi", None, None), id="route"),
        pytest.param({"refuse": ""}, Decision(None, None, ""), id="refusal"),
    ],
)
def test_an_answer_is_a_decision(answer: Any, decision: Decision) -> None:
    assert decision_of(answer) == decision


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="null"),
        pytest.param("kimi", id="string"),
        pytest.param([{"route": "kimi"}], id="list"),
        pytest.param({}, id="empty"),
        pytest.param({"tier": "max"}, id="tier-alone"),
        pytest.param({"route": None}, id="route-null"),
        pytest.param({"route": 1}, id="route-number"),
        pytest.param({"route": "kimi", "tier": None}, id="tier-null"),
        pytest.param({"route": "kimi", "upstream": "portkey"}, id="more"),
        pytest.param({"route": "kimi", "tier": "max", "x": 1}, id="more-still"),
        pytest.param({"route": "kimi", "refuse": "no"}, id="both"),
        pytest.param({"refuse": True}, id="refusal-not-said"),
        pytest.param({"refuse": "no", "status": 400}, id="refusal-and-more"),
    ],
)
def test_anything_else_is_quoted(answer: Any) -> None:
    said = error(decision_of(answer))
    assert said.startswith("protocol: the answer is neither ")
    assert said.endswith(f": {answer!r}")


def test_a_quoted_answer_is_one_line_of_bounded_length() -> None:
    said = error(decision_of({"x": "\x1b[2J" + "long " * 10_000}))
    assert len(said) < 500
    assert said.isprintable()


FORMS = ["gate", "async_gate", "gate_object", "returns_coroutine"]


@pytest.mark.parametrize("form", FORMS)
def test_a_callable_is_asked_and_lives_on_after_a_question_it_fails_on(form: str, functions: Path) -> None:
    decider = CallableDecider(f"suite_gate:{form}", functions)
    given = answers(decider, "kimi-k2.6", "raises", "exits", "late", "cancels", "wrong", "cleared", None, "kimi-k2.6")
    assert [answer if isinstance(answer, Decision) else answer.error for answer in given] == [
        KIMI,
        "closed: the function raised KeyError: 'raises'",
        "closed: the function raised SystemExit: 3",
        "closed: the function raised TimeoutError: upstream",
        "closed: the function raised CancelledError",
        error(decision_of({"rute": "kimi"})),
        error(decision_of(None)),
        Decision("default", None, None),
        KIMI,
    ]


@pytest.mark.parametrize("form", FORMS)
def test_a_question_to_a_callable_can_be_cancelled(form: str, functions: Path) -> None:
    async def test() -> Answer:
        decider = CallableDecider(f"suite_gate:{form}", functions)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await decider.decide({"model": "hangs"})
        return await decider.decide(QUESTION)

    assert run(test()) == KIMI
    sys.modules["suite_gate"].hold.set()


def test_a_coroutine_that_comes_when_nobody_asks_any_more_is_closed(functions: Path) -> None:
    decider = CallableDecider("suite_gate:makes_coroutine", functions, timeout_s=0.02)
    [late] = answers(decider, "held")
    assert error(late) == "timeout: no answer within 0.02 s"
    module = sys.modules["suite_gate"]
    module.hold.set()
    wait_for(lambda: module.made and getcoroutinestate(module.made[0]) == CORO_CLOSED)


def test_a_coroutine_is_closed_where_the_asking_ends_as_it_comes(functions: Path) -> None:
    async def test() -> None:
        asking = asyncio.create_task(CallableDecider("suite_gate:makes_coroutine", functions).decide(QUESTION))
        await asyncio.sleep(0)
        wait_for(lambda: sys.modules["suite_gate"].made)  # the loop stands still: it hears of both at once
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    run(test())
    wait_for(lambda: getcoroutinestate(sys.modules["suite_gate"].made[0]) == CORO_CLOSED)


def test_a_callable_that_stops_an_iteration_has_raised(functions: Path) -> None:
    [given] = answers(CallableDecider("suite_gate:gate", functions), "stops")
    assert "StopIteration" in error(given)


@pytest.mark.parametrize("form", FORMS)
def test_a_callable_that_never_returns_is_late_and_lives_on(form: str, functions: Path) -> None:
    # Long enough for the second question to be in time, on a busy machine too.
    decider = CallableDecider(f"suite_gate:{form}", functions, timeout_s=0.4)
    late, decided = answers(decider, "hangs", "kimi-k2.6")
    assert (error(late), decided) == ("timeout: no answer within 0.4 s", KIMI)
    sys.modules["suite_gate"].hold.set()


def test_an_absent_model_is_an_absent_key(functions: Path) -> None:
    decider = CallableDecider("suite_gate:gate", functions)
    assert run(decider.decide({"agent": "dispo", "surface": "chat"})) == Decision(None, None, "no model")
    assert sys.modules["suite_gate"].asked == [{"agent": "dispo", "surface": "chat"}]


def test_only_a_plain_function_runs_beside_the_loop(functions: Path) -> None:
    main = threading.current_thread().name
    [plain] = answers(CallableDecider("suite_gate:thread", functions), "x")
    [coroutine] = answers(CallableDecider("suite_gate:loop_thread", functions), "x")
    assert isinstance(plain, Decision)
    assert plain.route != main
    assert coroutine == Decision(main, None, None)


def test_a_callable_that_is_not_there_is_said_at_once(functions: Path) -> None:
    with pytest.raises(LoadError, match="nearest is 'gate'"):
        CallableDecider("suite_gate:gat", functions)
