"""Asking a program with JSON lines: its answers, its ends, and the process that takes its place."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.contract.trip import Decision
from kimi_conformance.router import decide_program
from kimi_conformance.router.child import StartError
from kimi_conformance.router.decide import decision_of
from kimi_conformance.router.decide_program import ProgramDecider
from suites.selftest.deciders import BOUND_S, KIMI, QUESTION, answers, error, run

if TYPE_CHECKING:
    from kimi_conformance.router.decide import Answer

ENV = {"PATH": os.environ["PATH"]}

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


def test_a_program_answers_from_one_process(tmp_path: Path) -> None:
    first, kimi, default, last = answers(program(tmp_path), "pid", "kimi-k2.6", None, "pid")
    assert (kimi, default) == (KIMI, Decision("default", None, None))
    assert first == last


def test_an_absent_model_is_an_absent_key(tmp_path: Path) -> None:
    async def test() -> Answer:
        decider = program(tmp_path)
        try:
            return await decider.decide({"agent": "dispo", "surface": "chat"})
        finally:
            await decider.stop()

    assert run(test()) == Decision(None, None, "no model")


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
    monkeypatch.setattr(decide_program, "STOP_S", 0.05)
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
    monkeypatch.setattr(decide_program, "STOP_S", 0.05)
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
