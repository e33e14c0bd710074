"""Messages of the Anthropic face whose counters do not belong together, or that lack a call that was required."""

from __future__ import annotations

from typing import Final

from kimi_conformance.faults.wire.edit import both, change, put
from kimi_conformance.faults.wire.pieces import each_chunk
from kimi_conformance.faults.wire.whole import answer
from kimi_conformance.faults.wire.wire_fault import wire

WITHIN: Final = "api.messages.thinking-within-output"
TWINS: Final = "api.messages.cached-twins-equal"
OBEYED: Final = "api.messages.any-tool-obeyed"
THOUGHT: Final = "usage/output_tokens_details/thinking_tokens"
BOTH: Final = "message-stream*"

FAULTS: Final = (
    wire(
        "message-thinking-beyond-output",
        "A message reasons more than it writes.",
        answer(change("usage/output_tokens", lambda _: 1)),
        WITHIN,
        on="message",
    ),
    wire(
        "message-stream-thinking-beyond-output",
        "A message stream reasons more than it writes.",
        each_chunk(change(THOUGHT, lambda _: 1000)),
        WITHIN,
        on=BOTH,
    ),
    wire(
        "message-stream-thinking-negative",
        "A message stream reasons less than nothing.",
        each_chunk(change(THOUGHT, lambda _: -1)),
        WITHIN,
        on=BOTH,
    ),
    wire(
        "message-cache-twins-differ",
        "The two cache counters of a message differ.",
        answer(put("usage/cached_tokens", 0)),
        TWINS,
        on="message",
    ),
    wire(
        "message-stream-cache-twins-differ",
        "The two cache counters of message_delta differ.",
        each_chunk(change("usage/cached_tokens", lambda _: 0)),
        TWINS,
        on=BOTH,
    ),
    wire(
        "message-any-without-call",
        "A call is required, and only words come.",
        answer(both(change("content", lambda found: found[:2]), put("stop_reason", "end_turn"))),
        OBEYED,
        on="message-any",
    ),
)
