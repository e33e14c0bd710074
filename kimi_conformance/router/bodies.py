"""Request bodies that cases share: histories, tools, system prompts, large and broken ones. All texts are our own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.reach import Surface

TEXTS: Final = {
    "chinese": "月球的背面在哪里?请用一句话回答。",
    "emoji": "One 🌗, two 👩‍🚀🏽, one flag 🇲🇨 and a lone ZWJ \u200d at the end.",
    "line-separators": "first\u2028second\u2029third\u0085fourth\u000bfifth",
    "escapes": 'quote " backslash \\ slash / tab \t newline \n return \r bell \u0007 del \u007f',
    "html": '<script>alert("&amp;")</script> &lt;b&gt;',
    "combining": "e\u0301 is not \u00e9, \ufb01 is not fi, Å is not \u00c5, \u212b is neither",
    "astral": "\U0001d4da\U0001d4f2\U0001d4f6\U0001d4f2 and \uffff\ufdd0",
    "blanks": "  two before, two after, a no-break\u00a0space, \ufeff  ",
    "placeholders": "{model} ${MODEL} %s %(x)s {{x}} $1 `id` $(id)",
}

ARGUMENTS: Final = '{"city":  "Nice" ,"unit":"\\u00b0C", "n": 1.0, "id": 12345678901234567890}'
"""Arguments are a string, spelled as the model spelled it: blanks, escapes, number forms and all."""


def _user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": f"{text} [{MARK}]"}


def _chat_histories() -> dict[str, list[dict[str, Any]]]:
    call = {"id": "get_weather_0", "type": "function", "function": {"name": "get_weather", "arguments": ARGUMENTS}}
    other = {"id": "functions.get_time:1", "type": "function", "function": {"name": "get_time", "arguments": "{}"}}
    asked = {"role": "assistant", "content": "", "tool_calls": [call, other]}
    results = [
        {"role": "tool", "tool_call_id": "functions.get_time:1", "content": "12:00"},
        {"role": "tool", "tool_call_id": "get_weather_0", "content": '{"sky": "clear", "wind": null}'},
    ]
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    return {
        "turns": [_user("One."), {"role": "assistant", "content": "1"}, _user("Two.")],
        "reasoning": [
            _user("Think."),
            {"role": "assistant", "content": "Done.", "reasoning_content": "First this, then 那个."},
            _user("Why?"),
        ],
        "tool-calls": [_user("Weather?"), asked, *results],
        "reasoning-with-tool-calls": [
            _user("Weather?"),
            {**asked, "reasoning_content": "It asks for the weather; I call get_weather."},
            *results,
        ],
        "null-content": [_user("Weather?"), {**asked, "content": None}, *results],
        "partial": [_user("A poem."), {"role": "assistant", "content": "The moon", "partial": True, "name": "poet"}],
        "parts": [{"role": "user", "content": [{"type": "text", "text": f"What is it? [{MARK}]"}, image]}],
        "name": [{**_user("I am one of two."), "name": "user_1"}],
        **{slug: [_user(text)] for slug, text in TEXTS.items()},
    }


def _messages_histories() -> dict[str, list[dict[str, Any]]]:
    use = {"type": "tool_use", "id": "get_weather_0", "name": "get_weather", "input": {"city": "Nice", "n": 1.5}}
    result = {"type": "tool_result", "tool_use_id": "get_weather_0", "content": [{"type": "text", "text": "clear"}]}
    thought = {"type": "thinking", "thinking": "First this, then 那个.", "signature": ""}
    return {
        "turns": [_user("One."), {"role": "assistant", "content": "1"}, _user("Two.")],
        "tool-calls": [
            _user("Weather?"),
            {"role": "assistant", "content": [use]},
            {"role": "user", "content": [result]},
        ],
        "thinking-with-tool-calls": [
            _user("Weather?"),
            {"role": "assistant", "content": [thought, use]},
            {"role": "user", "content": [result]},
        ],
        **{slug: [_user(text)] for slug, text in TEXTS.items()},
    }


HISTORIES: Final[Mapping[Surface, Mapping[str, list[dict[str, Any]]]]] = {
    "chat": _chat_histories(),
    "messages": _messages_histories(),
}

_PROMPT: Final = "You are terse. 你很简洁。\nNever say `claude-sonnet-4-5`."

SYSTEM: Final[Mapping[Surface, Mapping[str, Any]]] = {
    "chat": {"messages": [{"role": "system", "content": _PROMPT}, _user("Hello.")]},
    "messages": {"system": _PROMPT, "messages": [_user("Hello.")]},
}

_SCHEMA: Final = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "城市 — the city", "minLength": 1},
        "days": {"$ref": "#/$defs/days"},
        "kind": {"anyOf": [{"type": "string", "enum": ["now", "daily"]}, {"type": "null"}], "default": None},
    },
    "required": ["city"],
    "additionalProperties": False,
    "$defs": {"days": {"type": "integer", "minimum": 1, "maximum": 14}},
}


def _function(**more: Any) -> dict[str, Any]:
    function = {"name": "get_weather", "description": "Weather — now or by day", "parameters": _SCHEMA, **more}
    return {"type": "function", "function": function}


_ANTHROPIC_TOOL: Final = {"name": "get_weather", "description": "Weather — now or by day", "input_schema": _SCHEMA}

TOOLS: Final[Mapping[Surface, Mapping[str, Mapping[str, Any]]]] = {
    "chat": {
        "schema": {"tools": [_function()]},
        "strict": {"tools": [_function(strict=True)], "tool_choice": "auto"},
        "not-strict": {"tools": [_function(strict=False)], "tool_choice": "required"},
        "named": {"tools": [_function()], "tool_choice": {"type": "function", "function": {"name": "get_weather"}}},
        "builtin": {"tools": [{"type": "builtin_function", "function": {"name": "$web_search"}}]},
        "none": {"tools": [_function()], "tool_choice": "none"},
    },
    "messages": {
        "schema": {"tools": [_ANTHROPIC_TOOL]},
        "any": {"tools": [_ANTHROPIC_TOOL], "tool_choice": {"type": "any"}},
    },
}


def large(surface: Surface, size: int) -> dict[str, Any]:
    """Members that make a body of about `size` bytes: a long system prompt, twelve tools, a mark at the end."""
    line = "Read every file before you change it; 先读后改. "
    prompt = line * (size // len(line.encode()) + 1)
    user = [_user("Begin.")]
    if surface == "messages":
        tools = [{**_ANTHROPIC_TOOL, "name": f"tool_{n}"} for n in range(12)]
        return {"system": prompt, "messages": user, "tools": tools}
    tools = [_function(name=f"tool_{n}") for n in range(12)]
    return {"messages": [{"role": "system", "content": prompt}, *user], "tools": tools}


def duplicate_model(surface: Surface, first: str, last: str) -> bytes:
    """A body that names its model twice."""
    bound = '"max_tokens":64,' if surface == "messages" else ""
    messages = json.dumps([_user("Hello.")])
    return f'{{"model":{json.dumps(first)},{bound}"messages":{messages},"model":{json.dumps(last)}}}'.encode()


MALFORMED: Final = (
    "truncated",
    "trailing-comma",
    "single-quotes",
    "no-json",
    "two-values",
    "bare-word",
    "list",
    "empty",
)


def malformed(kind: str, surface: Surface, model: Any) -> bytes:
    """A body that is no JSON object: one of `MALFORMED`."""
    bound = '"max_tokens":64,' if surface == "messages" else ""
    good = f'{{"model":{json.dumps(model)},{bound}"messages":{json.dumps([_user("Hello.")])}}}'
    broken = {
        "truncated": good[:-2],
        "trailing-comma": f"{good[:-1]},}}",
        "single-quotes": good.replace('"', "'"),
        "no-json": f"model={model}&prompt={MARK}",
        "two-values": good + good,
        "bare-word": good.replace('"user"', "user"),
        "list": f"[{good}]",
        "empty": "",
    }
    return broken[kind].encode()
