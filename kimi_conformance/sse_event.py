"""What the event-stream reader finds: events, comments, notices of what deserves a word, and the reading as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NoticeKind(StrEnum):
    """What a stream can hold that deserves a word. Most of it is allowed; a plain stream has no notice at all."""

    BOM = "bom"
    """A byte order mark ahead of the first line. Read past."""
    CR = "cr"
    """A line ended by CR alone. Noted once, where first met."""
    CRLF = "crlf"
    """A line ended by CR LF. Noted once, where first met."""
    MIXED_LINE_ENDS = "mixed-line-ends"
    """A line ended otherwise than the first one. Noted once, where first met."""
    NO_SPACE = "no-space-after-colon"
    """A value right behind its colon. Noted once, where first met."""
    NO_COLON = "no-colon"
    """A field without a colon: its value is empty."""
    UNKNOWN_FIELD = "unknown-field"
    """A line that is no comment and no field of the standard. Ignored."""
    REPEATED_FIELD = "repeated-field"
    """A second `event`, `id` or `retry` in one block: it takes the place of the one before."""
    ID_WITH_NUL = "id-with-nul"
    """An `id` that holds U+0000. Ignored."""
    BAD_RETRY = "bad-retry"
    """A `retry` that is not 1 to 18 ASCII digits. Ignored."""
    INVALID_UTF8 = "invalid-utf8"
    """Bytes that are not UTF-8, a line at a time; the offset is that of the first of them. Kept as they are."""
    NO_DATA = "no-data"
    """A block with lines but no `data` line: no event. Its `id` and `retry` count all the same."""
    UNFINISHED = "unfinished"
    """The stream ended before a line end or a blank line closed what began here. Discarded: it is the tail."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader met at byte `offset`, and what became of it."""

    kind: NoticeKind
    offset: int
    message: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A line that begins with a colon, `offset` being the colon's; `data` is all that follows it, a blank included."""

    data: bytes
    offset: int
    t_ms: float


@dataclass(frozen=True, slots=True)
class Event:
    """An event as a client gets it.

    `data` is its data lines joined with LF. `id` and `retry_ms` are those in force when it is dispatched, set by this
    block or by one before it: empty and None where none was. `type` is `message` where no other is named; bytes of it
    that are not UTF-8 are kept as surrogates (`surrogateescape`).

    `offset` is the first byte of its first line that is no comment; `end` lies behind the byte that completed it, the
    CR where its blank line ends in CR LF, since a client need not wait for the LF. `t_ms` is when that byte arrived.
    """

    index: int
    type: str
    data: bytes
    id: bytes
    retry_ms: int | None
    offset: int
    end: int
    t_ms: float

    @property
    def text(self) -> str:
        """The data as text. Raises `UnicodeDecodeError` where it is not UTF-8."""
        return self.data.decode("utf-8")


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole stream: its events and comments in order, its notices by offset.

    `tail` is what the end of the stream cut off: the bytes from the first line of a block that no blank line closed, or
    from a comment whose line has no end. It is empty where the stream ended cleanly.
    """

    events: tuple[Event, ...]
    comments: tuple[Comment, ...]
    notices: tuple[Notice, ...]
    tail: bytes
