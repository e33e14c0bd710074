"""What counts as an accepted request, what a case comes to without one, and which findings a run tells of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.judge.api.judging import Outcome, accepted, all_findings, judge_case
from kimi_conformance.registry.contracts import requirements
from suites.selftest.law_lifecycle import gone
from suites.selftest.sights import asking, chat, contract, events, invalid, page, seen, stream, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

CONTRACT: Final = contract()
REQUIREMENTS: Final = requirements("api")
SHAPE: Final = REQUIREMENTS["api.chat.shape"]
CHUNK: Final = {"choices": [{"index": 0, "delta": {"content": "Hello!"}, "finish_reason": None}]}
PING: Final = {"type": "ping"}
UNNAMED: Final = {"type": "content_block_delta"}
ECHOED: Final = "api.chat.model-echoed"
TRACED: Final = "api.headers.trace-mode"
FILE: Final = "/v1/files/abc/content"

ACCEPTED: Final = [
    chat(whole()),
    stream(CHUNK),
    events(PING),
    seen(200, {"output": []}, path="/v1/responses"),
    seen(200, "any text", method="GET", path=FILE),
    seen(200, {"a": 1}, path="/v1/nobody-knows"),
]
NOT_ACCEPTED: Final = [
    invalid("Invalid request: no"),
    page(200),
    chat({"choices": []}),
    stream(),
    events(),
    events(PING, UNNAMED),
    events(UNNAMED, PING),
    seen(200, {"output": {}}, path="/v1/responses"),
    seen(200, {"a": 1}, path="/v1/responses"),
    seen(200, {}, path="/v1/nobody-knows"),
    seen(200, {"object": "list", "data": []}, method="GET", path="/v1/models"),
    seen(200, {"object": "list", "data": []}, method="GET", path="/coding/v1/models", host="coding"),
    seen(200, {"data": [{"id": 7}]}, method="GET", path="/v1/models"),
    replace(chat(whole()), exchange=replace(chat(whole()).exchange, error="closed: by peer")),
]


@pytest.mark.parametrize("sight", ACCEPTED)
def test_an_answer_in_its_shape_means_accepted(sight: Sight) -> None:
    assert accepted(sight, CONTRACT)


@pytest.mark.parametrize("sight", NOT_ACCEPTED)
def test_anything_else_is_not_accepted(sight: Sight) -> None:
    assert not accepted(sight, CONTRACT)


def test_a_case_whose_twin_was_refused_is_not_observed() -> None:
    outcome = judge_case(SHAPE, [invalid("Invalid request: no")], [chat(whole())], CONTRACT)
    assert outcome.verdict is Verdict.NOT_OBSERVED
    assert outcome.message.startswith("the request that must be accepted was not: ")


def test_a_case_that_shows_nothing_of_its_requirement_is_not_observed() -> None:
    outcome = judge_case(SHAPE, [], [invalid("Invalid request: no")], CONTRACT)
    assert (outcome.verdict, outcome.findings) == (Verdict.NOT_OBSERVED, ())
    assert outcome.message.startswith("what came back shows nothing of this: ")


def test_a_case_fails_with_its_first_finding_and_keeps_all_of_them() -> None:
    wrong = chat(whole(content="Hello!"), asking("kimi-k2.6"))
    told = Finding(ECHOED, Verdict.FAIL, "kimi-k2.6", '"kimi-k3"', "response /model", "another model answers")
    outcome = judge_case(REQUIREMENTS[ECHOED], [], [chat(whole()), wrong, wrong], CONTRACT)
    assert (outcome.verdict, outcome.message, outcome.findings) == (Verdict.FAIL, told.message, (told, told))


def test_a_case_that_finds_nothing_passes_and_has_nothing_to_say() -> None:
    assert judge_case(SHAPE, [chat(whole())], [chat(whole())], CONTRACT) == Outcome(Verdict.PASS)
    assert Outcome(Verdict.PASS).message == ""


def test_a_run_does_not_tell_of_what_could_not_be_seen() -> None:
    found = all_findings(REQUIREMENTS, gone("kimi-k2.6"), CONTRACT)
    assert {finding.verdict for finding in found} == {Verdict.WARN}


def test_a_run_tells_of_fails_and_of_warnings() -> None:
    said = all_findings(REQUIREMENTS, chat({**whole(), "model": "kimi-k9"}, asking()), CONTRACT)
    assert {finding.requirement: finding for finding in said} == {
        each.requirement: each
        for each in (
            Finding(ECHOED, Verdict.FAIL, "kimi-k3", '"kimi-k9"', "response /model", "another model answers"),
            Finding(
                TRACED, Verdict.WARN, "on", "no header", "response header msh-trace-mode", "the answer was not traced"
            ),
        )
    }
