"""Header fields, and which of them go to the other end of the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kimi_conformance.reference.call import Fields

HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)


def value(fields: Fields, name: bytes) -> str | None:
    """The value of a field whose name is given in lower case; of one that stands twice, both (RFC 9110, 5.2)."""
    found = [value.decode("latin-1") for field, value in fields if field == name]
    return ", ".join(found) if found else None


def end_to_end(fields: Fields) -> Fields:
    """The fields without those of one connection (RFC 9110, 7.6.1)."""
    options = b",".join(value for name, value in fields if name.lower() == b"connection")
    dropped = HOP_BY_HOP | {option.strip().lower() for option in options.split(b",")}
    return tuple((name, value) for name, value in fields if name.lower() not in dropped)
