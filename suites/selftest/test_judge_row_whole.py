"""Findings about a row of the ledger, whole, and the odd rows that are true."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.scene import REFUSED, Scene
from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Verdict
from suites.selftest.plays import SECTIONS, arrived, ask, fails, findings, onward, trip
from suites.selftest.test_judge_ledger import KEPT, ROW, TRUTH, call, kept

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Arrival, Trip
    from kimi_conformance.contract.verdict import Finding

ASKED: Final = ask(agent="dispo")


def written(one: Trip, of: Profile = KEPT, **changed: Any) -> list[Finding]:
    """What is found of a trip whose row has these values in the place of the usual ones."""
    row = replace(call(ROW).rows[0], values=ROW | changed)
    return [*findings(TRUTH, replace(one, rows=(row,)), of=of)]


def untrue(column: str, expected: str, actual: str, message: str) -> Finding:
    return fails(TRUTH, expected, actual, f"ledger row /{column}", message)


def over(*arrivals: Arrival, status: int | None = 200, **how: Any) -> Trip:
    """A call of dispo's that took these legs."""
    return trip(ASKED, *arrivals, status=status, of=KEPT, **how)


# the trace, the agent


def test_another_trace_or_agent_is_told_with_the_right_one() -> None:
    assert written(call(), trace="kc2") == [untrue("trace", "kc1", '"kc2"', 'the row has another trace id: "kc2"')]
    assert written(call(), agent="scout") == [
        untrue("agent", '"dispo"', '"scout"', 'the row names the agent "scout", not "dispo"')
    ]
    nobodys = call(asked=ask())
    told = untrue("agent", "no agent", '"dispo"', 'the call was nobody\'s, and the row says "dispo"')
    assert written(nobodys) == [told]


# the model


@pytest.mark.parametrize("model", ["", None, ABSENT])
def test_a_call_that_names_no_model_is_called_as_the_router_likes(model: Any) -> None:
    asked = ask(model, "dispo")
    unnamed = trip(asked, onward("default", asked), of=KEPT)
    assert written(unnamed, model="whatever", tier="default") == []


def test_a_row_may_have_any_name_that_the_model_had_on_the_way_and_none_beside() -> None:
    names = ["f", "a", "e", "b", "d", "c"]
    legs = [onward("kimi", ASKED, model=name) for name in names]
    one = over(*legs, onward("kimi", ASKED, model=7))
    for name in (*names, "kimi-k2.6"):
        assert written(one, model=name, attempts=7) == []
    due = "a or b or c or d or e or f or kimi-k2.6"
    message = f'the row names the model "g", not {due}'
    assert written(one, model="g", attempts=7) == [untrue("model", due, '"g"', message)]


def test_a_request_that_is_no_json_names_no_model() -> None:
    (leg,) = call().arrivals
    headers = leg.exchange.request.headers
    for body in (b"oh no", b"[]"):
        assert written(over(arrived("gateway", body, headers=headers))) == []


# the status


def as_success(due: str, seen: str) -> Finding:
    return untrue("status", due, seen, f"a call that failed is written down as a success ({seen})")


def not_got(got: int, seen: str) -> Finding:
    return untrue("status", str(got), seen, f"the client got {got}, and the row says {seen}")


CUT: Final = "reset: by peer"


@pytest.mark.parametrize(
    ("one", "status", "due"),
    [
        pytest.param(call(status=502), 200, [as_success("502", "200")], id="a-failure-as-a-success"),
        pytest.param(call(status=502), True, [as_success("502", "true")], id="a-failure-as-a-flag-of-success"),
        pytest.param(call(status=502), 299, [as_success("502", "299")], id="a-failure-as-the-last-success"),
        pytest.param(call(status=502), 300, [not_got(502, "300")], id="no-success-any-more"),
        pytest.param(call(status=502), "502", [], id="in-text"),
        pytest.param(call(status=502), False, [], id="a-flag-of-failure"),
        pytest.param(call(status=200), False, [not_got(200, "false")], id="a-success-as-a-flag-of-failure"),
        pytest.param(call(status=400), "error", [], id="the-first-status-of-failure"),
        pytest.param(call(status=399), "error", [not_got(399, '"error"')], id="no-failure-yet"),
        pytest.param(call(status=None, error=CUT), "ok", [as_success(CUT, '"ok"')], id="no-answer-as-a-success"),
        pytest.param(call(status=None, error=CUT), 502, [], id="no-answer-as-any-failure"),
    ],
)
def test_a_status_is_told_by_what_the_client_got(one: Trip, status: Any, due: list[Finding]) -> None:
    assert written(one, status=status) == due


