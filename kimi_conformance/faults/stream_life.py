"""Faults of how a stream lives: held back, mixed with others, ended by a lie, begun anew."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.answers import each_event, events, is_stream, stream, with_pieces
from kimi_conformance.faults.fault import fault, itself
from kimi_conformance.reference.upstream import UpstreamError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Outgoing, Reply

INCREMENTAL: Final = "router.stream.incremental"
TRUNCATION: Final = "router.stream.truncation-visible"
ERROR: Final = "router.stream.error-event-kept"
CROSS_TALK: Final = "router.stream.no-cross-talk"
NO_RETRY: Final = "router.stream.no-retry-after-first-byte"

HELD: Final = 2048


@fault("stream.buffered-whole", stream, INCREMENTAL)
async def buffered_whole(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A stream is read to its end before any of it is passed on."""
    held = [piece async for piece in pieces]
    for piece in held:
        yield piece


@fault("stream.buffered-2-kb", stream, INCREMENTAL)
async def buffered_2_kb(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A stream is passed on in blocks of 2 KB."""
    held = b""
    async for piece in pieces:
        held += piece
        if len(held) >= HELD:
            yield held
            held = b""
    yield held


@fault("stream.one-behind", events, INCREMENTAL)
async def one_behind(whole: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """An event is passed on when the next one has come."""
    held = b""
    async for event in whole:
        if held:
            yield held
        held = event
    if held:
        yield held


def told_whole(end: Callable[[bytes], bytes]) -> Apply:
    """A stream that breaks is ended as `end` has it, with what came of it before."""

    async def ended(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        so_far = b""
        try:
            async for piece in pieces:
                so_far += piece
                yield piece
        except UpstreamError:
            pass
        if not (b"data: [DONE]" in so_far or b'"message_stop"' in so_far):
            yield end(so_far)

    return stream(ended)


@fault("stream.cut-told-whole", told_whole, TRUNCATION)
def cut_told_whole(so_far: bytes) -> bytes:
    """A stream that breaks is ended with a finish and a [DONE] of the router's own."""
    if b"event: " in so_far:
        return _messages_end()
    return b"\n\n" + _chat_end("stop")


@fault("stream.cut-told-length", told_whole, TRUNCATION)
def cut_told_length(so_far: bytes) -> bytes:
    """A stream that breaks is said to have reached the bound of its length."""
    return _messages_end("max_tokens") if b"event: " in so_far else b"\n\n" + _chat_end("length")


@fault("stream.clean-end-told-whole", stream, TRUNCATION)
async def clean_end_told_whole(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A stream that just ends gets the finish that it lacks; one that breaks does not."""
    so_far = b""
    async for piece in pieces:
        so_far += piece
        yield piece
    if b'"finish_reason":"' not in so_far and b"event: " not in so_far:
        yield _chat_end("stop")


@fault("stream.errors-swallowed", each_event, ERROR)
def errors_swallowed(event: bytes) -> bytes:
    """What is no chunk is dropped, an error, too."""
    return b"" if b'"error"' in event else event


@fault("stream.errors-reworded", each_event, ERROR, warns=True)
def errors_reworded(event: bytes) -> bytes:
    """An error in a stream is told in the router's own words."""
    if b'"error"' not in event:
        return event
    error = {"type": "api_error", "message": "the upstream failed"}
    name = b"event: error\n" if event.startswith(b"event:") else b""
    return name + b"data: " + json.dumps({"type": "error", "error": error}).encode() + b"\n\n"


@fault("stream.shared-buffer", itself, CROSS_TALK)
def shared_buffer(steps: Steps) -> Steps:
    """All streams go through one buffer, which a stream empties when its own packet is in it."""
    held: list[bytes] = []

    async def shared(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for piece in pieces:
            held.append(piece)
            await asyncio.sleep(0)
            yield b"".join(held)
            held.clear()

    return _of_streams(steps, lambda _: shared)


@fault("stream.lost-under-load", itself, CROSS_TALK)
def lost_under_load(steps: Steps) -> Steps:
    """Beside twenty other streams, one that has waited in a full queue loses what came meanwhile."""
    under_way: dict[str, int] = defaultdict(int)

    async def lossy(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        under_way["now"] += 1
        number = 0
        try:
            async for piece in pieces:
                number += 1
                if not (under_way["now"] > 20 and number == 5):  # noqa: PLR2004 - any would do
                    yield piece
        finally:
            under_way["now"] -= 1

    return _of_streams(steps, lambda _: lossy)


@fault("stream.begun-anew", itself, NO_RETRY)
def begun_anew(steps: Steps) -> Steps:
    """A stream that breaks is asked for again, and goes on with the second answer."""

    async def twice(pieces: AsyncIterator[bytes], outgoing: Outgoing) -> AsyncIterator[bytes]:
        try:
            async for piece in pieces:
                yield piece
        except UpstreamError:
            second = await steps.call(outgoing)
            async for piece in second.pieces:
                yield piece
            second.close()

    return _of_streams(steps, lambda outgoing: lambda pieces: twice(pieces, outgoing))


def _of_streams(
    steps: Steps, change: Callable[[Outgoing], Callable[[AsyncIterator[bytes]], AsyncIterator[bytes]]]
) -> Steps:
    """The packets of every stream are changed, by what was asked for."""

    async def call(outgoing: Outgoing) -> Reply:
        answer = await steps.call(outgoing)
        return with_pieces(answer, change(outgoing)(answer.pieces)) if is_stream(answer) else answer

    return replace(steps, call=call)


def _chat_end(finish: str) -> bytes:
    chunk: dict[str, Any] = {
        "id": "chatcmpl-of-the-router",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {}, "finish_reason": finish}],
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\ndata: [DONE]\n\n"


def _messages_end(reason: str = "end_turn") -> bytes:
    delta = {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}}
    return (
        b"\n\nevent: message_delta\ndata: "
        + json.dumps(delta).encode()
        + b'\n\nevent: message_stop\ndata: {"type": "message_stop"}\n\n'
    )
