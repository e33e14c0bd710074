"""A failure explains itself: sentence, expected, actual, where, both legs, a command, and how to run it again."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from kimi_conformance.contract.requirement import Requirement
from kimi_conformance.contract.result import CaseResult, FindingRecord, How, Moment
from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.reporting.failure import explain, reason, timeline_text
from kimi_conformance.reporting.record import recorded
from kimi_conformance.reporting.redact import redactor

NAME = "router.gate.non-claude-leaves-plan-route"
CASE = f"{NAME}@agent=dispo@model=kimi-k3"
AGAIN = f"kimi-conformance check operator-node --only '{CASE}'"

REQUIREMENT = Requirement.model_validate(
    {
        "id": NAME,
        "level": "MUST",
        "says": "A model that is not Claude leaves the plan route.",
        "because": "Its server knows Claude only.",
        "evidence": [{"kind": "operator-note", "source": "hub page", "date": "2026-05-01"}],
    }
)

MOMENTS = (
    Moment(t_ms=0.0, leg="client", what="sends POST /v1/messages, 19 B", detail="POST /v1/messages\n\n{}"),
    Moment(t_ms=1002.34, leg="upstream shortcut", what="gets POST /v1/messages, 19 B"),
)


def finding(**fields: str) -> FindingRecord:
    usual = {"expected": "route kimi", "actual": "route plan", "where": "upstream request", "message": "went astray"}
    return FindingRecord(requirement=NAME, verdict=Verdict.FAIL, **(usual | fields))


def result(**fields: Any) -> CaseResult:
    usual: dict[str, Any] = {"id": CASE, "requirement": NAME, "verdict": Verdict.FAIL}
    how = How(mode="replay", origin="modelled")
    return CaseResult.model_validate(usual | {"how": how, "findings": (finding(),)} | fields)


def test_everything_that_a_person_needs_is_there_in_order() -> None:
    text = explain(REQUIREMENT, result(timeline=MOMENTS, curl="curl \\\n  -X POST http://x"), rerun=AGAIN)
    assert (
        text
        == f"""\
fail: went astray
{CASE}

MUST: A model that is not Claude leaves the plan route.
Because: Its server knows Claude only.

went astray
  expected  route kimi
  actual    route plan
  where     upstream request

What was seen, in ms after the first request:
      0.0  client             sends POST /v1/messages, 19 B
           | POST /v1/messages
           |
           | {{}}
   1002.3  upstream shortcut  gets POST /v1/messages, 19 B

The request as a command:
  curl \\
    -X POST http://x

This case again:
  {AGAIN}"""
    )


def test_what_is_not_there_leaves_no_empty_heading() -> None:
    bare = REQUIREMENT.model_copy(update={"because": None})
    text = explain(bare, result(findings=(), message="the router never became ready"), rerun=AGAIN)
    assert text.startswith(f"fail: the router never became ready\n{CASE}\n\nMUST: ")
    assert "Because" not in text
    assert "command:" not in text
    assert "What was seen" not in text


def test_of_many_findings_the_first_are_shown_and_the_others_counted() -> None:
    text = explain(REQUIREMENT, result(findings=tuple(finding(message=f"no {n}.") for n in range(30))), rerun=AGAIN)
    assert "no 7." in text
    assert "no 8." not in text
    assert "... and 22 more of this case" in text


def test_of_many_moments_only_the_first_have_details() -> None:
    moments = tuple(Moment(t_ms=n, leg="client", what=f"no {n}.", detail=f"detail {n}.") for n in range(50))
    text = explain(REQUIREMENT, result(timeline=moments), rerun=AGAIN)
    assert "detail 15." in text
    assert "detail 16." not in text
    assert "no 49." in text


def test_an_empty_timeline_is_an_empty_text() -> None:
    assert timeline_text(()) == ""


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"verdict": "not-applicable", "message": "no prefixes"}, "not-applicable: no prefixes", id="why"),
        pytest.param({"message": ""}, "fail: went astray", id="first-finding"),
        pytest.param({"verdict": "pass", "findings": ()}, "pass", id="nothing-to-say"),
        pytest.param({"message": "\x1b[2J\u2028"}, "fail: <U+001B>[2J<U+2028>", id="escapes"),
    ],
)
def test_the_reason_is_the_verdict_and_why(fields: dict[str, Any], said: str) -> None:
    assert reason(result(**fields)) == said


def test_findings_are_recorded_without_secrets_escapes_and_endless_values() -> None:
    canary = f"sk-kc-client-{secrets.token_hex(12)}"
    found = Finding(NAME, Verdict.FAIL, canary, "\x1b[2J\ud800", f"/{canary}", "a" * 9000)
    (record,) = recorded([found], redactor({"client": canary}))
    assert (record.expected, record.actual, record.where) == (
        "<secret.client>",
        "<U+001B>[2J<U+D800>",
        "/<secret.client>",
    )
    assert len(record.message) < 1600
    assert (record.requirement, record.verdict) == (NAME, Verdict.FAIL)
