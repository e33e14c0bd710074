"""The strict event-stream reader: WHATWG HTML, 9.2.5 (grammar) and 9.2.6 (interpretation), on bytes.

It reads what a client that follows the standard would read, and says what it met on the way; nothing is repaired. Only
CR, LF and CR LF end a line: U+2028, U+2029, U+0085, VT and FF are data. All of them, and every delimiter, are told
apart in undecoded bytes, so invalid UTF-8 is kept and reported. What is read depends on the bytes and never on the
pieces they came in; the pieces give the times. Offsets count bytes from the start of the stream, a BOM included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kimi_conformance.sse_event import Comment, Event, Notice, NoticeKind, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kimi_conformance.exchange import Piece

__all__ = ["Comment", "Event", "Notice", "NoticeKind", "Reader", "Reading", "read"]

_BOM = b"\xef\xbb\xbf"
_FIELDS = frozenset({b"data", b"event", b"id", b"retry"})
_CR_OR_LF = re.compile(rb"[\r\n]")
_MAX_RETRY_DIGITS = 18
"""More do not fit the 64 bits in which clients keep the reconnection time."""
_SHOWN = 40
"""So many bytes of a name or a value that makes no sense are shown in a message."""


@dataclass(slots=True)
class _Block:
    """The lines since the last blank one, from the first that is no comment."""

    offset: int
    raw: bytearray = field(default_factory=bytearray)
    data: list[bytes] = field(default_factory=list)
    type: bytes = b""
    names: set[bytes] = field(default_factory=set)


class Reader:
    """Reads a stream piece by piece, in time linear in its bytes and pieces."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._comments: list[Comment] = []
        self._notices: list[Notice] = []
        self._read = 0
        self._line = bytearray()
        self._block: _Block | None = None
        self._id = b""
        self._retry_ms: int | None = None
        self._cr: int | None = None  # where the last line ended in a CR that may yet prove half of a CR LF
        self._line_ends: dict[bytes, int] = {}
        self._spaceless = False

    def feed(self, piece: Piece) -> tuple[Event, ...]:
        """Read on. Returns the events that this piece completed; a CR completes a line at once."""
        data, start, known = piece.data, 0, len(self._events)
        for match in _CR_OR_LF.finditer(data):
            stop, end = match.start(), match[0]
            at = self._read + stop
            if end == b"\n" and self._cr == at - 1:
                self._line_ended(b"\r\n", at - 1)
            else:
                if self._cr is not None:
                    self._line_ended(b"\r", self._cr)
                self._line += data[start:stop]
                line = bytes(self._line)
                self._line.clear()
                self._take_line(line, at, piece.t_ms)
                if end == b"\r":
                    self._cr = at
                else:
                    self._line_ended(end, at)
            if self._block:
                self._block.raw += end
            start = stop + 1
        self._line += data[start:]
        self._read += len(data)
        return tuple(self._events[known:])

    def close(self) -> Reading:
        """What the stream has come to, if it ends here. Leaves the reader as it is."""
        notices = list(self._notices)
        line, _ = _examined(bytes(self._line), self._read - len(self._line), notices)
        tail = (bytes(self._block.raw) if self._block else b"") + line
        if tail:
            message = f"the stream ended inside this: {len(tail)} bytes discarded"
            notices.append(Notice(NoticeKind.UNFINISHED, self._read - len(tail), message))
        pending = {} if self._cr is None else {b"\r": self._cr}
        notices += _line_end_notices(pending | self._line_ends)
        notices.sort(key=lambda notice: notice.offset)
        return Reading(tuple(self._events), tuple(self._comments), tuple(notices), tail)

    def _line_ended(self, end: bytes, offset: int) -> None:
        self._line_ends.setdefault(end, offset)
        self._cr = None

    def _take_line(self, line: bytes, end: int, t_ms: float) -> None:
        line, offset = _examined(line, end - len(line), self._notices)
        if not line:
            self._dispatch(end + 1, t_ms)
            return
        if line.startswith(b":"):
            self._comments.append(Comment(line[1:], offset, t_ms))
        else:
            self._block = self._block or _Block(offset)
            self._take_field(self._block, line, offset)
        if self._block:
            self._block.raw += line

    def _take_field(self, block: _Block, line: bytes, offset: int) -> None:
        name, colon, value = line.partition(b":")
        if name not in _FIELDS:
            self._note(NoticeKind.UNKNOWN_FIELD, offset, f"no field is called {name[:_SHOWN]!r}: ignored")
            return
        if not colon:
            self._note(NoticeKind.NO_COLON, offset, f"{name!r} has no colon: its value is empty")
        elif value.startswith(b" "):
            value = value[1:]
        elif value and not self._spaceless:
            self._spaceless = True
            self._note(NoticeKind.NO_SPACE, offset, f"no blank after the colon of {name!r}, here for the first time")
        if name == b"data":
            block.data.append(value)
            return
        if name in block.names:
            self._note(NoticeKind.REPEATED_FIELD, offset, f"{name!r} again in one block: the last one counts")
        block.names.add(name)
        self._set(block, name, value, offset)

    def _set(self, block: _Block, name: bytes, value: bytes, offset: int) -> None:
        if name == b"event":
            block.type = value
        elif name == b"id":
            if b"\0" in value:
                self._note(NoticeKind.ID_WITH_NUL, offset, f"id {value[:_SHOWN]!r} holds U+0000: ignored")
            else:
                self._id = value
        elif value.isdigit() and len(value) <= _MAX_RETRY_DIGITS:
            self._retry_ms = int(value)
        else:
            message = f"retry {value[:_SHOWN]!r} is not 1 to {_MAX_RETRY_DIGITS} digits: ignored"
            self._note(NoticeKind.BAD_RETRY, offset, message)

    def _dispatch(self, end: int, t_ms: float) -> None:
        block, self._block = self._block, None
        if block is None:
            return
        if not block.data:
            self._note(NoticeKind.NO_DATA, block.offset, "a block without a data line is no event")
            return
        event = Event(
            index=len(self._events),
            type=(block.type or b"message").decode("utf-8", "surrogateescape"),
            data=b"\n".join(block.data),
            id=self._id,
            retry_ms=self._retry_ms,
            offset=block.offset,
            end=end,
            t_ms=t_ms,
        )
        self._events.append(event)

    def _note(self, kind: NoticeKind, offset: int, message: str) -> None:
        self._notices.append(Notice(kind, offset, message))


