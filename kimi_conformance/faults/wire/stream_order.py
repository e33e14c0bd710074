"""Streams whose chunks do not belong together, or not in this order."""

from __future__ import annotations

from typing import Final

from kimi_conformance.exchange import Piece
from kimi_conformance.faults.wire.edit import both, change, drop, put
from kimi_conformance.faults.wire.pieces import (
    block,
    each_chunk,
    events,
    first_chunk,
    inserted,
    last_chunk,
    swapped,
    twice,
    without,
)
from kimi_conformance.faults.wire.wire_fault import wire

SHAPE: Final = "api.stream.chunk-shape"
ROLE: Final = "api.stream.role-first-and-once"
FINISH: Final = "api.stream.one-finish"
FOLDS: Final = "api.stream.folds-to-completion"
FINISHED: Final = rb'"finish_reason":"'
ROLED: Final = rb'"role":'
THOUGHT: Final = rb'"reasoning_content":"'
DELTA: Final = "choices/0/delta"
SAID: Final = rb'"content":"[^"]'
TEXT: Final = "api.stream.text-complete"
LATE: Final = {
    "id": "chatcmpl-6a5aba7e3fbb8333b875d4a9",
    "object": "chat.completion.chunk",
    "created": 1788396033,
    "model": "kimi-k3",
    "choices": [{"index": 0, "delta": {"content": "…"}, "finish_reason": None}],
}


def _ids_of_their_own(found: list[Piece]) -> list[Piece]:
    new = (each.data.replace(b'"id":"chatcmpl-', b'"id":"chatcmpl-%d' % number) for number, each in enumerate(found))
    return [Piece(each.t_ms, data) for each, data in zip(found, new, strict=True)]


FAULTS: Final = (
    wire(
        "chunk-id-changes",
        "The last chunk has another id.",
        last_chunk(put("id", "chatcmpl-0")),
        "api.stream.one-id",
        on="stream*",
    ),
    wire(
        "chunk-id-each",
        "Every chunk has an id of its own.",
        events(_ids_of_their_own),
        "api.stream.one-id",
        on="stream*",
    ),
    wire("chunk-id-missing", "Chunks have no id.", each_chunk(drop("id")), SHAPE, FOLDS, on="stream*"),
    wire(
        "chunk-object-wrong",
        "Chunks call themselves whole answers.",
        each_chunk(put("object", "chat.completion")),
        SHAPE,
        on="stream*",
    ),
    wire(
        "chunk-created-changes",
        "The last chunk was made later.",
        last_chunk(change("created", lambda found: found + 1)),
        "api.stream.one-created",
        on="stream*",
    ),
    wire(
        "chunk-created-missing",
        "Chunks do not say when they were made.",
        each_chunk(drop("created")),
        SHAPE,
        on="stream*",
    ),
    wire(
        "chunk-model-substituted",
        "Another model answers in a stream.",
        each_chunk(put("model", "kimi-k2.6")),
        "api.chat.model-echoed",
        on="stream*",
    ),
    wire(
        "chunk-model-changes",
        "The last chunk is of another model.",
        last_chunk(put("model", "kimi-k2.6")),
        "api.chat.model-echoed",
        on="stream*",
    ),
    wire("chunk-choices-missing", "A chunk has no `choices`.", last_chunk(drop("choices")), SHAPE, on="stream*"),
    wire(
        "chunk-delta-missing",
        "A chunk has a message, not a delta.",
        each_chunk(both(change(f"{DELTA}/role", str), put("choices/0/message", {}), drop(DELTA))),
        SHAPE,
        on="stream*",
    ),
    wire(
        "chunk-delta-null",
        "The delta of the finish is null.",
        last_chunk(both(change("choices/0/usage", dict), put(DELTA, None))),
        SHAPE,
        on="stream*",
    ),
    wire(
        "chunk-index-missing",
        "The choices of chunks have no index.",
        each_chunk(drop("choices/0/index")),
        SHAPE,
        on="stream*",
    ),
    wire(
        "chunk-fingerprint-missing",
        "Chunks have no fingerprint.",
        each_chunk(drop("system_fingerprint")),
        "api.stream.fingerprint",
        on="stream*",
    ),
    wire(
        "stream-role-missing",
        "The first chunk has no role.",
        first_chunk(drop(f"{DELTA}/role")),
        ROLE,
        FOLDS,
        on="stream*",
    ),
    wire(
        "stream-role-user",
        "The first chunk has the user's role.",
        first_chunk(put(f"{DELTA}/role", "user")),
        FOLDS,
        on="stream*",
    ),
    wire(
        "stream-role-twice",
        "The role stands in the next chunk again.",
        first_chunk(both(change(f"{DELTA}/reasoning_content", str), put(f"{DELTA}/role", "assistant"))),
        ROLE,
        on="stream*",
    ),
    wire(
        "stream-drop-first", "The first chunk is lost, and the role with it.", without(ROLED), ROLE, FOLDS, on="stream*"
    ),
    wire(
        "stream-finish-missing", "The chunk that finishes the choice is lost.", without(FINISHED), FINISH, on="stream*"
    ),
    wire(
        "stream-finish-null",
        "The finish says no reason.",
        last_chunk(change("choices/0/finish_reason", lambda _: None)),
        FINISH,
        "api.chat.finish-reason",
        on="stream*",
    ),
    wire(
        "stream-finish-unknown",
        "A stream ends for a reason of Anthropic's.",
        last_chunk(put("choices/0/finish_reason", "end_turn")),
        SHAPE,
        "api.chat.finish-reason",
        on="stream*",
    ),
    wire("stream-finish-twice", "The choice finishes twice.", twice(FINISHED), FINISH, on="stream*"),
    wire(
        "stream-late-delta",
        "A delta follows the finish.",
        inserted(rb"^data: \[DONE\]", block(LATE)),
        FINISH,
        on="stream*",
    ),
    wire(
        "stream-finish-early",
        "The finish changes places with a chunk before it.",
        swapped(FINISHED, THOUGHT),
        FINISH,
        on="stream*",
    ),
    wire(
        "stream-finish-as-stop",
        "A stream with tool calls ends with `stop`.",
        last_chunk(change("choices/0/finish_reason", lambda _: "stop")),
        "api.chat.finish-fits-content",
        on="stream-asked-tools",
    ),
    wire("stream-drop-chunk", "A piece of the text is lost.", without(SAID), TEXT, on="stream-repeat"),
    wire("stream-dup-chunk", "A piece of the text comes twice.", twice(SAID), TEXT, on="stream-repeat"),
    wire("stream-reorder", "Two pieces of the text change places.", swapped(SAID, SAID), TEXT, on="stream-repeat"),
    wire(
        "stream-first-not-first",
        "The first chunk changes places with the next.",
        swapped(ROLED, THOUGHT),
        ROLE,
        on="stream*",
    ),
)
