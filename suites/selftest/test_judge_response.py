"""The judge on answers: what the upstream said, against what the client got."""

from __future__ import annotations

import gzip
import json
from typing import Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge import verdict
from suites.selftest.answered import STREAM, answered
from suites.selftest.plays import ask, findings, trip

AREA: Final = "router.response."
BODY, REASONING, CALLS = (AREA + name for name in ("body-untouched", "reasoning-kept", "tool-calls-kept"))
USAGE, FINISH, STATUS = (AREA + name for name in ("usage-kept", "finish-reason-kept", "status-kept"))
TYPE, REQUEST_ID, UTF8, GZIP = (
    AREA + name for name in ("content-type-kept", "request-id-kept", "utf8-kept", "gzip-handled")
)
EVERY: Final = (BODY, REASONING, CALLS, USAGE, FINISH, STATUS, TYPE, REQUEST_ID, UTF8, GZIP)

CALL: Final = {"index": 0, "id": "get_0", "type": "function", "function": {"name": "get", "arguments": '{"n": 1.0}'}}
MESSAGE: Final = {"role": "assistant", "content": "e\u0301", "reasoning_content": "Hm.", "tool_calls": [CALL]}
USED: Final = {"prompt_tokens": 5, "completion_tokens": 2, "cached_tokens": 1, "completion_tokens_details": {"r": 1}}
SAID: Final[dict[str, Any]] = {
    "id": "chatcmpl-1",
    "model": "moonshot/kimi",
    "service": None,
    "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "tool_calls"}],
    "usage": USED,
}
THOUGHT: Final[dict[str, Any]] = {
    "id": "msg_1",
    "content": [
        {"type": "thinking", "thinking": "Hm.", "signature": "s"},
        {"type": "text", "text": "e\u0301"},
        {"type": "tool_use", "id": "get_0", "name": "get", "input": {"n": 1}},
    ],
    "stop_reason": "tool_use",
    "usage": {"input_tokens": 4, "cache_read_input_tokens": 1, "output_tokens": 2},
}
ID: Final = (("Msh-Request-Id", "11f1-22"),)


def with_message(**changes: Any) -> dict[str, Any]:
    (choice,) = SAID["choices"]
    kept = {name: value for name, value in {**MESSAGE, **changes}.items() if value is not ...}
    return {**SAID, "choices": [{**choice, "message": kept}]}


def of(requirement: str, sent: Any, seen: Any, **more: Any) -> Verdict:
    return verdict(findings(requirement, answered(sent, seen, **more)))


@pytest.mark.parametrize("requirement", EVERY)
def test_what_arrives_as_it_was_is_right(requirement: str) -> None:
    for surface, body in (("chat", SAID), ("messages", THOUGHT)):
        made = answered(body, body, surface=surface, sent_headers=ID, seen_headers=ID)
        assert findings(requirement, made) == ()


@pytest.mark.parametrize("requirement", EVERY)
def test_an_answer_that_nobody_gave_is_never_right(requirement: str) -> None:
    assert verdict(findings(requirement, trip(ask(), status=404))) is Verdict.NOT_OBSERVED


@pytest.mark.parametrize("requirement", EVERY)
def test_a_refusal_of_the_upstream_is_no_answer_to_compare(requirement: str) -> None:
    assert of(requirement, {"error": {}}, {"error": {}}, sent_status=401, seen_status=401) is Verdict.NOT_OBSERVED


@pytest.mark.parametrize("requirement", EVERY)
def test_an_answer_of_success_that_becomes_an_error_is_lost(requirement: str) -> None:
    due = Verdict.WARN if requirement == REQUEST_ID else Verdict.FAIL
    assert of(requirement, SAID, {"error": {}}, seen_status=502) is due
    assert of(requirement, SAID, SAID, error="closed: too early") is due


