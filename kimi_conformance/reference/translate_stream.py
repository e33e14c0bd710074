"""A stream of the chat wire, said as events of Anthropic's messages wire while it comes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kimi_conformance.reference.translate_answer import error, frame, stop_reason, usage
from kimi_conformance.reference.upstream import UpstreamError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

Object = dict[str, Any]


async def events(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The events, one a piece, each as soon as the chunk is there that it follows from. Raises `UpstreamError`."""
    telling = Telling()
    async for data in _data(pieces):
        if data == b"[DONE]":
            for event in telling.end():
                yield written(event)
            return
        try:
            said = list(telling.take(json.loads(data)))
        except (LookupError, TypeError, ValueError) as failure:
            raise UpstreamError(failure) from failure
        for event in said:
            yield written(event)
        if any(event["type"] == "error" for event in said):
            return
    raise UpstreamError(ConnectionAbortedError("the stream ended without [DONE]"))


def written(event: Object) -> bytes:
    """An event on the wire."""
    return f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


async def _data(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The data of each event; the chat wire names none, and has one line of data in each."""
    held = b""
    async for piece in pieces:
        *lines, held = (held + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line.removeprefix(b"data:").strip()


@dataclass(slots=True)
class Telling:
    """How far a message has been told. The first call is told while it comes; those beside it wait for its end."""

    begun: bool = False
    open: str | None = None
    blocks: int = 0
    finish: Any = None
    used: Object = field(default_factory=dict)
    calls: dict[int, list[Object]] = field(default_factory=dict)

    def take(self, chunk: Object) -> Iterator[Object]:
        """The events that follow from one chunk."""
        if "error" in chunk:
            yield error(json.dumps(chunk).encode())
            return
        if not self.begun:
            self.begun = True
            nothing = {**usage({}), "output_tokens": 0}
            start = {**frame(chunk), "content": [], "stop_reason": None, "stop_sequence": None, "usage": nothing}
            yield {"type": "message_start", "message": start}
        self.used = chunk.get("usage") or self.used
        for choice in chunk["choices"][:1]:
            self.used = choice.get("usage") or self.used
            yield from self._delta(choice.get("delta") or {})
            self.finish = choice.get("finish_reason") or self.finish

    def end(self) -> Iterator[Object]:
        """The events at its end."""
        yield from self._close()
        for fragments in list(self.calls.values())[1:]:
            for fragment in fragments:
                yield from self._fragment(fragment)
            yield from self._close()
        delta = {"stop_reason": stop_reason(self.finish), "stop_sequence": None}
        yield {"type": "message_delta", "delta": delta, "usage": usage(self.used)}
        yield {"type": "message_stop"}

    def _delta(self, delta: Object) -> Iterator[Object]:
        if delta.get("reasoning_content"):
            yield from self._within("thinking", {"type": "thinking", "thinking": "", "signature": ""})
            yield self._change({"type": "thinking_delta", "thinking": delta["reasoning_content"]})
        if delta.get("content"):
            yield from self._within("text", {"type": "text", "text": ""})
            yield self._change({"type": "text_delta", "text": delta["content"]})
        for fragment in delta.get("tool_calls") or ():
            index = fragment["index"]
            self.calls.setdefault(index, []).append(fragment)
            if index == next(iter(self.calls)):
                yield from self._fragment(fragment)

    def _fragment(self, fragment: Object) -> Iterator[Object]:
        function = fragment.get("function") or {}
        if fragment.get("id"):
            named = {"id": fragment["id"], "name": function["name"]}
            yield from self._within(fragment["id"], {"type": "tool_use", **named, "input": {}})
        if function.get("arguments"):
            yield self._change({"type": "input_json_delta", "partial_json": function["arguments"]})

    def _within(self, what: str, block: Object) -> Iterator[Object]:
        """Opens a block, where it is not open already."""
        if self.open != what:
            yield from self._close()
            self.open = what
            yield {"type": "content_block_start", "index": self.blocks, "content_block": block}

    def _change(self, delta: Object) -> Object:
        return {"type": "content_block_delta", "index": self.blocks, "delta": delta}

    def _close(self) -> Iterator[Object]:
        if self.open is not None:
            yield {"type": "content_block_stop", "index": self.blocks}
            self.open = None
            self.blocks += 1
