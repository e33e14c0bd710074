"""What the offline Kimi refuses, as data: the request, what the refusal says, and a twin that is taken."""

from __future__ import annotations

from typing import Any

from suites.selftest.serve_client import WEATHER

ONLY = "only {} is allowed for this model"
OFF = {"thinking": {"type": "disabled"}}
K26 = {"model": "kimi-k2.6"}
K27 = {"model": "kimi-k2.7-code"}
CALLED = {
    "role": "assistant",
    "content": "",
    "tool_calls": [{"id": "a_0", "type": "function", "function": {"name": "a", "arguments": "{}"}}],
}
ASKS = {"role": "user", "content": "hello"}
RESULT = {"role": "tool", "tool_call_id": "a_0", "content": "ok"}
LOOP = [ASKS, CALLED, RESULT]
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
PNG = "data:image/png;base64,iVBORw0KGgo="


def tool(**function: Any) -> dict[str, Any]:
    """A function `a` with these members."""
    return {"tools": [{"type": "function", "function": {"name": "a", "parameters": SCHEMA, **function}}]}


def pictured(url: str) -> dict[str, Any]:
    """A question about the picture at `url`."""
    part = {"type": "image_url", "image_url": {"url": url}}
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, part]}]}


def schema(**members: Any) -> dict[str, Any]:
    """A format with a schema, and these members."""
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, **members}}}


def without(members: dict[str, Any], name: str) -> dict[str, Any]:
    """The format without one of its members."""
    format_ = members["response_format"]
    kept = {key: value for key, value in format_["json_schema"].items() if key != name}
    return {"response_format": {**format_, "json_schema": kept}}


NAMED = {"tool_choice": {"type": "function", "function": {"name": "get_weather"}}, "tools": [WEATHER]}
REQUIRED = {"tool_choice": "required", "tools": [WEATHER]}
INCOMPATIBLE = "is incompatible with thinking enabled"
FLAVOUR = (
    "Invalid request: tools.function.parameters is not a valid moonshot flavored json schema, details: "
    '<tools.function.parameters.type is required and must be "object">'
)
BAD_NAME = (
    "Invalid request: function name is invalid, must start with a letter and can contain letters, numbers, "
    "underscores, and dashes"
)

# What is refused, the published text, and the twin that is taken.
PUBLISHED: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "temperature-k3": ({"temperature": 0.6}, "invalid temperature: " + ONLY.format(1), {"temperature": 1.0}),
    "temperature-k2.6": (
        {**K26, "temperature": 0.6},
        "invalid temperature: " + ONLY.format(1),
        {**K26, "temperature": 1},
    ),
    "temperature-off": (
        {**K26, **OFF, "temperature": 1},
        "invalid temperature: " + ONLY.format(0.6),
        {**K26, **OFF, "temperature": 0.6},
    ),
    "temperature-text": ({"temperature": "1"}, "invalid temperature: " + ONLY.format(1), {"temperature": None}),
    "temperature-bool": ({"temperature": True}, "invalid temperature: " + ONLY.format(1), {"temperature": 1}),
    "logprobs": (
        {"logprobs": True},
        "invalid logprobs: only false is allowed for this model",
        {"logprobs": False},
    ),
    "top-logprobs": (
        {"top_logprobs": 3},
        "Invalid request: logprobs must be set to true if top_logprobs is used",
        {"top_logprobs": None},
    ),
    "logit-bias": (
        {"logit_bias": {"1734": 5}},
        "Invalid request: logit_bias is not supported yet",
        {"logit_bias": None},
    ),
    "top-p": ({"top_p": 0.9}, "invalid top_p: " + ONLY.format(0.95), {"top_p": 0.95}),
    "n": ({"n": 2}, "invalid n: " + ONLY.format(1), {"n": 1}),
    "presence": ({"presence_penalty": 0.1}, "invalid presence_penalty: " + ONLY.format(0), {"presence_penalty": 0}),
    "frequency": ({"frequency_penalty": 0.1}, "invalid frequency_penalty: " + ONLY.format(0), {"frequency_penalty": 0}),
    "thinking-off": (
        {**K27, **OFF},
        "invalid thinking: only type=enabled is allowed for this model",
        {**K27, "thinking": {"type": "enabled"}},
    ),
    "stop": (
        {"stop": list("abcdef")},
        "stop array too long. Expected an array with maximum length 5, but got 6",
        {"stop": ["§a", "§b", "§c", "§d", "§e"]},
    ),
    "no-messages": ({"messages": []}, "Invalid request: messages must not be empty", {}),
    "empty-assistant": (
        {"messages": [ASKS, {"role": "assistant", "content": ""}, ASKS]},
        "Invalid request: the message at position 1 with role 'assistant' must not be empty",
        {"messages": [ASKS, {"role": "assistant", "content": "Yes?"}, ASKS]},
    ),
    "empty-last": (
        {"messages": [ASKS, {"role": "assistant", "content": "", "partial": False}]},
        "Invalid request: the message at position 1 with role 'assistant' must not be empty",
        {"messages": [ASKS, {"role": "assistant", "content": "", "partial": True}]},
    ),
    "reasoning-k2.6": (
        {**K26, "messages": LOOP},
        "thinking is enabled but reasoning_content is missing in assistant tool call message at index 1",
        {**K26, "messages": [ASKS, {**CALLED, "reasoning_content": "Hm."}, RESULT]},
    ),
    "reasoning-off": (
        {**K26, "messages": LOOP},
        "thinking is enabled but reasoning_content is missing in assistant tool call message at index 1",
        {**K26, **OFF, "messages": LOOP},
    ),
    "tool-without-id": (
        {"messages": [ASKS, CALLED, {"role": "tool", "content": "ok"}]},
        "Invalid request: tool_call_id  is not found",
        {"messages": LOOP},
    ),
    "tool-with-unknown-id": (
        {"messages": [ASKS, CALLED, {**RESULT, "tool_call_id": "b_1"}]},
        "Invalid request: tool_call_id b_1 is not found",
        {"messages": LOOP},
    ),
    "tool-type": (
        {"tools": [{"type": "gadget"}]},
        "Invalid request: unknown tool type: gadget, currently only function and plugin are supported",
        {"tools": [{"type": "builtin_function", "function": {"name": "$web_search"}}]},
    ),
    "tool-no-type": (
        {"tools": [{"function": {"name": "a"}}]},
        "Invalid request: unknown tool type: , currently only function and plugin are supported",
        tool(),
    ),
    "tool-name-digit": (tool(name="1bad"), BAD_NAME, tool(name="good-1_")),
    "tool-name-at": (tool(name="bad@name"), BAD_NAME, tool(name="_")),
    "tool-name-long": (tool(name="a" * 257), BAD_NAME, tool(name="a" * 64)),
    "tool-name-twice": (
        {"tools": [WEATHER, WEATHER]},
        "Invalid request: function name get_weather is duplicated",
        {"tools": [WEATHER]},
    ),
    "tool-schema": (tool(parameters={"properties": {}}), FLAVOUR, tool(parameters={"type": "object"})),
    "required-k2.6": (
        {**K26, **REQUIRED},
        f"tool_choice 'required' {INCOMPATIBLE}",
        {**K26, **OFF, **REQUIRED},
    ),
    "required-k2.7": ({**K27, **REQUIRED}, f"tool_choice 'required' {INCOMPATIBLE}", REQUIRED),
    "named-k3": (NAMED, f"tool_choice 'specified' {INCOMPATIBLE}", {**OFF, **NAMED}),
    "named-k2.6": ({**K26, **NAMED}, f"tool_choice 'specified' {INCOMPATIBLE}", {**K26, **OFF, **NAMED}),
}

