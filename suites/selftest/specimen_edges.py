"""What looks wrong at first sight, and is not: as it was observed, or too little is known to blame anybody."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from kimi_conformance.exchange import Piece, Response
from suites.selftest.specimen_chat import CHATS, PARIS, completion, used
from suites.selftest.specimen_errors import ERRORS, KEYS, LIMITS, MISSING
from suites.selftest.specimen_lists import LISTS
from suites.selftest.specimen_messages import MESSAGES_SPECIMENS
from suites.selftest.specimen_parts import (
    CHAT,
    HELLO,
    MESSAGES,
    WEATHER,
    asking,
    chat_body,
    error,
    listing,
    request,
    sight,
)
from suites.selftest.specimen_streams import STREAMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.judge.api.sight import Sight

CUT_CALL = {**PARIS, "function": {"name": "get_weather", "arguments": '{"ci'}}
ASKED_FOR = [{"role": "user", "content": "Say U+FFFD: \ufffd"}]


def _answered(base: Sight, change: Callable[[Response], Response]) -> Sight:
    response = base.exchange.response
    return replace(base, exchange=replace(base.exchange, response=change(response)))


def _bare(base: Sight) -> Sight:
    """Without any header, as those who quote an answer leave them out."""
    return _answered(base, lambda found: replace(found, headers=()))


def _unasked(base: Sight) -> Sight:
    """With a request of which nothing is known but where it went."""
    return replace(base, exchange=replace(base.exchange, request=replace(base.exchange.request, headers=(), body=b"")))


def _begun(base: Sight) -> Sight:
    """Only the beginning, which ends within an event: the source shows no more."""
    body = base.exchange.response.body
    return replace(
        _answered(base, lambda found: replace(found, pieces=(Piece(20.0, body[: len(body) * 2 // 3]),))), partial=True
    )


def _of_coding(base: Sight) -> Sight:
    """As the coding host writes streams: no blank after the colon, no platform's header, lines that end in CR LF."""
    body = base.exchange.response.body.replace(b"data: ", b"data:").replace(b"\n", b"\r\n").replace(b"kimi-k3", b"k3")
    asked = {**json.loads(base.exchange.request.body), "model": "k3"}
    head = (("content-type", "text/event-stream"),)
    answered = Response(200, head, (Piece(20.0, body),), 20.0)
    return sight(request("POST", f"/coding{CHAT}", asked, host="coding"), answered, host="coding")


def _at_once(base: Sight, end_ms: float) -> Sight:
    """In one piece, at the end."""
    body = base.exchange.response.body
    whole = _answered(base, lambda found: replace(found, pieces=(Piece(end_ms, body),)))
    return replace(whole, exchange=replace(whole.exchange, end_ms=end_ms))


def _on(base: Sight, day: date) -> Sight:
    return replace(base, on=day)


