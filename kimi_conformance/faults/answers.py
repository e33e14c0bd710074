"""Ways to harm an answer on its way back: its head, its JSON, the events of its stream, its packets."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Fields, Outgoing, Reply

Object = dict[str, Any]
Pieces = "AsyncIterator[bytes]"


def reply(change: Callable[[Reply], Reply]) -> Apply:
    """Every answer of an upstream is changed."""

    def apply(steps: Steps) -> Steps:
        async def call(outgoing: Outgoing) -> Reply:
            return change(await steps.call(outgoing))

        return replace(steps, call=call)

    return apply


def headers(change: Callable[[Fields], Fields]) -> Apply:
    """Its header fields are changed."""
    return reply(lambda answer: replace(answer, headers=change(answer.headers)))


def whole(change: Callable[[bytes], bytes]) -> Apply:
    """The body of every answer that is no stream is read whole, and changed."""

    async def changed(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield change(b"".join([piece async for piece in pieces]))

    return reply(lambda answer: answer if is_stream(answer) else with_pieces(answer, changed(answer.pieces)))


def members(change: Callable[[Object], Object]) -> Apply:
    """The JSON of every answer that is no stream is changed, and written anew; errors, pages and packed bodies are not.

    A router that breaks down over these has another defect, which others stand for.
    """

    def changed(body: bytes) -> bytes:
        try:
            answer = json.loads(body)
        except ValueError:
            return body
        healthy = isinstance(answer, dict) and "error" not in answer
        return json.dumps(change(answer), ensure_ascii=False).encode() if healthy else body

    return whole(changed)


def messages(change: Callable[[Object], Object]) -> Apply:
    """Every message of a chat answer that is no stream is changed."""

    def changed(body: Object) -> Object:
        choices = [{**choice, "message": change(choice["message"])} for choice in body.get("choices", ())]
        return {**body, "choices": choices} if choices else body

    return members(changed)


def stream(change: Callable[[AsyncIterator[bytes]], AsyncIterator[bytes]]) -> Apply:
    """The packets of every stream are changed."""
    return reply(lambda answer: with_pieces(answer, change(answer.pieces)) if is_stream(answer) else answer)


def events(change: Callable[[AsyncIterator[bytes]], AsyncIterator[bytes]]) -> Apply:
    """Every stream is cut into its events, as whole as they come, and those are changed."""
    return stream(lambda pieces: change(cut(pieces)))


def each_event(change: Callable[[bytes], bytes]) -> Apply:
    """Every event is changed by itself; one that becomes empty is gone."""

    async def changed(whole_events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for event in whole_events:
            if other := change(event):
                yield other

    return events(changed)


def each_object(change: Callable[[Object], Object | None]) -> Apply:
    """The JSON of every event is changed; None takes the event away."""

    def changed(event: bytes) -> bytes:
        head, data, tail = event.partition(b"data: {")
        if not data:
            return event
        value = change(json.loads(b"{" + tail))
        return b"" if value is None else head + b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"

    return each_event(changed)


def each_delta(change: Callable[[Object], Object]) -> Apply:
    """Every delta of a chat stream is changed."""

    def changed(chunk: Object) -> Object:
        choices = [
            {**one, "delta": change(one["delta"])} if "delta" in one else one for one in chunk.get("choices", ())
        ]
        return {**chunk, "choices": choices} if "choices" in chunk else chunk

    return each_object(changed)


async def cut(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The events of a stream whose lines end in LF, each with the blank line behind it; then what is left."""
    held = b""
    async for piece in pieces:
        *whole_events, held = (held + piece).split(b"\n\n")
        for event in whole_events:
            yield event + b"\n\n"
    if held:
        yield held


def is_stream(answer: Reply) -> bool:
    """Whether it is an event stream."""
    return any(name.lower() == b"content-type" and b"event-stream" in value for name, value in answer.headers)


def with_pieces(answer: Reply, pieces: AsyncIterator[bytes]) -> Reply:
    """The answer with another body, whose length nobody knows."""
    return replace(answer, headers=without(answer.headers, b"content-length"), pieces=pieces)


def without(fields: Fields, *names: bytes) -> Fields:
    """The fields that are not named (in lower case)."""
    return tuple((name, value) for name, value in fields if name.lower() not in names)
