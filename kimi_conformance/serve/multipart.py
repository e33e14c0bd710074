"""Reads an upload: the parts of a `multipart/form-data` body (RFC 7578)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kimi_conformance.exchange import Request

_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^;,\s]+))', re.IGNORECASE)
_NAME = re.compile(r'(?<!file)name="([^"]*)"')
_FILENAME = re.compile(r'filename="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Part:
    """A field or a file; `filename` None: a field."""

    filename: str | None
    data: bytes


def parts(request: Request) -> dict[str, Part]:
    """The parts by their names; none, where the body is no such form."""
    found = _BOUNDARY.search(request.header("content-type") or "")
    if not found:
        return {}
    boundary = b"\r\n--" + (found[1] or found[2]).encode("latin-1")
    pieces = (b"\r\n" + request.body).split(boundary)[1:-1]
    return dict(part for piece in pieces if (part := _part(piece)))


def _part(piece: bytes) -> tuple[str, Part] | None:
    head, separator, data = piece.partition(b"\r\n\r\n")
    words = head.decode("utf-8", "replace")
    name, filename = _NAME.search(words), _FILENAME.search(words)
    if not separator or not name:
        return None
    return name[1], Part(filename and filename[1], data)
