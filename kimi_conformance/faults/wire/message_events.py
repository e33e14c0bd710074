"""Message streams out of order, with the wrong names, or in pieces that do not join."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.wire.edit import both, change, drop, put
from kimi_conformance.faults.wire.pieces import (
    DONE,
    appended,
    each_chunk,
    events,
    first_chunk,
    inserted,
    last_chunk,
    place,
    raw,
    swapped,
    twice,
    without,
)
from kimi_conformance.faults.wire.whole import holding, response
from kimi_conformance.faults.wire.wire_fault import wire

if TYPE_CHECKING:
    from kimi_conformance.exchange import Piece

ORDER: Final = "api.messages.event-order"
NAMES: Final = "api.messages.event-names"
SHAPE: Final = "api.messages.stream-shape"
JOINS: Final = "api.messages.tool-input-joins"
USED: Final = "api.messages.usage-in-message-delta"
STOP: Final = "api.messages.stop-reason"
BOTH: Final = "message-stream*"
TOOLS: Final = "message-stream-tools"
PING: Final = b'event: ping\ndata: {"type":"ping"}\n\n'
SIGNED: Final = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
    b'"delta":{"type":"signature_delta","signature":"c2ln"}}\n\n'
)


def named(kind: str) -> bytes:
    """The events of a type."""
    return rb"^event: " + kind.encode() + rb"\n"


STARTED, STOPPED, ENDED = named("message_start"), named("message_stop"), named("message_delta")
BEGUN, DELTA, CLOSED = (named(f"content_block_{part}") for part in ("start", "delta", "stop"))
INPUT: Final = rb'"input_json_delta"'


def _cut(found: list[Piece]) -> list[Piece]:
    return found[: place(found, CLOSED)]


FAULTS: Final = (
    wire(
        "message-stream-empty",
        "A message stream has nothing in it.",
        response(lambda found: holding(found, b"")),
        SHAPE,
        on=BOTH,
    ),
    wire("message-start-missing", "message_start is lost.", without(STARTED), ORDER, on=BOTH),
    wire("message-start-twice", "message_start comes twice.", twice(STARTED), ORDER, on=BOTH),
    wire("message-start-late", "A block begins before the message does.", swapped(STARTED, BEGUN), ORDER, on=BOTH),
    wire("message-stop-missing", "message_stop is lost.", without(STOPPED), ORDER, on=BOTH),
    wire("message-stop-twice", "message_stop comes twice.", twice(STOPPED), ORDER, on=BOTH),
    wire("message-stop-early", "message_stop comes before message_delta.", swapped(STOPPED, ENDED), ORDER, on=BOTH),
    wire("message-delta-missing", "message_delta is lost.", without(ENDED), ORDER, USED, on=BOTH),
    wire("message-delta-early", "message_delta comes while a block is open.", swapped(ENDED, CLOSED), ORDER, on=BOTH),
    wire("message-cut", "A message stream ends in the middle.", events(_cut), ORDER, USED, on=BOTH),
    wire("block-start-missing", "A block does not begin.", without(BEGUN), ORDER, on=BOTH),
    wire("block-start-twice", "A block begins twice.", twice(BEGUN), ORDER, on=BOTH),
    wire("block-stop-missing", "A block does not end.", without(CLOSED), ORDER, on=BOTH),
    wire("block-stop-twice", "A block ends twice.", twice(CLOSED), ORDER, on=BOTH),
    wire("block-delta-early", "A delta comes before its block begins.", swapped(BEGUN, DELTA), ORDER, on=BOTH),
    wire("block-delta-late", "A delta comes after its block has ended.", swapped(DELTA, CLOSED), ORDER, on=BOTH),
    wire(
        "block-index-wrong",
        "The last block has another index in its deltas.",
        last_chunk(both(change("delta/type", str), change("index", lambda found: found + 1))),
        ORDER,
        on=BOTH,
    ),
    wire(
        "block-index-from-one",
        "Blocks are numbered from 1.",
        each_chunk(change("index", lambda found: found + 1)),
        ORDER,
        on=BOTH,
    ),
    wire(
        "block-index-all-zero",
        "All blocks are number 0.",
        each_chunk(both(change("index", int), put("index", 0))),
        ORDER,
        on=BOTH,
    ),
    wire(
        "block-index-missing",
        "Events do not say of which block they are.",
        each_chunk(drop("index")),
        ORDER,
        SHAPE,
        on=BOTH,
    ),
    wire(
        "event-name-missing",
        "Events have no `event` field.",
        raw(lambda data: data.partition(b"\n")[2]),
        NAMES,
        on=BOTH,
    ),
    wire(
        "event-name-wrong",
        "The name of an event is not its type.",
        raw(lambda data: data.replace(b"event: content_block_delta", b"event: delta")),
        NAMES,
        on=BOTH,
    ),
    wire(
        "event-type-wrong",
        "The type of an event is not its name.",
        last_chunk(put("type", "message_end")),
        NAMES,
        SHAPE,
        ORDER,
        on=BOTH,
    ),
    wire("message-done", "[DONE] ends a message stream.", appended(DONE), NAMES, on=BOTH),
    wire(
        "message-chunks",
        "Events of a message stream are no JSON.",
        raw(lambda data: data.replace(b"data: {", b"data: ")),
        SHAPE,
        on=BOTH,
    ),
    wire(
        "message-stream-model",
        "Another model answers in a message stream.",
        first_chunk(put("message/model", "kimi-k2.6")),
        "api.messages.model-echoed",
        on=BOTH,
    ),
    wire(
        "message-stream-stop-unknown",
        "A message stream stops for a reason of OpenAI's.",
        each_chunk(both(change("delta/stop_reason", str), put("delta/stop_reason", "tool_calls"))),
        STOP,
        on=BOTH,
    ),
    wire(
        "message-stream-stop-null",
        "A message stream does not say why it stops.",
        each_chunk(change("delta/stop_reason", lambda _: None)),
        STOP,
        on=BOTH,
    ),
    wire(
        "message-stream-stop-with-tools",
        "A message stream with a call ends its turn.",
        each_chunk(change("delta/stop_reason", lambda _: "end_turn")),
        "api.messages.tool-use-fits-stop",
        on=TOOLS,
    ),
    wire(
        "message-stream-usage-missing",
        "message_delta has no usage.",
        each_chunk(both(change("delta/stop_reason", str), drop("usage"))),
        USED,
        SHAPE,
        on=BOTH,
    ),
    wire(
        "message-stream-usage-zero",
        "message_delta says that nothing was written.",
        each_chunk(change("usage/output_tokens", lambda _: 0)),
        USED,
        on=BOTH,
    ),
    wire(
        "message-stream-usage-split-wrong",
        "The input of a stream counts what came from the cache, too.",
        each_chunk(change("usage/input_tokens", lambda _: 88)),
        "api.messages.usage-split",
        on=BOTH,
    ),
    wire("message-input-piece-lost", "A piece of an input is lost.", without(INPUT), JOINS, on=TOOLS),
    wire("message-input-piece-twice", "A piece of an input comes twice.", twice(INPUT), JOINS, on=TOOLS),
    wire(
        "message-input-swapped",
        "Two pieces of an input change places.",
        swapped(INPUT, rb'"partial_json":"[^{]'),
        JOINS,
        on=TOOLS,
    ),
    wire(
        "message-input-list",
        "An input is a list.",
        each_chunk(change("delta/partial_json", lambda text: text.replace("{", "[{").replace("}", "}]"))),
        JOINS,
        on=TOOLS,
    ),
    wire(
        "message-block-of-nobody",
        "A block begins as one of no known type.",
        each_chunk(change("content_block/type", lambda _: "output_text")),
        SHAPE,
        on=BOTH,
    ),
    wire("message-ping", "A ping comes.", inserted(BEGUN, PING), "api.messages.no-signature", on=BOTH),
    wire(
        "message-signature-delta", "A signature comes.", inserted(CLOSED, SIGNED), "api.messages.no-signature", on=BOTH
    ),
)
