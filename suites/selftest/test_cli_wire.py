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
SOME: Final = ("--only", "router.gate.unregistered*", "--only", "router.request.malformed-json-refused")
NOT_REFUSED: Final = ("router.request.malformed-json-refused",)


@dataclass(frozen=True, slots=True)
class Habit:
    """What comes of a habit: the exit code, what the summary says, which requirements fail; its bounds."""

    says: str
    code: int = 1
    fails: tuple[str, ...] = NOT_REFUSED
    answer_s: float = 10
    within_s: float = 15


HABITS: Final = {
    "garbage": Habit("protocol: illegal status line"),
    "endless": Habit(
        "sent more than 8 MB", fails=("router.gate.unregistered-model-takes-default", *NOT_REFUSED), within_s=25
    ),
    "big-headers": Habit("protocol: sent a head of more than 100 KB"),
    "drips": Habit("the router begins its answers and ends none", code=3, fails=(), answer_s=1),
    "never-closes": Habit("the router begins its answers and ends none", code=3, fails=(), answer_s=1),
    "continues": Habit("the router accepts connections and answers no request", code=3, fails=(), answer_s=1),
    "closes-in-head": Habit("closed: the connection ended before the response began"),
    "switches": Habit("protocol: switched protocols (101), which nobody asked for"),
    "redirects": Habit("status 302"),
    "lies": Habit("was not refused"),
    "forks": Habit("reached an upstream all the same"),
    "exhausts": Habit(
        "closed: the connection ended before the response began",
        fails=("router.gate.unregistered-model-takes-default", *NOT_REFUSED),
    ),
}


@pytest.mark.parametrize("habit", HABITS)
def test_the_verdict_is_clear_and_timely_and_nothing_is_left(habit: str, tmp_path: Path) -> None:
    how, mark = HABITS[habit], secrets.token_hex(8)
    profile = odd_profile(tmp_path, habit, mark, answer_s=how.answer_s, router=ROUTER)
    done = start("check", profile, *SOME, "--json", "r.json", cwd=tmp_path, mark=mark).end()
    found = json.loads((tmp_path / "r.json").read_bytes())
    assert left_over(mark) == []
    assert (done.code, done.err) == (how.code, "")
    assert how.says in " ".join(done.out.split())
    assert "Traceback" not in done.out
    assert tuple(one["id"] for one in found["requirements"] if one["verdict"] == "fail") == how.fails
    assert sum(found["totals"].values()) == sum(len(one["cases"]) for one in found["requirements"]) > 20
    assert done.took_s < how.within_s
