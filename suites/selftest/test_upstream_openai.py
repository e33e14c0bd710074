"""The generic OpenAI-compatible stand-in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kimi_conformance.exchange import Request
from kimi_conformance.upstream import openai
from kimi_conformance.upstream.reply import Reply, ToolCall
from kimi_conformance.upstream.script import Script, Send

SAID = [{"role": "user", "content": "hello"}]
CALL = ToolCall("call_1", "Bash", "{}")


def ask(body: Any, config: openai.Config | None = None, *, path: str = openai.CHAT, headers: Any = ()) -> Script:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return openai.answer(Request("POST", path, headers, data), config or openai.Config())


def said(script: Script) -> Any:
    return json.loads(script.body)


def chunks(script: Script) -> list[Any]:
    events = [step.data.decode() for step in script.steps if isinstance(step, Send)]
    assert events[-1] == "data: [DONE]\n\n"
    return [json.loads(event.removeprefix("data: ")) for event in events[:-1]]


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/api/v1/chat/completions"])
def test_a_completion_comes_from_either_prefix(path: str) -> None:
    body = said(ask({"model": "a/b", "messages": SAID}, path=path))
    assert list(body) == ["id", "object", "created", "model", "choices", "usage", "system_fingerprint"]
    assert list(body["choices"][0]) == ["index", "message", "logprobs", "finish_reason"]
    assert list(body["choices"][0]["message"]) == ["role", "content", "refusal", "reasoning_content"]
    assert (body["object"], body["model"]) == ("chat.completion", "a/b")


def test_content_is_null_beside_lone_calls_and_calls_have_no_index() -> None:
    body = said(ask({"model": "m", "messages": SAID}, openai.Config(reply=Reply(text="", tool_calls=(CALL,)))))
    message = body["choices"][0]["message"]
    assert message["content"] is None
    assert message["tool_calls"] == [
        {"id": "call_1", "type": "function", "function": {"name": "Bash", "arguments": "{}"}}
    ]


def test_usage_is_null_in_every_chunk_but_the_last_where_it_is_asked_for() -> None:
    found = chunks(ask({"model": "m", "messages": SAID, "stream": True, "stream_options": {"include_usage": True}}))
    assert all(chunk["usage"] is None for chunk in found[:-1])
    assert (found[-1]["choices"], found[-1]["usage"]["total_tokens"]) == ([], 147)
    assert found[-2]["choices"][0]["finish_reason"] == "stop"
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in found[:-1]) == Reply().text


def test_usage_is_absent_from_a_stream_that_was_not_asked_for_it() -> None:
    assert all("usage" not in chunk for chunk in chunks(ask({"model": "m", "messages": SAID, "stream": True})))


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param((), 401, None, id="none"),
        pytest.param((("Authorization", "Bearer left"),), 401, "invalid_api_key", id="wrong"),
        pytest.param((("Authorization", "right"),), 401, "invalid_api_key", id="no-scheme"),
        pytest.param((("Authorization", "Bearer right"),), 200, None, id="right"),
    ],
)
def test_the_key_is_a_bearer_token(headers: Any, status: int, code: str | None) -> None:
    script = ask({"model": "m", "messages": SAID}, openai.Config(secret="right"), headers=headers)
    assert (script.status, said(script).get("error", {}).get("code")) == (status, code)
    assert b"left" not in script.body


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{", 400, id="cut"),
        pytest.param(b"7", 400, id="number"),
        pytest.param({"messages": SAID}, 400, id="no-model"),
        pytest.param({"model": {}, "messages": SAID}, 400, id="object-model"),
        pytest.param({"model": "gpt-5"}, 400, id="no-messages"),
        pytest.param({"model": "kimi-k3", "messages": SAID}, 404, id="not-served"),
    ],
)
def test_what_cannot_be_served_is_refused_with_four_members(body: Any, status: int) -> None:
    script = ask(body, openai.Config(serves=("gpt-*",)))
    assert script.status == status
    assert list(said(script)["error"]) == ["message", "type", "param", "code"]


def test_another_path_is_404() -> None:
    script = ask({"model": "m", "messages": SAID}, path="/v1/messages")
    assert (script.status, said(script)["error"]["message"]) == (404, "Invalid URL (POST /v1/messages)")


def test_models_are_listed() -> None:
    body = said(openai.answer(Request("GET", "/api/v1/models"), openai.Config(models=("a", "b"))))
    assert [entry["id"] for entry in body["data"]] == ["a", "b"]
