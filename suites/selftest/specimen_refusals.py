"""Requests that break a rule, with Kimi's own words for it, by the requirement that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.exchange import Request
from suites.selftest.specimen_chat import NAMED
from suites.selftest.specimen_parts import (
    CHAT,
    HELLO,
    MESSAGES,
    RESPONSES,
    URLS,
    WEATHER,
    Object,
    asking,
    chat_body,
    error,
    error_of_messages,
    reply,
    sight,
)

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

CALLED = [
    *HELLO,
    {"role": "assistant", "content": "", "tool_calls": [{"id": "get_weather_0", "type": "function", "function": {}}]},
    {"role": "tool", "tool_call_id": "get_weather_0", "content": "18 °C"},
]
LOST = [*HELLO, {"role": "tool", "tool_call_id": "nobody_0", "content": "18 °C"}]
REMOTE = [{"type": "image_url", "image_url": {"url": "https://example.com/moon.png"}}]
OFF = {"thinking": {"type": "disabled"}}
FORM = (
    b'--moon\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbogus\r\n'
    b'--moon\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nmoon\r\n--moon--\r\n'
)


def form(body: bytes) -> Request:
    """An upload."""
    head = (("authorization", "Bearer <scrubbed>"), ("content-type", "multipart/form-data; boundary=moon"))
    return Request("POST", f"{URLS['platform-ai']}/v1/files", head, body)


def _tool(**function: Any) -> Object:
    return {"tools": [{"type": "function", "function": {**WEATHER["function"], **function}}]}


CHATS: dict[str, tuple[Object, str]] = {
    "api.chat.empty-messages-refused": ({"messages": []}, "Invalid request: messages must not be empty"),
    "api.chat.empty-assistant-refused": (
        {"messages": [*HELLO, {"role": "assistant", "content": ""}, *HELLO]},
        "Invalid request: the message at position 1 with role 'assistant' must not be empty",
    ),
    "api.chat.stop-at-most-five": (
        {"stop": list("abcdef")},
        "stop array too long. Expected an array with maximum length 5, but got 6",
    ),
    "api.chat.remote-image-refused": (
        {"messages": [{"role": "user", "content": REMOTE}]},
        "Invalid request: unsupported image url: https://example.com/moon.png",
    ),
    "api.sampling.temperature-fixed": ({"temperature": 0.6}, "invalid temperature: only 1 is allowed for this model"),
    "api.sampling.temperature-0.6-without-thinking": (
        {"model": "kimi-k2.6", "temperature": 1, **OFF},
        "invalid temperature: only 0.6 is allowed for this model",
    ),
    "api.sampling.top-p-fixed": ({"top_p": 0.9}, "invalid top_p: only 0.95 is allowed for this model"),
    "api.sampling.n-fixed": ({"n": 2}, "invalid n: only 1 is allowed for this model"),
    "api.sampling.presence-penalty-fixed": (
        {"presence_penalty": 0.1},
        "invalid presence_penalty: only 0 is allowed for this model",
    ),
    "api.sampling.frequency-penalty-fixed": (
        {"frequency_penalty": 0.1},
        "invalid frequency_penalty: only 0 is allowed for this model",
    ),
    "api.sampling.logprobs-refused": ({"logprobs": True}, "invalid logprobs: only false is allowed for this model"),
    "api.sampling.logit-bias-refused": (
        {"logit_bias": {"50256": -100}},
        "Invalid request: logit_bias is not supported yet",
    ),
    "api.thinking.disable-refused": (
        {"model": "kimi-k2.7-code", **OFF},
        "invalid thinking: only type=enabled is allowed for this model",
    ),
    "api.thinking.reasoning-sent-back": (
        {"model": "kimi-k2.6", "messages": CALLED},
        "thinking is enabled but reasoning_content is missing in assistant tool call message at index 1",
    ),
    "api.tools.required-refused-while-thinking": (
        {"model": "kimi-k2.6", "tools": [WEATHER], "tool_choice": "required"},
        "tool_choice 'required' is incompatible with thinking enabled",
    ),
    "api.tools.named-refused-while-thinking": (
        {"tools": [WEATHER], "tool_choice": NAMED},
        "tool_choice 'specified' is incompatible with thinking enabled",
    ),
    "api.tools.unknown-choice-refused": (
        {"tools": [WEATHER], "tool_choice": "bogus"},
        "Invalid request: tool_choice must be auto, none, required, or name a function",
    ),
    "api.tools.required-without-tools-refused": (
        {"tool_choice": "required"},
        "Invalid request: tool_choice 'required' needs tools",
    ),
    "api.tools.unknown-type-refused": (
        {"tools": [{**WEATHER, "type": "moon"}]},
        "Invalid request: unknown tool type: moon, currently only function and plugin are supported",
    ),
    "api.tools.function-name-checked": (
        _tool(name="1st"),
        "Invalid request: function name is invalid, must start with a letter and can contain letters and numbers",
    ),
    "api.tools.schema-flavour-checked": (
        _tool(parameters={"properties": {}}),
        "Invalid request: tools.function.parameters is not a valid moonshot flavored json schema, details: <no type>",
    ),
    "api.tools.tool-call-id-needed": ({"messages": LOST}, "Invalid request: tool_call_id nobody_0 is not found"),
    "api.tools.dynamic-tools-placed": (
        {"messages": [{"role": "user", "content": "?", "tools": [WEATHER]}]},
        "Invalid request: the message at position 0 must not have tools, only system messages may",
    ),
    "api.response-format.json-schema-needs-name": (
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}},
        "Invalid request: response_format.json_schema.name is required",
    ),
    "api.response-format.unknown-type-refused": (
        {"response_format": {"type": "yaml"}},
        "Invalid request: response_format.type must be one of text, json_object, json_schema",
    ),
}


def _of_responses(asked: Object, message: str, code: str, param: str | None) -> Sight:
    body = {"model": "kimi-k3", "input": "Name one sea of the moon.", **asked}
    return asking(RESPONSES, body, 400, error(message, param=param, code=code))


OTHERS: dict[str, Sight] = {
    "api.responses.effort-checked": _of_responses(
        {"reasoning": {"effort": "none"}},
        'invalid_request_error: invalid_request_error: reasoning.effort value "none" is not supported',
        "invalid_request_error",
        None,
    ),
    "api.responses.tool-choice-only-auto": _of_responses(
        {"tool_choice": "required"},
        'invalid_request_error: responses: unsupported tool_choice value: "required"',
        "invalid_request_error",
        None,
    ),
    "api.responses.temperature-fixed": _of_responses(
        {"temperature": 0.6}, "invalid temperature: only 1 is allowed for this model", "invalid_request_error", None
    ),
    "api.responses.json-object-refused": _of_responses(
        {"text": {"format": {"type": "json_object"}}},
        'invalid_request_error: invalid_request_error: text.format: unsupported type "json_object"',
        "invalid_request_error",
        None,
    ),
    "api.responses.cache-retention-refused": _of_responses(
        {"prompt_cache_retention": "24h"},
        "invalid_request_error: invalid_request_error: prompt_cache_retention is not supported",
        "invalid_request_error",
        None,
    ),
    "api.messages.named-tool-refused": asking(
        MESSAGES,
        {
            "model": "kimi-k3",
            "max_tokens": 512,
            "messages": HELLO,
            "tools": [{"name": "get_weather", "input_schema": {"type": "object", "properties": {}}}],
            "tool_choice": {"type": "tool", "name": "get_weather"},
        },
        400,
        error_of_messages("tool_choice 'specified' is incompatible with thinking enabled"),
    ),
    "api.files.bad-purpose-refused": sight(
        form(FORM), reply(400, error("Invalid purpose: bogus, only `file-extract`, `batch` and `image` accepted"))
    ),
}

TOGETHER = chat_body(
    messages=[*HELLO, {"role": "assistant", "content": "{", "partial": True}], response_format={"type": "json_object"}
)

REFUSALS: dict[str, Sight] = {
    "context": asking(
        CHAT,
        chat_body(),
        400,
        error("Invalid request: Your request exceeded model token limit: 1048576 (requested: 1048600)"),
    ),
    "responses-unknown-model": _of_responses(
        {"model": "kimi-k2-turbo"},
        "Not found the model kimi-k2-turbo or Permission denied",
        "model_not_found",
        "model",
    ),
    "partial-with-json": asking(
        CHAT, TOGETHER, 400, error("Invalid request: partial mode cannot be used with response_format json_object")
    ),
    **{f"refused/{name}": asking(CHAT, chat_body(**asked), 400, error(said)) for name, (asked, said) in CHATS.items()},
    **{f"refused/{name}": each for name, each in OTHERS.items()},
}
