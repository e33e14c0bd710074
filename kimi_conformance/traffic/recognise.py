"""What a file of traffic is, told by how it begins: never by its name."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from kimi_conformance.traffic.found import Unreadable
from kimi_conformance.traffic.json_stream import begun

if TYPE_CHECKING:
    from kimi_conformance.traffic.source import Source

Form: TypeAlias = Literal["har", "json-cassette", "yaml-cassette", "exchanges"]

TELLING: Final[dict[str, Form]] = {
    "log": "har",
    "interactions": "json-cassette",
    "exchange": "exchanges",
    "request": "exchanges",
    "response": "exchanges",
}
"""A key of the outermost object that tells what it is; an array is what its first element is."""

CASSETTE: Final = re.compile(rb"^(interactions|version)[ \t]*:", re.MULTILINE)
EVENT_STREAM: Final = re.compile(rb"\s*(data|event|id|retry)?:")
READABLE: Final = "a HAR, a vcrpy cassette (YAML or JSON), or exchanges as JSON"


def form_of(source: Source) -> Form:
    """The form of a file. Raises `Unreadable`, with a word on what it is instead."""
    head = source.head
    begin = head.lstrip()[:1]
    if begin in (b"{", b"["):
        return _json_form(source, head)
    _must_be_text(source.name, head)
    if CASSETTE.search(head):
        return "yaml-cassette"
    if EVENT_STREAM.match(head):
        shapes = "--shape chat.completion.chunk or --shape message.events"
        raise Unreadable(f"{source.name} is a bare event stream: say which with {shapes}")
    what = "HTML or XML" if begin == b"<" else "JSON, but no object" if _is_scalar(head) else "no kind of traffic"
    raise Unreadable(f"{source.name} is {what}: judge reads {READABLE}")


def told(head: bytes) -> Form | None:
    """The form of the JSON that begins with `head`; None where nothing in it tells."""
    depth, top = 0, 1
    for number, (event, value) in enumerate(begun(head)):
        if event == "map_key" and depth == top and value in TELLING:
            return TELLING[value]
        if event.startswith("start"):
            depth += 1
            top = 2 if number == 0 and event == "start_array" else top
        elif event.startswith("end"):
            depth -= 1
            if top == 2 and depth == 1:  # noqa: PLR2004 - the first element of the array has ended
                return None
    return None


def _json_form(source: Source, head: bytes) -> Form:
    form = told(head)
    if form is None:
        mend = "a bare response body is judged with --shape NAME"
        raise Unreadable(f"{source.name} is JSON, or begins like it, but is not {READABLE}; {mend}")
    return form


def _must_be_text(name: str, head: bytes) -> None:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name} is no text: byte {error.start} (0x{head[error.start]:02x}) is not UTF-8") from error
    if "\0" in text:
        raise Unreadable(f"{name} is no text: it has a NUL at character {text.index(chr(0))}")


def _is_scalar(head: bytes) -> bool:
    return bool(re.fullmatch(rb'\s*("[^"]*"|-?[0-9.eE+]+|true|false|null)\s*', head))