def read(pieces: Iterable[Piece]) -> Reading:
    """The reading of a whole stream."""
    reader = Reader()
    for piece in pieces:
        reader.feed(piece)
    return reader.close()


def _examined(line: bytes, offset: int, notices: list[Notice]) -> tuple[bytes, int]:
    """The line and its offset, without the BOM where the stream begins with one. Notes a BOM and invalid UTF-8."""
    if offset == 0 and line.startswith(_BOM):
        notices.append(Notice(NoticeKind.BOM, 0, "the stream begins with a byte order mark"))
        line, offset = line[len(_BOM) :], len(_BOM)
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"not UTF-8: {error.reason} at {line[error.start : error.end]!r}"
        notices.append(Notice(NoticeKind.INVALID_UTF8, offset + error.start, message))
    return line, offset


def _line_end_notices(first: dict[bytes, int]) -> list[Notice]:
    """Notices on the kinds of line end in use, from where each was first met."""
    notices = [
        Notice(kind, first[end], f"a line ends in {name}, here for the first time")
        for end, kind, name in ((b"\r", NoticeKind.CR, "CR"), (b"\r\n", NoticeKind.CRLF, "CR LF"))
        if end in first
    ]
    if len(first) > 1:
        offset = sorted(first.values())[1]
        notices.append(Notice(NoticeKind.MIXED_LINE_ENDS, offset, "this line ends otherwise than the first one"))
    return notices
