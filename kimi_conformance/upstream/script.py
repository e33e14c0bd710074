"""What a stand-in sends for one request: a head, bytes, and what happens between them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kimi_conformance.exchange import Headers

Framing: TypeAlias = Literal["length", "chunked", "close", "wrong-length"]
Event: TypeAlias = "str | tuple[str, str]"
"""An event of a stream: its data, or its name and its data."""

EVENT_STREAM: Headers = (("Content-Type", "text/event-stream"),)


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes of the body, handed to the kernel by themselves (a chunk of its own where the framing is chunked)."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Gate:
    """Nothing until the player opens the gate of this name for this arrival.

    With a patience the answer goes on after so long, past all its later gates too; without one it ends, by RST, when
    the stand-in's own bound has run out.
    """

    name: str
    patience_s: float | None = None


@dataclass(frozen=True, slots=True)
class Close:
    """The end, by FIN, whatever was still to come."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The end, by RST."""


Step: TypeAlias = Send | Pause | Gate | Close | Reset


@dataclass(frozen=True, slots=True)
class Script:
    """An answer.

    `headers` go out exactly as given, in their order and case. The header of the framing follows them, unless they
    have a Content-Length or a Transfer-Encoding themselves. `before` runs before the head; what it sends goes out
    raw. `declared` is what Content-Length says where that is not the sum of the sends.
    """

    status: int = 200
    headers: Headers = ()
    steps: tuple[Step, ...] = ()
    before: tuple[Step, ...] = ()
    framing: Framing = "length"
    declared: int | None = None

    @property
    def body(self) -> bytes:
        """All that is sent, in one."""
        return b"".join(step.data for step in self.steps if isinstance(step, Send))


def compact(value: Any) -> bytes:
    """JSON without blanks, in UTF-8 with nothing escaped that need not be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def json_answer(status: int, body: Any, headers: Headers = ()) -> Script:
    """An answer whose body is the JSON of `body`; bytes are sent as they are.

    Content-Type is application/json where `headers` has none.
    """
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers = (("Content-Type", "application/json"), *headers)
    data = body if isinstance(body, bytes) else compact(body)
    return Script(status=status, headers=headers, steps=(Send(data),))


def event_bytes(event: Event, *, space_after_colon: bool = True) -> bytes:
    """One event of a stream on the wire; data of several lines takes a field for each."""
    colon = ": " if space_after_colon else ":"
    name, data = (None, event) if isinstance(event, str) else event
    named = "" if name is None else f"event{colon}{name}\n"
    fields = "".join(f"data{colon}{line}\n" for line in data.split("\n"))
    return f"{named}{fields}\n".encode()


def sse_answer(
    events: Sequence[Event],
    *,
    headers: Headers = EVENT_STREAM,
    done: bool = True,
    space_after_colon: bool = True,
    gates: bool = False,
) -> Script:
    """A stream in which each event is a send of its own; `done` ends it with `[DONE]`; for `gates` see `gated`."""
    whole = (*events, "[DONE]") if done else events
    sends = tuple(Send(event_bytes(event, space_after_colon=space_after_colon)) for event in whole)
    script = Script(headers=headers, steps=sends, framing="chunked")
    return gated(script) if gates else script


def gated(script: Script) -> Script:
    """The script with send k+1 held back until the gate `event-k` is open, k counted from 0."""
    steps: list[Step] = []
    sent = 0
    for step in script.steps:
        if isinstance(step, Send):
            if sent:
                steps.append(Gate(f"event-{sent - 1}"))
            sent += 1
        steps.append(step)
    return replace(script, steps=tuple(steps))


def cut_after(script: Script, n_bytes: int, how: Literal["close", "reset"]) -> Script:
    """The script ended after exactly `n_bytes` of its body, wherever that falls; Content-Length still promises all.

    Raises `ValueError` where the body is shorter than that.
    """
    whole = len(script.body)
    if not 0 <= n_bytes <= whole:
        raise ValueError(f"cannot cut a body of {whole} bytes after {n_bytes}")
    steps: list[Step] = []
    left = n_bytes
    for step in script.steps:
        if not left:
            break
        if isinstance(step, Send):
            steps.append(Send(step.data[:left]))
            left -= min(left, len(step.data))
        else:
            steps.append(step)
    steps.append(Close() if how == "close" else Reset())
    return replace(script, steps=tuple(steps), declared=whole if script.declared is None else script.declared)


def split(script: Script, sizes: Iterable[int]) -> Script:
    """The script with its body sent in pieces of these sizes, what remains in one.

    Pauses and gates stay at the byte where they stood, so a piece that spans one is sent in two.
    Raises `ValueError` for a size below 1.
    """
    ends = _ends(sizes)
    end = next(ends, None)
    steps: list[Step] = []
    held, sent = b"", 0
    for step in (*script.steps, None):
        if isinstance(step, Send):
            held += step.data
            continue
        start = 0
        while end is not None and end - sent < len(held):
            if end - sent > start:
                steps.append(Send(held[start : end - sent]))
                start = end - sent
            end = next(ends, None)
        if held[start:]:
            steps.append(Send(held[start:]))
        held, sent = b"", sent + len(held)
        if step is not None:
            steps.append(step)
    return replace(script, steps=tuple(steps))


def _ends(sizes: Iterable[int]) -> Iterator[int]:
    """Where each piece ends, counted from the start of the body."""
    end = 0
    for size in sizes:
        if size < 1:
            raise ValueError(f"cannot send a piece of {size} bytes")
        end += size
        yield end
