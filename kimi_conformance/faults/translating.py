"""Ways to harm a translation: of the request on its way out, of the answer on its way back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kimi_conformance.reference.translate import translates

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Call, Reply, Routed

Object = dict[str, Any]
Event = dict[str, Any]
FAILED = 400


def outgoing(change: Callable[[Object, Object], Object]) -> Apply:
    """The translated body goes out changed; `change` gets what the client sent, too."""

    def apply(steps: Steps) -> Steps:
        def forward_body(call: Call, decision: Routed) -> bytes:
            body = steps.forward_body(call, decision)
            if not translates(call.surface, decision):
                return body
            return json.dumps(change(json.loads(body), json.loads(call.body.raw))).encode()

        return replace(steps, forward_body=forward_body)

    return apply


def outgoing_message(change: Callable[[Object], Object]) -> Apply:
    """Each message of the translated body goes out changed."""
    return outgoing(lambda body, _: {**body, "messages": [change(message) for message in body["messages"]]})


def outgoing_call(change: Callable[[Object], Object]) -> Apply:
    """Each call of the translated history goes out changed."""

    def changed(message: Object) -> Object:
        calls = message.get("tool_calls")
        return {**message, "tool_calls": [change(call) for call in calls]} if calls else message

    return outgoing_message(changed)


def answered(change: Callable[[Reply, bytes], tuple[int, bytes]]) -> Apply:
    """A whole answer that was translated, an error or not, comes back with another status and body."""

    def apply(steps: Steps) -> Steps:
        async def translate(call: Call, decision: Routed, reply: Reply) -> Reply:
            told = await steps.translate(call, decision, reply)
            if not translates(call.surface, decision) or _streams(told):
                return told
            status, body = change(told, b"".join([piece async for piece in told.pieces]))
            return replace(told, status=status, pieces=_one(body))

        return replace(steps, translate=translate)

    return apply


def message(change: Callable[[Object], Object]) -> Apply:
    """A whole message comes back changed."""
    return answered(lambda reply, body: (reply.status, body if reply.status >= FAILED else _changed(body, change)))


def error(change: Callable[[Object], Object]) -> Apply:
    """The body of an error comes back changed."""
    return answered(lambda reply, body: (reply.status, body if reply.status < FAILED else _changed(body, change)))


def events(change: Callable[[list[Event], Event], Iterable[Event | bytes]]) -> Apply:
    """Each event of a stream becomes others; `change` gets those before it, as they were. Bytes go out as they are."""

    def apply(steps: Steps) -> Steps:
        async def translate(call: Call, decision: Routed, reply: Reply) -> Reply:
            told = await steps.translate(call, decision, reply)
            if not translates(call.surface, decision) or not _streams(told):
                return told
            return replace(told, pieces=_each(told.pieces, change))

        return replace(steps, translate=translate)

    return apply


def told(event: Event, name: str | None = None) -> bytes:
    """An event on the wire, under its own name or another."""
    return f"event: {name or event['type']}\ndata: {json.dumps(event)}\n\n".encode()


async def _each(
    pieces: AsyncIterator[bytes], change: Callable[[list[Event], Event], Iterable[Event | bytes]]
) -> AsyncIterator[bytes]:
    before: list[Event] = []
    async for piece in pieces:  # the reference router gives each event by itself
        event = json.loads(piece.split(b"\ndata: ", 1)[1])
        for other in change(before, event):
            yield other if isinstance(other, bytes) else told(other)
        before.append(event)


async def _one(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _changed(body: bytes, change: Callable[[Object], Object]) -> bytes:
    return json.dumps(change(json.loads(body))).encode()


def _streams(reply: Reply) -> bool:
    return (b"content-type", b"text/event-stream") in reply.headers
