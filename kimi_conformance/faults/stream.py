"""Faults of what a stream says: events, counters, calls, characters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.answers import Object, each_delta, each_event, each_object, events, stream
from kimi_conformance.faults.fault import fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EQUAL: Final = "router.stream.events-equal-in-order"
DONE: Final = "router.stream.done-once-and-last"
USAGE: Final = "router.stream.usage-kept"
CALLS: Final = "router.stream.fragments-rejoin"
UTF8: Final = "router.stream.utf8-across-packets"
SEPARATORS: Final = "router.stream.line-separators-kept"
SPLIT: Final = "router.stream.any-packet-split-same-events"
COMMENTS: Final = "router.stream.comments-tolerated"

END: Final = b"data: [DONE]\n\n"


@fault("stream.two-joined", events, EQUAL)
async def two_joined(whole: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The texts of two events are joined into one."""
    held: Object | None = None
    async for event in whole:
        chunk = _chunk(event)
        text = _text(chunk)
        if chunk and text and held is None:
            held = chunk
            continue
        if chunk and held and text:
            held["choices"][0]["delta"]["content"] += text
            yield _event(held)
        else:
            yield (_event(held) if held else b"") + event
        held = None


@fault("stream.swapped", events, EQUAL)
async def swapped(whole: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The second event comes before the first."""
    first = [event async for event in _some(whole, 2)]
    for event in reversed(first):
        yield event
    async for event in whole:
        yield event


@fault("stream.one-lost", events, EQUAL)
async def one_lost(whole: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The fifth event is lost."""
    number = 0
    async for event in whole:
        number += 1
        if number != 5:  # noqa: PLR2004 - any would do
            yield event


@fault("stream.one-doubled", events, EQUAL)
async def one_doubled(whole: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The fifth event comes twice."""
    number = 0
    async for event in whole:
        number += 1
        yield event * (2 if number == 5 else 1)  # noqa: PLR2004 - any would do


@fault("stream.reasoning-swallowed", each_delta, EQUAL)
def reasoning_swallowed(delta: Object) -> Object:
    """Reasoning is taken out of the deltas."""
    return {name: value for name, value in delta.items() if name != "reasoning_content"}


@fault("stream.unnamed-events", each_event, EQUAL)
def unnamed_events(event: bytes) -> bytes:
    """The events of the messages wire lose their names."""
    return b"".join(line for line in event.splitlines(keepends=True) if not line.startswith(b"event:"))


@fault("stream.known-members-only", each_object, EQUAL)
def known_members_only(chunk: Object) -> Object:
    """Members of a chunk that the router's types do not have are dropped."""
    return {name: value for name, value in chunk.items() if name not in ("system_fingerprint", "note")}


@fault("stream.announced", events, EQUAL, warns=True)
async def announced(whole: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The router begins with a chunk of its own that says nothing."""
    async for event in whole:
        if chunk := _chunk(event):
            yield _event({**chunk, "choices": []})
        yield event
        break
    async for event in whole:
        yield event


@fault("stream.two-ends", each_event, DONE)
def two_ends(event: bytes) -> bytes:
    """The router ends a stream that has ended."""
    return event * 2 if event == END or b'"message_stop"' in event else event


@fault("stream.no-end", each_event, DONE)
def no_end(event: bytes) -> bytes:
    """The end is not passed on."""
    return b"" if event == END or b'"message_stop"' in event else event


@fault("stream.counted-after-the-end", events, DONE)
async def counted_after_the_end(whole: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Behind the end the router says what the stream has cost."""
    async for event in whole:
        yield event
        if event == END:
            yield _event({"choices": [], "usage": {"total_tokens": 1}})
        elif b'"message_stop"' in event:
            yield _event({"type": "cost", "usd": 0.01})


@fault("stream.choice-without-usage", each_object, USAGE)
def choice_without_usage(chunk: Object) -> Object:
    """The counters in the last choice are dropped, as OpenAI has none there."""
    if "choices" not in chunk:
        return chunk
    choices = [{name: value for name, value in choice.items() if name != "usage"} for choice in chunk["choices"]]
    return {**chunk, "choices": choices}


@fault("stream.without-usage-chunk", each_object, USAGE)
def without_usage_chunk(chunk: Object) -> Object | None:
    """A chunk without choices is dropped: what could it say."""
    return None if chunk.get("choices") == [] else chunk


@fault("stream.only-first-usage", each_object, USAGE)
def only_first_usage(chunk: Object) -> Object:
    """The counters at the end of a stream on the messages wire are those of a router that reads two of them."""
    if chunk.get("type") != "message_delta":
        return chunk
    return {**chunk, "usage": {"output_tokens": 1}}


@fault("stream.calls-numbered-anew", each_delta, CALLS)
def calls_numbered_anew(delta: Object) -> Object:
    """Every fragment is said to be of the first call."""
    calls = delta.get("tool_calls")
    return {**delta, "tool_calls": [{**call, "index": 0} for call in calls]} if calls else delta


@fault("stream.calls-counted-from-one", each_delta, EQUAL)
def calls_counted_from_one(delta: Object) -> Object:
    """Calls are counted from 1."""
    calls = delta.get("tool_calls")
    return {**delta, "tool_calls": [{**call, "index": call["index"] + 1} for call in calls]} if calls else delta


@fault("stream.calls-by-turns", events, CALLS)
async def calls_by_turns(whole: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A fragment is taken for one of the call that began last, whatever its index."""
    latest = -1
    async for event in whole:
        chunk = _chunk(event)
        choices = chunk.get("choices") if chunk else None
        calls = choices[0]["delta"].get("tool_calls") if choices else None
        for call in calls or ():
            latest += "id" in call
            call["index"] = latest
        yield _event(chunk) if chunk and calls else event


@fault("stream.decoded-by-packet", stream, UTF8)
async def decoded_by_packet(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Every packet is decoded by itself, and what is no UTF-8 is replaced."""
    async for piece in pieces:
        yield piece.decode("utf-8", "replace").encode()


@fault("stream.broken-characters-dropped", stream, UTF8)
async def broken_characters_dropped(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Every packet is decoded by itself, and what is no UTF-8 is left out."""
    async for piece in pieces:
        yield piece.decode("utf-8", "ignore").encode()


@fault("stream.split-by-unicode", each_event, SEPARATORS)
def split_by_unicode(event: bytes) -> bytes:
    """Lines are taken to end where Unicode says so."""
    lines = [line for line in event.decode().splitlines() if line.partition(":")[0] in ("data", "event", "id")]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n"


@fault("stream.separators-blanked", stream, SEPARATORS)
async def separators_blanked(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Line separators become blanks, so that JavaScript of old can read the text."""
    async for piece in pieces:
        yield piece.replace("\u2028".encode(), b" ").replace("\u2029".encode(), b" ")


@fault("stream.packet-is-event", stream, SPLIT, UTF8)
async def packet_is_event(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Every packet is taken for one event."""
    async for piece in pieces:
        yield piece.rstrip(b"\r\n") + b"\n\n"


@fault("stream.packet-is-lines", stream, SPLIT)
async def packet_is_lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines are looked for in each packet by itself: what does not begin with a field is dropped."""
    fields = (b"data: ", b"event: ", b": ")
    async for piece in pieces:
        for line in piece.splitlines():
            if line.startswith(fields):
                yield line + (b"\n" if line.startswith(b"event: ") else b"\n\n")


@fault("stream.lf-only", stream, SPLIT)
async def lf_only(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Events are looked for by LF LF, and what has none is never passed on."""
    held = b""
    async for piece in pieces:
        *whole, held = (held + piece).split(b"\n\n")
        for event in whole:
            yield event + b"\n\n"


@fault("stream.comments-are-data", each_event, COMMENTS)
def comments_are_data(event: bytes) -> bytes:
    """What begins with a colon is passed on as data."""
    return event.replace(b": keep-alive\n", b"data: keep-alive\n")


@fault("stream.first-line-counts", each_event, COMMENTS)
def first_line_counts(event: bytes) -> bytes:
    """An event whose first line is a comment is taken for a comment."""
    return b"" if event.startswith(b":") else event


def _chunk(event: bytes) -> Object | None:
    """The chunk of the chat wire that an event holds, if it does."""
    found: Object = json.loads(event[len(b"data: ") :]) if event.startswith(b"data: {") else {}
    return found or None


def _text(chunk: Object | None) -> str:
    choices = chunk.get("choices") if chunk else None
    return choices[0]["delta"].get("content") or "" if choices else ""


def _event(chunk: Object | None) -> bytes:
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


async def _some(whole: AsyncIterator[bytes], count: int) -> AsyncIterator[bytes]:
    """The first few events; the others stay where they are."""
    for _ in range(count):
        event = await anext(whole, None)
        if event is not None:
            yield event
