"""Canaries: finds secrets in bytes, in whatever way they are written there.

A canary ends in characters that nobody else says: these are looked for, so that a key without its usual `sk-` is found
as well as one between other bytes. They are letters and digits, which URLs and JSON leave as they are.
"""

from __future__ import annotations

import re
import zlib
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kimi_conformance.exchange import Headers

OWN_CHARS: Final = 24
"""So many characters at the end of a canary are its own; those before them say what it is, and whose."""

NOBODYS_OWN: Final = "nobodyhasthiskeyanywhere"
"""What stands there in a key that nobody has: a stranger's."""

LARGEST: Final = 64 << 20
"""A compressed body is decoded up to here."""

TEXTS: Final = re.compile(
    rb'"(?:content|text|reasoning_content|thinking|partial_json|arguments)":\s*"((?:[^"\\]|\\.)*)"'
)
"""The texts of the events of a stream, whose pieces make up what a client shows."""


@dataclass(frozen=True, slots=True)
class Needle:
    """One way to write the secret `name`."""

    name: str
    encoding: str
    data: bytes


def needles(secrets: Mapping[str, str]) -> tuple[Needle, ...]:
    """Every way to write each of `secrets` (name -> value) that is looked for."""
    found = ((name, *form) for name, value in secrets.items() if value for form in _forms(value[-OWN_CHARS:]))
    return tuple(dict.fromkeys(Needle(name, encoding, data) for name, encoding, data in found))


def found(wanted: Iterable[Needle], data: bytes) -> tuple[Needle, ...]:
    """Those of `wanted` that stand in `data`."""
    return tuple(needle for needle in wanted if needle.data in data)


def readings(body: bytes, headers: Headers) -> Iterator[bytes]:
    """A body as it stands on the wire; decoded, where it is compressed; and what its events say, joined."""
    yield body
    plain = body
    named = {name.lower(): value.lower() for name, value in headers}
    if named.get("content-encoding", "identity") in {"gzip", "x-gzip", "deflate"}:
        plain = _inflated(body)
        yield plain
    if named.get("content-type", "").startswith("text/event-stream"):
        yield b"".join(TEXTS.findall(plain))


def head(start: str, headers: Headers) -> bytes:
    """The head of a message as bytes: its first line, then a line for each field."""
    lines = [start, *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def _forms(value: str) -> Iterator[tuple[str, bytes]]:
    raw = value.encode()
    yield "plain", raw
    yield "upper case", raw.upper()
    for before in range(3):
        yield "base64", _within_base64(raw, before)
    for digits in ("02x", "02X"):
        yield "hex", "".join(f"{byte:{digits}}" for byte in raw).encode()
        yield "URL-encoded", "".join(f"%{byte:{digits}}" for byte in raw).encode()
        yield "JSON-escaped", "".join(f"\\u00{byte:{digits}}" for byte in raw).encode()


def _within_base64(value: bytes, before: int) -> bytes:
    """The characters that `value` alone determines where it follows `before` other bytes (RFC 4648, 4).

    Letters and digits make none of the characters in which the alphabet of URLs differs.
    """
    encoded = b64encode(b"\0" * before + value)
    return encoded[-(-before * 8 // 6) : (before + len(value)) * 8 // 6]


def _inflated(body: bytes) -> bytes:
    """What could be decoded of a gzip or zlib body, cut or not."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, LARGEST)
    except zlib.error:
        return b""
