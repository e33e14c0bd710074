"""From flaws to findings and verdicts: levels, routers that ended, checks and what they are registered under."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import pytest

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.judge import verdict
from kimi_conformance.judge.arrivals import path_of, shown, shown_apart
from kimi_conformance.judge.check import CHECKS, check
from suites.selftest.plays import ask, findings, onward, trip

if TYPE_CHECKING:
    from kimi_conformance.contract.requirement import Level

TEMPERATURE: Final = "router.request.temperature-untouched"
PLAN: Final = "router.gate.claude-takes-plan-route"
WARM: Final = ask("kimi-nobodys", members={"temperature": 0.6})

SCALED: Final = trip(WARM, onward("default", WARM, temperature=0.36))
WIDENED: Final = trip(WARM, onward("default", WARM, temperature=0.6000000238418579))
TRANSLATED: Final = trip(WARM, onward("default", WARM, path="/v1/messages"))
KEPT: Final = trip(WARM, onward("default", WARM))


@pytest.mark.parametrize(("level", "word"), [("MUST", "fail"), ("SHOULD", "warn"), ("MAY", "pass")])
def test_a_flaw_weighs_as_much_as_its_requirement(level: Level, word: str) -> None:
    [found] = findings(TEMPERATURE, SCALED, level=level)
    assert found.verdict is Verdict(word)
    assert found.message == "/temperature was 0.6 and became 0.36"
    assert verdict([found]) is Verdict(word)


def test_a_may_never_warns() -> None:
    assert verdict(findings(TEMPERATURE, WIDENED, level="MAY")) is Verdict.PASS


@pytest.mark.parametrize("level", ["MUST", "SHOULD"])
def test_a_flaw_that_is_only_a_warning_never_fails(level: Level) -> None:
    assert verdict(findings(TEMPERATURE, WIDENED, level=level)) is Verdict.WARN


@pytest.mark.parametrize("level", ["MUST", "SHOULD", "MAY"])
def test_what_was_not_observed_is_neither_passed_nor_failed(level: Level) -> None:
    assert verdict(findings(TEMPERATURE, TRANSLATED, level=level)) is Verdict.NOT_OBSERVED


def test_a_case_takes_the_worst_of_its_findings() -> None:
    assert verdict(findings(TEMPERATURE, KEPT)) is Verdict.PASS
    assert verdict(findings(TEMPERATURE, KEPT, WIDENED, TRANSLATED, SCALED)) is Verdict.FAIL
    assert verdict(findings(TEMPERATURE, WIDENED, KEPT)) is Verdict.WARN
    assert verdict(findings(TEMPERATURE, TRANSLATED, WIDENED, KEPT)) is Verdict.WARN


@pytest.mark.parametrize(("level", "word"), [("MUST", Verdict.FAIL), ("SHOULD", Verdict.WARN)])
def test_a_router_that_ended_has_failed_whatever_else_was_seen(level: Literal["MUST", "SHOULD"], word: Verdict) -> None:
    [ended] = findings(TEMPERATURE, KEPT, ended="exit code 1", level=level)
    message = "this request ends the router: exit code 1"
    assert ended == Finding(TEMPERATURE, word, "the router lives on", "exit code 1", "router process", message)


def test_the_end_of_a_router_is_told_first() -> None:
    first, second = findings(TEMPERATURE, SCALED, ended="killed by SIGSEGV")
    assert (first.where, second.where) == ("router process", "upstream request /temperature")


def test_findings_name_their_requirement_as_results_have_it() -> None:
    [found] = findings(TEMPERATURE, SCALED)
    assert found.as_json() == {
        "requirement": TEMPERATURE,
        "verdict": "fail",
        "expected": "0.6",
        "actual": "0.36",
        "where": "upstream request /temperature",
        "message": "/temperature was 0.6 and became 0.36",
    }


def test_a_requirement_has_one_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHECKS, "router.test.taken", CHECKS[PLAN])
    with pytest.raises(ValueError, match=r"^router\.test\.taken has two checks$"):
        check("router.test.taken")(CHECKS[PLAN])


def test_a_check_is_registered_under_all_its_requirements(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("router.test.one", "router.test.two"):
        monkeypatch.delitem(CHECKS, name, raising=False)
    assert check("router.test.one", "router.test.two")(CHECKS[PLAN]) is CHECKS[PLAN]
    assert CHECKS.pop("router.test.one") is CHECKS.pop("router.test.two") is CHECKS[PLAN]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("\u0441laude", '"\\u0441laude"', id="look-alikes-are-seen"),
        pytest.param(" a\t", '" a\\t"', id="blanks-are-seen"),
        pytest.param(None, "null", id="null"),
        pytest.param(1.0, "1.0", id="number"),
        pytest.param("a" * 158, f'"{"a" * 158}"', id="as-long-as-may-be"),
        pytest.param("a" * 159, f'"{"a" * 159}… (161 characters)', id="a-character-too-long"),
    ],
)
def test_a_value_is_shown_in_ascii_and_cut_short(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("at", "start"),
    [
        pytest.param(78, None, id="near-the-beginning"),
        pytest.param(79, 40, id="just-far-enough"),
        pytest.param(999, 960, id="far-behind"),
    ],
)
def test_two_long_values_are_shown_where_they_part(at: int, start: int | None) -> None:
    one, other = (f"{'a' * at}{char}{'a' * 300}" for char in "bc")
    seen = shown_apart(one, other)
    assert seen[0] != seen[1]
    if start is None:
        assert seen == (shown(one), shown(other))
    else:
        behind = f"(from character {start} of {at + 303})"
        assert seen == tuple(f"…{'a' * 40}{char}{'a' * 119}… {behind}" for char in "bc")


def test_two_values_of_which_one_is_not_there_are_shown_from_their_beginning() -> None:
    assert shown_apart("a" * 300, ABSENT) == (shown("a" * 300), "absent")
    assert shown_apart(0.6, 1) == ("0.6", "1")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/v1/messages", "/v1/messages"),
        ("/v1/messages?x=/y", "/v1/messages"),
        ("http://127.0.0.1:80/v1/messages?x", "/v1/messages"),
        ("", ""),
    ],
)
def test_a_request_has_its_path_with_or_without_a_host(url: str, path: str) -> None:
    assert path_of(url) == path
