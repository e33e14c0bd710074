"""What cuts an answer short: httpx's errors, and the words for them that an exchange and a cassette have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS: Final[tuple[tuple[type[httpx.TransportError], str], ...]] = (
    (httpx.ConnectError, "refused"),
    (httpx.TimeoutException, "timeout"),
    (httpx.RemoteProtocolError, "closed"),
    (httpx.LocalProtocolError, "protocol"),
    (httpx.TransportError, "reset"),
)
"""The word for an error is the first that fits."""

PLAYED: Final[Mapping[str, type[httpx.TransportError]]] = {
    "timeout": httpx.ReadTimeout,
    "protocol": httpx.LocalProtocolError,
    "reset": httpx.ReadError,
}


def word_of(error: httpx.TransportError) -> str:
    """The word for an error."""
    return next(word for kind, word in WORDS if isinstance(error, kind))


def error_of(word: str | None, said: str) -> httpx.TransportError:
    """An error of that word. Without one, the peer closed: that is how most streams are cut."""
    return PLAYED.get(word or "closed", httpx.RemoteProtocolError)(said)
