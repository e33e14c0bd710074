"""What a failed attempt says: as which kind of failure it counts, and when it may be made again."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from kimi_conformance.reference.fields import value

if TYPE_CHECKING:
    from kimi_conformance.reference.call import Fields

Kind = Literal["rate_limit", "overloaded", "quota", "server_error", "refused", "broken", "client_error"]

OVERLOADED: Final = frozenset({"engine_overloaded_error", "overloaded_error"})
QUOTA: Final = frozenset({"exceeded_current_quota_error", "insufficient_quota"})

LARGEST_READ: Final = 1 << 20
GZIP_OR_ZLIB: Final = 47


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt. `retry_after_s`: how long the upstream wants to be left alone."""

    kind: Kind
    retry_after_s: float = 0.0


def failure_of(status: int, headers: Fields, body: bytes) -> Failure | None:
    """The failure that an answer is; None for one that is none."""
    if status < 400:  # noqa: PLR2004 - RFC 9110, 15.5: errors begin here
        return None
    return Failure(_kind(status, _type(body, value(headers, b"content-encoding"))), _seconds(headers))


def _kind(status: int, type_: str) -> Kind:
    """A 429 is told by its type: of the three that Kimi has, money is the one that time does not heal."""
    if type_ in QUOTA:
        return "quota"
    if type_ in OVERLOADED:
        return "overloaded"
    if status == 429:  # noqa: PLR2004 - RFC 6585, 4
        return "rate_limit"
    return "server_error" if status >= 500 else "client_error"  # noqa: PLR2004 - RFC 9110, 15.6


def _type(body: bytes, encoding: str | None) -> str:
    try:
        said = json.loads(_unpacked(body, encoding))
        return str(said["error"]["type"])
    except (ValueError, KeyError, TypeError, RecursionError, zlib.error):
        return ""


def _unpacked(body: bytes, encoding: str | None) -> bytes:
    if encoding is None:
        return body
    return zlib.decompressobj(GZIP_OR_ZLIB).decompress(body, LARGEST_READ)


def _seconds(headers: Fields) -> float:
    """Retry-After in seconds, as Kimi sends it; a date is not read."""
    given = value(headers, b"retry-after") or ""
    return float(given) if given.isascii() and given.isdecimal() else 0.0
