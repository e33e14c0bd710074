"""The laws of chat answers and streams, at the edges of what they let pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from kimi_conformance.exchange import Piece
from suites.selftest.sights import (
    HELLO,
    TOOL,
    asking,
    calling,
    chat,
    error,
    invalid,
    seen,
    stream,
    whole,
)
from suites.selftest.specimen_streams import STREAMS

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

SPRING = date(2026, 3, 1)
HELD, FIRST = "api.stream.incremental", "api.latency.first-event"
JOIN, CALL = "api.stream.fragments-join", "api.tools.call-shape"
PLACE, BACK = "api.thinking.reasoning-in-its-member", "api.thinking.reasoning-sent-back"
ONLY = "api.sampling.fixed-value-accepted"
BASE = {"id": "a", "object": "chat.completion.chunk", "created": 1, "model": "kimi-k3"}
FIXED = {"top_p": 0.95, "n": 1, "presence_penalty": 0, "frequency_penalty": 0}


def used(prompt: int = 93, completion: int = 54, **more: Any) -> dict[str, Any]:
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {**whole(), "usage": {**counts, **more}}


def piece(delta: dict[str, Any], *, index: int = 0, **choice: Any) -> dict[str, Any]:
    return {**BASE, "choices": [{"index": index, "delta": delta, "finish_reason": None, **choice}]}


def fragments(*parts: dict[str, Any]) -> Sight:
    begun = piece({"role": "assistant", "content": ""})
    return stream(begun, *(piece({"tool_calls": [part]}) for part in parts), piece({}, finish_reason="tool_calls"))


def paced(chunks: int, step_ms: float, end_ms: float, *, first_ms: float = 0.0) -> Sight:
    """A timed stream of so many chunks, and `[DONE]` with the last."""
    base = STREAMS["stream"]
    data = base.exchange.response.body.split(b"\n\n")[1] + b"\n\n"
    pieces = tuple(Piece(first_ms + step_ms * number, data) for number in range(chunks))
    exchange = replace(base.exchange, response=replace(base.exchange.response, pieces=pieces), end_ms=end_ms)
    return replace(base, exchange=exchange, timed=True)


def broken_off(body: bytes) -> Sight:
    """A stream that ended with an error, within these bytes."""
    sight = seen(200, body, asked=asking(stream=True), headers={"content-type": "text/event-stream"})
    return replace(sight, exchange=replace(sight.exchange, error="closed: by peer"))


def twice(first: Any, second: Any) -> Sight:
    begun = piece({"role": "assistant", "content": "a"}, finish_reason="stop", usage=first)
    return stream(begun, {**BASE, "choices": [], "usage": second})


WHOLE = {"index": 0, "id": "a", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
CALLED = {"role": "assistant", "content": "", "tool_calls": [{**WHOLE, "id": "a"}]}
RESULT = {"role": "tool", "tool_call_id": "a", "content": "18 °C"}

OFF, SILENCED = "api.thinking.disabled-is-honoured", asking(thinking={"type": "disabled"})
ON = {"type": "enabled"}
ZERO = ("temperature", "top-p", "n", "presence-penalty", "frequency-penalty")
NAMELESS = {"type": "json_schema", "json_schema": {"name": "a b", "schema": {"type": "object"}}}
LIMITED = {"type": "object", "properties": {"a": {"type": "integer", "minimum": "1"}}}
DOUBTS: tuple[dict[str, Any], ...] = (
    *({name: 5} for name in ("stream_options", "prompt_cache_key", "reasoning_effort", "metadata", "service_tier")),
    *({name: ""} for name in ("prompt_cache_key", "safety_identifier", "reasoning_effort")),
    {"n": 1.0},
    {"stop": []},
    {"safety_identifier": "a" * 65},
    {"stream_options": {"include_usage": 1.5}},
    {"thinking": {"type": "enabled"}},
    {"response_format": NAMELESS},
    {"tools": [TOOL] * 129},
    *(
        {"tools": [{**TOOL, "function": {**TOOL["function"], **other}}]}
        for other in ({"description": 5}, {"strict": "a"}, {"odd": 1}, {"name": "a" * 64}, {"parameters": LIMITED})
    ),
)
TWO_BOUNDS = asking(max_completion_tokens=53, max_tokens=99)
NO_BOUNDS = ({"max_completion_tokens": 0}, {"max_completion_tokens": 99}, {"max_tokens": True}, {"max_tokens": None})

FINE = [
    ("api.usage.positive", chat(used(1, 1))),
    ("api.chat.length-fills-budget", chat({**whole(finish="length")}, asking(max_tokens=54))),
    ("api.chat.budget-kept", chat(whole(), asking(max_tokens=54))),
    ("api.chat.text-is-utf8", broken_off("data: 月".encode()[:-1])),
    ("api.stream.usage-agrees", twice({"prompt_tokens": 9}, {"prompt_tokens": 9, "cached_tokens": 9})),
    ("api.stream.one-finish", stream(piece({}, finish_reason="stop"), piece({}))),
    ("api.stream.reasoning-before-content", stream(piece({"tool_calls": []}), piece({"reasoning_content": "Hm."}))),
    ("api.stream.reasoning-before-content", stream(piece({"content": "a"}), piece({"reasoning_content": ""}))),
    ("api.stream.reasoning-before-content", stream(piece({"content": ""}), piece({"reasoning_content": "Hm."}))),
    ("api.stream.well-formed", stream()),
    ("api.stream.well-formed", broken_off(b'data: {"a": 1}\n\ndata: {')),
    (OFF, chat(used(completion_tokens_details={"reasoning_tokens": 1}), SILENCED)),
    (HELD, paced(11, 2.0, 300.0)),
    (FIRST, paced(1, 0.0, 900_000.0, first_ms=900_000.0)),
    (PLACE, chat(whole("A text about <think> and </think>."))),
    (PLACE, chat(whole("<think>"), asking(messages=[{"role": "user", "content": "Write <think>."}]))),
    (ONLY, chat(whole(), asking(**FIXED))),
    (CALL, chat(calling("n" * 100))),
]
WRONG = [
    (
        "api.usage.present",
        chat({**whole(), "usage": {"prompt_tokens": 1}}),
        "response /usage/completion_tokens, response /usage/total_tokens",
    ),
    ("api.usage.cached-within-prompt", chat(used(cached_tokens=94)), "response /usage/cached_tokens"),
    ("api.usage.cached-within-prompt", chat(used(cached_tokens=-1)), "response /usage/cached_tokens"),
    (
        "api.usage.reasoning-within-completion",
        chat(used(completion_tokens_details={"reasoning_tokens": -1})),
        "response /usage/completion_tokens_details/reasoning_tokens",
    ),
    ("api.chat.budget-kept", chat(whole(), asking(max_tokens=53)), "response /usage/completion_tokens"),
    (
        "api.chat.length-fills-budget",
        chat(whole(finish="length"), asking(max_tokens=55)),
        "response /usage/completion_tokens",
    ),
    ("api.chat.text-is-utf8", broken_off(b"data: \xff\n\ndata: a\n\n"), "response byte 6"),
    ("api.chat.text-is-utf8", chat(whole("a\ufffd")), "response /choices/0/message/content"),
    ("api.chat.text-is-utf8", chat(whole("\ufffda", finish="length")), "response /choices/0/message/content"),
    (
        "api.stream.usage-agrees",
        twice({"prompt_tokens": 9}, {"prompt_tokens": 8}),
        "response event 1 (byte 219) /usage",
    ),
    *(
        (
            "api.stream.reasoning-before-content",
            stream(piece(delta), piece({"reasoning_content": "Hm."}), piece(delta)),
            "response event 1",
        )
        for delta in ({"content": "a"}, {"tool_calls": [WHOLE]})
    ),
    ("api.stream.well-formed", stream([], 5, BASE), "response event 0, response event 1"),
    ("api.chat.model-echoed", stream(piece({}), {**piece({}), "model": "odd"}), "response event 1 /model"),
    (JOIN, fragments({**WHOLE, "index": True}), "response event 1 (byte 185) tool_calls/index"),
    (JOIN, fragments({**WHOLE, "id": ""}), "response event 1 (byte 185) tool_calls/id"),
    (JOIN, fragments(WHOLE, {"index": 0, "type": "function"}), "response event 2 (byte 451) tool_calls"),
    (JOIN, fragments(WHOLE, {"index": 0, "id": "b"}), "response event 2 (byte 451) tool_calls"),
    (CALL, chat(whole(tool_calls={"a": 1})), "response /choices/0/message/tool_calls"),
    (
        CALL,
        chat(whole(tool_calls=[{**WHOLE, "function": {"name": "get_weather"}}])),
        "response /choices/0/message/tool_calls/0/function/arguments",
    ),
    (
        CALL,
        chat(whole(tool_calls=[{**WHOLE, "id": "a" * 65}])),
        "response /choices/0/message/tool_calls/0/id",
    ),
    (
        "api.stream.role-first-and-once",
        stream(piece({"role": "user"})),
        "response event 0 (byte 0) /choices/0/delta/role",
    ),
    (
        "api.stream.fingerprint",
        stream({**BASE, "choices": []}, {**piece({}), "system_fingerprint": "fpv0_no"}),
        "response event 1 (byte 103) /system_fingerprint",
    ),
    ("api.chat.both-bounds-completion-wins", chat(whole(), TWO_BOUNDS), "response /usage/completion_tokens"),
    ("api.stream.usage-agrees", twice({"prompt_tokens": 9}, {}), "response event 1 (byte 219) /usage"),
    *(("api.stream.usage-agrees", twice(*both), "response event 1 /usage") for both in ((5, {}), ({}, 5))),
    (OFF, chat(used(completion_tokens_details={"reasoning_tokens": 2}), SILENCED), "response, reasoning_tokens"),
    (BACK, chat(whole(), asking("kimi-k2.6", thinking=ON, messages=[*HELLO, CALLED, RESULT])), "response"),
    (HELD, paced(11, 0.5, 300.0), "response"),
    (FIRST, paced(1, 0.0, 900_001.0, first_ms=900_001.0), "response event 0"),
    *(
        (PLACE, chat(whole(text)), "response /choices/0/message/content")
        for text in ("<think>Hm", "<thinking>", "Hm</think>a")
    ),
    *(
        (PLACE, chat(whole(**{name: "Hm."})), f"response /choices/0/message/{name}")
        for name in ("reasoning", "thinking", "reasoning_details", "thinking_content", "thoughts")
    ),
    (BACK, chat(whole(), asking("kimi-k2.5", messages=[*HELLO, CALLED, RESULT]), on=SPRING), "response"),
    (BACK, chat(whole(), asking("kimi-k2.6", messages=[*HELLO, CALLED, RESULT])), "response"),
    (ONLY, error(400, "invalid_request_error", "no", asking(n=1)), "response"),
    ("api.sampling.top-p-fixed", error(404, "a", "b", asking(top_p=0.5)), "response"),
    (
        "api.sampling.temperature-fixed",
        chat(whole(), asking("kimi-for-coding", temperature=0.6), host=None),
        "response",
    ),
    (
        "api.sampling.refused-before-inference",
        seen(400, {"error": {}, "choices": []}, asked=asking(n=2)),
        "response /choices",
    ),
]
SILENT = [
    ("api.chat.length-fills-budget", chat(whole(finish="length"))),
    ("api.chat.length-fills-budget", chat(whole(finish="length"), asking(max_tokens=0))),
    ("api.chat.model-echoed", chat(whole(), asking("kimi-latest"))),
    ("api.chat.max-tokens-accepted", error(500, "unexpected_output", "no", asking(max_tokens=9))),
    *(("api.chat.max-tokens-accepted", seen(status, "<html>", asked=asking(max_tokens=9))) for status in (502, 520)),
    ("api.sampling.temperature-0.6-without-thinking", chat(whole(), {**SILENCED, "temperature": 0.5})),
    ("api.sampling.top-p-fixed", chat(whole(), asking("kimi-latest", top_p=0.5), on=SPRING)),
    *(("api.chat.both-bounds-completion-wins", chat(whole(), {**TWO_BOUNDS, **each})) for each in NO_BOUNDS),
    (HELD, paced(10, 0.0, 300.0)),
    (HELD, paced(11, 0.0, 299.0)),
    (HELD, replace(paced(11, 0.0, 300.0), timed=False)),
    (FIRST, replace(paced(1, 0.0, 900_001.0, first_ms=900_001.0), timed=False)),
    (CALL, chat(whole(tool_calls=[]))),
    (BACK, chat(whole(), asking("kimi-k2.6", messages=[*HELLO, {**CALLED, "reasoning_content": ""}, RESULT]))),
    (BACK, chat(whole(), asking("kimi-k2.6", messages=[{**CALLED, "role": "user"}]))),
    (BACK, chat(whole(), asking("kimi-k2.6", thinking={"type": "disabled"}, messages=[*HELLO, CALLED, RESULT]))),
    (BACK, chat(whole(), asking(messages=[*HELLO, CALLED, RESULT]))),
    (ONLY, error(401, "invalid_authentication_error", "no", asking(temperature=1))),
    (ONLY, error(400, "invalid_request_error", "no", asking(temperature=1, logprobs=True))),
    (ONLY, chat(whole(), asking(temperature=1), on=SPRING)),
    ("api.sampling.top-p-fixed", chat(whole(), asking(top_p=0.95))),
    *((f"api.sampling.{name}-fixed", chat(whole(), asking(**{name.replace("-", "_"): 0}))) for name in ZERO),
    *((ONLY, invalid("no", asking(temperature=1, **doubt))) for doubt in DOUBTS),
    ("api.sampling.top-p-fixed", chat(whole(), asking(top_p="a"))),
    ("api.sampling.top-p-fixed", chat(whole(), asking(top_p=0.5), on=date(2025, 12, 31))),
    ("api.sampling.top-p-fixed", seen(307, "", asked=asking(top_p=0.5))),
    ("api.sampling.top-p-fixed", seen(413, "<html>", asked=asking(top_p=0.5))),
    ("api.sampling.top-p-fixed", seen(522, "<html>", asked=asking(top_p=0.5))),
    ("api.sampling.logprobs-refused", chat(whole(), asking("kimi-k2.6", logprobs=True))),
    ("api.thinking.effort-ignored", chat(whole(), asking(reasoning_effort="low"))),
    ("api.thinking.unknown-effort-accepted", chat(whole(), asking(reasoning_effort="low"))),
    ("api.thinking.unknown-effort-accepted", chat(whole(), asking("kimi-k3.1-pro", reasoning_effort="odd"))),
    ("api.tools.name-is-declared", chat(whole(), asking(tools=[TOOL]))),
]
