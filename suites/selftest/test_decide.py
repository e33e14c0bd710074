"""Asking a bare decision: callables and programs, what counts as an answer, and living on after one that fails."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.trip import Decision
from kimi_conformance.router import decide
from kimi_conformance.router.asgi import LoadError
from kimi_conformance.router.child import StartError
from kimi_conformance.router.decide import CallableDecider, ProgramDecider, Undecided, decision_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from kimi_conformance.router.decide import Answer, Decider

BOUND_S = 5.0
ENV = {"PATH": os.environ["PATH"]}
QUESTION: Mapping[str, Any] = {"agent": "dispo", "model": "kimi-k2.6", "surface": "chat", "stream": False}
KIMI = Decision("kimi", "specialty", None)

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
thread = lambda question: {"route": threading.current_thread().name}
async def loop_thread(question):
    return {"route": threading.current_thread().name}
"""

PROGRAM = """
import json, os, signal, sys, time
KIMI = {"route": "kimi", "tier": "specialty"}
NAMES = {"kimi-k2.6": KIMI, None: {"route": "default"}, "pid": {"route": str(os.getpid())}}
def say(text):
    print(text, flush=True)
for count, line in enumerate(sys.stdin):
    question = json.loads(line)
    model = question.get("model", "ABSENT")
    print("asked", model, file=sys.stderr, flush=True)
    match model:
        case "exits": sys.exit(3)
        case "dies": os.kill(os.getpid(), 9)
        case "deafened": os.close(0); say('{"route": "deafened"}'); time.sleep(0.2); sys.exit(1)
        case "tired" if count: sys.exit(0)
        case "tired": say('{"route": "rested"}')
        case "mute": os.close(1); sys.stdin.read()
        case "hangs": signal.pause()
        case "text": say("hello \\x1b[31m")
        case "long": say("x" * 100_000)
        case "twice": say('{"route": "a"}\\n{"route": "b"}')
        case "shouts": print("E" * 1_000_000 + " the end", file=sys.stderr, flush=True); sys.exit(1)
        case "floods":
            while True: say("y" * 1000)
        case "ABSENT": say(json.dumps({"refuse": "no model"}))
        case _: say(json.dumps(NAMES.get(model, {"rute": model})))
"""

ECHO = """
import json, os, sys
for line in sys.stdin:
    print(json.dumps({"route": json.loads(line)["model"], "tier": str(os.getpid())}), flush=True)
"""

SLOW = """
import json, sys
for line in sys.stdin:
    model = json.loads(line)["model"]
    if model != "slow":
        print(json.dumps({"route": "next"}), flush=True)
    while model == "slow" and sys.stdin.readline():
        print(json.dumps({"route": "late"}), flush=True)
"""

DEAF_FAMILY = """
import json, os, signal, sys
sys.stdin.readline()
child = os.fork()
if child:
    print(json.dumps({"route": f"{os.getpid()} {child}"}), flush=True)
signal.pause()
"""

SHOW = """
import json, os, sys
sys.stdin.readline()
print(json.dumps({"route": " ".join(os.environ)}), flush=True)
"""


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


@pytest.fixture
def functions(tmp_path: Path) -> Path:
    tmp_path.joinpath("suite_gate.py").write_text(FUNCTIONS, "utf-8")
    return tmp_path


def program(folder: Path, text: str = PROGRAM, timeout_s: float = BOUND_S) -> ProgramDecider:
    path = folder / "gate.py"
    path.write_text(text, "utf-8")
    return ProgramDecider([sys.executable, "-I", "-S", "gate.py"], folder, ENV, timeout_s)


def ends(pid: int) -> bool:
    """Whether `pid` is gone, or a zombie that nobody has looked at yet, within a second: SIGKILL needs a moment."""
    state = Path(f"/proc/{pid}/stat")
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
            if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.005)
    return False


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


def test_a_callable_that_stops_an_iteration_has_raised(functions: Path) -> None:
    [given] = answers(CallableDecider("suite_gate:gate", functions), "stops")
    assert "StopIteration" in error(given)


@pytest.mark.parametrize("form", FORMS)
def test_a_callable_that_never_returns_is_late_and_lives_on(form: str, functions: Path) -> None:
    decider = CallableDecider(f"suite_gate:{form}", functions, timeout_s=0.02)
    late, decided = answers(decider, "hangs", "kimi-k2.6")
    assert (error(late), decided) == ("timeout: no answer within 0.02 s", KIMI)
    sys.modules["suite_gate"].hold.set()


def test_an_absent_model_is_an_absent_key(functions: Path) -> None:
    async def test(decider: Decider) -> Answer:
        try:
            return await decider.decide({"agent": "dispo", "surface": "chat"})
        finally:
            await decider.stop()

    refused = Decision(None, None, "no model")
    assert run(test(CallableDecider("suite_gate:gate", functions))) == refused
    assert sys.modules["suite_gate"].asked == [{"agent": "dispo", "surface": "chat"}]
    assert run(test(program(functions))) == refused


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


