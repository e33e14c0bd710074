"""Bytes and texts from the wire, made fit to be read: nothing invisible, nothing endless, no control of a terminal."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Headers

HEAD_CHARS: Final = 1000
TAIL_CHARS: Final = 500

WINDOW_BYTES: Final = 64 * 1024
"""Of a longer body only so much at either end is read: far more than is shown, so that no secret is cut at an edge."""

HEX_BYTES: Final = 64
BINARY: Final = 0.1
"""Above this share of bytes that are no UTF-8, a body is shown in hexadecimal."""
CUT_BYTES: Final = 3
"""So many are left of a character that was cut (RFC 3629, 3): no sign of binary."""

_KB: Final = 1000
_MB: Final = 1000 * 1000

_UNUSUAL: Final = re.compile(r"[^ -~\n]")
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | frozenset(map(chr, range(0xFE00, 0xFE10)))
"""Characters that Python holds printable, and that show nothing all the same."""

_LOOK_ALIKE: Final = re.compile(
    r"(?<=[A-Za-z])[{0}]|[{0}](?=[A-Za-z])".format("\u0131\u0370-\u052f\uff10-\uff19\uff21-\uff3a\uff41-\uff5a")
)
"""Greek, Cyrillic and full-width letters, and the dotless i, beside a Latin letter."""

_JSON_BLANKS: Final = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+')


def visible(text: str) -> str:
    """`text` with each character that cannot be seen, or passes for another, as `<U+2028>`. Newlines stay."""
    if text.isascii() and text.isprintable():
        return text
    return _UNUSUAL.sub(_unless_printable, _LOOK_ALIKE.sub(_named, text))


def one_line(text: str, longest: int) -> str:
    """`text` made visible, in one line of at most `longest` characters."""
    shown = visible(text).replace("\n", " ")
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def clipped(text: str) -> str:
    """`text`, without its middle where it is longer than `HEAD_CHARS` and `TAIL_CHARS` together."""
    cut = len(text) - HEAD_CHARS - TAIL_CHARS
    if cut <= 0:
        return text
    return f"{text[:HEAD_CHARS]} … [{cut:,} characters left out] … {text[-TAIL_CHARS:]}"


def body_text(data: bytes, redact: Callable[[str], str]) -> str:
    """A body as a timeline shows it: JSON without blanks, what is no text in hexadecimal, the middle left out."""
    if len(data) <= 2 * WINDOW_BYTES:
        return clipped(_text(data, redact))
    head, tail = _text(data[:WINDOW_BYTES], redact), _text(data[-WINDOW_BYTES:], redact)
    left_out = f"the middle of {len(data):,} bytes left out"
    return f"{head[:HEAD_CHARS]} … [{left_out}] … {tail[-TAIL_CHARS:]}"


def head_text(first_line: str, headers: Headers, redact: Callable[[str], str]) -> str:
    """The head of a request or a response, one header per line."""
    lines = [first_line, *(f"{name}: {value}" for name, value in headers)]
    return clipped("\n".join(visible(redact(line)).replace("\n", "<U+000A>") for line in lines))


def size(count: int) -> str:
    """A number of bytes as people say it: `210 B`, `1.2 KB`, `10.5 MB`."""
    if count < _KB:
        return f"{count} B"
    return f"{count / _KB:.1f} KB" if count < _MB else f"{count / _MB:.1f} MB"


def _text(data: bytes, redact: Callable[[str], str]) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _not_utf8(data, redact)
    return visible(redact(_compact(text)))


def _not_utf8(data: bytes, redact: Callable[[str], str]) -> str:
    r"""Text with a few bytes escaped as `\xe4` where most of it is text, else hexadecimal."""
    broken = sum("\ud800" <= char <= "\udfff" for char in data.decode("utf-8", "surrogateescape"))
    if broken <= max(CUT_BYTES, BINARY * len(data)):
        return visible(redact(data.decode("utf-8", "backslashreplace")))
    shown = redact(data.decode("latin-1")).encode("latin-1", "replace")[:HEX_BYTES].hex(" ")
    return f"not UTF-8, {size(len(data))}, in hexadecimal: {shown}{' …' if len(data) > HEX_BYTES else ''}"


def _compact(text: str) -> str:
    """`text` without the blanks between its tokens, where it is JSON. Its numbers and doubled keys stay as written."""
    if "\n" not in text and '": ' not in text:
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _JSON_BLANKS.sub(lambda match: match[1] or "", text)


def _unless_printable(match: re.Match[str]) -> str:
    char = match[0]
    return char if char.isprintable() and char not in _BLANK else _named(match)


def _named(match: re.Match[str]) -> str:
    return f"<U+{ord(match[0]):04X}>"
