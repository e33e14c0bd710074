"""Answers of the Anthropic face, as evidence 077 and the documents have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.exchange import Request
from suites.selftest.specimen_parts import (
    HELLO,
    MESSAGES,
    THOUGHT,
    Object,
    asking,
    event_stream,
    reply,
    request,
    sight,
    written,
)

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

TOOL = {
    "name": "get_weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
HEAD = {"id": "chatcmpl-6a98c100cc03171a36f75bb6", "type": "message", "role": "assistant"}
THINKING = {"type": "thinking", "thinking": THOUGHT, "signature": ""}
TEXT = {"type": "text", "text": "Mare Tranquillitatis, 静海 🌕"}
CALL = {"type": "tool_use", "id": "get_weather_0", "name": "get_weather", "input": {"city": "北京"}}
USED = {
    "input_tokens": 8,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 80,
    "output_tokens": 70,
    "output_tokens_details": {"thinking_tokens": 40},
    "service_tier": "standard",
    "prompt_tokens": 88,
    "completion_tokens": 70,
    "total_tokens": 158,
    "cached_tokens": 80,
}
BEGUN = {**USED, "input_tokens": 88, "cache_read_input_tokens": 0, "output_tokens": 0, "cached_tokens": 0}


def body(**members: Any) -> Object:
    return {"model": "kimi-k3", "max_tokens": 512, "messages": HELLO, **members}


def message(*content: Object, stop: str = "end_turn", model: str = "kimi-k3") -> Object:
    return {**HEAD, "content": list(content), "model": model, "stop_reason": stop, "stop_sequence": None, "usage": USED}


def _said(asked: Object, *content: Object, stop: str = "end_turn") -> Sight:
    return asking(MESSAGES, asked, 200, message(*content, stop=stop, model=asked["model"]))


def event(kind: str, **members: Any) -> bytes:
    return f"event: {kind}\n".encode() + b"data: " + written({"type": kind, **members}) + b"\n\n"


def block(index: int, begin: Object, *deltas: Object) -> list[bytes]:
    """A block of content: its beginning, its deltas, its end."""
    return [
        event("content_block_start", index=index, content_block=begin),
        *(event("content_block_delta", index=index, delta=delta) for delta in deltas),
        event("content_block_stop", index=index),
    ]


def _end(stop: str) -> list[bytes]:
    delta = {"stop_reason": stop, "stop_sequence": None}
    return [event("message_delta", delta=delta, usage=USED), event("message_stop")]


def _streamed(asked: Object, *blocks: list[bytes], stop: str) -> Sight:
    first = {**HEAD, "content": [], "model": "kimi-k3", "stop_reason": None, "stop_sequence": None}
    later = ("output_tokens_details", "completion_tokens", "total_tokens")
    started = {name: value for name, value in BEGUN.items() if name not in later}
    flat = [each for made in blocks for each in made]
    answered = event_stream([event("message_start", message={**first, "usage": started}), *flat, *_end(stop)])
    return sight(request("POST", MESSAGES, asked), answered, end_ms=answered.pieces[-1].t_ms + 5)


THOUGHT_BLOCK = block(
    0,
    {"type": "thinking", "thinking": "", "signature": ""},
    *({"type": "thinking_delta", "thinking": each} for each in ("A sea", " is asked for,", " 一个就够了。")),
)
TEXT_BLOCK = block(
    1,
    {"type": "text", "text": ""},
    *({"type": "text_delta", "text": each} for each in ("Mare Tranq", "uillitatis", " 🌕")),
)
TOOL_BLOCK = block(
    1,
    {"type": "tool_use", "id": "get_weather_0", "name": "get_weather", "input": {}},
    *({"type": "input_json_delta", "partial_json": each} for each in ('{"ci', 'ty":"', '北京"}')),
)


def _signed() -> Sight:
    """With the key in x-api-key only, and a version."""
    head = (("x-api-key", "<scrubbed>"), ("anthropic-version", "2023-06-01"), ("content-type", "application/json"))
    asked = Request("POST", f"https://api.moonshot.ai{MESSAGES}", head, written(body()))
    return sight(asked, reply(200, message(THINKING, TEXT)))


MESSAGES_SPECIMENS: dict[str, Sight] = {
    "message": _said(body(), THINKING, TEXT),
    "taken/message": _said(body(), THINKING, TEXT),
    "taken/message-with-version": _signed(),
    "message-length": _said(body(), THINKING, stop="max_tokens"),
    "message-tools": _said(body(tools=[TOOL]), THINKING, CALL, stop="tool_use"),
    "message-any": _said(body(tools=[TOOL], tool_choice={"type": "any"}), THINKING, TEXT, CALL, stop="tool_use"),
    "taken/message-adaptive": _said(body(thinking={"type": "adaptive"}), THINKING, TEXT),
    "taken/message-temperature": _said(body(temperature=0.5, top_k=1), THINKING, TEXT),
    "taken/message-not-thinking": _said(body(thinking={"type": "disabled"}), TEXT),
    "taken/message-effort": _said(body(output_config={"effort": "medium"}), THINKING, TEXT),
    "message-stream": _streamed(body(stream=True), THOUGHT_BLOCK, TEXT_BLOCK, stop="end_turn"),
    "message-stream-tools": _streamed(body(stream=True, tools=[TOOL]), THOUGHT_BLOCK, TOOL_BLOCK, stop="tool_use"),
}
