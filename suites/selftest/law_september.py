"""The laws of what the probes of 1 to 7 September 2026 showed: members taken and refused, counters, names of nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from suites.selftest.sights import CHAT, DAY, HEAD, HELLO, ID, MESSAGES, TOOL, asking, chat, error, events, seen, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

RESPONSES, CODING = "/v1/responses", "/coding/v1/chat/completions"
KEEP, PREDICTED, LEFT_OUT = (
    "api.thinking.keep",
    "api.chat.prediction-accepted",
    "api.thinking.reasoning-may-be-left-out",
)
JSON, RETENTION, THINKING = (
    "api.responses.json-object-refused",
    "api.responses.cache-retention-refused",
    "api.responses.thinking-accepted",
)
WITHIN, TWINS, OBEYED = (
    "api.messages.thinking-within-output",
    "api.messages.cached-twins-equal",
    "api.messages.any-tool-obeyed",
)
TRACED, NEVER = "api.headers.trace-mode", "api.lifecycle.never-404"
LOST, NO_MODEL = "api.messages.unknown-model-404", "api.responses.unknown-model-400"
NOBODY = "kimi-nonexistent"
GONE = f"Not found the model {NOBODY} or Permission denied"
ALL = {"type": "enabled", "keep": "all"}
ALL_PLAIN = {
    "stream": False,
    "max_output_tokens": 64,
    "reasoning": {"effort": "low"},
    "thinking": {"type": "disabled"},
}
CONTENT = {"type": "content", "content": "你好"}
CALL = {"id": "a_0", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
TURN = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "a_0", "content": "18 °C"}
THOUGHT = {"role": "assistant", "content": "Hello!", "reasoning_content": "Hm."}
NAMED = [{**HELLO[0], "name": "a"}]
BOUNDS = {"max_tokens": 64, "max_completion_tokens": 64, "stream": True, "stream_options": {"include_usage": True}}
HISTORY = [*HELLO, TURN, RESULT]
ODD_MEMBERS: list[dict[str, Any]] = [
    {"max_tokens": "64"},
    {"max_completion_tokens": 0},
    {"max_tokens": 10**9},
    {"stream": "a"},
    {"stream_options": 5},
]
ODD_TURNS: list[Any] = [
    "odd",
    {"role": "moon", "content": "a"},
    {"content": "a"},
    {"role": "user", "content": 5},
    {"role": "user", "content": " "},
    {"role": "system", "content": ""},
    {"role": "user", "content": "a", "tool_calls": []},
    {"role": "assistant"},
    {"role": "assistant", "content": None, "tool_calls": []},
]
ODD_CALLS: list[Any] = [
    "odd",
    {**CALL, "type": "moon"},
    {**CALL, "id": 7},
    {**CALL, "function": "odd"},
    {**CALL, "function": {"name": "get_weather"}},
    {**CALL, "function": {"name": "get_weather", "arguments": {}}},
    {**CALL, "function": {"name": 7, "arguments": "{}"}},
]
SPENT = {"input_tokens": 0, "output_tokens": 30, "output_tokens_details": {"thinking_tokens": 14}}
CACHED = {"cache_read_input_tokens": 89, "cached_tokens": 89}
ANSWERED = "api.messages.answered"
ADAPTIVE = asking(max_tokens=64, thinking={"type": "adaptive"})
ANY = {"type": "any"}
USE = {"type": "tool_use", "id": "get_weather_0", "name": "get_weather", "input": {}}
TEXT = {"type": "text", "text": "你好"}
WEATHER = [{"name": "get_weather", "input_schema": {"type": "object", "properties": {}}}]
ON = {**HEAD, "msh-trace-mode": "on"}


def taken(model: str = "kimi-k3", **members: Any) -> Sight:
    return chat(whole(), asking(model, **members), on=DAY)


def refused(model: str = "kimi-k3", **members: Any) -> Sight:
    return error(400, "invalid_request_error", "no", asking(model, **members), on=DAY)


def response(status: int, body: Any, **members: Any) -> Sight:
    return seen(status, body, asked={"model": "kimi-k3", "input": "Hello.", **members}, path=RESPONSES, on=DAY)


def not_taken(message: str, **members: Any) -> Sight:
    told = {"message": message, "type": "invalid_request_error", "param": None, "code": "invalid_request_error"}
    return response(400, {"error": told}, **members)


def message(*content: Any, used: dict[str, Any] | None = None, stop: str | None = "end_turn", **members: Any) -> Sight:
    head = {"id": ID, "type": "message", "role": "assistant", "model": "kimi-k3", "stop_reason": stop}
    body = {**head, "content": list(content or [TEXT]), "usage": used or {**SPENT, **CACHED}}
    return seen(200, body, asked=asking(**{"max_tokens": 64, **members}), path=MESSAGES, on=DAY)


def ended(used: dict[str, Any], begun: dict[str, Any] | None = None) -> Sight:
    """A stream with this usage at its end, and that one at its beginning."""
    head = {"id": ID, "type": "message", "role": "assistant", "content": [], "model": "kimi-k3"}
    start = {"type": "message_start", "message": {**head, "usage": begun or used}}
    delta = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": used}
    return events(start, delta, {"type": "message_stop"}, on=DAY)


def of_nobody(
    path: str = CHAT, *, kind: str = "resource_not_found_error", said: str = GONE, status: int = 404
) -> Sight:
    bound = {"max_tokens": 64} if path == MESSAGES else {}
    told = {"error": {"type": kind, "message": said}, "request_id": "a", "type": "error"}
    return seen(status, told, asked=asking(NOBODY, **bound), path=path, on=DAY)


FINE = [
    (KEEP, taken("kimi-k2.6", thinking=ALL)),
    (PREDICTED, taken(prediction=CONTENT)),
    (LEFT_OUT, taken(messages=HISTORY, tools=[TOOL], reasoning_effort="low")),
    (LEFT_OUT, taken(messages=[*HELLO, THOUGHT, *HISTORY], tools=[TOOL])),
    (LEFT_OUT, taken(messages=[{"role": "system", "content": "a"}, *HELLO, {**TURN, "content": "a"}, RESULT])),
    (JSON, not_taken('text.format: unsupported type "json_object"', text={"format": {"type": "json_object"}})),
    (RETENTION, not_taken("prompt_cache_retention is not supported", prompt_cache_retention="24h")),
    (THINKING, response(200, {"output": []}, thinking={"type": "disabled"})),
    (WITHIN, message()),
    (WITHIN, ended(SPENT)),
    (TWINS, message()),
    (TWINS, ended(CACHED, {"cache_read_input_tokens": 0, "cached_tokens": 89})),
    (OBEYED, message(TEXT, USE, stop="tool_use", tools=WEATHER, tool_choice=ANY)),
    (TRACED, seen(200, whole(), asked=asking(), headers=ON, on=DAY)),
    (ANSWERED, message(thinking={"type": "adaptive"}, output_config={"effort": "low"})),
    (NEVER, of_nobody()),
    (LOST, of_nobody(MESSAGES)),
    (THINKING, response(200, {"output": []}, **ALL_PLAIN)),
    (THINKING, response(200, {"output": []}, thinking={"type": "enabled"})),
    (JSON, not_taken("json_object is not supported", text={"format": {"type": "json_object"}})),
]
WRONG = [
    (KEEP, refused("kimi-k2.6", thinking=ALL), "response"),
    (PREDICTED, refused(prediction=CONTENT), "response"),
    (PREDICTED, refused(prediction=CONTENT, **BOUNDS), "response"),
    (LEFT_OUT, refused(messages=HISTORY, tools=[TOOL]), "response"),
    (
        LEFT_OUT,
        refused(messages=[{"role": "system", "content": "a"}, *HELLO, {**TURN, "content": "a"}, RESULT]),
        "response",
    ),
    (LEFT_OUT, refused(messages=[*HELLO, {"role": "assistant", "content": "a"}, *HISTORY]), "response"),
    (JSON, response(200, {"output": []}, text={"format": {"type": "json_object"}}), "response"),
    (JSON, not_taken("no", text={"format": {"type": "json_object"}}), "response /error/message"),
    (RETENTION, response(200, {"output": []}, prompt_cache_retention="24h"), "response"),
    (RETENTION, not_taken("no", prompt_cache_retention="24h"), "response /error/message"),
    (THINKING, not_taken("no", thinking={"type": "disabled"}), "response"),
    (THINKING, response(200, {"object": "list"}, thinking={"type": "disabled"}), "response body"),
    (
        WITHIN,
        message(used={**SPENT, "output_tokens": 13}),
        "response /usage/output_tokens_details/thinking_tokens",
    ),
    (
        WITHIN,
        ended({**SPENT, "output_tokens": 13}, SPENT),
        "response event 1 /usage/output_tokens_details/thinking_tokens",
    ),
    (TWINS, message(used={**CACHED, "cached_tokens": 0}), "response /usage/cached_tokens"),
    (TWINS, ended({**CACHED, "cached_tokens": 88}), "response event 1 /usage/cached_tokens"),
    (OBEYED, message(tools=WEATHER, tool_choice=ANY), "response"),
    (TRACED, seen(200, whole(), asked=asking(), on=DAY), "response header msh-trace-mode"),
    (
        TRACED,
        seen(400, {"error": {}}, asked=asking(), headers={**ON, "msh-trace-mode": "off"}, on=DAY),
        "response header msh-trace-mode",
    ),
    (ANSWERED, seen(400, {"error": {}}, asked=ADAPTIVE, path=MESSAGES, on=DAY), "response"),
    (NEVER, of_nobody(kind="not_found_error"), "response /error/type"),
    (NEVER, of_nobody(status=422), "response"),
    (LOST, of_nobody(MESSAGES, kind="not_found_error"), "response /error/type"),
    (LOST, of_nobody(MESSAGES, said="Not found the model"), "response /error/message"),
    (NO_MODEL, response(404, {"error": {"message": GONE, "type": "a"}}, model=NOBODY), "response"),
    (THINKING, not_taken("no", **ALL_PLAIN), "response"),
]
SILENT = [
    (KEEP, refused("kimi-k3", thinking=ALL)),
    (KEEP, refused("kimi-k2.6", thinking={"type": "enabled"})),
    (KEEP, refused("kimi-k2.6", thinking=ALL, top_p=0.5)),
    (KEEP, refused("kimi-k2.6", thinking=ALL, messages=[])),
    (KEEP, refused("kimi-k2.6", thinking=ALL, messages=NAMED)),
    *((KEEP, refused("kimi-k2.6", thinking=ALL, **odd)) for odd in ODD_MEMBERS),
    *((PREDICTED, refused(prediction=CONTENT, **odd)) for odd in ODD_MEMBERS),
    *((LEFT_OUT, refused(messages=HISTORY, tools=[TOOL], **odd)) for odd in ODD_MEMBERS),
    *((LEFT_OUT, refused(messages=HISTORY, **odd)) for odd in ({"tools": "a"}, {"reasoning_effort": 5})),
    *((LEFT_OUT, refused(messages=[*HISTORY, turn, *HELLO])) for turn in ODD_TURNS),
    *((LEFT_OUT, refused(messages=[*HISTORY, {**TURN, "tool_calls": [call]}, RESULT])) for call in ODD_CALLS),
    (LEFT_OUT, refused(messages=[*HELLO, TURN, {**RESULT, "content": None}])),
    (LEFT_OUT, refused(messages=[*HELLO, TURN, {**RESULT, "tool_calls": []}])),
    (LEFT_OUT, refused(messages=[*HELLO, {**TURN, "content": ["a"]}, RESULT])),
    (LEFT_OUT, refused(messages=[*HELLO, {**TURN, "tool_calls": [{**CALL, "id": 7}]}, {**RESULT, "tool_call_id": 7}])),
    (LEFT_OUT, refused(messages=[*HISTORY, TURN, {**RESULT, "tool_call_id": 7}])),
    *((LEFT_OUT, refused(messages=odd)) for odd in ({"role": "user"}, 7)),
    (PREDICTED, refused(prediction={"type": "content"})),
    (PREDICTED, refused(prediction={"type": "moon", "content": "a"})),
    (PREDICTED, refused("kimi-k2.6", prediction=CONTENT)),
    (PREDICTED, refused(prediction=CONTENT, seed=7)),
    (PREDICTED, refused(prediction=CONTENT, messages=[])),
    (PREDICTED, refused(prediction=CONTENT, messages=NAMED)),
    (PREDICTED, refused("kimi-k9", prediction=CONTENT)),
    (PREDICTED, seen(400, {"error": {}}, asked=asking(prediction=CONTENT), path=MESSAGES, on=DAY)),
    (PREDICTED, seen(400, {"error": {}}, asked=asking(prediction=CONTENT), path=CODING, host=None, on=DAY)),
    (LEFT_OUT, refused("kimi-k2.6", messages=HISTORY)),
    (LEFT_OUT, refused(messages=[*HELLO, {**TURN, "reasoning_content": "Hm."}, RESULT])),
    (LEFT_OUT, refused(messages=[*HELLO, TURN])),
    (LEFT_OUT, refused(messages=[*HISTORY, {**TURN, "reasoning_content": "Hm."}, RESULT], tools=[TOOL])),
    (LEFT_OUT, refused(messages=[*HELLO, {"role": "assistant", "content": "Hello!"}, *HELLO])),
    (LEFT_OUT, refused(messages=[{**TURN, "role": "user", "content": "a"}, RESULT])),
    (LEFT_OUT, refused(messages=[*HELLO, {**TURN, "tool_calls": ["odd"]}, RESULT])),
    (LEFT_OUT, refused(messages=HISTORY, tools=[{"type": "odd"}])),
    (LEFT_OUT, refused()),
    (JSON, not_taken("no", text={"format": {"type": "text"}})),
    (JSON, refused(text={"format": {"type": "json_object"}})),
    (RETENTION, not_taken("no", prompt_cache_retention=None)),
    (THINKING, not_taken("no", thinking={"type": "adaptive"})),
    (THINKING, not_taken("no", thinking={"type": "disabled"}, tools=[])),
    (THINKING, not_taken("no", thinking={"type": "disabled"}, reasoning={"effort": "none"})),
    (WITHIN, message(used={"output_tokens": 3})),
    (TWINS, message(used={"cached_tokens": 3})),
    (TWINS, message(used={"cache_read_input_tokens": 3})),
    (OBEYED, message(tools=WEATHER, tool_choice={"type": "auto"})),
    (OBEYED, message(tools=WEATHER, tool_choice=ANY, stop="max_tokens")),
    (OBEYED, message(tools=WEATHER, tool_choice=ANY, stop=None)),
    (OBEYED, message(tool_choice=ANY)),
    (OBEYED, replace(message(tools=WEATHER, tool_choice=ANY), host="coding")),
    (OBEYED, replace(message(tools=WEATHER, tool_choice=ANY), partial=True)),
    (TRACED, seen(200, whole(), asked=asking(), headers={"content-type": "application/json"}, on=DAY)),
    (TRACED, seen(200, whole(), asked=asking(), host="coding", on=DAY)),
    (ANSWERED, seen(400, {"error": {}}, asked={**ADAPTIVE, "model": "kimi-k2.6"}, path=MESSAGES, on=DAY)),
    ("api.messages.thinking-disabled-honoured", message(thinking={"type": "adaptive"})),
    (NEVER, of_nobody(said="no")),
    (LOST, of_nobody(MESSAGES, said="no")),
    (NO_MODEL, response(400, {"error": {"message": "no"}}, model=NOBODY)),
    (THINKING, not_taken("no", thinking={"type": "disabled"}, input="")),
    (THINKING, not_taken("no", thinking={"type": "disabled"}, model="kimi-k9")),
    (THINKING, refused(input="Hello.", messages=None, thinking={"type": "disabled"})),
    (THINKING, not_taken("no", thinking={"type": "disabled"}, input=[{"role": "user", "content": "Hello."}])),
]