# What is refused in a text of our own, a word that the text has, and the twin that is taken.
MODELLED: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "long-stop": ({"stop": "§" * 17}, "stop", {"stop": "§" * 16}),
    "budget": ({"max_tokens": 0}, "max_tokens", {"max_tokens": 1}),
    "role": ({"messages": [{"role": "developer", "content": "x"}]}, "role", {"messages": [ASKS]}),
    "not-object": ({"messages": ["hello"]}, "object", {"messages": [ASKS]}),
    "remote-image": (pictured("https://example.org/a.png"), "image url", pictured(PNG)),
    "no-image": (pictured(""), "image url", pictured("ms://file_1")),
    "unanswered": ({"messages": [ASKS, CALLED, ASKS]}, "did not have response messages: a_0", {"messages": LOOP}),
    "partial-json": (
        {
            "messages": [ASKS, {"role": "assistant", "content": "{", "partial": True}],
            "response_format": {"type": "json_object"},
        },
        "partial",
        {"messages": [ASKS, {"role": "assistant", "content": "{", "partial": True}]},
    ),
    "partial-early": (
        {"messages": [{"role": "assistant", "content": "{", "partial": True}, ASKS]},
        "partial",
        {"messages": [{"role": "assistant", "content": "{", "partial": False}, ASKS]},
    ),
    "choice": (
        {"tool_choice": "bogus", "tools": [WEATHER]},
        "tool_choice",
        {"tool_choice": "auto", "tools": [WEATHER]},
    ),
    "choice-of-nothing": (
        {"tool_choice": {"type": "tool", "function": {"name": "get_weather"}}, "tools": [WEATHER]},
        "name a function",
        {"tool_choice": "auto", "tools": [WEATHER]},
    ),
    "choice-of-a-stranger": (
        {**OFF, "tool_choice": {"type": "function", "function": {"name": "stranger"}}, "tools": [WEATHER]},
        "not among the tools",
        {**OFF, **NAMED},
    ),
    "required-none": ({"tool_choice": "required"}, "tools", {"tool_choice": "auto"}),
    "required-empty": ({"tool_choice": "required", "tools": []}, "tools", {"tool_choice": "none", "tools": []}),
    "format-type": (
        {"response_format": {"type": "xml"}},
        "response_format.type",
        {"response_format": {"type": "text"}},
    ),
    "format-word": ({"response_format": "json_object"}, "response_format.type", {"response_format": None}),
    "schema-name": (without(schema(), "name"), "json_schema.name", schema()),
    "schema-none": (without(schema(), "schema"), "json_schema.schema", schema()),
    "schema-list": (schema(schema=[]), "json_schema.schema", schema(schema={"type": "object"})),
    "schema-strict": (schema(strict="yes"), "json_schema.strict", schema(strict=False)),
    "no-json-schema": ({"response_format": {"type": "json_schema"}}, "json_schema", schema()),
    "tools-in-user": (
        {"messages": [{"role": "user", "content": "hello", "tools": [WEATHER]}]},
        "position 0",
        {"messages": [{"role": "system", "content": "", "tools": [WEATHER]}, ASKS]},
    ),
    "tools-beside-text": (
        {"messages": [{"role": "system", "content": "Be kind.", "tools": [WEATHER]}, ASKS]},
        "position 0",
        {"messages": [{"role": "system", "content": "Be kind."}, ASKS]},
    ),
    "tools-twice": (
        {"messages": [{"role": "system", "content": "", "tools": [WEATHER]}, ASKS], "tools": [WEATHER]},
        "duplicated",
        {"messages": [{"role": "system", "content": "", "tools": [WEATHER]}, ASKS], **tool()},
    ),
}
