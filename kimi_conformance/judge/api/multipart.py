"""The parts of a form as uploads carry it (RFC 7578), as far as they are needed here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kimi_conformance.exchange import Request


def form(request: Request) -> dict[str, bytes]:
    """The form's fields by name, the last of a name; empty where there is no form, or it was not kept whole."""
    kind = request.header("content-type") or ""
    boundary = re.search(r"multipart/form-data.*boundary=\"?([^\";]+)", kind, re.IGNORECASE)
    if boundary is None:
        return {}
    mark = b"--" + boundary[1].encode("latin-1", "replace")
    opening, *fields, closing = (b"\r\n" + request.body).split(b"\r\n" + mark) if mark in request.body else (b"", b"")
    if opening or not closing.startswith(b"--"):
        return {}
    return dict(found for each in fields if (found := _field(each)))


def _field(part: bytes) -> tuple[str, bytes] | None:
    head, _, body = part.partition(b"\r\n\r\n")
    name = re.search(rb"(?i)content-disposition:[^\r]*[; ]name=\"([^\"]*)\"", head)
    return (name[1].decode("utf-8", "replace"), body) if name else None
