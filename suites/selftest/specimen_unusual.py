"""Healthy answers that are unusual: by another host's habits, of another year, of a long wait, or with few members."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from kimi_conformance.exchange import Piece
from suites.selftest.specimen_chat import PARIS, completion, used
from suites.selftest.specimen_parts import (
    CHAT,
    HELLO,
    WEATHER,
    asking,
    chat_body,
    error,
    event_stream,
    listing,
    request,
    sight,
    written,
)
from suites.selftest.specimen_streams import ASKED, DONE, ROLE, SPOKEN, STREAMS, THINKING, chunk

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

SEARCH = {"type": "builtin_function", "function": {"name": "$web_search"}}
SEARCHED = {
    "index": 0,
    "id": "call_0",
    "type": "builtin_function",
    "function": {"name": "$web_search", "arguments": '{"search_result":{"search_id":"7"}}'},
}
LONG = "tool_" * 20
LONG_TOOL = {"type": "function", "function": {**WEATHER["function"], "name": LONG}}
LONG_CALL = {**PARIS, "id": f"{LONG}_0", "function": {**PARIS["function"], "name": LONG}}
HALF = {**PARIS, "function": {"name": "get_weather", "arguments": '{"ci'}}


def _streamed(asked: Any, *blocks: bytes) -> Sight:
    return sight(request("POST", CHAT, asked), event_stream([*blocks, DONE]))


def _later(delta: dict[str, Any]) -> bytes:
    return chunk({"tool_calls": [delta]})


def _with_nulls(base: Sight) -> Sight:
    """`usage: null` on every chunk that has none, and a chunk without choices at the beginning, as documented."""
    body = base.exchange.response.body.replace(b'"fpv0_25844b67"', b'"fpv0_25844b67","usage":null')
    first = b"data: " + written({**json.loads(ROLE[6:]), "choices": [], "usage": None}) + b"\n\n"
    response = replace(base.exchange.response, pieces=(Piece(20.0, first + body),))
    return replace(base, exchange=replace(base.exchange, response=response))


def _awaited(base: Sight) -> Sight:
    """After a long wait, as fast as a model writes."""
    body = base.exchange.response.body.split(b"\n\n")[:-1]
    pieces = tuple(Piece(9000.0 + 4 * number, data + b"\n\n") for number, data in enumerate(body))
    exchange = replace(base.exchange, response=replace(base.exchange.response, pieces=pieces), end_ms=9100.0)
    return replace(base, exchange=exchange)


BASE = used(89, 67)
PLAIN_USAGE = {name: value for name, value in BASE.items() if name.endswith("_tokens")}
CUT = used(89, 12, reasoning=10)
FULL = used(262144 - 100, 100, reasoning=20)
TWO = {**completion(model="moonshot-v1-8k", reasoning=None, usage=used(9, 14, reasoning=None))}
TWO["choices"] = [
    {**TWO["choices"][0], "index": number, "finish_reason": end} for number, end in enumerate(("length", "stop"))
]

UNUSUAL: dict[str, Sight] = {
    "edge/stream-of-nulls": _with_nulls(STREAMS["stream-asked-usage"]),
    "edge/stream-after-a-wait": _awaited(STREAMS["stream-asked-timed"]),
    "edge/stream-details-once": _streamed(
        chat_body(**ASKED),
        ROLE,
        *THINKING,
        *SPOKEN,
        chunk({}, finish_reason="stop", usage=BASE),
        chunk(None, usage=PLAIN_USAGE),
    ),
    "edge/stream-empty-names": _streamed(
        chat_body(stream=True, tools=[WEATHER]),
        ROLE,
        *THINKING,
        _later({**PARIS, "function": {"name": "get_weather", "arguments": ""}}),
        _later({"index": 0, "id": "", "function": {"name": "", "arguments": "{}"}}),
        chunk({}, finish_reason="tool_calls", usage=BASE),
    ),
    "edge/stream-searches": _streamed(
        chat_body(stream=True, tools=[SEARCH]),
        ROLE,
        *THINKING,
        _later(SEARCHED),
        chunk({}, finish_reason="tool_calls", usage=BASE),
    ),
    "edge/searches": asking(CHAT, chat_body(tools=[SEARCH]), 200, completion(content="", calls=[SEARCHED])),
    "edge/long-name": asking(CHAT, chat_body(tools=[LONG_TOOL]), 200, completion(content="", calls=[LONG_CALL])),
    "edge/filtered": asking(
        CHAT,
        chat_body(tools=[WEATHER]),
        200,
        completion(content="", calls=[HALF], finish="content_filter", usage=used(89, 0, reasoning=None)),
    ),
    "edge/cut-within-a-character": asking(
        CHAT, chat_body(max_completion_tokens=12), 200, completion(content="月\ufffd", finish="length", usage=CUT)
    ),
    "edge/context-full": asking(
        CHAT,
        chat_body(model="kimi-k2.6", max_completion_tokens=262144),
        200,
        completion(model="kimi-k2.6", finish="length", usage=FULL),
    ),
    "edge/two-choices-of-2024": asking(
        CHAT, chat_body(model="moonshot-v1-8k", n=2, max_completion_tokens=9), 200, TWO, on=date(2024, 8, 5)
    ),
    "edge/bounds-that-are-none": asking(
        CHAT, chat_body(max_completion_tokens=None, max_tokens=True), 200, completion()
    ),
    "edge/about-the-tag": asking(CHAT, chat_body(), 200, completion(content="Models write <think> and </think>.")),
    "edge/the-tag-was-asked-for": asking(
        CHAT,
        chat_body(messages=[{"role": "user", "content": "Write <think></think>."}]),
        200,
        completion(content="<think></think>"),
    ),
    "edge/only-the-nested-counter": asking(
        CHAT,
        chat_body(),
        200,
        completion(usage={**used(93, 54), "prompt_tokens_details": {"cached_tokens": 93}}),
        ("msh-context-cache-token-saved", "93"),
    ),
    "edge/coding-in-april": asking(
        f"/coding{CHAT}",
        chat_body(model="kimi-for-coding", temperature=0.6),
        200,
        completion(model="kimi-for-coding"),
        host="coding",
        on=date(2026, 4, 20),
    ),
    "edge/effort-at-the-launch": asking(
        CHAT, chat_body(reasoning_effort="low"), 400, error("only max is allowed"), on=date(2026, 7, 17)
    ),
    "edge/tools-of-2024": asking(
        CHAT,
        chat_body(model="moonshot-v1-8k", tools=[{"type": "retrieval"}]),
        200,
        completion(model="moonshot-v1-8k", reasoning=None, usage=used(9, 5, reasoning=None)),
        on=date(2024, 8, 5),
    ),
    "edge/doubtful-effort": asking(
        CHAT, chat_body(reasoning_effort="low", prediction={"type": "content"}), 400, error("prediction")
    ),
    "edge/doubtful-silence": asking(
        CHAT,
        chat_body(thinking={"type": "disabled"}, messages=[{"role": "developer", "content": "?"}]),
        400,
        error("role"),
    ),
    "edge/doubtful-tools-in-messages": asking(
        CHAT,
        chat_body(messages=[{"role": "system", "content": "", "tools": [WEATHER]}, *HELLO], prediction={}),
        400,
        error("prediction"),
    ),
    "edge/there-on-its-first-day": asking(
        CHAT,
        chat_body(model="kimi-k3.1-pro"),
        404,
        error("Not found the model kimi-k3.1-pro or Permission denied", "resource_not_found_error"),
        on=date(2026, 10, 24),
    ),
    "edge/there-after-its-last-day": asking(
        CHAT, chat_body(model="kimi-k2.6"), 200, completion(model="kimi-k2.6"), on=date(2027, 1, 1)
    ),
    "edge/retired-and-otherwise-wrong": asking(
        CHAT, chat_body(model="kimi-k2.5", logit_bias={"1": 2}), 400, error("logit_bias")
    ),
    "edge/an-id-of-variants": asking(
        CHAT,
        chat_body(model="moonshot-v1-auto"),
        200,
        completion(model="moonshot-v1-8k", reasoning=None, usage=used(9, 5, reasoning=None)),
        on=date(2026, 5, 1),
    ),
    "edge/batch-of-few": listing("/v1/batches/b", {"id": "b", "status": "completed", "request_counts": {}}),
    "edge/batches-of-few": listing("/v1/batches", {"data": [{"id": "b", "status": "completed"}]}),
    "edge/models-of-few": replace(listing("/v1/models", {"data": [{"id": "kimi-k3"}]}), on=None),
    "edge/coding-models-of-few": listing("/coding/v1/models", {"data": [{"id": "k3"}]}, host="coding"),
}
