"""Routers with bad habits, checked through the real command line: one clear message, the right exit code, no orphan."""

from __future__ import annotations

import json
import secrets
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from suites.selftest.command import left_over, odd_profile, start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are told by /proc")

A_FEW = ("--only", "router.gate.*model*")


@dataclass(frozen=True, slots=True)
class Habit:
    """How a habit is played: with these words, bounds and changes of the profile."""

    words: tuple[str, ...] = A_FEW
    ready_s: float = 20
    answer_s: float = 10
    change: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of it."""

    code: int
    out: str
    err: str
    took_s: float
    results: Mapping[str, Any]
    left: list[str]

    def cases(self, verdict: str) -> list[str]:
        """The ids of the cases with a verdict."""
        every = (case for requirement in self.results["requirements"] for case in requirement["cases"])
        return [case["id"] for case in every if case["verdict"] == verdict]


HABITS = {
    "never-ready": Habit(ready_s=0.5),
    "exits": Habit(),
    "not-there": Habit(change=lambda text: text.replace('"{python}", -S', "no-such-router")),
    "port-taken": Habit(change=lambda text: text.replace("speaks: kimi", "speaks: kimi, listen: 127.0.0.1:TAKEN")),
    "floods": Habit(),
    "mute": Habit(answer_s=0.3),
    "dies-of-numbers": Habit(),
    "dies-once": Habit(),
    "deaf": Habit(),
    "daemon": Habit(),
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Ended]:
    """Every habit, played to its end; several at a time, since most of them wait."""
    folders = {habit: tmp_path_factory.mktemp(habit) for habit in HABITS}

    def play(habit: str) -> Ended:
        folder, how = folders[habit], HABITS[habit]
        mark = secrets.token_hex(8)
        profile = odd_profile(folder, habit, mark, ready_s=how.ready_s, answer_s=how.answer_s)
        profile.write_text(how.change(profile.read_text("utf-8")).replace("TAKEN", taken), "utf-8")
        done = start("check", profile, *how.words, "--json", "r.json", cwd=folder, mark=mark).end()
        results = json.loads((folder / "r.json").read_bytes())
        return Ended(done.code, done.out, done.err, done.took_s, results, left_over(mark, 30))

    with socket.create_server(("127.0.0.1", 0)) as holder, ThreadPoolExecutor(3) as pool:
        taken = str(holder.getsockname()[1])
        return dict(zip(HABITS, pool.map(play, HABITS), strict=True))


@pytest.mark.parametrize("habit", HABITS)
def test_nothing_is_left_nothing_hangs_and_no_traceback_is_shown(ended: Mapping[str, Ended], habit: str) -> None:
    one = ended[habit]
    assert one.left == []
    assert one.took_s < 30
    assert "Traceback" not in one.out + one.err
    assert one.err == ""


@pytest.mark.parametrize(
    ("habit", "message"),
    [
        pytest.param("never-ready", "the router was not ready within 0.5 s", id="never-ready"),
        pytest.param("exits", "the router's process ended before it was ready: exit code 1", id="exits-at-once"),
        pytest.param("not-there", "could not start no-such-router: not found in PATH=", id="command-not-found"),
        pytest.param("port-taken", "cannot listen on 127.0.0.1:", id="port-taken"),
        pytest.param("mute", "the router accepts connections and answers no request", id="accepts-and-never-answers"),
    ],
)
def test_a_router_that_cannot_be_judged_is_one_message_and_exit_code_3(
    ended: Mapping[str, Ended], habit: str, message: str
) -> None:
    one = ended[habit]
    assert one.code == 3
    assert one.out.startswith("COULD NOT TELL  odd\n")
    assert one.out.count("INFRA") == 1
    assert one.out.count(message) == 1
    assert "FAIL" not in one.out
    assert one.cases("infra-error")
    assert one.cases("fail") == one.cases("pass") == []


def test_the_last_words_of_a_router_that_exits_are_shown(ended: Mapping[str, Ended]) -> None:
    assert "the end of its log:" in ended["exits"].out
    assert "no configuration" in ended["exits"].out


@pytest.mark.parametrize("habit", ["floods", "deaf", "daemon"])
def test_a_habit_that_is_not_on_the_wire_changes_no_verdict(ended: Mapping[str, Ended], habit: str) -> None:
    one = ended[habit]
    assert one.code == 0
    assert one.out.startswith("CONFORMANT  odd\n")
    assert len(one.cases("pass")) > 30


def test_a_request_that_ends_the_router_fails_alone(ended: Mapping[str, Ended]) -> None:
    one = ended["dies-of-numbers"]
    assert one.code == 1
    assert one.cases("fail") == ["router.gate.non-string-model-is-refused@agent=agent-none@model=model-number"]
    assert "this request ends the router" in one.out
    assert "exit code 7" in one.out


def test_a_router_that_dies_under_load_and_not_again_fails_nothing(ended: Mapping[str, Ended]) -> None:
    one = ended["dies-once"]
    assert one.code == 3
    assert one.cases("fail") == []
    assert one.cases("infra-error")
    assert one.cases("pass")
    assert one.out.count("the router ended (exit code 9) while this case and others were played, and not again") == 1
