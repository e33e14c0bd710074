"""Leaks of a whole run are given to the cases that answer for them, wherever they are played."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.contract.trip import Leak, Play
from kimi_conformance.judge.leaks import DOWNSTREAM, ECHOED, ELSEWHERE, LOGGED
from kimi_conformance.router.leaking import with_leaks
from suites.selftest.plays import ask, trip

if TYPE_CHECKING:
    from collections.abc import Callable


def leak(requirement: str, case: str = "") -> Leak:
    return Leak(requirement, "gw", "plain", "somewhere", case)


def play(requirement: str, case: str, mark: str = "") -> Play:
    return Play(case, requirement, (trip(ask(), mark=mark or case),))


def test_the_first_case_of_a_requirement_answers_for_what_breaks_it() -> None:
    plays = [play("router.gate.x", "g"), play(LOGGED, "l1"), play(LOGGED, "l2"), play(DOWNSTREAM, "d")]
    found = with_leaks(plays, lambda _: [leak(LOGGED), leak(DOWNSTREAM)], lambda _: [leak(LOGGED)])
    assert {case: one.leaks for case, one in found.items()} == {
        "l1": (leak(LOGGED), leak(LOGGED)),
        "d": (leak(DOWNSTREAM),),
    }


def test_without_such_a_case_another_must_answers_but_no_should() -> None:
    plays = [play(ECHOED, "e"), play(ELSEWHERE, "x")]
    found = with_leaks(plays, lambda _: [leak(LOGGED), leak(ECHOED)])
    assert {case: one.leaks for case, one in found.items()} == {"x": (leak(LOGGED),), "e": (leak(ECHOED),)}
    assert with_leaks(plays[:1], lambda _: [leak(LOGGED)]) == {}


def test_the_case_is_told_by_the_mark_else_by_the_time() -> None:
    plays = [play("router.gate.x", "first", "kc1"), play(LOGGED, "second", "kc2")]

    def find(case_of: Callable[[str | None, float], str]) -> list[Leak]:
        seen = [("kc2", 0.0), ("kc9", 0.0), (None, 0.0), (None, 1e9)]
        return [leak(LOGGED, case_of(mark, t_ms)) for mark, t_ms in seen]

    (owner,) = with_leaks(plays, find).values()
    assert [one.case for one in owner.leaks] == ["second", "", "first", ""]
