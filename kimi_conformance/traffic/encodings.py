"""Bodies as they were kept, made the bytes that a client saw: texts, base64, content encodings."""

from __future__ import annotations

import zlib
from base64 import b64decode
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.exchange import first
from kimi_conformance.traffic.found import Odd

if TYPE_CHECKING:
    from kimi_conformance.exchange import Headers

WINDOW: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""What zlib calls these encodings (RFC 9110, 8.4.1)."""
PACKED: Final = frozenset({"content-encoding", "content-length"})
"""The headers that are true of a packed body only."""


def utf8(text: str) -> bytes:
    """`text` as bytes. Raises `Odd` where it holds what UTF-8 cannot."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Odd(f"its body holds half of a surrogate pair, at character {error.start}: that is no text") from error


def unbase64(text: str) -> bytes:
    """The bytes in `text`. Raises `Odd`."""
    try:
        return b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise Odd(f"its body is said to be base64, and is not: {error}") from error


def unpacked(headers: Headers, body: bytes) -> tuple[Headers, bytes, bool]:
    """A response without its content encoding, and whether the body was all there.

    Many recorders write down the header and unpack the body all the same: what is text already stays as it is.
    Raises `Odd` where this encoding cannot be undone.
    """
    coding = (first(headers, "content-encoding") or "identity").strip().lower()
    if coding in ("identity", "") or not body:
        return headers, body, True
    data, whole = body, True
    if coding in WINDOW and (found := _inflated(body, WINDOW[coding])):
        data, whole = found
    elif not _is_text(body):
        known = coding in WINDOW
        what = "is broken" if known else "cannot be undone here; record with `accept-encoding: gzip`"
        raise Odd(f"its body is packed: content-encoding {coding!r} {what}")
    return tuple(pair for pair in headers if pair[0].lower() not in PACKED), data, whole


def pairs(headers: Any) -> Headers:
    """Headers that are kept as an object: a value, or a list of values, by name."""
    listed = ((str(name), value if isinstance(value, list) else [value]) for name, value in (headers or {}).items())
    return tuple((name, _string(value)) for name, values in listed for value in values)


def _string(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _inflated(body: bytes, window: int) -> tuple[bytes, bool] | None:
    for bits in (window, -15) if window == WINDOW["deflate"] else (window,):  # some send deflate without its frame
        reader = zlib.decompressobj(bits)
        try:
            return reader.decompress(body), reader.eof
        except zlib.error:
            continue
    return None


def _is_text(body: bytes) -> bool:
    try:
        return "\0" not in body.decode()
    except UnicodeDecodeError:
        return False
