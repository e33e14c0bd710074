"""Routers that are ill on the client's wire, or under many requests: a verdict in bounded time, and nothing left."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from suites.selftest.command import left_over, odd_profile, start

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are told by /proc")

ROUTER: Final = Path(__file__).with_name("wire_router.py")
SOME: Final = ("--only", "router.gate.unregistered*", "--only", "router.response.body-untouched")
UNHARMED: Final = ("router.response.body-untouched",)


@dataclass(frozen=True, slots=True)
class Habit:
    """What comes of a habit: the exit code, what the summary says, which requirements fail; its bounds.

    Where the upstream plays an act of its own the client waits for longer than `answer_s`; and the machine may be busy.
    """

    says: str
    code: int = 1
    fails: tuple[str, ...] = UNHARMED
    answer_s: float = 10
    within_s: float = 40


HABITS: Final = {
    "garbage": Habit("protocol: illegal status line"),
    "endless": Habit("sent more than 8 MB", fails=("router.gate.unregistered-model-takes-default", *UNHARMED)),
    "big-headers": Habit("protocol: sent a head of more than 100 KB"),
    "drips": Habit("the router begins its answers and ends none", code=3, fails=(), answer_s=1),
    "never-closes": Habit("the router begins its answers and ends none", code=3, fails=(), answer_s=1),
    "continues": Habit("the router accepts connections and answers no request", code=3, fails=(), answer_s=1),
    "closes-in-head": Habit("closed: the connection ended before the response began"),
    "switches": Habit("protocol: switched protocols (101), which nobody asked for"),
    "redirects": Habit("the client got 302"),
    "lies": Habit("cut short: protocol: malformed chunk footer"),
    "forks": Habit("CONFORMANT", code=0, fails=()),
    "exhausts": Habit(
        "closed: the connection ended before the response began",
        fails=("router.gate.unregistered-model-takes-default",),
    ),
}


@pytest.mark.parametrize("habit", HABITS)
def test_the_verdict_is_clear_and_timely_and_nothing_is_left(habit: str, tmp_path: Path) -> None:
    how, mark = HABITS[habit], secrets.token_hex(8)
    profile = odd_profile(tmp_path, habit, mark, answer_s=how.answer_s, router=ROUTER)
    done = start("check", profile, *SOME, "--json", "r.json", cwd=tmp_path, mark=mark).end()
    found = json.loads((tmp_path / "r.json").read_bytes())
    assert left_over(mark, 30) == []
    assert (done.code, done.err) == (how.code, "")
    assert how.says in " ".join(done.out.split())
    assert "Traceback" not in done.out
    failed = {one["id"] for one in found["requirements"] if one["verdict"] == "fail"}
    assert failed >= {*how.fails}
    assert bool(failed) == (how.code == 1)
    assert sum(found["totals"].values()) == sum(len(one["cases"]) for one in found["requirements"]) > 15
    assert done.took_s < how.within_s
