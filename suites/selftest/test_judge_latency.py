"""What a router adds to the time of a call, told whole: the median over pairs, and when there are none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from suites.selftest.plays import again, in_brief, sentences
from suites.selftest.test_judge_alert import TOLD, pairs, told, took

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip

ADDS: Final = "router.latency.adds-little"
PASS, WARN, UNSEEN = Verdict.PASS, Verdict.WARN, Verdict.NOT_OBSERVED
AT_MOST_50: Final = told(limits={"overhead_ms": 50})


def whole(*trips: Trip, of: Any = TOLD) -> list[tuple[Any, ...]]:
    both = zip(in_brief(ADDS, *trips, of=of), sentences(ADDS, *trips, of=of), strict=True)
    return [(*one, message) for one, message in both]


@pytest.mark.parametrize(
    ("through", "verdict", "added"),
    [
        pytest.param([52.0] * 3, PASS, "50.0", id="as-much-as-it-may"),
        pytest.param([52.1] * 3, WARN, "50.1", id="more"),
        pytest.param([90.0, 3.0, 4.0], PASS, "2.0", id="one-outlier"),
    ],
)
def test_what_is_added_is_told_with_what_a_call_takes_without(
    through: list[float], verdict: Verdict, added: str
) -> None:
    seen = f"{added} ms, the median of 3; straight to the upstream a call takes 2.0 ms"
    due = (verdict, "at most 50 ms", seen, "client", f"the router adds {seen}")
    assert whole(*pairs([2.0] * 3, through), of=AT_MOST_50) == [due]


def test_each_call_is_compared_with_the_one_beside_it() -> None:
    seen = "1.0 ms, the median of 3; straight to the upstream a call takes 20.0 ms"
    assert [one[2] for one in whole(*pairs([10.0, 20.0, 30.0], [11.0, 21.0, 31.0]))] == [seen]


def broke(error: str) -> Trip:
    one = took(1.0)
    return again(one, client=replace(one.client, error=error))


@pytest.mark.parametrize(
    ("trips", "fate"),
    [
        pytest.param([], "no pairs", id="no-calls"),
        pytest.param([took(1.0, direct=True)], "no pairs", id="none-through-the-router"),
        pytest.param([*pairs([1.0], [2.0]), took(2.0)], "no pairs", id="one-more-through-the-router"),
        pytest.param([*pairs([1.0], [2.0]), took(2.0, direct=True)], "no pairs", id="one-more-straight"),
        pytest.param([took(1.0, direct=True), took(1.0, status=502)], "status 502", id="refused"),
        pytest.param([took(1.0, direct=True), broke("closed: early")], "closed: early", id="cut"),
    ],
)
def test_times_say_nothing_where_calls_have_no_pairs_or_were_not_served(trips: list[Trip], fate: str) -> None:
    message = f"not all calls were served, so that their times say nothing: {fate}"
    assert whole(*trips) == [(UNSEEN, "served calls", fate, "client response", message)]
