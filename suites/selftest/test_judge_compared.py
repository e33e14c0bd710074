"""Comparisons of two answers: lists of models on two hosts, and how fast a model and its highspeed variant are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.judge.api.comparison import highspeed_faster, same_models_on_both
from kimi_conformance.judge.api.judging import Outcome, judge_case
from kimi_conformance.judge.check import Flaw
from kimi_conformance.registry.contracts import requirements
from suites.selftest.law_models import K3, LIST
from suites.selftest.sights import chat, contract, page, seen, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

SAME, FASTER = "api.hosts.same-models-on-both", "api.latency.highspeed-faster"
NAMES: Final = [f"kimi-{number}" for number in range(10, 20)]
SLOWER: Final = "the highspeed variant was not faster in this one pair of answers"


def models(data: Any) -> Sight:
    return seen(200, {"object": "list", "data": data}, **LIST)


def otherwise(name: str, first: str, second: str) -> Flaw:
    return Flaw(first, second, f"response /data, {name}", f"{name} is listed otherwise on the other host")


def spoken(tokens: Any = 54, *, ms: float = 2000.0, timed: bool = True) -> Sight:
    """A timed answer of so many tokens, in so many milliseconds."""
    sight = chat({**whole(), "usage": {"completion_tokens": tokens}}, timed=timed)
    return replace(sight, exchange=replace(sight.exchange, start_ms=7000.0, end_ms=7000.0 + ms))


def slower(plain: int, fast: int) -> list[Flaw]:
    return [Flaw(f"more than {plain} tokens/s", f"{fast} tokens/s", "response", SLOWER)]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        pytest.param([K3], [{**K3, "created": 5}], [], id="made at another time"),
        pytest.param([K3, "odd"], [None, K3], [], id="odd entries are left to the shape"),
        pytest.param([K3, {"id": "a"}], [{"id": "a"}, K3], [], id="in another order"),
        pytest.param(
            [{"id": "a", "created": 1}],
            [{"id": "a", "root": ""}],
            [otherwise("a", '{"id": "a"}', '{"id": "a", "root": ""}')],
            id="another member",
        ),
        pytest.param([{"id": "a"}], 5, [otherwise("a", '{"id": "a"}', "null")], id="no list"),
        pytest.param(
            [{"id": name} for name in reversed(NAMES)],
            [],
            [otherwise(name, f'{{"id": "{name}"}}', "null") for name in NAMES],
            id="told by name",
        ),
    ],
)
def test_lists_of_two_hosts_differ_in_what_they_say_of_models(first: Any, second: Any, told: list[Flaw]) -> None:
    assert list(same_models_on_both([models(first), models(second)])) == told


@pytest.mark.parametrize(
    ("plain", "fast", "told"),
    [
        pytest.param(spoken(54), spoken(56), [], id="faster"),
        pytest.param(spoken(54), spoken(54, ms=1000.0), [], id="the same in less time"),
        pytest.param(spoken(54), spoken(54), slower(27, 27), id="no faster"),
        pytest.param(spoken(80_000), spoken(54), slower(40_000, 27), id="slower"),
    ],
)
def test_the_highspeed_variant_completes_more_tokens_a_second(plain: Sight, fast: Sight, told: list[Flaw]) -> None:
    assert list(highspeed_faster([plain, fast])) == told


@pytest.mark.parametrize(
    "unmeasured",
    [
        pytest.param(spoken(timed=False), id="no clock"),
        pytest.param(spoken(ms=0.0), id="in no time"),
        pytest.param(spoken(0), id="no tokens"),
        pytest.param(spoken("many"), id="no number of tokens"),
        pytest.param(replace(chat({"choices": []}, timed=True), exchange=chat({}, ms=9.0).exchange), id="no usage"),
    ],
)
def test_without_two_measured_answers_nothing_is_said_of_speed(unmeasured: Sight) -> None:
    measured = spoken()
    shown = [f"200 application/json {each.exchange.response.body.decode()[:160]}" for each in (unmeasured, measured)]
    for pair, seen_ in (((unmeasured, measured), shown), ((measured, unmeasured), shown[::-1])):
        (told,) = highspeed_faster(pair)
        assert told == Flaw(
            "two timed answers", "; ".join(seen_), "response", "no times were measured", Verdict.NOT_OBSERVED
        )


@pytest.mark.parametrize("requirement", [SAME, FASTER])
def test_what_was_not_accepted_is_not_compared(requirement: str) -> None:
    listed, refused = models([K3]), page(500, **LIST)
    told = "the request that must be accepted was not: 500 text/html"
    for pair in ((listed, refused), (refused, listed)):
        outcome = judge_case(requirements("api")[requirement], [], pair, contract())
        assert outcome == Outcome(Verdict.NOT_OBSERVED, told)


def test_a_case_of_two_answers_comes_to_what_their_comparison_finds() -> None:
    first, second = models([K3, {"id": "a"}]), models([K3])
    told = otherwise("a", '{"id": "a"}', "null")
    graded = Finding(SAME, Verdict.WARN, told.expected, told.actual, told.where, told.message)
    assert judge_case(requirements("api")[SAME], [], [first, first], contract()) == Outcome(Verdict.PASS)
    outcome = judge_case(requirements("api")[SAME], [], [first, second], contract())
    assert outcome == Outcome(graded.verdict, told.message, (graded,))
