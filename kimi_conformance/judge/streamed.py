"""A stream from both sides: the events that the upstream sent, and those that the client got."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.exchange import Piece
from kimi_conformance.judge.arrivals import shown
from kimi_conformance.judge.check import Flaw
from kimi_conformance.judge.relayed import Relayed, decoded, media_type, relayed, shown_bytes, unread
from kimi_conformance.sse import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.exchange import Response
    from kimi_conformance.sse import Event, Reading

STREAM: Final = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Streamed:
    """Both readings of one answer."""

    answer: Relayed
    sent: Reading
    seen: Reading


def streamed(trips: Iterable[Trip], *, cut: bool = False) -> Iterator[Streamed | Flaw]:
    """Both readings of each stream, or why there is none to look at; `cut` as in `relayed`."""
    for answer in relayed(trips, cut=cut):
        if isinstance(answer, Flaw):
            yield answer
        elif media_type(answer.upstream.header("content-type")) != STREAM:
            yield unread("the router did not ask the upstream for a stream, and got none")
        elif media_type(answer.client.header("content-type")) != STREAM and not cut:
            kind = str(answer.client.header("content-type"))
            actual = f"{kind}: {shown_bytes(answer.client.body)}"
            yield Flaw(STREAM, actual, "client response content-type", f"the stream reached the client as {kind}")
        else:
            seen = reading_of(answer.client)
            yield seen if isinstance(seen, Flaw) else Streamed(answer, read(answer.upstream.pieces), seen)


def reading_of(response: Response) -> Reading | Flaw:
    """The client's stream; one that came in a coding has lost the times of its pieces."""
    if response.header("content-encoding") is None:
        return read(response.pieces)
    data = decoded(response)
    return data if isinstance(data, Flaw) else read([Piece(response.t_ms, data)])


def value_of(event: Event) -> Any:
    """The JSON of an event's data; where it is none, its text."""
    try:
        return json.loads(event.data.decode("utf-8"))
    except (ValueError, RecursionError):
        return event.data.decode("utf-8", "backslashreplace")


def is_ping(event: Event) -> bool:
    """Whether it only keeps the connection alive: any number of them may come or go."""
    value = value_of(event)
    return isinstance(value, dict) and value.get("type") == "ping" and "choices" not in value


def is_bare_usage(event: Event) -> bool:
    """Whether it is the chunk that has counters and no choices."""
    value = value_of(event)
    return isinstance(value, dict) and value.get("choices") == [] and "usage" in value


def place_of(event: Event) -> str:
    """Where an event of the client's stands."""
    return f"client stream, event {event.index} at byte {event.offset}"


def shown_event(event: Event) -> str:
    """An event as a finding shows it."""
    value = value_of(event)
    if isinstance(value, dict) and isinstance(value.get("choices"), list) and value["choices"]:
        return f"a chunk with choices {shown(value['choices'])}"  # the rest is the same in every chunk
    name = "" if event.type == "message" else f"event {event.type}, "
    return f"{name}data {shown_bytes(event.data)}"
