"""Large JSON documents, read value by value: never the whole of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import ijson  # type: ignore[import-untyped]
from ijson.common import ObjectBuilder  # type: ignore[import-untyped]

from kimi_conformance.traffic.found import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.traffic.source import Source

STARTS: Final = frozenset({"start_map", "start_array"})
ENDS: Final = frozenset({"end_map", "end_array"})
DEEPEST: Final = 500
BLOCK_BYTES: Final = 1 << 16


def elements(source: Source, *path: str) -> Iterator[Any]:
    """Each element of the array at `path`, the keys from the top.

    Raises `Unreadable` where the document ends early or is no JSON, when all that came before has been given.
    """
    keys: list[str | None] = []  # of each open object the member that is being read; None in an array
    inside = 0  # how deep the elements lie, while the array is open
    builder = ObjectBuilder()
    for event, value in events(source):
        if event in ENDS:
            keys.pop()
        if len(keys) < inside:
            inside = 0
        elif inside:
            builder.event(event, value)
            if len(keys) == inside and event not in STARTS:
                yield builder.value
                builder = ObjectBuilder()
        if event in STARTS:
            if event == "start_array" and tuple(keys) == path:
                inside = len(keys) + 1
            if len(keys) >= DEEPEST:
                raise Unreadable(f"{source.name}: its JSON is nested more than {DEEPEST} deep")
            keys.append(None)
        elif event == "map_key":
            keys[-1] = value


def events(source: Source) -> Iterator[tuple[str, Any]]:
    """The events of a JSON document. Raises `Unreadable` behind the last good one."""
    found = ijson.sendable_list()
    parser = ijson.basic_parse_coro(found)
    line = read = 0
    size = BLOCK_BYTES
    while block := source.read(size):
        error = _sent(parser, block)
        # The parser looks at a long text from its beginning again with each block: more at once keeps that linear.
        size = BLOCK_BYTES if found else size * 2
        yield from _taken(found)
        if error:
            raise Unreadable(f"{source.name}: {_said(error)}, near line {line + 1}, behind byte {read}")
        line += block.count(b"\n")
        read += len(block)
    error = _closed(parser)
    yield from _taken(found)
    if error:
        where = f"byte {read} (line {line + 1})"
        raise Unreadable(f"{source.name} ends at {where}, in the middle of its JSON: it was cut, or not written out")


def begun(head: bytes) -> Iterable[tuple[str, Any]]:
    """The events of the JSON that begins with `head`, up to where it ends or goes wrong."""
    found = ijson.sendable_list()
    _sent(ijson.basic_parse_coro(found), head)
    return _taken(found)


def _sent(parser: Any, block: bytes) -> ijson.JSONError | None:
    try:
        parser.send(block)
    except ijson.JSONError as error:
        return error
    return None


def _closed(parser: Any) -> ijson.JSONError | None:
    try:
        parser.close()
    except ijson.JSONError as error:
        return error
    return None


def _taken(found: list[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    taken = [(event, float(value) if isinstance(value, Decimal) else value) for event, value in found]
    found.clear()
    return taken


def _said(error: ijson.JSONError) -> str:
    text = error.args[0] if error.args else ""
    first = (text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)).splitlines()[:1]
    return f"no JSON: {''.join(first).rstrip('.') or 'it cannot be parsed'}"
