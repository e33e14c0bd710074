"""Messages on their way back: what a client of /v1/messages may be told of an answer of the chat wire."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge import verdict
from suites.selftest.plays import CHAT, MESSAGES, arrived, ask, findings, trip

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip

AREA: Final = "router.messages."
MODEL: Final = "kimi-k3.1-pro"
PASS, WARN, FAIL = Verdict.PASS, Verdict.WARN, Verdict.FAIL
JSON: Final = (("Content-Type", "application/json"),)
STREAM: Final = (("Content-Type", "text/event-stream"),)

CALLS: Final = [
    {
        "index": 0,
        "id": "get_weather_0",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"n": 1.0}'},
    },
    {"index": 1, "id": "search:1", "type": "function", "function": {"name": "search", "arguments": "{}"}},
]
USED: Final = {"prompt_tokens": 118, "completion_tokens": 77, "total_tokens": 195, "cached_tokens": 93}


def completion(finish: str = "stop", **message: Any) -> dict[str, Any]:
    """What the upstream says."""
    said = {"role": "assistant", "content": "Hello.", "reasoning_content": "Greet.", **message}
    return {"model": MODEL, "choices": [{"index": 0, "message": said, "finish_reason": finish}], "usage": USED}


def message(*content: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the client is told."""
    used = {"input_tokens": 25, "cache_read_input_tokens": 93, "output_tokens": 77}
    frame = {"id": "msg_1", "type": "message", "role": "assistant", "model": MODEL, "stop_reason": "end_turn"}
    return {**frame, "content": [*content], "usage": used, **more}


THINKING: Final = {"type": "thinking", "thinking": "Greet.", "signature": "x"}
TEXT: Final = {"type": "text", "text": "Hello."}
EMPTY: Final = {"type": "text", "text": ""}


def both(said: dict[str, Any], told: dict[str, Any]) -> Trip:
    """A whole answer, from both sides."""
    asked = ask(MODEL, surface="messages")
    arrival = arrived("moonshot", {"model": MODEL}, path=CHAT, answer=json.dumps(said).encode())
    return trip(asked, arrival, answer=json.dumps(told).encode(), headers=JSON)


def judged(requirement: str, said: dict[str, Any], told: dict[str, Any]) -> Verdict:
    """The verdict on it."""
    return verdict(findings(AREA + requirement, both(said, told)))