@pytest.mark.parametrize(
    ("requirement", "seen", "due"),
    [
        pytest.param(BODY, {**SAID, "id": "mine"}, Verdict.FAIL, id="other-id"),
        pytest.param(BODY, {**SAID, "model": "kimi-k2.6"}, Verdict.PASS, id="the-clients-own-name"),
        pytest.param(BODY, {**SAID, "model": "kimi-k9"}, Verdict.FAIL, id="another-model"),
        pytest.param(BODY, {**SAID, "provider": "x"}, Verdict.WARN, id="one-more"),
        pytest.param(BODY, {k: v for k, v in SAID.items() if k != "service"}, Verdict.WARN, id="null-dropped"),
        pytest.param(BODY, {k: v for k, v in SAID.items() if k != "usage"}, Verdict.FAIL, id="usage-dropped"),
        pytest.param(REASONING, with_message(reasoning_content=...), Verdict.FAIL, id="reasoning-dropped"),
        pytest.param(REASONING, with_message(reasoning_content="Hm"), Verdict.FAIL, id="reasoning-cut"),
        pytest.param(REASONING, with_message(content=""), Verdict.PASS, id="reasoning-only"),
        pytest.param(CALLS, with_message(tool_calls=[]), Verdict.FAIL, id="calls-dropped"),
        pytest.param(CALLS, with_message(tool_calls=[{**CALL, "id": "x"}]), Verdict.FAIL, id="other-call-id"),
        pytest.param(CALLS, with_message(tool_calls=[{**CALL, "index": 7}]), Verdict.PASS, id="index-of-a-call"),
        pytest.param(USAGE, {**SAID, "usage": {**USED, "cached_tokens": 0}}, Verdict.FAIL, id="another-count"),
        pytest.param(USAGE, {**SAID, "usage": {**USED, "cost": 1}}, Verdict.WARN, id="a-counter-more"),
        pytest.param(USAGE, {**SAID, "usage": {**USED, "prompt_tokens": 5.0}}, Verdict.PASS, id="spelled-otherwise"),
        pytest.param(UTF8, with_message(content="\u00e9"), Verdict.FAIL, id="normalized"),
        pytest.param(UTF8, with_message(content="e?"), Verdict.FAIL, id="in-ascii"),
    ],
)
def test_what_became_of_a_member(requirement: str, seen: Any, due: Verdict) -> None:
    assert of(requirement, SAID, seen) is due


def test_arguments_written_anew_are_a_warning_and_other_arguments_a_failure() -> None:
    for arguments, due in (('{"n":1}', Verdict.WARN), ('{"n":2}', Verdict.FAIL), ({"n": 1}, Verdict.FAIL)):
        call = {**CALL, "function": {"name": "get", "arguments": arguments}}
        assert of(CALLS, SAID, with_message(tool_calls=[call])) is due


def test_a_lost_member_says_what_was_lost_and_where() -> None:
    (finding,) = findings(BODY, answered(SAID, with_message(reasoning_content=...)))
    assert finding.where == "client response /choices/0/message/reasoning_content"
    assert finding.message == '/choices/0/message/reasoning_content was lost: "Hm."'


def test_a_translated_answer_is_judged_by_what_it_says() -> None:
    assert of(BODY, THOUGHT, SAID, wire="messages") is Verdict.NOT_OBSERVED
    for requirement in (REASONING, CALLS, USAGE, FINISH, UTF8, STATUS, TYPE, GZIP):
        assert of(requirement, THOUGHT, SAID, wire="messages") is Verdict.PASS
    lost = with_message(reasoning_content=..., tool_calls=[], content="e")
    for requirement in (REASONING, CALLS, UTF8):
        assert of(requirement, THOUGHT, lost, wire="messages") is Verdict.WARN
    assert of(USAGE, THOUGHT, {**SAID, "usage": {}}, wire="messages") is Verdict.WARN


def test_what_the_upstream_did_not_say_cannot_be_kept() -> None:
    bare = {"choices": [{"message": {"content": "Hi."}}]}
    for requirement in (REASONING, CALLS, USAGE):
        assert of(requirement, bare, bare) is Verdict.NOT_OBSERVED


