"""Whole chat answers, as evidence 001, 005, 101 and 139 have them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from suites.selftest.specimen_parts import CHAT, HELLO, THOUGHT, WEATHER, Object, asking, chat_body

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

TEXT = "Mare Tranquillitatis, 静海 🌕"


def used(prompt: int, completion: int, *, reasoning: int | None = 26, cached: int = 0) -> Object:
    """The usage as Kimi counts it: what there is none of is not there."""
    counts: Object = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    if cached:
        counts["cached_tokens"] = cached
    if reasoning is not None:
        counts["completion_tokens_details"] = {"reasoning_tokens": reasoning}
    if cached:
        counts["prompt_tokens_details"] = {"cached_tokens": cached}
    return counts


def call(index: int, name: str, arguments: str) -> Object:
    return {
        "index": index,
        "id": f"{name}_{index}",
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


PARIS, BEIJING = call(0, "get_weather", '{"city":"Paris"}'), call(1, "get_weather", '{"city":"北京 ⛅"}')


def completion(
    *, content: str = TEXT, reasoning: str | None = THOUGHT, calls: list[Object] | None = None, **other: Any
) -> Object:
    """A whole answer."""
    message: Object = {"role": "assistant", "content": content}
    if reasoning is not None:
        message["reasoning_content"] = reasoning
    if calls:
        message["tool_calls"] = calls
    finish = other.pop("finish", "tool_calls" if calls else "stop")
    usage = other.pop("usage", used(87, 61))
    choice = {"index": 0, "message": message, "finish_reason": finish}
    head = {"id": "chatcmpl-6a5aba15de3542feca4c46e5", "object": "chat.completion", "created": 1788396033}
    return {**head, "model": other.pop("model", "kimi-k3"), "choices": [choice], "usage": usage}


def _answered(asked: Object, **answer: Any) -> Sight:
    return asking(CHAT, asked, 200, completion(model=asked["model"], **answer))


def _off(**members: Any) -> Object:
    return chat_body(model="kimi-k2.6", thinking={"type": "disabled"}, **members)


SILENT = {"reasoning": None, "usage": used(30, 12, reasoning=1)}
"""What an answer is that was not thought about."""
PICTURE = [
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
    {"type": "text", "text": "?"},
]
MOON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "km": {"type": "integer"}},
    "required": ["name", "km"],
}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "moon", "strict": True, "schema": MOON}}
FACTS = [{"role": "user", "content": "The moon as a JSON object with name and km. 用 JSON。"}]
BEGUN = [*HELLO, {"role": "assistant", "content": "The sea that most people know is", "partial": True}]
BROUGHT = [{"role": "system", "content": "", "tools": [WEATHER]}, *HELLO]
NAMED = {"type": "function", "function": {"name": "get_weather"}}

CHATS: dict[str, Sight] = {
    "chat": _answered(chat_body()),
    "taken/plain": _answered(chat_body()),
    "chat-late": asking(CHAT, chat_body(), 200, completion(), on=date(2026, 11, 23)),
    "chat-cached": asking(
        CHAT,
        chat_body(),
        200,
        completion(usage=used(93, 54, cached=93)),
        ("msh-context-cache-token-saved", "93"),
    ),
    "chat-length": _answered(
        chat_body(max_completion_tokens=32), content="", finish="length", usage=used(87, 32, reasoning=29)
    ),
    "chat-both-bounds": _answered(chat_body(max_tokens=1)),
    "chat-cut-at-second-bound": _answered(
        chat_body(max_tokens=16, max_completion_tokens=48),
        content="",
        finish="length",
        usage=used(87, 48, reasoning=45),
    ),
    "taken/max-tokens": _answered({"model": "kimi-k3", "messages": HELLO, "max_tokens": 512}),
    "taken/unknown-members": _answered(chat_body(seed=7, user="somebody", verbosity="low", 深=[1, None])),
    "taken/kimi-members": _answered(chat_body(prompt_cache_key="a", safety_identifier="b")),
    "taken/image": _answered(chat_body(messages=[{"role": "user", "content": PICTURE}])),
    "taken/temperature-1": _answered(chat_body(temperature=1)),
    "taken/not-thinking": _answered(_off(temperature=0.6), **SILENT),
    "taken/effort": _answered(chat_body(reasoning_effort="low")),
    "taken/unknown-effort": _answered(chat_body(reasoning_effort="medium")),
    "taken/effort-ignored": _answered(chat_body(model="kimi-k2.6", reasoning_effort="low")),
    "chat-tools": _answered(chat_body(tools=[WEATHER], tool_choice="auto"), content="", calls=[PARIS]),
    "chat-two-calls": _answered(chat_body(tools=[WEATHER]), content="", calls=[PARIS, BEIJING]),
    "chat-required": _answered(chat_body(tools=[WEATHER], tool_choice="required"), content="", calls=[PARIS]),
    "taken/named": _answered(_off(tools=[WEATHER], tool_choice=NAMED), content="", calls=[PARIS], **SILENT),
    "taken/auto-without-tools": _answered(chat_body(tool_choice="auto")),
    "taken/tools-in-messages": _answered(chat_body(messages=BROUGHT), content="", calls=[PARIS]),
    "chat-partial": _answered(chat_body(messages=BEGUN), content=" the Sea of Tranquility."),
    "chat-json": _answered(
        chat_body(messages=FACTS, response_format={"type": "json_object"}), content='{"name":"月亮 🌓","km":384400}'
    ),
    "chat-schema": _answered(
        chat_body(messages=FACTS, response_format=SCHEMA), content='{"name":"月亮\\n🌓","km":384400}'
    ),
    "taken/coding": asking(
        "/coding/v1/chat/completions",
        chat_body(model="kimi-for-coding"),
        200,
        completion(model="kimi-for-coding"),
        host="coding",
    ),
}