@pytest.mark.parametrize(
    ("content", "text", "thinking"),
    [
        pytest.param([THINKING, TEXT], PASS, PASS, id="both"),
        pytest.param([EMPTY, THINKING, EMPTY, TEXT], PASS, PASS, id="with-empty-texts"),
        pytest.param(
            [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo."}, THINKING], PASS, PASS, id="in-two"
        ),
        pytest.param([THINKING, TEXT, {"type": "redacted_thinking", "data": "x"}], PASS, PASS, id="with-another-block"),
        pytest.param([TEXT], PASS, WARN, id="no-thinking"),
        pytest.param([{"type": "text", "text": "<think>Greet.</think>Hello."}], FAIL, WARN, id="in-the-text"),
        pytest.param([THINKING, {"type": "text", "text": "Hello"}], FAIL, PASS, id="cut"),
        pytest.param([], FAIL, WARN, id="nothing"),
    ],
)
def test_text_and_reasoning_come_back_each_in_its_blocks(content: list[Any], text: Verdict, thinking: Verdict) -> None:
    assert judged("text-returned", completion(), message(*content)) is text
    assert judged("reasoning-becomes-thinking", completion(), message(*content)) is thinking


def use(id_: str, name: str, input_: Any) -> dict[str, Any]:
    """A call as the client is told of it."""
    return {"type": "tool_use", "id": id_, "name": name, "input": input_}


@pytest.mark.parametrize(
    ("uses", "due"),
    [
        pytest.param([use("get_weather_0", "get_weather", {"n": 1}), use("search:1", "search", {})], PASS, id="kept"),
        pytest.param(
            [use("get_weather_0", "get_weather", {"n": 1}), use("search_1", "search", {})], PASS, id="legal-id"
        ),
        pytest.param([use("toolu_1", "get_weather", {"n": 1}), use("toolu_2", "search", {})], FAIL, id="other-ids"),
        pytest.param([use("get_weather_0", "get_weather", {"n": 2}), use("search:1", "search", {})], FAIL, id="other"),
        pytest.param([use("get_weather_0", "get_weather", '{"n": 1}'), use("search:1", "search", {})], FAIL, id="text"),
        pytest.param([use("get_weather_0", "get_weather", {"n": 1})], FAIL, id="one"),
        pytest.param([use("search:1", "search", {}), use("get_weather_0", "get_weather", {"n": 1})], FAIL, id="turned"),
        pytest.param([], FAIL, id="none"),
    ],
)
def test_calls_come_back_as_tool_use(uses: list[Any], due: Verdict) -> None:
    said = completion("tool_calls", content="", tool_calls=CALLS)
    assert judged("tool-calls-become-tool-use", said, message(*uses, stop_reason="tool_use")) is due


@pytest.mark.parametrize(
    ("finish", "told", "due"),
    [
        ("stop", "end_turn", PASS),
        ("stop", "stop", FAIL),
        ("length", "max_tokens", PASS),
        ("length", "end_turn", FAIL),
        ("tool_calls", "tool_use", PASS),
        ("tool_calls", "end_turn", FAIL),
        ("content_filter", "refusal", PASS),
        ("content_filter", "content_filter", WARN),
        ("content_filter", "stop_sequence", WARN),
        ("content_filter", "end_turn", FAIL),
        ("content_filter", None, FAIL),
    ],
)
def test_why_it_ended_is_told_in_anthropics_words(finish: str, told: str | None, due: Verdict) -> None:
    assert judged("stop-reason-translated", completion(finish), message(TEXT, stop_reason=told)) is due


@pytest.mark.parametrize(
    ("used", "due"),
    [
        ({"input_tokens": 25, "cache_read_input_tokens": 93, "output_tokens": 77}, PASS),
        (
            {"input_tokens": 25, "cache_read_input_tokens": 93, "cache_creation_input_tokens": 0, "output_tokens": 77},
            PASS,
        ),
        ({"input_tokens": 118, "output_tokens": 77}, WARN),
        ({"input_tokens": 118, "cache_read_input_tokens": 93, "output_tokens": 77}, WARN),
        ({"input_tokens": 25, "output_tokens": 77}, FAIL),
        ({"input_tokens": 0, "output_tokens": 77}, FAIL),
        ({"input_tokens": 25, "cache_read_input_tokens": 93, "output_tokens": 0}, FAIL),
        ({}, FAIL),
    ],
)
def test_tokens_are_told_with_the_cache_beside_the_input(used: dict[str, int], due: Verdict) -> None:
    assert judged("usage-translated", completion(), message(TEXT, usage=used)) is due


def test_an_upstream_that_does_not_count_shows_nothing() -> None:
    said = {**completion(), "usage": None}
    assert judged("usage-translated", said, message(TEXT)) is Verdict.NOT_OBSERVED


@pytest.mark.parametrize(("model", "due"), [(MODEL, PASS), ("claude-sonnet-4-5", FAIL), (None, FAIL)])
def test_the_answer_names_its_model(model: str | None, due: Verdict) -> None:
    assert judged("model-named", completion(), message(TEXT, model=model)) is due


@pytest.mark.parametrize(
    ("told", "due"),
    [
        pytest.param(message(TEXT, THINKING, use("a", "b", {})), PASS, id="whole"),
        pytest.param(message(TEXT, stop_sequence=None, container=None), PASS, id="with-more"),
        pytest.param(message({"type": "server_tool_use"}), PASS, id="with-a-block-of-anthropics"),
        pytest.param(message(TEXT, id=""), FAIL, id="no-id"),
        pytest.param(message(TEXT, type=None), FAIL, id="no-type"),
        pytest.param(message(TEXT, content="Hello."), FAIL, id="content-as-text"),
        pytest.param(message({"text": "Hello."}), FAIL, id="block-without-type"),
        pytest.param(message(use("a", "b", "{}")), FAIL, id="input-as-text"),
        pytest.param(message(TEXT, usage={"input_tokens": 1}), FAIL, id="half-a-usage"),
        pytest.param(message(TEXT, stop_reason=None), FAIL, id="no-stop-reason"),
        pytest.param(completion(), FAIL, id="completion"),
    ],
)
def test_a_whole_answer_has_anthropics_form(told: dict[str, Any], due: Verdict) -> None:
    assert judged("answer-shape", completion(), told) is due


def test_a_stream_is_answered_by_one_and_only_a_stream() -> None:
    asked = ask(MODEL, surface="messages", stream=True)
    arrival = arrived("moonshot", {"model": MODEL}, path=CHAT, answer=json.dumps(completion()).encode())
    whole = trip(asked, arrival, answer=json.dumps(message(TEXT)).encode(), headers=JSON)
    assert verdict(findings(f"{AREA}answer-shape", whole)) is FAIL
    streamed = trip(asked, arrival, answer=b"event: ping\n\n", headers=STREAM)
    assert verdict(findings(f"{AREA}answer-shape", streamed)) is PASS


OVERLOADED: Final = {"error": {"message": "The engine is currently overloaded", "type": "engine_overloaded_error"}}
SHAPED: Final = {"type": "error", **OVERLOADED}


def refused(due: int, status: int | None, told: Any, path: str = CHAT) -> Trip:
    """An error, from both sides."""
    said = json.dumps(OVERLOADED).encode()
    arrival = arrived("moonshot", {"model": MODEL}, path=path, status=due, answer=said)
    answer = told if isinstance(told, bytes) else json.dumps(told).encode()
    return trip(ask(MODEL, surface="messages"), arrival, status=status, answer=answer, headers=JSON)


@pytest.mark.parametrize(
    ("due", "status", "verdict_due"),
    [
        (429, 429, PASS),
        (429, 529, PASS),
        (429, 503, FAIL),
        (429, 200, FAIL),
        (400, 500, FAIL),
        (504, 504, PASS),
        (504, 502, PASS),
        (500, 400, FAIL),
        (429, None, FAIL),
    ],
)
def test_an_error_keeps_its_status(due: int, status: int | None, verdict_due: Verdict) -> None:
    assert verdict(findings(f"{AREA}error-status-kept", refused(due, status, SHAPED))) is verdict_due


@pytest.mark.parametrize(
    ("told", "path", "due"),
    [
        pytest.param(SHAPED, CHAT, PASS, id="anthropics"),
        pytest.param({**SHAPED, "request_id": "x"}, CHAT, PASS, id="with-more"),
        pytest.param(OVERLOADED, CHAT, FAIL, id="openais"),
        pytest.param(OVERLOADED, MESSAGES, PASS, id="as-the-anthropic-face-said-it"),
        pytest.param({"error": {"message": "no"}}, MESSAGES, FAIL, id="another"),
        pytest.param({"type": "error", "error": "no"}, CHAT, FAIL, id="error-as-text"),
        pytest.param({"type": "error", "error": {"type": "x", "message": ""}}, CHAT, FAIL, id="no-message"),
        pytest.param(b"<html>", CHAT, FAIL, id="page"),
    ],
)
def test_an_error_has_anthropics_shape_or_is_the_upstreams_own(told: Any, path: str, due: Verdict) -> None:
    assert verdict(findings(f"{AREA}error-shape", refused(429, 429, told, path))) is due


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("The engine is currently overloaded", PASS),
        ("moonshot said: The engine is currently overloaded. Try later.", PASS),
        (f"provider error: {json.dumps(OVERLOADED)} at line 1", PASS),
        ("Too many requests", FAIL),
    ],
)
def test_the_reason_of_an_error_can_be_read(text: str, due: Verdict) -> None:
    told = {"type": "error", "error": {"type": "rate_limit_error", "message": text}}
    assert verdict(findings(f"{AREA}error-message-kept", refused(429, 429, told))) is due