@pytest.mark.parametrize("word", ["ok", "success", "succeeded", "successful", "completed", "done", "TRUE"])
def test_words_of_success(word: str) -> None:
    assert written(call(), status=word) == []
    assert written(call(status=502), status=word) == [as_success("502", f'"{word}"')]


@pytest.mark.parametrize(
    "word", ["error", "fail", "failed", "failure", "timeout", "cancelled", "canceled", "aborted", "False"]
)
def test_words_of_failure(word: str) -> None:
    assert written(call(status=502), status=word) == []
    assert written(call(), status=word) == [not_got(200, f'"{word}"')]


def test_an_upstream_s_failure_is_not_the_status_of_a_call_that_was_served() -> None:
    assert written(over(onward("kimi", ASKED, status=500)), status=500) == [not_got(200, "500")]


def test_of_several_upstream_answers_the_status_of_the_last_may_be_told() -> None:
    legs = [onward("kimi", ASKED, status=status) for status in (500, 429, None, 504)]
    one = over(*legs, status=503)
    assert written(one, status=504, attempts=4) == []
    for earlier in (500, 429):
        assert written(one, status=earlier, attempts=4) == [not_got(503, str(earlier))]
    assert written(over(*legs[:3], status=503), status=429, attempts=3) == [not_got(503, "429")]


@pytest.mark.parametrize("status", ["\u0662\u0660\u0660", "routed", "", None, [200]])
def test_a_status_that_nobody_knows_is_told_as_not_known(status: Any) -> None:
    (told,) = written(call(), status=status)
    assert told.message == f"the row says {told.actual}: whether that is a success is not known here"
    assert (told.verdict, told.expected, told.where) == (Verdict.NOT_OBSERVED, "a status", "ledger row /status")


# the tier

TIERED: Final = kept(
    routes={
        **SECTIONS["routes"],
        **{name: {"upstream": "gateway", "headers": {"x-config": name}, "tier": name} for name in "fadbec"},
    }
)


def test_a_row_may_name_any_tier_that_the_call_was_on_and_none_beside() -> None:
    legs = [arrived("gateway", {"model": "kimi-k2.6"}, headers=(("x-config", name),)) for name in "fadbec"]
    one = over(*legs)
    for tier in (*"fadbec", "specialty"):
        assert written(one, TIERED, tier=tier, attempts=6) == []
    due = "a or b or c or d or e or f or specialty"
    message = f'the row names the tier "g", not {due}'
    assert written(one, TIERED, tier="g", attempts=6) == [untrue("tier", due, '"g"', message)]


def test_a_route_without_a_tier_may_be_called_by_any() -> None:
    asked = ask("kimi-k3.1-pro", "dispo")
    one = trip(asked, onward("direct", asked), of=KEPT)
    assert written(one, tier="any", model="kimi-k3.1-pro") == []


# attempts


def miscounted(due: str, calls: int, seen: str) -> Finding:
    return untrue("attempts", due, seen, f"{calls} upstream requests, and the row says {seen} attempts")


def test_attempts_are_those_of_the_call_or_of_one_of_its_routes() -> None:
    one = over(*[onward("kimi", ASKED, status=500)] * 8, onward("default", ASKED))
    for count in (1, 8, 9, "9"):
        assert written(one, attempts=count) == []
    assert written(one, attempts=5) == [miscounted("1 or 8 or 9", 9, "5")]
    for odd in (True, None, "\u0669"):
        assert [each.where for each in written(one, attempts=odd)] == ["ledger row /attempts"]


def test_attempts_that_nobody_took_cannot_be_counted() -> None:
    deaf = ask(agent="dispo", scene=Scene(acts=(REFUSED,)))
    one = trip(deaf, onward("default", deaf), of=KEPT)
    assert written(one, attempts=5, tier="default") == []
