"""One HTTP request and its response as seen at one point of the wire.

Bytes are kept as they were: header names in the case they had, bodies undecoded, one piece per read with the time it
was read. Nothing here repairs or interprets. Times are milliseconds on the clock of the run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Headers: TypeAlias = tuple[tuple[str, str], ...]

TOO_MUCH: Final = "protocol: sent more than "
"""How the error of an exchange begins whose response was so long that it was read no further."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands on the wire. `url` is absolute, or a path with its query where no host is known."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first value of header `name`, whatever its case."""
        return first(self.headers, name)

    def json(self) -> Any:
        """The body as JSON. Raises `ValueError` where it is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a response body as one read gave them, `t_ms` milliseconds after the run began."""

    t_ms: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """A response: its status, its headers in order, its body in the pieces that arrived."""

    status: int
    headers: Headers = ()
    pieces: tuple[Piece, ...] = ()
    t_ms: float = 0.0
    """When the head was complete."""

    @property
    def body(self) -> bytes:
        """All pieces in one."""
        return b"".join(piece.data for piece in self.pieces)

    def header(self, name: str) -> str | None:
        """The first value of header `name`, whatever its case."""
        return first(self.headers, name)

    def json(self) -> Any:
        """The body as JSON. Raises `ValueError` where it is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its response, or with the transport error that stood in for it (or cut it short).

    `error` names what the transport met: `refused`, `reset`, `timeout`, `closed` (the peer ended before it was done)
    or `protocol`, then a colon and the details. A response that was cut has both.
    """

    request: Request
    response: Response | None = None
    error: str | None = None
    start_ms: float = 0.0
    end_ms: float = field(default=0.0)

    @property
    def status(self) -> int | None:
        """The response's status, where there is a response."""
        return self.response.status if self.response else None


def first(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """The first value of header `name`, compared without case (RFC 9110, 5.1)."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


def one_after_another(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """Exchanges whose clocks each began at 0, on one clock: each begins when the one before it has ended."""
    now = 0.0
    for exchange in exchanges:
        yield shifted(exchange, now)
        now += exchange.end_ms


def shifted(exchange: Exchange, ms: float) -> Exchange:
    """The exchange, so much later."""
    response = exchange.response
    if response is not None:
        pieces = tuple(Piece(piece.t_ms + ms, piece.data) for piece in response.pieces)
        response = replace(response, pieces=pieces, t_ms=response.t_ms + ms)
    return replace(exchange, response=response, start_ms=exchange.start_ms + ms, end_ms=exchange.end_ms + ms)