EDGES: dict[str, Sight] = {
    "edge/all-was-reasoning": asking(
        CHAT,
        chat_body(max_completion_tokens=32),
        200,
        completion(content="", finish="length", usage=used(87, 32, reasoning=32)),
    ),
    "edge/call-was-cut": asking(
        CHAT,
        chat_body(max_completion_tokens=32, tools=[WEATHER], tool_choice="required"),
        200,
        completion(content="", calls=[CUT_CALL], finish="length", usage=used(87, 32, reasoning=20)),
    ),
    "edge/cut-before-the-required-call": asking(
        CHAT,
        chat_body(max_completion_tokens=32, tools=[WEATHER], tool_choice="required"),
        200,
        completion(content="", finish="length", usage=used(87, 32, reasoning=32)),
    ),
    "edge/replacement-character-asked-for": asking(
        CHAT, chat_body(messages=ASKED_FOR), 200, completion(content="\ufffd")
    ),
    "edge/json-was-cut": asking(
        CHAT,
        chat_body(max_completion_tokens=32, response_format={"type": "json_object"}),
        200,
        completion(content='{"na', finish="length", usage=used(87, 32, reasoning=20)),
    ),
    "edge/no-header": _bare(CHATS["chat-cached"]),
    "edge/no-request": _unasked(CHATS["chat-two-calls"]),
    "edge/stream-without-header": _bare(STREAMS["stream"]),
    "edge/stream-named-by-hand": replace(_bare(STREAMS["stream-asked-tools"]), given="chat.completion.chunk"),
    "edge/stream-begun": _begun(STREAMS["stream-asked-usage"]),
    "edge/stream-of-calls-begun": _begun(STREAMS["stream-asked-tools"]),
    "edge/stream-of-coding": _of_coding(STREAMS["stream-asked-tools"]),
    "edge/stream-at-once": _at_once(replace(STREAMS["stream-asked-timed"], timed=False), 900.0),
    "edge/stream-at-once-and-soon": _at_once(replace(STREAMS["stream"], timed=True), 200.0),
    "edge/short-stream-at-once": _at_once(replace(STREAMS["stream-asked-length"], timed=True), 900.0),
    "edge/stream-refused": asking(
        CHAT,
        chat_body(stream=True, temperature=0.6),
        400,
        error("invalid temperature: only 1 is allowed for this model"),
    ),
    "edge/usage-not-asked": replace(
        STREAMS["stream"],
        exchange=replace(
            STREAMS["stream"].exchange,
            request=request("POST", CHAT, chat_body(stream=True, stream_options={"include_usage": False})),
        ),
    ),
    "edge/message-stream-begun": _begun(MESSAGES_SPECIMENS["message-stream-tools"]),
    "edge/message-of-coding": asking(
        f"/coding{MESSAGES.removeprefix('/anthropic')}",
        {"model": "kimi-for-coding", "max_tokens": 512, "messages": HELLO},
        400,
        {"type": "error", "error": {"type": "invalid_request_error", "message": "非法输入"}},
        host="coding",
    ),
    "edge/rate-without-header": _bare(LIMITS["limit/platform-rate"]),
    "edge/rate-while-a-key-is-wrong": replace(LIMITS["limit/platform-rate"], key="wrong"),
    "edge/rate-while-a-temperature-is-wrong": asking(
        CHAT,
        chat_body(temperature=0.6),
        429,
        error("Your account request reached organization max RPM: 3", "rate_limit_reached_error"),
        ("retry-after", "1"),
    ),
    "edge/risky-where-a-rule-is-broken": asking(
        CHAT,
        chat_body(temperature=0.6),
        400,
        error("The request was rejected because it was considered high risk", "content_filter", code=400),
    ),
    "edge/key-of-nobody-knows-whom": replace(KEYS["key/wrong"], key="unknown"),
    "edge/503-of-the-edge": listing(
        "/coding/v1/models", error("away", "server_unavailable"), status=503, host="coding"
    ),
    "edge/retired-but-then-served": _on(
        asking(CHAT, chat_body(model="kimi-k2.5"), 200, completion(model="kimi-k2.5")), date(2026, 8, 1)
    ),
    "edge/retired-on-that-very-day": _on(
        asking(CHAT, chat_body(model="kimi-k2.5"), 200, completion(model="kimi-k2.5")), date(2026, 8, 31)
    ),
    "edge/gone-on-a-day-nobody-knows": replace(MISSING["gone/model-retired"], on=None),
    "edge/gone-on-a-host-nobody-knows": replace(MISSING["gone/model-coding-id"], host=None),
    "edge/quota-was-403-in-2025": _on(
        asking(
            CHAT,
            chat_body(model="kimi-k2-0711-preview"),
            403,
            error("You exceeded your current quota, please check your account balance", "exceeded_current_quota_error"),
        ),
        date(2025, 7, 20),
    ),
    "edge/models-in-part": replace(
        listing("/v1/models", {"object": "list", "data": LISTS["models"].answer["data"][:1]}), partial=True
    ),
    "edge/file-of-2024": listing(
        "/v1/files/cn0bmk198onv4v01aafg",
        {"id": "cn0bmk198onv4v01aafg", "object": "file", "bytes": 0, "created_at": 1706524000, "filename": "a.jsonl"}
        | {"purpose": "batch", "status": "ready"},
    ),
    "edge/timeout-not-timed": replace(ERRORS["error/504"], timed=False),
}
