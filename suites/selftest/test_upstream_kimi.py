"""The Kimi stand-in against what was observed; member lists are written from the evidence, not from the code."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from kimi_conformance.exchange import Request, first
from kimi_conformance.upstream import kimi
from kimi_conformance.upstream.reply import Reply, ToolCall, Usage
from kimi_conformance.upstream.script import Script, Send

SAID = [{"role": "user", "content": "hello"}]
CALLS = (ToolCall("get_weather_0", "get_weather", '{"city":"Paris, 法国"}'), ToolCall("Bash_1", "Bash", "{}"))


def ask(body: Any, config: kimi.Config | None = None, *, path: str = kimi.CHAT, headers: Any = ()) -> Script:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return kimi.answer(Request("POST", path, headers, data), config or kimi.Config())


def said(script: Script) -> Any:
    return json.loads(script.body)


def chunks(script: Script) -> list[Any]:
    events = [step.data.decode() for step in script.steps if isinstance(step, Send)]
    assert all(event.startswith("data: ") and event.endswith("\n\n") for event in events)
    assert events[-1] == "data: [DONE]\n\n"
    return [json.loads(event[6:]) for event in events[:-1]]


def paths(value: Any, at: str = "") -> list[str]:
    """The members of a JSON value in order, in the notation of the evidence digest."""
    if isinstance(value, dict):
        return [path for name, inner in value.items() for path in (f"{at}{name}", *paths(inner, f"{at}{name}."))]
    if isinstance(value, list):
        return [path for inner in value[:1] for path in paths(inner, f"{at[:-1]}[].")]
    return []


def test_a_completion_has_the_members_of_evidence_101_in_their_order() -> None:
    script = ask({"model": "kimi-k3", "messages": SAID}, kimi.Config(reply=Reply(usage=Usage(cached=93))))
    assert paths(said(script)) == [
        "id",
        "object",
        "created",
        "model",
        "choices",
        "choices[].index",
        "choices[].message",
        "choices[].message.role",
        "choices[].message.content",
        "choices[].message.reasoning_content",
        "choices[].finish_reason",
        "usage",
        "usage.prompt_tokens",
        "usage.completion_tokens",
        "usage.total_tokens",
        "usage.cached_tokens",
        "usage.completion_tokens_details",
        "usage.completion_tokens_details.reasoning_tokens",
        "usage.prompt_tokens_details",
        "usage.prompt_tokens_details.cached_tokens",
    ]
    body = said(script)
    assert (script.status, script.framing) == (200, "length")
    assert (body["object"], body["model"], body["choices"][0]["finish_reason"]) == (
        "chat.completion",
        "kimi-k3",
        "stop",
    )
    assert re.fullmatch(r"chatcmpl-[0-9a-f]{24}", body["id"])
    assert int(body["id"][9:17], 16) == body["created"]
    assert body["usage"]["total_tokens"] == body["usage"]["prompt_tokens"] + body["usage"]["completion_tokens"]


def test_cache_and_reasoning_counters_are_absent_where_there_is_nothing_to_count() -> None:
    usage = Usage(prompt=20, completion=11, reasoning=0, cached=0)
    body = said(ask({"model": "m", "messages": SAID}, kimi.Config(reply=Reply(reasoning="", usage=usage))))
    assert body["usage"] == {"prompt_tokens": 20, "completion_tokens": 11, "total_tokens": 31}
    assert list(body["choices"][0]["message"]) == ["role", "content"]


def test_tool_calls_have_an_index_outside_of_streams_too() -> None:
    body = said(ask({"model": "m", "messages": SAID}, kimi.Config(reply=Reply(text="", tool_calls=CALLS))))
    (choice,) = body["choices"]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("", "tool_calls")
    assert choice["message"]["tool_calls"] == [
        {
            "index": 0,
            "id": "get_weather_0",
            "type": "function",
            "function": {"name": "get_weather", "arguments": '{"city":"Paris, 法国"}'},
        },
        {"index": 1, "id": "Bash_1", "type": "function", "function": {"name": "Bash", "arguments": "{}"}},
    ]


def test_a_stream_follows_evidence_004() -> None:
    reply = Reply(text="One, two.", reasoning="Count.", id="chatcmpl-x", created=7, usage=Usage(89, 67, 26))
    body = {"model": "kimi-k3", "messages": SAID, "stream": True, "stream_options": {"include_usage": True}}
    used = {
        "prompt_tokens": 89,
        "completion_tokens": 67,
        "total_tokens": 156,
        "completion_tokens_details": {"reasoning_tokens": 26},
    }
    base = {"id": "chatcmpl-x", "object": "chat.completion.chunk", "created": 7, "model": "kimi-k3"}
    stamp = {"system_fingerprint": "fpv0_25844b67"}
    found = chunks(ask(body, kimi.Config(reply=reply)))
    assert found == [
        {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None}], **stamp}
        for delta in ({"role": "assistant", "content": ""}, {"reasoning_content": "Count."}, {"content": "One, two."})
    ] + [
        {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": used}], **stamp},
        {**base, "choices": [], "usage": used},
    ]
    assert list(found[0]) == ["id", "object", "created", "model", "choices", "system_fingerprint"]


@pytest.mark.parametrize("stream", [False, None, 1, "true"])
def test_only_true_asks_for_a_stream(stream: Any) -> None:
    assert said(ask({"model": "m", "messages": SAID, "stream": stream}))["object"] == "chat.completion"


@pytest.mark.parametrize("options", [{}, {"stream_options": {}}, {"stream_options": None}, {"stream_options": 1}])
def test_without_include_usage_the_usage_stands_in_the_last_choice_only(options: dict[str, Any]) -> None:
    found = chunks(ask({"model": "m", "messages": SAID, "stream": True, **options}))
    assert all("usage" not in chunk for chunk in found)
    assert [("usage" in choice) for chunk in found for choice in chunk["choices"]].index(True) == len(found) - 1


def test_streamed_calls_name_themselves_first_and_then_bring_their_arguments_in_pieces() -> None:
    body = {"model": "m", "messages": SAID, "stream": True}
    found = chunks(ask(body, kimi.Config(reply=Reply(text="", reasoning="", tool_calls=CALLS))))
    fragments = [chunk["choices"][0]["delta"]["tool_calls"] for chunk in found[1:-1]]
    assert fragments == [
        [{"index": 0, "id": "get_weather_0", "type": "function", "function": {"name": "get_weather", "arguments": ""}}],
        [{"index": 0, "function": {"arguments": '{"city":"Par'}}],
        [{"index": 0, "function": {"arguments": 'is, 法国"}'}}],
        [{"index": 1, "id": "Bash_1", "type": "function", "function": {"name": "Bash", "arguments": ""}}],
        [{"index": 1, "function": {"arguments": "{}"}}],
    ]
    assert found[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_the_pieces_of_a_stream_join_to_the_text() -> None:
    text = "é€\u2028𝄞 line\r\nnext " * 9
    found = chunks(ask({"model": "m", "messages": SAID, "stream": True}, kimi.Config(reply=Reply(text=text))))
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in found) == text
    assert len(found) > 9


def test_the_headers_are_those_of_the_facts() -> None:
    script = ask({"model": "m", "messages": SAID}, kimi.Config(reply=Reply(usage=Usage(cached=93))))
    assert first(script.headers, "content-type") == "application/json; charset=utf-8"
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", header(script, "msh-request-id")
    )
    assert re.fullmatch(r"[0-9a-f]{32}", header(script, "x-msh-trace-id"))
    assert (header(script, "msh-trace-mode"), header(script, "vary")) == ("on", "Origin")
    assert header(script, "msh-context-cache-token-saved") == "93"
    again = ask({"model": "m", "messages": SAID})
    assert header(again, "msh-request-id") != header(script, "msh-request-id")
    assert first(again.headers, "msh-context-cache-token-saved") is None
    assert header(ask({"model": "m", "messages": SAID, "stream": True}), "content-type") == "text/event-stream"


def header(script: Script, name: str) -> str:
    found = first(script.headers, name)
    assert found is not None
    return found


def test_models_are_listed_with_the_members_that_were_seen() -> None:
    body = said(kimi.answer(Request("GET", "http://up/v1/models?x=1"), kimi.Config(models=("kimi-k3", "kimi-k2.6"))))
    assert list(body) == ["object", "data"]
    k3, k26 = body["data"]
    base = [
        "created",
        "id",
        "object",
        "owned_by",
        "permission",
        "root",
        "parent",
        "supports_image_in",
        "supports_video_in",
        "supports_reasoning",
        "context_length",
    ]
    more = ["supports_dynamic_tools", "supports_thinking_type", "think_efforts", "reasoning_efforts"]
    assert (list(k3), list(k26)) == (base + more, base)
    assert (k3["context_length"], k26["context_length"]) == (1048576, 262144)
