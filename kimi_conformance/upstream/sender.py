"""Sends a script on a connection and keeps what really went out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.upstream.script import Close, Gate, Pause, Reset, Send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kimi_conformance.exchange import Headers
    from kimi_conformance.upstream.line import Line
    from kimi_conformance.upstream.script import Script, Step

PHRASES = {status.value: status.phrase for status in HTTPStatus}
SLICES = 20
MISSING_BYTES = 7
"""By how much a wrong Content-Length promises more than is sent."""


@dataclass(slots=True)
class Record:
    """An exchange in the making, as the stand-in sees it."""

    start_ms: float
    request: Request = field(default_factory=lambda: Request("", ""))
    head: Response | None = None
    pieces: list[Piece] = field(default_factory=list)
    error: str | None = None

    @property
    def sent(self) -> int:
        """How many bytes of the body went out."""
        return sum(len(piece.data) for piece in self.pieces)

    def exchange(self, end_ms: float) -> Exchange:
        """What has happened so far."""
        head = self.head
        response = head and Response(head.status, head.headers, tuple(self.pieces), head.t_ms)
        return Exchange(self.request, response, self.error, self.start_ms, end_ms)


@dataclass(slots=True)
class Sender:
    """Sends one script. `gate` gives the event of a gate by its name, `clock` the time in milliseconds."""

    script: Script
    line: Line
    record: Record
    clock: Callable[[], float]
    gate: Callable[[str], asyncio.Event]
    gate_timeout_s: float
    _head: bytes = b""
    _impatient: bool = False

    async def run(self) -> str | None:
        """Send it all. What ended it before the end, None where nothing did."""
        ended = await self._run(self.script.before, framed=False)
        if ended:
            return ended
        headers = wire_headers(self.script)
        self.record.head = Response(self.script.status, headers, t_ms=self.clock())
        self._head = head_bytes(self.script.status, headers)
        ended = await self._run(self.script.steps, framed=True)
        if ended:
            return ended
        tail = b"0\r\n\r\n" if self._chunked else b""
        return None if await self._send(tail) else self._gone()

    @property
    def _chunked(self) -> bool:
        return self.script.framing == "chunked" and not bodiless(self.script.status, self.record.request.method)

    async def _run(self, steps: Iterable[Step], *, framed: bool) -> str | None:
        for step in steps:
            ended = await (self._body(step.data, framed=framed) if isinstance(step, Send) else self._other(step))
            if ended:
                return ended
        return None

    async def _body(self, data: bytes, *, framed: bool) -> str | None:
        if not framed:
            return None if await self._send(data) else self._gone()
        if not data or bodiless(self.script.status, self.record.request.method):
            return None
        piece = Piece(self.clock(), data)  # before the send: nobody can have seen it earlier
        if not await self._send(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data):
            return self._gone()
        self.record.pieces.append(piece)
        await asyncio.sleep(0)  # the streams beside this one take their turn: else each would go out in one go
        return None

    async def _other(self, step: Pause | Gate | Close | Reset) -> str | None:
        if not await self._send(b""):
            return self._gone()
        match step:
            case Pause(seconds):
                return None if await self.line.wait(asyncio.Event(), seconds) else self._gone()
            case Gate(_, patience_s=float()) if self._impatient:
                return None
            case Gate(name, patience_s):
                return await self._gated(name, patience_s)
            case Close():  # the FIN is the server's: it follows every answer that ended early
                return f"closed: by the script, after {self.record.sent} bytes"
            case Reset():
                self.line.reset()
                return f"reset: by the script, after {self.record.sent} bytes"

    async def _gated(self, name: str, patience_s: float | None) -> str | None:
        event = self.gate(name)
        if not await self._waited(event, self.gate_timeout_s if patience_s is None else patience_s):
            return self._gone()
        if event.is_set():
            return None
        if patience_s is not None:
            self._impatient = True
            return None
        self.line.reset()
        return f"timeout: gate {name!r} was not opened within {self.gate_timeout_s:g} s"

    async def _waited(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for the event, at most so long. False where the peer went first.

        In slices: where this process itself is held up, what came meanwhile is taken in before the next one begins, so
        that nobody pays for the suite's own delay with more than a slice.
        """
        for _ in range(SLICES):
            if not await self.line.wait(event, seconds / SLICES):
                return False
            if event.is_set():
                break
        return True

    async def _send(self, data: bytes) -> bool:
        """Send it, behind the head where that has not gone out yet: one packet where one is enough."""
        whole, self._head = self._head + data, b""
        return await self.line.send(whole)

    def _gone(self) -> str:
        return f"closed: the router hung up after {self.record.sent} bytes"


def wire_headers(script: Script) -> Headers:
    """The script's headers and the one that its framing adds."""
    if any(name.lower() in ("content-length", "transfer-encoding") for name, _ in script.headers):
        return script.headers
    match script.framing:
        case "chunked":
            framing = ("Transfer-Encoding", "chunked")
        case "close":
            framing = ("Connection", "close")
        case "length" | "wrong-length":
            extra = MISSING_BYTES if script.framing == "wrong-length" else 0
            length = len(script.body) if script.declared is None else script.declared
            framing = ("Content-Length", str(length + extra))
    # RFC 9110, 8.6 and 9112, 6.1: neither may stand beside a status that never has a body.
    return script.headers if bodiless(script.status, "GET") else (*script.headers, framing)


def bodiless(status: int, method: str) -> bool:
    """Whether such an answer never has a body (RFC 9112, 6.3)."""
    return method == "HEAD" or status < HTTPStatus.OK or status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


def head_bytes(status: int, headers: Headers) -> bytes:
    """The head on the wire."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status} {PHRASES.get(status, '')}\r\n{fields}\r\n".encode("latin-1")


def ends_connection(script: Script) -> bool:
    """Whether the answer ends with the connection, by its framing or its headers."""
    owed = script.declared is not None and script.declared != len(script.body)
    closes = any(name.lower() == "connection" and "close" in value.lower() for name, value in script.headers)
    return owed or closes or script.framing in ("close", "wrong-length")
