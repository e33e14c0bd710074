"""What each event of a stream is: a kind of piece, or several that came in one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.fold import DONE
from kimi_conformance.judge.api.sight import NO_JSON, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.sse import Event

ENDS: Final = "end of {}"
BLOCKS: Final = ("thinking block", "text block", "tool_use block")
CHOSEN: Final = frozenset({"reasoning", "content", "tool calls", *BLOCKS, *map(ENDS.format, BLOCKS)})
"""Whether these come, and in how many pieces, is the model's choice."""
BROKEN: Final = re.compile("no JSON|^error$|content_block| called ")
"""What never is just one more kind of piece."""
BY_CHANCE: Final = "ping"
DELTA: Final = {"role": "role", "reasoning_content": "reasoning", "content": "content", "tool_calls": "tool calls"}
USUAL: Final = {"thinking": "thinking_delta", "text": "text_delta", "tool_use": "input_json_delta"}


def pieces(sight: Sight) -> Iterator[str]:
    """The kinds of pieces of a stream, event by event."""
    events = sight.reading.events
    return _of_messages(events) if sight.face == "messages" else _of_chat(events)


def _of_chat(events: Sequence[Event]) -> Iterator[str]:
    for event in events:
        chunk = read_json(event.data)
        if event.type != "message":
            yield f"event {event.type}"
        if event.data == DONE:
            yield "[DONE]"
        elif not isinstance(chunk, dict):
            yield "no JSON"
        elif "error" in chunk:
            yield "error"
        else:
            yield from _of_chunk(chunk)


def _of_chunk(chunk: dict[str, Any]) -> Iterator[str]:
    choices = chunk.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if not isinstance(choice, dict):
            continue
        delta = choice.get("delta")
        said = delta if isinstance(delta, dict) else {}
        for name, kind in DELTA.items():
            beside_role = name != "role" and "role" in said  # the first piece has an empty text beside the role
            if said.get(name) is not None and not (beside_role and said[name] == ""):
                yield kind
        if choice.get("finish_reason") is not None:
            yield "finish"
        if choice.get("usage") is not None:
            yield "usage of the choice"
    if chunk.get("usage") is not None:
        yield "usage"


def _of_messages(events: Sequence[Event]) -> Iterator[str]:
    open_: dict[Any, str] = {}
    for event in events:
        data = read_json(event.data)
        said: dict[str, Any] = data if isinstance(data, dict) else {}
        kind = "no JSON" if data is NO_JSON else str(said.get("type"))
        index = said.get("index")
        if event.type != kind:
            yield f"{kind} called {event.type}"
        elif kind == "content_block_start" and index not in open_:
            open_[index] = _type(said.get("content_block"))
            yield f"{open_[index]} block"
        elif kind == "content_block_stop" and index in open_:
            yield ENDS.format(f"{open_.pop(index)} block")
        elif kind == "content_block_delta" and index in open_:
            if _type(said.get("delta")) != USUAL.get(open_[index]):
                yield f"{_type(said.get('delta'))} in a {open_[index]} block"
        elif kind != BY_CHANCE:
            yield kind


def _type(value: Any) -> str:
    return str(value.get("type") if isinstance(value, dict) else None)
