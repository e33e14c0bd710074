"""In which order the pieces of a stream came: what kinds of pieces, not how many, and not when."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.fold import DONE
from kimi_conformance.judge.api.sight import NO_JSON, read_json
from kimi_conformance.judge.drift.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.sse import Event

CHOSEN: Final = frozenset({"reasoning", "content", "tool calls", "thinking block", "text block", "tool_use block"})
"""Whether these come is the model's choice."""
BY_CHANCE: Final = frozenset({"ping"})
LAST: Final = frozenset({"[DONE]", "message_stop"})
DELTA: Final = {"role": "role", "reasoning_content": "reasoning", "content": "content", "tool_calls": "tool calls"}


def order_changes(before: Sight, after: Sight) -> Iterator[Change]:
    """The change of order, where there is one: what was there comes otherwise, or something new comes in between."""
    was, now = kinds(before), kinds(after)
    both = set(was) & set(now)
    old = [each for each in was if each in both or each not in CHOSEN]
    new = [each for each in now if each in both or each not in CHOSEN]
    if old == new:
        return
    strangers = [each for each in new if each not in old]
    late = any(each in LAST for each in new[:-1])
    adds = not late and [each for each in new if each in old] == old
    what = (
        f"{', '.join(strangers)} came in between"
        if adds
        else "the pieces of the stream come in another order, or some are gone"
    )
    yield Change(
        "order",
        "additive" if adds else "breaking",
        "event order",
        " → ".join(old),
        " → ".join(new),
        what,
        str(before.face),
    )


def kinds(sight: Sight) -> list[str]:
    """The kinds of pieces, each run of one kind once."""
    found = _of_messages(sight.reading.events) if sight.face == "messages" else _of_chat(sight.reading.events)
    return [kind for kind, _ in groupby(found) if kind not in BY_CHANCE]


def _of_chat(events: Sequence[Event]) -> Iterator[str]:
    for event in events:
        if event.data == DONE:
            yield "[DONE]"
            continue
        chunk = read_json(event.data)
        if event.type != "message":
            yield f"event {event.type}"
        if not isinstance(chunk, dict):
            yield "no JSON"
        elif "error" in chunk:
            yield "error"
        else:
            yield from _of_chunk(chunk)


def _of_chunk(chunk: dict[str, Any]) -> Iterator[str]:
    choices = chunk.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        delta = choice.get("delta") if isinstance(choice, dict) else None
        said = delta if isinstance(delta, dict) else {}
        for name, kind in DELTA.items():
            with_role = name != "role" and "role" in said  # the first piece has an empty text beside the role
            if said.get(name) is not None and not (with_role and said[name] == ""):
                yield kind
        if isinstance(choice, dict) and choice.get("finish_reason") is not None:
            yield "finish"
        if isinstance(choice, dict) and choice.get("usage") is not None:
            yield "usage of the choice"
    if chunk.get("usage") is not None:
        yield "usage"


def _of_messages(events: Sequence[Event]) -> Iterator[str]:
    """Blocks are told whole: as many of one kind as there are count once, and a torn one has another name."""
    blocks: dict[Any, list[str]] = {}
    for event in events:
        data = read_json(event.data)
        said: dict[str, Any] = data if isinstance(data, dict) else {}
        kind = "no JSON" if data is NO_JSON else str(said.get("type"))
        if event.type != kind:
            kind = f"{kind} called {event.type}"
        if not kind.startswith("content_block"):
            yield kind
        elif kind == "content_block_start":
            block = said.get("content_block")
            blocks[said.get("index")] = [str(block.get("type") if isinstance(block, dict) else None)]
        elif kind == "content_block_stop" and said.get("index") in blocks:
            yield _block(blocks.pop(said.get("index")))
        elif said.get("index") in blocks:
            delta = said.get("delta")
            blocks[said.get("index")].append(str(delta.get("type") if isinstance(delta, dict) else None))
        else:
            yield kind
    for left in blocks.values():
        yield f"{_block(left)} without an end"


def _block(parts: list[str]) -> str:
    """A block by its kind, and by what it is made of where that is something else than usual."""
    kind, *deltas = parts
    usual = {"thinking": "thinking_delta", "text": "text_delta", "tool_use": "input_json_delta"}.get(kind)
    odd = sorted({each for each in deltas if each != usual})
    return f"{kind} block" + (f" of {', '.join(odd)}" if odd else "")