def test_errors_that_differ_upstream_differ_for_the_client() -> None:
    other = {"type": "error", "error": {"type": "engine_overloaded_error", "message": "other"}}
    one, same = refused(429, 429, SHAPED), refused(429, 429, SHAPED)
    quota = json.dumps({"error": {"message": "no money", "type": "exceeded_current_quota_error"}}).encode()
    arrival = arrived("moonshot", {"model": MODEL}, path=CHAT, status=429, answer=quota)
    alike, apart = (
        trip(one.ask, arrival, status=429, answer=json.dumps(told).encode(), headers=JSON) for told in (SHAPED, other)
    )
    assert verdict(findings(f"{AREA}rate-limits-told-apart", one, same, apart)) is PASS
    assert verdict(findings(f"{AREA}rate-limits-told-apart", one, alike)) is WARN


@pytest.mark.parametrize(
    "odd", [None, 7, "x", [], {}, [{}], [None], [{"type": []}], {"type": "error", "error": 7}], ids=repr
)
def test_no_answer_is_too_odd_to_be_judged(odd: Any) -> None:
    told = message(TEXT, content=odd, usage=odd, stop_reason=odd, id=odd, model=odd)
    for requirement in ("text-returned", "tool-calls-become-tool-use", "usage-translated", "stop-reason-translated"):
        judged(requirement, completion("tool_calls", tool_calls=CALLS), told)
    assert judged("answer-shape", completion(), told) is FAIL
    assert judged("answer-shape", completion(), odd) is FAIL
    assert judged("text-returned", completion(), odd) is FAIL
    assert verdict(findings(f"{AREA}error-shape", refused(429, 429, odd))) is FAIL
    assert verdict(findings(f"{AREA}error-message-kept", refused(429, 429, odd))) is FAIL
