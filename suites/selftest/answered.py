"""Trips made by hand whose answers matter: what the upstream sent, what the client got, and when."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import Arrival
from kimi_conformance.exchange import Exchange, Headers, Piece, Request, Response
from suites.selftest.plays import CHAT, MARKS, MESSAGES, ask, trip

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kimi_conformance.contract.reach import Surface
    from kimi_conformance.contract.trip import Trip

MARK: Final = "kc7f3a2bx0000017"
JSON: Final = "application/json"
STREAM: Final = "text/event-stream"
PATHS: Final[dict[Surface, str]] = {"chat": CHAT, "messages": MESSAGES}
LEFT: Final = "closed: this side gave up"


def answered(
    sent: Any,
    seen: Any,
    *,
    surface: Surface = "chat",
    wire: Surface | None = None,
    sent_headers: Headers = (),
    seen_headers: Headers = (),
    sent_status: int = 200,
    seen_status: int = 200,
    error: str | None = None,
    asked: dict[str, str] | None = None,
) -> Trip:
    """A trip with JSON (or bytes) on both sides; `wire` is the upstream's where the router translates."""
    made = trip(ask(surface=surface, headers=asked or {}), mark=MARK, error=error)
    return _both(
        made,
        _response(_bytes(sent), sent_status, JSON, sent_headers),
        _response(_bytes(seen), seen_status, JSON, seen_headers),
        wire or surface,
    )


def streaming(
    sent: Sequence[bytes],
    seen: Sequence[bytes],
    *,
    surface: Surface = "chat",
    wire: Surface | None = None,
    sent_ms: Iterable[float] = (),
    seen_ms: Iterable[float] = (),
    upstream_error: str | None = None,
    error: str | None = None,
    members: dict[str, Any] | None = None,
    mark: str = MARK,
    seen_type: str = STREAM,
    seen_status: int = 200,
    end_ms: float = 100.0,
) -> Trip:
    """A trip with a stream on both sides, in these pieces at these times."""
    made = trip(ask(surface=surface, stream=True, members=members or {}), mark=mark, error=error)
    made = replace(made, client=replace(made.client, end_ms=end_ms))
    upstream = replace(_response(b"", 200, STREAM), pieces=_timed(sent, sent_ms))
    client = replace(_response(b"", seen_status, seen_type), pieces=_timed(seen, seen_ms))
    both = _both(made, upstream, client, wire or surface)
    (arrival,) = both.arrivals
    return replace(both, arrivals=(replace(arrival, exchange=replace(arrival.exchange, error=upstream_error)),))


def data(value: Any, name: str = "") -> bytes:
    """An event with this data, JSON where it is no text."""
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return (f"event: {name}\n" if name else "").encode() + f"data: {said}\n\n".encode()


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """A chunk of the chat wire with one choice; `more` are members of the choice."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish, **more}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "kimi-k2.6", "choices": [choice]}


def said(text: str) -> bytes:
    """An event that says a text."""
    return data(chunk({"content": text}))


DONE: Final = data("[DONE]")
STOP: Final = data(chunk(finish="stop"))


def message(*texts: str, stop: str | None = "end_turn") -> list[bytes]:
    """The events of a stream on the messages wire; without a `stop` it has no end."""
    start = {"type": "message_start", "message": {"id": "m", "content": [], "usage": {"input_tokens": 3}}}
    events = [start, {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}]
    events += [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}} for text in texts
    ]
    if stop:
        events += [
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": 2}},
            {"type": "message_stop"},
        ]
    return [data(event, str(event["type"])) for event in events]


def _both(made: Trip, upstream: Response, client: Response, wire: Surface) -> Trip:
    exchange = Exchange(Request("POST", PATHS[wire], MARKS["kimi"][1]), upstream, end_ms=90.0)
    arrival = Arrival("gateway", exchange, 5.0)
    return replace(made, arrivals=(arrival,), client=replace(made.client, response=client))


def _response(body: bytes, status: int, kind: str, headers: Headers = ()) -> Response:
    named = any(name.lower() == "content-type" for name, _ in headers)
    told = headers if named else (("Content-Type", kind), *headers)
    return Response(status, told, (Piece(7.0, body),), 6.0)


def _timed(pieces: Sequence[bytes], times: Iterable[float]) -> tuple[Piece, ...]:
    given = [*times] or [10.0 + number for number in range(len(pieces))]
    return tuple(Piece(at, piece) for at, piece in zip(given, pieces, strict=True))


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()