def test_an_answer_that_is_no_json_is_shown() -> None:
    (finding,) = findings(BODY, answered(SAID, b"<html>"))
    assert (finding.verdict, finding.actual) == (Verdict.FAIL, "<html>")
    assert of(BODY, SAID, b"[1]") is Verdict.FAIL


def test_a_stream_that_the_router_asked_for_by_itself_is_not_judged_as_json() -> None:
    made = answered(b"data: [DONE]\n\n", SAID, sent_headers=(("Content-Type", STREAM),))
    assert verdict(findings(BODY, made)) is Verdict.NOT_OBSERVED


def test_status() -> None:
    assert of(STATUS, SAID, SAID, seen_status=201) is Verdict.FAIL
    assert of(STATUS, SAID, SAID, sent_status=202, seen_status=200) is Verdict.WARN
    assert of(STATUS, SAID, SAID, sent_status=202, seen_status=202) is Verdict.PASS


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        ("application/json; charset=utf-8", Verdict.PASS),
        ("Application/JSON;charset=UTF-8", Verdict.PASS),
        ('application/json; charset="utf-8"', Verdict.PASS),
        ("application/json; charset=latin-1", Verdict.FAIL),
        ("text/plain", Verdict.FAIL),
        ("", Verdict.FAIL),
    ],
)
def test_content_type(kind: str, due: Verdict) -> None:
    assert of(TYPE, SAID, SAID, seen_headers=(("content-type", kind),)) is due


def test_an_answer_without_a_type_is_told_as_one() -> None:
    [found] = findings(TYPE, answered(SAID, SAID, seen_headers=(("content-type", ""),)))
    assert (found.expected, found.actual) == ("application/json", "no type")
    assert found.message == "the answer is application/json, and reaches the client as no type"


def test_the_request_id_may_have_another_name_and_may_be_missed_with_a_warning() -> None:
    kept = (("llm_provider-msh-request-id", "11f1-22"),)
    assert of(REQUEST_ID, SAID, SAID, sent_headers=ID, seen_headers=kept) is Verdict.PASS
    assert of(REQUEST_ID, SAID, SAID, sent_headers=ID) is Verdict.WARN
    assert of(REQUEST_ID, SAID, SAID) is Verdict.NOT_OBSERVED


PACKED: Final = gzip.compress(json.dumps(SAID).encode())
NAMED: Final = (("content-encoding", "gzip"),)
TAKES: Final = {"accept-encoding": "gzip, br"}


@pytest.mark.parametrize(
    ("seen", "headers", "asked", "due"),
    [
        pytest.param(PACKED, NAMED, TAKES, Verdict.PASS, id="as-it-came"),
        pytest.param(SAID, (), TAKES, Verdict.PASS, id="unpacked"),
        pytest.param(PACKED, (), TAKES, Verdict.FAIL, id="unnamed"),
        pytest.param(SAID, NAMED, TAKES, Verdict.FAIL, id="unpacked-and-named"),
        pytest.param(PACKED[:-9], NAMED, TAKES, Verdict.FAIL, id="cut"),
        pytest.param(PACKED, NAMED, {"accept-encoding": "identity"}, Verdict.WARN, id="not-taken"),
        pytest.param(PACKED, NAMED, {}, Verdict.WARN, id="not-asked-for"),
        pytest.param(b"?", (("content-encoding", "br"),), TAKES, Verdict.NOT_OBSERVED, id="br"),
        pytest.param(gzip.compress(b'{"choices": []}'), NAMED, TAKES, Verdict.FAIL, id="another-answer"),
    ],
)
def test_gzip(seen: Any, headers: Any, asked: dict[str, str], due: Verdict) -> None:
    assert of(GZIP, PACKED, seen, sent_headers=NAMED, seen_headers=headers, asked=asked) is due
