"""One exchange through an httpx client, kept byte for byte with its times."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import httpx

from kimi_conformance.cassette.cuts import word_of
from kimi_conformance.cassette.tape import TIMES
from kimi_conformance.exchange import Exchange, Piece, Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_S: Final = 600.0
"""How long an answer may take in all, however steadily it comes."""


def capture(client: httpx.Client, request: httpx.Request) -> tuple[Exchange, dict[str, Any]]:
    """Send `request` and keep what comes back; the extensions of the response are returned beside it.

    An answer that a tape plays has the times that it had when it was recorded.
    """
    sent = Request(request.method, str(request.url), _pairs(request.headers), request.read())
    began, pieces, error = time.perf_counter(), list[Piece](), None
    response: httpx.Response | None = None
    head_ms = 0.0
    try:
        response = client.send(request, stream=True)
        head_ms = _since(began)
        for data in _bounded(response, began):
            pieces.append(Piece(_since(began), data))
    except httpx.TransportError as failure:
        error = f"{word_of(failure)}: {failure}"
    finally:
        if response is not None:
            response.close()
    end_ms = _since(began)
    if response is None:
        return Exchange(sent, None, error, 0.0, end_ms), {}
    times = response.extensions.get(TIMES)
    if times:
        pieces = [Piece(at, piece.data) for at, piece in zip(times["at_ms"], pieces, strict=False)]
        head_ms, end_ms = times.get("head_ms", 0.0), times.get("end_ms", times["at_ms"][-1])
    seen = Response(response.status_code, _pairs(response.headers), tuple(pieces), head_ms)
    return Exchange(sent, seen, error, 0.0, end_ms), dict(response.extensions)


def _bounded(response: httpx.Response, began: float) -> Iterator[bytes]:
    """The raw pieces of the body. Raises `httpx.ReadTimeout` for one that never ends."""
    for piece in response.iter_raw():
        yield piece
        if time.perf_counter() - began > LONGEST_S:
            raise httpx.ReadTimeout(f"the answer was not over after {LONGEST_S:g} s")


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)


def _pairs(headers: httpx.Headers) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw)
