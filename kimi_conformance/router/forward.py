"""A recording reverse proxy: what a stand-in does in live mode in the place of an answer of its own.

The real service gets the router's request as it was, credentials and body included, and the router the answer as it
comes; only what belongs to each connection (RFC 9110, 7.6.1) is put in anew.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import h11

from kimi_conformance.exchange import Piece, Response
from kimi_conformance.router.http_client import HEAD_BYTES, READ_BYTES, target_of, tls_context, wire_headers
from kimi_conformance.router.meter import BROKEN
from kimi_conformance.upstream.script import json_answer
from kimi_conformance.upstream.sender import bodiless, head_bytes
from kimi_conformance.upstream.sender import wire_headers as framed

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Headers
    from kimi_conformance.router.http_client import Target
    from kimi_conformance.router.meter import Meter
    from kimi_conformance.upstream.line import Line
    from kimi_conformance.upstream.sender import Record

CONNECT_S: Final = 15.0
SILENCE_S: Final = 180.0
"""As long as Kimi may think before it says a word, and between two."""
PER_CONNECTION: Final = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect"}
)
HUNG_UP: Final = "closed: the router hung up"


@dataclass(frozen=True, slots=True)
class Forward:
    """Passes requests on to the service at `base`, as long as the `meter` lets it."""

    base: str
    meter: Meter

    @property
    def host(self) -> str:
        """The service, with its port where it has one of its own."""
        return target_of(self.base).authority

    async def __call__(self, line: Line, record: Record, clock: Callable[[], float]) -> str | None:
        """Pass on the request of `record`, and its answer to `line`. What ended it before its end, if anything did."""
        if refusal := self.meter.take():
            return await _own_answer(refusal, line, record, clock)
        target = target_of(f"{self.base.rstrip('/')}{record.request.url}")
        try:
            async with asyncio.timeout(CONNECT_S):
                tls = tls_context(target.host) if target.scheme == "https" else None
                reader, writer = await asyncio.open_connection(target.host, target.port, ssl=tls)
        except OSError as error:  # ssl.SSLError and TimeoutError are such, too
            why = f"{BROKEN}cannot connect to {target.authority}: {error.strerror or error or 'timeout'}"
            return await _own_answer(why, line, record, clock)
        try:
            ended = await _Passing(line, record, clock, target, reader, writer).run()
        finally:
            writer.transport.abort()
        self.meter.read(record.exchange(clock()), target.authority)
        return ended


async def _own_answer(why: str, line: Line, record: Record, clock: Callable[[], float]) -> str:
    """Tell the router that the service was not asked: 503, and `why`."""
    script = json_answer(503, {"error": {"message": f"kimi-conformance: {why}", "type": "not_forwarded"}})
    headers = framed(script)
    record.head = Response(script.status, headers, t_ms=clock())
    record.pieces.append(Piece(clock(), script.body))
    await line.send(head_bytes(script.status, headers) + script.body)
    return why


@dataclass(slots=True)
class _Passing:
    """One request on its way to the service, and the answer on its way back."""

    line: Line
    record: Record
    clock: Callable[[], float]
    target: Target
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _chunked: bool = False

    async def run(self) -> str | None:
        wire = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
        try:
            self._send(wire)
            return await self._answer(wire)
        except h11.ProtocolError as error:
            return f"{BROKEN}{self.target.authority}: {error}"
        except OSError as error:
            return f"{BROKEN}{self.target.authority}: {error.strerror or error or 'timeout'}"

    def _send(self, wire: h11.Connection) -> None:
        request = self.record.request
        ours = ("host", "content-length")
        kept = tuple(field for field in end_to_end(request.headers) if field[0].lower() not in ours)
        sent = replace(request, headers=(*kept, ("Connection", "close")))
        fields = wire_headers(sent, self.target.authority)
        head = h11.Request(method=request.method, target=self.target.path, headers=fields)
        for event in (head, h11.Data(data=request.body), h11.EndOfMessage()):
            self.writer.write(wire.send(event) or b"")

    async def _answer(self, wire: h11.Connection) -> str | None:
        while True:
            match wire.next_event():
                case h11.NEED_DATA:
                    data = await self._read()
                    there = data is not None
                    wire.receive_data(data or b"")
                case h11.Response() as head:
                    there = await self._head(head)
                case h11.Data() as body:
                    there = await self._piece(bytes(body.data))
                case h11.EndOfMessage():
                    return None if await self.line.send(b"0\r\n\r\n" if self._chunked else b"") else HUNG_UP
                case _:  # 1xx
                    there = True
            if not there:
                return HUNG_UP

    async def _read(self) -> bytes | None:
        """The next bytes of the service; None where the router has gone meanwhile. Raises `OSError`."""
        done = asyncio.Event()
        reading = asyncio.ensure_future(self.reader.read(READ_BYTES))
        reading.add_done_callback(lambda _: done.set())
        there = await self.line.wait(done, SILENCE_S)
        if not reading.done():
            reading.cancel()
            if there:
                raise TimeoutError(f"silent for {SILENCE_S:g} s")
            return None
        return reading.result()

    async def _head(self, head: h11.Response) -> bool:
        """Pass the head on; False where the router has gone."""
        status = head.status_code
        kept = end_to_end(tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in head.headers.raw_items()))
        has_length = any(name.lower() == "content-length" for name, _ in kept)
        self._chunked = not has_length and not bodiless(status, self.record.request.method)
        headers = (*kept, ("Transfer-Encoding", "chunked")) if self._chunked else kept
        self.record.head = Response(status, headers, t_ms=self.clock())
        return await self.line.send(head_bytes(status, headers))

    async def _piece(self, data: bytes) -> bool:
        """Pass a piece of the body on; False where the router has gone."""
        piece = Piece(self.clock(), data)
        if not await self.line.send(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data):
            return False
        self.record.pieces.append(piece)
        return True


def end_to_end(headers: Headers) -> Headers:
    """The headers without those that belong to a connection: the usual ones, and those that Connection names."""
    named = {
        word.strip().lower() for name, value in headers if name.lower() == "connection" for word in value.split(",")
    }
    return tuple((name, value) for name, value in headers if name.lower() not in PER_CONNECTION | named)
