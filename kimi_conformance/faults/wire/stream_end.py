"""Streams that end too early, twice, or not at all; and those that do not stream."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.exchange import Piece
from kimi_conformance.faults.wire.pieces import DONE, appended, block, events, inserted, place, twice, without
from kimi_conformance.faults.wire.whole import header, holding, response, typed, written
from kimi_conformance.faults.wire.wire_fault import wire

if TYPE_CHECKING:
    from kimi_conformance.exchange import Exchange, Response

LAST: Final = "api.stream.done-once-and-last"
IS_STREAM: Final = "api.stream.is-event-stream"
FIRST: Final = "api.latency.first-event"
WELL_FORMED: Final = "api.stream.well-formed"
ENDED: Final = rb"^data: \[DONE\]"
WHOLE: Final = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1788396033,
    "model": "kimi-k3",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Mare"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 8, "total_tokens": 17},
}
LATE_MS: Final = 901_000
FAILED: Final = {"error": {"message": "internal error", "type": "server_error"}}


def _cut(exchange: Exchange) -> Exchange:
    """Half of the events, and half of one more: then the connection is closed."""
    half = events(lambda found: [*found[: len(found) // 2], _halved(found[len(found) // 2])])
    return replace(half(exchange), error="closed: the peer ended before it was done")


def _halved(piece: Piece) -> Piece:
    return Piece(piece.t_ms, piece.data[: len(piece.data) // 2])


def _ended_early(found: list[Piece]) -> list[Piece]:
    return found[: len(found) // 2]


def _held_back(found: list[Piece]) -> list[Piece]:
    return [Piece(found[-1].t_ms, each.data) for each in found]


def _waited(exchange: Exchange) -> Exchange:
    """All comes a quarter of an hour later."""
    late = events(lambda found: [Piece(each.t_ms + LATE_MS, each.data) for each in found])(exchange)
    return replace(late, end_ms=late.end_ms + LATE_MS)


def _kept_alive(exchange: Exchange) -> Exchange:
    """The same, and each minute until then a comment, as a gateway has it that keeps connections open."""
    comments = [Piece(float(at), b": keep-alive\n\n") for at in range(60_000, LATE_MS, 60_000)]
    return events(lambda found: [*comments, *found])(_waited(exchange))


def _begun_at_once(exchange: Exchange) -> Exchange:
    """The same, but for the first bytes of the first event."""
    started = exchange.response.pieces[0].t_ms if exchange.response else 0.0

    def begun(found: list[Piece]) -> list[Piece]:
        first, *rest = found
        return [Piece(started, first.data[:6]), Piece(first.t_ms, first.data[6:]), *rest]

    return events(begun)(_waited(exchange))


def _in_one_piece(found: Response) -> Response:
    return holding(found, written(WHOLE))


FAULTS: Final = (
    wire("done-missing", "No [DONE] ends the stream.", without(ENDED), LAST, on="stream*"),
    wire("done-twice", "[DONE] comes twice.", twice(ENDED), LAST, on="stream*"),
    wire(
        "done-lower-case",
        "[DONE] is written otherwise.",
        events(lambda found: [*found[:-1], Piece(found[-1].t_ms, b"data: [done]\n\n")]),
        LAST,
        WELL_FORMED,
        on="stream*",
    ),
    wire(
        "event-after-done",
        "A chunk follows [DONE].",
        appended(block({**WHOLE, "object": "chat.completion.chunk", "choices": []})),
        LAST,
        on="stream*",
    ),
    wire("done-early", "[DONE] comes before the finish.", inserted(rb'"finish_reason":"', DONE), LAST, on="stream*"),
    wire("midstream-cut", "The connection is closed in the middle.", _cut, LAST, "api.stream.one-finish", on="stream*"),
    wire(
        "midstream-end",
        "The stream ends in the middle, as if all had been said.",
        events(_ended_early),
        LAST,
        "api.stream.one-finish",
        "api.stream.usage-reachable",
        on="stream*",
    ),
    wire(
        "midstream-error",
        "An error stands in the middle of a stream.",
        events(lambda found: [*found[:3], Piece(found[2].t_ms, block(FAILED))]),
        "api.stream.no-error-inside",
        LAST,
        on="stream*",
    ),
    wire(
        "midstream-error-and-on",
        "An error stands in a stream, and it goes on.",
        inserted(rb'"finish_reason":"', block(FAILED)),
        "api.stream.no-error-inside",
        on="stream*",
    ),
    wire(
        "stream-ignored",
        "A stream was asked for, and one piece of JSON comes.",
        response(lambda found: _in_one_piece(typed(found, "application/json"))),
        IS_STREAM,
        on="stream*",
    ),
    wire(
        "sse-raw-json",
        "One piece of JSON calls itself a stream.",
        response(_in_one_piece),
        IS_STREAM,
        WELL_FORMED,
        on="stream*",
    ),
    wire(
        "sse-content-type",
        "A stream calls itself text.",
        header("content-type", lambda _: "text/plain"),
        IS_STREAM,
        on="stream*",
    ),
    wire(
        "sse-no-content-type",
        "A stream does not say what it is.",
        header("content-type", lambda _: None),
        IS_STREAM,
        on="stream*",
    ),
    wire(
        "stream-empty",
        "A stream has nothing in it.",
        response(lambda found: holding(found, b"")),
        IS_STREAM,
        WELL_FORMED,
        on="stream*",
    ),
    wire(
        "stream-without-choices",
        "A stream has no chunk with a choice.",
        events(lambda found: found[place(found, rb'"choices":\[\]') :]),
        "api.stream.one-finish",
        on="stream-asked-*",
    ),
    wire(
        "stream-buffered",
        "A stream is held back, and comes in one go.",
        events(_held_back),
        "api.stream.incremental",
        on="stream-asked-timed",
    ),
    wire(
        "stream-late",
        "The first event comes after the gateway's own limit.",
        _waited,
        FIRST,
        on="stream-asked-timed",
    ),
    wire(
        "stream-late-behind-comments",
        "The first event comes after the gateway's own limit, and comments at once.",
        _kept_alive,
        FIRST,
        on="stream-asked-timed",
    ),
    wire(
        "stream-late-but-begun",
        "The first event begins at once, and is whole after the gateway's own limit.",
        _begun_at_once,
        FIRST,
        on="stream-asked-timed",
    ),
)
