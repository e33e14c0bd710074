"""The Anthropic wire: Kimi's face of it and Anthropic's own, side by side; members written from evidence 077."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kimi_conformance.exchange import Request, first
from kimi_conformance.upstream import anthropic, kimi
from kimi_conformance.upstream.reply import Reply, ToolCall, Usage
from kimi_conformance.upstream.script import Script, Send

SAID = [{"role": "user", "content": "hello"}]
CALL = ToolCall("get_weather_0", "get_weather", '{"city":"Paris"}')


def ask(body: Any, config: anthropic.Config | None = None, *, path: str = "/v1/messages", headers: Any = ()) -> Script:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return anthropic.answer(Request("POST", path, headers, data), config or anthropic.Config())


def ask_kimi(body: Any, reply: Reply) -> Script:
    return kimi.answer(Request("POST", kimi.MESSAGES, (), json.dumps(body).encode()), kimi.Config(reply=reply))


def said(script: Script) -> Any:
    return json.loads(script.body)


def events(script: Script) -> list[Any]:
    found = []
    for step in script.steps:
        assert isinstance(step, Send)
        name, data = step.data.decode().removesuffix("\n\n").split("\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {found[-1]['type']}"
    return found


def test_kimi_streams_the_events_of_evidence_077_without_ping_signature_or_done() -> None:
    reply = Reply(text="\nYes.", reasoning="Hm.", usage=Usage(20591, 70, 0, cached=20591), id="chatcmpl-x")
    script = ask_kimi({"model": "kimi-k2.6", "messages": SAID, "stream": True}, reply)
    started = {
        "input_tokens": 20591,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": 0,
        "service_tier": "standard",
        "inference_geo": "not_available",
        "prompt_tokens": 20591,
        "cached_tokens": 0,
    }
    ended = {
        "input_tokens": 0,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 20591,
        "output_tokens": 70,
        "prompt_tokens": 20591,
        "completion_tokens": 70,
        "total_tokens": 20661,
        "cached_tokens": 20591,
    }
    message: dict[str, Any] = {
        "id": "chatcmpl-x",
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": "kimi-k2.6",
        "stop_reason": None,
        "stop_sequence": None,
        "usage": started,
    }
    found = events(script)
    assert found == [
        {"type": "message_start", "message": message},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "thinking", "thinking": "", "signature": ""},
        },
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Hm."}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "\nYes."}},
        {"type": "content_block_stop", "index": 1},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": ended},
        {"type": "message_stop"},
    ]
    assert list(found[0]["message"]) == list(message)
    assert first(script.headers, "msh-context-cache-token-saved") == "20591"


def test_kimi_counts_thinking_where_there_was_some() -> None:
    body = said(ask_kimi({"model": "m", "messages": SAID}, Reply(usage=Usage(10, 9, 8))))
    assert body["usage"]["output_tokens_details"] == {"thinking_tokens": 8}
    assert body["content"][0] == {"type": "thinking", "thinking": Reply().reasoning, "signature": ""}
    assert body["id"].startswith("chatcmpl-")


def test_anthropic_answers_a_message_with_its_members() -> None:
    script = ask({"model": "claude-opus-4-8", "messages": SAID}, anthropic.Config(reply=Reply(tool_calls=(CALL,))))
    body = said(script)
    assert list(body) == ["id", "type", "role", "content", "model", "stop_reason", "stop_sequence", "usage"]
    assert [block["type"] for block in body["content"]] == ["thinking", "text", "tool_use"]
    assert body["content"][2] == {
        "type": "tool_use",
        "id": "get_weather_0",
        "name": "get_weather",
        "input": {"city": "Paris"},
    }
    assert (body["stop_reason"], body["model"]) == ("tool_use", "claude-opus-4-8")
    assert body["content"][0]["signature"]
    assert body["id"].startswith("msg_01")
    assert first(script.headers, "request-id")


@pytest.mark.parametrize(
    ("finish", "stop"), [("stop", "end_turn"), ("length", "max_tokens"), ("tool_calls", "tool_use"), ("odd", "odd")]
)
def test_stop_reasons_are_in_the_words_of_this_wire(finish: str, stop: str) -> None:
    reply = Reply(finish_reason=finish)
    assert said(ask({"model": "m", "messages": SAID}, anthropic.Config(reply=reply)))["stop_reason"] == stop


def test_anthropic_streams_a_ping_and_a_signature_and_calls_in_fragments() -> None:
    reply = Reply(text="Yes.", reasoning="Hm.", tool_calls=(CALL,), usage=Usage(10, 9, 1, 4))
    found = events(ask({"model": "m", "messages": SAID, "stream": True}, anthropic.Config(reply=reply)))
    assert [event["type"].removeprefix("content_block_") for event in found] == [
        "message_start",
        *("start", "ping", "delta", "delta", "stop"),
        *("start", "delta", "stop"),
        *("start", "delta", "delta", "stop"),
        "message_delta",
        "message_stop",
    ]
    assert found[4]["delta"]["type"] == "signature_delta"
    assert found[9]["content_block"] == {"type": "tool_use", "id": "get_weather_0", "name": "get_weather", "input": {}}
    assert found[10]["delta"]["partial_json"] + found[11]["delta"]["partial_json"] == '{"city":"Paris"}'
    assert (found[0]["message"]["usage"]["input_tokens"], found[-2]["usage"]) == (6, {"output_tokens": 9})


@pytest.mark.parametrize("model", ["kimi-k2.6", "not-claude", " claude-x", "gpt-5"])
def test_the_shortcut_answers_404_to_a_model_that_is_not_claude(model: str) -> None:
    script = ask({"model": model, "messages": SAID}, anthropic.Config(serves=("claude*",)))
    assert script.status == 404
    assert list(said(script)) == ["type", "error", "request_id"]
    assert said(script)["error"] == {"type": "not_found_error", "message": f"model: {model}"}
    assert said(script)["request_id"] == first(script.headers, "request-id")


@pytest.mark.parametrize("model", ["claude", "claude-opus-4-8", "CLAUDE-X", "ClAuDe-3"])
def test_the_shortcut_serves_claude_in_any_case(model: str) -> None:
    assert ask({"model": model, "messages": SAID}, anthropic.Config(serves=("Claude*",))).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/chat/completions"),
        ("GET", "/v1/messages"),
        ("POST", "/v1/models"),
        ("GET", "/"),
        ("POST", "/v1/messages/"),
    ],
)
def test_any_other_path_is_404_in_the_anthropic_shape_whatever_the_key(method: str, path: str) -> None:
    script = anthropic.answer(Request(method, path), anthropic.Config(secret="right"))
    assert script.status == 404
    assert said(script)["error"] == {"type": "not_found_error", "message": "Not Found"}


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        pytest.param((), 401, "x-api-key header is required", id="none"),
        pytest.param((("x-api-key", "left"),), 401, "invalid x-api-key", id="wrong"),
        pytest.param((("Authorization", "Bearer left"),), 401, "invalid x-api-key", id="wrong-bearer"),
        pytest.param((("X-Api-Key", "right"),), 200, None, id="key"),
        pytest.param((("Authorization", "Bearer right"),), 200, None, id="bearer"),
    ],
)
def test_a_key_may_come_in_either_header(headers: Any, status: int, message: str | None) -> None:
    script = ask({"model": "m", "messages": SAID}, anthropic.Config(secret="right"), headers=headers)
    assert script.status == status
    assert said(script).get("error", {}).get("message") == message


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", {"messages": SAID}, {"model": 1, "messages": SAID}, {"model": "m"}, {"model": "m", "messages": {}}],
)
def test_a_body_that_cannot_be_served_is_400(body: Any) -> None:
    script = ask(body, path="/v1/messages?beta=true")
    assert (script.status, said(script)["error"]["type"]) == (400, "invalid_request_error")


def test_models_come_in_one_page() -> None:
    body = said(anthropic.answer(Request("GET", "/v1/models"), anthropic.Config(models=("a", "b"))))
    assert [entry["id"] for entry in body.pop("data")] == ["a", "b"]
    assert body == {"has_more": False, "first_id": "a", "last_id": "b"}