def test_a_program_answers_from_one_process(tmp_path: Path) -> None:
    first, kimi, default, last = answers(program(tmp_path), "pid", "kimi-k2.6", None, "pid")
    assert (kimi, default) == (KIMI, Decision("default", None, None))
    assert first == last


@pytest.mark.parametrize(
    ("model", "said"),
    [
        pytest.param("exits", "closed: the program ended with exit code 3; its stderr ends: asked exits", id="exits"),
        pytest.param("dies", "closed: the program was killed by signal 9; its stderr ends: asked dies", id="killed"),
        pytest.param(
            "text",
            "protocol: the answer is not JSON (Expecting value: line 1 column 1 (char 0)): hello [31m",
            id="text",
        ),
        pytest.param("long", "protocol: the program wrote a line of more than 65536 bytes", id="line-without-end"),
        pytest.param("unknown", error(decision_of({"rute": "unknown"})), id="wrong"),
        pytest.param("floods", "protocol: the answer is not JSON", id="floods"),
    ],
)
def test_a_program_that_fails_on_a_question_is_there_for_the_next(model: str, said: str, tmp_path: Path) -> None:
    fine, failed, again = answers(program(tmp_path), "kimi-k2.6", model, "kimi-k2.6")
    assert (fine, again) == (KIMI, KIMI)
    assert error(failed).startswith(said)


def test_a_program_that_closes_its_output_is_no_timeout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "STOP_S", 0.05)
    [given] = answers(program(tmp_path), "mute")
    assert error(given) == "closed: the program closed its output; its stderr ends: asked mute"


def test_a_program_that_does_not_answer_in_time_is_replaced(tmp_path: Path) -> None:
    first, late, last = answers(program(tmp_path, timeout_s=0.5), "pid", "hangs", "pid")
    assert error(late) == "timeout: no answer within 0.5 s; its stderr ends: asked pid asked hangs"
    assert isinstance(first, Decision)
    assert isinstance(last, Decision)
    assert last != first
    assert ends(int(str(first.route)))


def test_a_process_that_was_used_before_is_no_evidence_against_the_question_it_ends_on(tmp_path: Path) -> None:
    assert answers(program(tmp_path), "kimi-k2.6", "tired") == [KIMI, Decision("rested", None, None)]
    assert answers(program(tmp_path), "deafened", "kimi-k2.6") == [Decision("deafened", None, None), KIMI]


def test_a_line_that_nobody_asked_for_is_no_answer_to_the_next_question(tmp_path: Path) -> None:
    first, surplus, third = answers(program(tmp_path), "twice", "kimi-k2.6", "kimi-k2.6")
    assert (first, third) == (Decision("a", None, None), KIMI)
    assert error(surplus) == 'protocol: the program wrote a line that nobody asked for: {"route": "b"}'


def test_of_what_a_program_complains_only_the_end_is_kept(tmp_path: Path) -> None:
    [given] = answers(program(tmp_path), "shouts")
    assert error(given).endswith("EEE the end")
    assert len(error(given)) < 500


def test_questions_asked_at_once_each_get_their_own_answer(tmp_path: Path) -> None:
    async def test() -> list[Answer]:
        decider = program(tmp_path, ECHO)
        try:
            return await asyncio.gather(*(decider.decide({**QUESTION, "model": f"m{n}"}) for n in range(20)))
        finally:
            await decider.stop()

    given = run(test())
    assert [answer.route for answer in given] == [f"m{n}" for n in range(20)]
    assert len({answer.tier for answer in given}) == 1


def test_a_question_that_is_cancelled_leaves_no_answer_behind(tmp_path: Path) -> None:

    async def test() -> Answer:
        decider = program(tmp_path, SLOW)
        try:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await decider.decide({"model": "slow"})
            return await decider.decide({"model": "next"})
        finally:
            await decider.stop()

    assert run(test()) == Decision("next", None, None)


def test_stopping_ends_a_deaf_program_and_what_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "STOP_S", 0.05)
    [given] = answers(program(tmp_path, DEAF_FAMILY), "x")
    assert isinstance(given, Decision)
    assert [ends(int(pid)) for pid in str(given.route).split()] == [True, True]


def test_a_program_has_the_environment_it_was_given_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUITE_OWN", "1")
    [given] = answers(program(tmp_path, SHOW), "x")
    assert isinstance(given, Decision)
    assert given.route in {"PATH", "PATH LC_CTYPE"}  # the latter is Python's own (PEP 538)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        pytest.param("no-such-program", "could not start no-such-program: .*No such file", id="not-there"),
        pytest.param("./gate.py", "could not start ./gate.py: .*Permission denied", id="not-executable"),
    ],
)
def test_a_program_that_cannot_be_started_is_said(command: str, why: str, tmp_path: Path) -> None:
    program(tmp_path)
    decider = ProgramDecider([command], tmp_path, ENV)
    with pytest.raises(StartError, match=why):
        run(decider.start())
    [given] = answers(ProgramDecider([command], tmp_path, ENV), "x")
    assert error(given).startswith(f"refused: could not start {command}: ")
