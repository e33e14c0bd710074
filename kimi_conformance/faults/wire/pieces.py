"""Harm to an event stream: to its events as bytes, or to the JSON in them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.exchange import Piece
from kimi_conformance.faults.wire.whole import response, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kimi_conformance.exchange import Response
    from kimi_conformance.faults.wire.edit import Edit
    from kimi_conformance.faults.wire.wire_fault import Apply

_END: Final = re.compile(rb"(?<=\n\n)")
_DATA: Final = re.compile(rb"^data: ?(\{.*)$", re.MULTILINE)
DONE: Final = b"data: [DONE]\n\n"


def events(harm: Callable[[list[Piece]], Iterable[Piece]]) -> Apply:
    """The events of a stream, one a piece at the time it was whole, are others."""

    def harmed(found: Response) -> Response:
        if not (found.header("content-type") or "").startswith("text/event-stream"):
            raise LookupError("no stream")
        return replace(found, pieces=tuple(harm(_split(found))))

    return response(harmed)


def raw(harm: Callable[[bytes], bytes]) -> Apply:
    """Every event is written otherwise."""
    return events(lambda found: [Piece(each.t_ms, harm(each.data)) for each in found])


def each_chunk(edit: Edit) -> Apply:
    """The JSON of every event that has what the edit is about is edited."""
    return events(lambda found: [_edited(each, edit) or each for each in found])


def first_chunk(edit: Edit) -> Apply:
    """The same of the first such event only."""
    return events(lambda found: _once(found, edit, range(len(found))))


def last_chunk(edit: Edit) -> Apply:
    """The same of the last such event only."""
    return events(lambda found: _once(found, edit, range(len(found) - 1, -1, -1)))


def without(*patterns: bytes) -> Apply:
    """The first event that matches each of `patterns` is lost."""

    def harm(found: list[Piece]) -> list[Piece]:
        for pattern in patterns:
            del found[place(found, pattern)]
        return found

    return events(harm)


def twice(pattern: bytes) -> Apply:
    """The first event that matches comes twice."""

    def harm(found: list[Piece]) -> list[Piece]:
        at = place(found, pattern)
        return [*found[: at + 1], *found[at:]]

    return events(harm)


def swapped(first: bytes, second: bytes) -> Apply:
    """The first events that match the one and the other change places, and keep the times of those."""

    def harm(found: list[Piece]) -> list[Piece]:
        one, other = place(found, first), place(found, second)
        if one == other:
            other = one + 1 + place(found[one + 1 :], second)
        found[one], found[other] = (
            Piece(found[one].t_ms, found[other].data),
            Piece(found[other].t_ms, found[one].data),
        )
        return found

    return events(harm)


def inserted(before: bytes, block: bytes) -> Apply:
    """An event more, ahead of the first that matches."""

    def harm(found: list[Piece]) -> list[Piece]:
        at = place(found, before)
        return [*found[:at], Piece(found[at].t_ms, block), *found[at:]]

    return events(harm)


def appended(block: bytes) -> Apply:
    """Something more at the end."""
    return events(lambda found: [*found, Piece(found[-1].t_ms, block)])


def place(found: list[Piece], pattern: bytes) -> int:
    """The first event that matches. Raises `LookupError`."""
    for index, each in enumerate(found):
        if re.search(pattern, each.data):
            return index
    raise LookupError(f"no event has {pattern!r}")


def block(value: Any) -> bytes:
    """An event with this JSON."""
    return b"data: " + written(value) + b"\n\n"


def _split(found: Response) -> list[Piece]:
    made: list[Piece] = []
    held = b""
    for piece in found.pieces:
        *whole, held = _END.split(held + piece.data)
        made += [Piece(piece.t_ms, each) for each in whole]
    return [*made, Piece(found.pieces[-1].t_ms, held)] if held else made


def _edited(piece: Piece, edit: Edit) -> Piece | None:
    """The event with its JSON edited; None where it has none that this can be done to."""
    found = _DATA.search(piece.data)
    if not found:
        return None
    value = json.loads(found[1])
    try:
        edit(value)
    except LookupError:
        return None
    return Piece(piece.t_ms, piece.data[: found.start(1)] + written(value) + piece.data[found.end(1) :])


def _once(found: list[Piece], edit: Edit, order: Iterable[int]) -> list[Piece]:
    for index in order:
        edited = _edited(found[index], edit)
        if edited and edited != found[index]:
            return [*found[:index], edited, *found[index + 1 :]]
    raise LookupError("no event has it")
