"""The transport that records and plays streams as they came: piece by piece, with their times, cut where they were cut.

vcrpy alone waits for the whole stream before it hands on the first byte, plays it back in one piece, and saves nothing
of a stream that dies.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import httpx
from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.request import Request

from kimi_conformance.cassette.cuts import error_of, word_of
from kimi_conformance.cassette.scrub import SecretFound, scrubbed
from kimi_conformance.contract.provenance import KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from vcr.cassette import Cassette

    from kimi_conformance.contract.provenance import Provenance

TIMES: Final = "kimi_at_ms"
"""The extension of a played response that has the time of each piece, and of its head and end, in ms from the start."""

RECORDED: Final = "kimi_recorded"
"""The extension that has the response as the cassette has it."""

KEPT: Final = ("authorization", "content-type", "x-api-key", "anthropic-version")
"""Of a request's headers only these are written down; keys stand there by name, never as they are."""


class Tape(httpx.BaseTransport):
    """Plays what `cassette` holds, and records the rest through `real`, where its mode allows that.

    `provenance` is what is written beside a recording; `secrets` must stand in none.
    """

    def __init__(
        self,
        cassette: Cassette,
        real: Callable[[], httpx.BaseTransport] | None = None,
        provenance: Provenance | None = None,
        secrets: Iterable[str] = (),
    ) -> None:
        self._cassette = cassette
        self._make_real = real
        self._real: httpx.BaseTransport | None = None
        self._provenance = provenance
        self._secrets = tuple(secrets)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The recorded answer, or the real one, which is recorded once it has ended.

        Raises vcrpy's own exception for a request that was never recorded and may not be sent.
        """
        headers = {name: value for name, value in request.headers.items() if name in KEPT}
        asked = Request(request.method, str(request.url), request.read(), headers)
        if self._cassette.can_play_response_for(asked):
            return _played(self._cassette.play_response(asked), request)
        if self._cassette.write_protected or self._make_real is None:
            raise CannotOverwriteExistingCassetteException(cassette=self._cassette, failed_request=asked)
        self._real = self._real or self._make_real()
        began = time.perf_counter()
        response = self._real.handle_request(request)
        stream = _Recording(self, asked, response, began)
        return httpx.Response(response.status_code, headers=response.headers, stream=stream, request=request)

    def close(self) -> None:
        """Close the real transport, where there is one."""
        if self._real is not None:
            self._real.close()

    def keep(self, asked: Request, response: dict[str, Any]) -> None:
        """Write an answer down: once per request, without secrets."""
        if self._provenance is not None:
            response[KEY] = self._provenance.model_dump(mode="json", exclude_none=True)
        with suppress(SecretFound):  # the caller finds it by the key itself, in what it has seen
            self._cassette.append(asked, scrubbed(response, self._secrets))


class _Recording(httpx.SyncByteStream):
    """A response on its way to the caller, noted down as it passes; not kept where the caller stops before its end."""

    def __init__(self, tape: Tape, asked: Request, response: httpx.Response, began: float) -> None:
        self._tape, self._asked, self._response, self._began = tape, asked, response, began
        self._pieces: list[bytes] = []
        self._head_ms = self._now()
        self._at_ms: list[float] = []
        self._end: dict[str, Any] | None = None
        self._kept = False

    def _now(self) -> float:
        return round((time.perf_counter() - self._began) * 1000, 1)

    def __iter__(self) -> Iterator[bytes]:
        stream = self._response.stream
        try:
            for piece in filter(None, stream if isinstance(stream, httpx.SyncByteStream) else ()):
                self._pieces.append(piece)
                self._at_ms.append(self._now())
                yield piece
        except httpx.TransportError as error:
            said = str(error) or type(error).__name__
            self._end = {"end_ms": self._now(), "cut": said, "cut_by": word_of(error)}
            raise
        self._end = {"end_ms": self._now(), "cut": None}

    def close(self) -> None:
        self._response.close()
        if self._kept or self._end is None:
            return
        self._kept = True
        headers: dict[str, list[str]] = {}
        for name, value in self._response.headers.multi_items():
            headers.setdefault(name, []).append(value)
        status = {"code": self._response.status_code, "message": self._response.reason_phrase}
        sizes = [len(piece) for piece in self._pieces]
        stream = {"chunks": sizes, "head_ms": self._head_ms, "at_ms": self._at_ms, **self._end}
        body = {"string": b"".join(self._pieces)}
        self._tape.keep(self._asked, {"status": status, "headers": headers, "body": body, "stream": stream})


class _Played(httpx.SyncByteStream):
    """A recorded body in its recorded pieces, cut where it was cut."""

    def __init__(self, body: bytes, stream: dict[str, Any]) -> None:
        self._body, self._sizes = body, stream.get("chunks") or ()
        self._cut, self._cut_by = stream.get("cut"), stream.get("cut_by")

    def __iter__(self) -> Iterator[bytes]:
        start = 0
        for size in self._sizes:
            yield self._body[start : start + size]
            start += size
        if self._body[start:]:
            yield self._body[start:]
        if self._cut is not None:
            raise error_of(self._cut_by, self._cut)


def _played(recorded: dict[str, Any], request: httpx.Request) -> httpx.Response:
    stream = recorded.get("stream") or {}
    body = recorded["body"]["string"] or b""
    headers = [(name, value) for name, values in recorded["headers"].items() for value in values]
    extensions = {RECORDED: recorded, **({TIMES: stream} if stream.get("at_ms") else {})}
    return httpx.Response(
        recorded["status"]["code"],
        headers=headers,
        stream=_Played(body, stream),
        extensions=extensions,
        request=request,
    )
