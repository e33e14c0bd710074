"""Healthy answers with something changed: the JSON that they say, or the bytes in which they go out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from kimi_conformance.exchange import first
from kimi_conformance.upstream.script import Pause, Script, Send, compact, event_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kimi_conformance.upstream.script import Event, Step

Object: TypeAlias = "dict[str, Any]"

BETWEEN_S = 0.004
"""So long after a cut the next packet follows: enough for the first one to be read by itself."""


def streams(script: Script) -> bool:
    """Whether it is an event stream."""
    return (first(script.headers, "content-type") or "").startswith("text/event-stream")


def saying(script: Script, change: Callable[[Object], Object]) -> Script:
    """The script with every JSON object changed that it sends: its body, or the data of its events."""
    if not streams(script):
        return with_body(script, compact(change(json.loads(script.body))))

    def changed(event: Event) -> Event:
        name, data = parts(event)
        if not data.startswith("{"):
            return event
        said = compact(change(json.loads(data))).decode()
        return said if name is None else (name, said)

    return with_events(script, [changed(event) for event in events_of(script)])


def with_body(script: Script, body: bytes) -> Script:
    """The script with another body, sent in one."""
    return replace(script, steps=(Send(body),))


def events_of(script: Script) -> list[Event]:
    """The events of a healthy stream, whose every send is one."""
    return [_event(step.data.decode()) for step in script.steps if isinstance(step, Send)]


def with_events(script: Script, events: Iterable[Event]) -> Script:
    """The script with other events, a send for each."""
    return replace(script, steps=tuple(Send(event_bytes(event)) for event in events))


def parts(event: Event) -> tuple[str | None, str]:
    """The event's name, if it has one, and its data."""
    return (None, event) if isinstance(event, str) else event


def cut_at(script: Script, places: Iterable[int]) -> Script:
    """The body in one stretch but for cuts at these bytes, after each of which a little time goes by."""
    steps: list[Step] = []
    start = 0
    for place in (*sorted({*places} - {0, len(script.body)}), len(script.body)):
        steps += [Send(script.body[start:place]), Pause(BETWEEN_S)]
        start = place
    return replace(script, steps=tuple(steps[:-1]))


def _event(raw: str) -> Event:
    name = None
    data: list[str] = []
    for line in raw.split("\n"):
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
    said = "\n".join(data)
    return said if name is None else (name, said)
