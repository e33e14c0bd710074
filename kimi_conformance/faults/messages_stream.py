"""Faults in the grammar of a stream on /v1/messages."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.fault import fault, itself
from kimi_conformance.faults.translating import events, told
from kimi_conformance.reference.translate import translates
from kimi_conformance.reference.upstream import UpstreamError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from kimi_conformance.faults.translating import Event
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Call, Reply, Routed

BEGINS: Final = "router.messages.stream-begins"
BLOCKS: Final = "router.messages.stream-blocks-in-order"
INPUTS: Final = "router.messages.stream-inputs-join"
ENDS: Final = "router.messages.stream-ends"
NAMES: Final = "router.messages.stream-event-names"


@fault("messages.no-start", events, BEGINS)
def no_start(_before: list[Event], event: Event) -> Iterator[Event]:
    """A stream begins with its first block."""
    if event["type"] != "message_start":
        yield event


@fault("messages.start-without-usage", events, BEGINS)
def start_without_usage(_before: list[Event], event: Event) -> Iterator[Event]:
    """`message_start` does not count."""
    started = event["type"] == "message_start"
    kept = {name: value for name, value in event.get("message", {}).items() if name != "usage"}
    yield {**event, "message": kept} if started else event


@fault("messages.delta-after-stop", events, BLOCKS)
def delta_after_stop(_before: list[Event], event: Event) -> Iterator[Event]:
    """A piece of text follows the end of its block."""
    yield event
    if event["type"] == "content_block_stop":
        late = {"type": "text_delta", "text": ""}
        yield {"type": "content_block_delta", "index": event["index"], "delta": late}


@fault("messages.index-zero", events, BLOCKS)
def index_zero(_before: list[Event], event: Event) -> Iterator[Event]:
    """Every block has the index 0."""
    yield {**event, "index": 0} if "index" in event else event


@fault("messages.block-unended", events, BLOCKS)
def block_unended(_before: list[Event], event: Event) -> Iterator[Event]:
    """No block is ended."""
    if event["type"] != "content_block_stop":
        yield event


@fault("messages.block-unbegun", events, BLOCKS)
def block_unbegun(_before: list[Event], event: Event) -> Iterator[Event]:
    """No block is begun."""
    if event["type"] != "content_block_start":
        yield event


@fault("messages.thinking-as-text-delta", events, BLOCKS)
def thinking_as_text_delta(_before: list[Event], event: Event) -> Iterator[Event]:
    """A block of thinking is changed by deltas of text."""
    delta = event.get("delta", {})
    wrong = delta.get("type") == "thinking_delta"
    yield {**event, "delta": {"type": "text_delta", "text": delta["thinking"]}} if wrong else event


@fault("messages.one-block-for-all", events, BLOCKS)
def one_block_for_all(before: list[Event], event: Event) -> Iterator[Event]:
    """The text goes on in the block of the thinking."""
    begun = any(each["type"] == "content_block_start" for each in before)
    if event["type"] == "content_block_stop" or (event["type"] == "content_block_start" and begun):
        return
    if event["type"] == "message_delta":
        yield {"type": "content_block_stop", "index": 0}
    yield {**event, "index": 0} if "index" in event else event


@fault("messages.input-at-once", events, INPUTS)
def input_at_once(_before: list[Event], event: Event) -> Iterator[Event]:
    """The whole input of a call stands where its block begins, and no delta follows."""
    if event["type"] == "content_block_start" and event["content_block"]["type"] == "tool_use":
        yield {**event, "content_block": {**event["content_block"], "input": {"city": "Nice"}}}
    elif event.get("delta", {}).get("type") != "input_json_delta":
        yield event


@fault("messages.input-escaped", events, INPUTS)
def input_escaped(_before: list[Event], event: Event) -> Iterator[Event]:
    """The pieces of an input are escaped once more."""
    delta = event.get("delta", {})
    wrong = delta.get("type") == "input_json_delta"
    yield {**event, "delta": {**delta, "partial_json": json.dumps(delta["partial_json"])}} if wrong else event


@fault("messages.no-stop", events, ENDS)
def no_stop(_before: list[Event], event: Event) -> Iterator[Event]:
    """A stream ends without `message_stop`."""
    if event["type"] != "message_stop":
        yield event


@fault("messages.stop-without-reason", events, ENDS)
def stop_without_reason(_before: list[Event], event: Event) -> Iterator[Event]:
    """Nothing says why the message ended."""
    if event["type"] != "message_delta":
        yield event


@fault("messages.delta-without-usage", events, ENDS)
def delta_without_usage(_before: list[Event], event: Event) -> Iterator[Event]:
    """The end of a stream does not say what was used."""
    ended = event["type"] == "message_delta"
    yield {name: value for name, value in event.items() if name != "usage"} if ended else event


@fault("messages.done-at-the-end", events, ENDS)
def done_at_the_end(_before: list[Event], event: Event) -> Iterator[Event | bytes]:
    """`[DONE]` follows `message_stop`."""
    yield event
    if event["type"] == "message_stop":
        yield b"data: [DONE]\n\n"


@fault("messages.text-after-the-end", events, ENDS)
def text_after_the_end(_before: list[Event], event: Event) -> Iterator[Event]:
    """A block follows `message_stop`."""
    yield event
    if event["type"] == "message_stop":
        block = {"type": "text", "text": ""}
        yield {"type": "content_block_start", "index": 9, "content_block": block}


@fault("messages.events-unnamed", events, NAMES)
def events_unnamed(_before: list[Event], event: Event) -> Iterator[bytes]:
    """Events have data only."""
    yield f"data: {json.dumps(event)}\n\n".encode()


@fault("messages.deltas-misnamed", events, NAMES)
def deltas_misnamed(_before: list[Event], event: Event) -> Iterator[bytes]:
    """Deltas stand under another name."""
    yield told(event, "delta" if event["type"] == "content_block_delta" else None)


@fault("messages.held-back", itself, "router.messages.stream-incremental")
def held_back(steps: Steps) -> Steps:
    """A stream comes back once it is whole."""

    async def whole(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield b"".join([piece async for piece in pieces])

    async def translate(call: Call, decision: Routed, reply: Reply) -> Reply:
        answer = await steps.translate(call, decision, reply)
        return replace(answer, pieces=whole(answer.pieces)) if translates(call.surface, decision) else answer

    return replace(steps, translate=translate)


@fault("messages.cut-told-as-end", itself, "router.messages.stream-cut-shown")
def cut_told_as_end(steps: Steps) -> Steps:
    """A stream that was cut comes back with the end of a whole one."""

    async def ended(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        try:
            async for piece in pieces:
                yield piece
        except UpstreamError:
            yield told({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}})
            yield told({"type": "message_stop"})

    async def translate(call: Call, decision: Routed, reply: Reply) -> Reply:
        answer = await steps.translate(call, decision, reply)
        return replace(answer, pieces=ended(answer.pieces)) if translates(call.surface, decision) else answer

    return replace(steps, translate=translate)


@fault("messages.error-swallowed", events, "router.messages.stream-error-told")
def error_swallowed(_before: list[Event], event: Event) -> Iterator[Event]:
    """An error within a stream does not come back."""
    if event["type"] != "error":
        yield event
