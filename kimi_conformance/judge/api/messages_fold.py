"""A stream of the Anthropic face in one pass: its blocks, its usages, and what stands where it should not.

Nothing is repaired. Positions are numbers of events, from 0.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kimi_conformance.sse import Event

DONE: Final = b"[DONE]"
ANYWHERE: Final = frozenset({"ping", "error"})
PIECES: Final = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


@dataclass(slots=True)
class Block:
    """A block as its pieces make it. `start` is what it began with, `pieces` the texts of its deltas in order."""

    first: int
    start: dict[str, Any]
    pieces: list[str] = field(default_factory=list)

    @property
    def kind(self) -> Any:
        """Its type, as it was when it began."""
        return self.start.get("type")

    @property
    def text(self) -> str:
        """All pieces in one: text, reasoning, or the JSON of an input."""
        return "".join(self.pieces)


@dataclass(slots=True)
class Messages:
    """All of a stream. `events` are those that are JSON objects; `odd` says what is out of order, and where."""

    events: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    odd: list[tuple[int, str]] = field(default_factory=list)
    message: dict[str, Any] | None = None
    blocks: list[Block] = field(default_factory=list)
    open: int | None = None
    deltas: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    usages: list[tuple[int, Any]] = field(default_factory=list)
    stopped: bool = False
    size: int = 0
    _living: dict[str, Block] = field(default_factory=dict)
    """Begun and not ended, by the index that the events give: clients put a block together by that."""

    def take(self, event: Event) -> None:
        """Add an event."""
        number = self.size
        self.size += 1
        if event.data == DONE:
            self.done.append(number)
            return
        try:
            data = json.loads(event.data)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            self.broken.append(number)
            return
        self.events.append((number, event.type, data))
        self._place(number, data)

    def _place(self, number: int, data: dict[str, Any]) -> None:
        kind = data.get("type")
        if isinstance(kind, str) and kind in ANYWHERE:
            return
        if self.stopped:
            self.odd.append((number, f"{kind} after message_stop"))
        elif (kind == "message_start") == (self.message is not None):
            self.odd.append((number, f"{kind} {'again' if kind == 'message_start' else 'before message_start'}"))
        match kind:
            case "message_start":
                self._start(number, data)
            case "content_block_start":
                self._begin(number, data)
            case "content_block_delta" | "content_block_stop":
                self._go_on(number, data)
            case "message_delta":
                self._end(number, data)
            case "message_stop":
                self._stop(number)

    def _start(self, number: int, data: dict[str, Any]) -> None:
        found = data.get("message")
        self.message = found if isinstance(found, dict) else {}
        if "usage" in self.message:
            self.usages.append((number, self.message["usage"]))

    def _begin(self, number: int, data: dict[str, Any]) -> None:
        if self.open is not None:
            self.odd.append((number, f"a block begins while block {self.open} is open"))
        if self.deltas:
            self.odd.append((number, "a block begins after message_delta"))
        if data.get("index") != len(self.blocks):
            self.odd.append((number, f"a block with the index {data.get('index')} after {len(self.blocks)} others"))
        started = data.get("content_block")
        self.open = len(self.blocks)
        block = Block(number, started if isinstance(started, dict) else {})
        self.blocks.append(block)
        self._living[str(data.get("index"))] = block

    def _go_on(self, number: int, data: dict[str, Any]) -> None:
        index = data.get("index")
        if self.open is None or index != self.open:
            self.odd.append((number, f"{data['type']} of block {index}, which is not open"))
        block = self._living.get(str(index))
        if data["type"] == "content_block_stop":
            self.open = None if index == self.open else self.open
            self._living.pop(str(index), None)
            return
        delta = data.get("delta")
        piece = delta.get(PIECES.get(str(delta.get("type")))) if isinstance(delta, dict) else None
        if block and isinstance(piece, str):
            block.pieces.append(piece)

    def _end(self, number: int, data: dict[str, Any]) -> None:
        if self.open is not None:
            self.odd.append((number, f"message_delta while block {self.open} is open"))
        self.deltas.append((number, data))
        if "usage" in data:
            self.usages.append((number, data["usage"]))

    def _stop(self, number: int) -> None:
        if not self.deltas:
            self.odd.append((number, "message_stop without message_delta"))
        self.stopped = True

    @property
    def stop_reason(self) -> Any:
        """Why it ended; None where nothing says so."""
        found = [data["delta"] for _, data in self.deltas if isinstance(data.get("delta"), dict)]
        return next((each["stop_reason"] for each in reversed(found) if "stop_reason" in each), None)


def fold_messages(events: Iterable[Event]) -> Messages:
    """The stream of these events."""
    folded = Messages()
    for event in events:
        folded.take(event)
    return folded
