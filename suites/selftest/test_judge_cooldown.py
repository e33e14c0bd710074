"""An answer of the router's own that may be a rest after an earlier error, told apart from its own word."""

from __future__ import annotations

from typing import Final

import pytest

from kimi_conformance.contract.trip import Play
from kimi_conformance.judge.cooldown import COOLDOWN, may_have_rested, rested, unasked
from suites.selftest.plays import ask, onward, trip

RESTS: Final = [401, 403, 408, 425, 429, 500, 502, 503, 504, 599]


@pytest.mark.parametrize("status", RESTS)
def test_an_answer_of_the_router_s_own_that_a_breaker_gives_may_be_a_cooldown(status: int) -> None:
    assert rested(trip(ask(), status=status))
    assert unasked(trip(ask(), status=status)) == COOLDOWN


@pytest.mark.parametrize("status", [None, 200, 400, 402, 404, 413, 422, 499, 600])
def test_silence_success_and_a_refusal_are_no_cooldown(status: int | None) -> None:
    one = trip(ask(), status=status, error=None if status else "timeout: 15 s")
    assert not rested(one)
    assert unasked(one) == "no upstream was called"


def test_what_reached_an_upstream_is_no_cooldown_whatever_came_of_it() -> None:
    assert not rested(trip(ask(), onward("kimi", ask()), status=503))


def test_a_list_of_models_is_no_call_that_a_breaker_would_refuse() -> None:
    assert not rested(trip(ask(listing=True), status=503))


@pytest.mark.parametrize(
    ("statuses", "due"), [((), False), ((200, 400), False), ((200, 503), True), ((503, 200), True), ((503, 503), True)]
)
def test_one_call_that_rested_is_enough_for_a_doubt(statuses: tuple[int, ...], *, due: bool) -> None:
    play = Play("any", "any", tuple(trip(ask(), status=status) for status in statuses))
    assert may_have_rested(play) is due
