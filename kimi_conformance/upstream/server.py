"""A stand-in: a loopback server that records every request and answers it as it is told."""

from __future__ import annotations

import asyncio
import errno
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias

from kimi_conformance.upstream.line import Line
from kimi_conformance.upstream.reading import Reading
from kimi_conformance.upstream.script import Script, Send
from kimi_conformance.upstream.sender import Record, Sender, ends_connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Exchange, Request
    from kimi_conformance.upstream.gates import Gates


class Relay(Protocol):
    """Answers a request by itself, on the connection that it came on, and records what went out."""

    async def __call__(self, line: Line, record: Record, clock: Callable[[], float]) -> str | None:
        """What ended the answer before its end, None where nothing did."""


Answer: TypeAlias = "Callable[[Request], Script | Relay]"
Arrival: TypeAlias = "Callable[[str, int, Request, float], None]"
"""Called with the stand-in's name, the serial, the request and the time when it was whole."""
Done: TypeAlias = "Callable[[str, int, Exchange], None]"

STOP_S = 2.0
BROKE_OFF = "closed: the stand-in was stopped or broke off"


class PortTaken(Exception):
    """The fixed port of a stand-in is in use."""


class StandIn:
    """A server on `host`:`port` (0: any free port) that answers with `answer(request)`.

    `clock` gives milliseconds. `on_arrival` is called when a request is whole, before the answer is chosen; `on_done`
    when its exchange is over. Serials count from 1; a request that was refused or cut short has `on_done` only.
    """

    def __init__(
        self,
        name: str,
        answer: Answer,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float],
        on_arrival: Arrival,
        on_done: Done,
        gates: Gates,
        gate_timeout_s: float = 5.0,
    ) -> None:
        self.name = name
        self.port = port
        """Where it listens, once started."""
        self.busy = 0
        """How many requests are open, from their first byte to the end of their answer."""
        self._answer = answer
        self._host = host
        self._clock, self._on_arrival, self._on_done = clock, on_arrival, on_done
        self._gates, self._gate_timeout_s = gates, gate_timeout_s
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._faults: list[BaseException] = []
        self._serial = 0
        self._stopping = False

    @property
    def url(self) -> str:
        """Its base URL, once started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Listen. Raises `PortTaken`; any other `OSError` as it comes."""
        try:
            self._server = await asyncio.start_server(self.adopt, self._host, self.port, backlog=1024)
        except OSError as refusal:
            if refusal.errno != errno.EADDRINUSE:
                raise
            raise PortTaken(
                f"upstream {self.name!r} cannot listen on {self._host}:{self.port}: the port is in use. "
                "Stop the program that holds it, or give the upstream another port under `listen:`."
            ) from None
        self.port = self._server.sockets[0].getsockname()[1]
        self._stopping = False

    async def stop(self) -> None:
        """Stop listening and end every connection, within `STOP_S`. Raises what broke an answer, if anything did."""
        await self.deafen()
        if self._faults:
            raise self._faults[0]

    async def deafen(self) -> None:
        """Stop listening and end every connection, within `STOP_S`; `start` listens again, on the same port."""
        if self._server is None:
            return
        self._stopping = True
        for listening in self._server.sockets:
            asyncio.get_running_loop().remove_reader(listening.fileno())
        await asyncio.sleep(0)  # asyncio loses connections that were accepted but have no transport when it closes
        self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_S)
        self._server = None

    @property
    def listens(self) -> bool:
        """Whether it takes connections now."""
        return self._server is not None and not self._stopping

    def adopt(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, early: bytes = b"", *, once: bool = False
    ) -> None:
        """Take over a connection that was made elsewhere, with what was read of it; `once`: for one request only."""
        if not self.listens:  # it was accepted just before the socket closed
            writer.transport.abort()
            return
        line = Line(reader, writer)
        line.unread(early)
        task = asyncio.ensure_future(self._serve(line, once=once))
        self._tasks.add(task)
        task.add_done_callback(partial(self._ended, writer.transport))

    def _ended(self, transport: asyncio.WriteTransport, task: asyncio.Task[None]) -> None:
        transport.abort()  # here, as a task that is cancelled before its first step runs no `finally`
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            self._faults.append(fault)

    async def _serve(self, line: Line, *, once: bool) -> None:
        while await self._exchange(line, once=once) and not once:
            pass
        await line.finish()

    async def _exchange(self, line: Line, *, once: bool) -> bool:
        """Take one request and answer it. Whether the connection may carry another."""
        first = await line.receive()
        if not first:
            return False
        record = Record(start_ms=self._clock(), error=BROKE_OFF)
        reading = Reading()
        self.busy += 1
        self._serial += 1
        serial = self._serial
        self._gates.enter(self.name, serial)
        try:
            try:
                record.error = await self._read(line, reading, first)
            finally:
                record.request = reading.request
            return await self._respond(line, reading, record, serial, once=once)
        finally:
            self._gates.leave(self.name, serial)
            self.busy -= 1
            self._on_done(self.name, serial, record.exchange(self._clock()))

    async def _read(self, line: Line, reading: Reading, data: bytes) -> str | None:
        """Read until the request has ended. What is wrong with it."""
        told = False
        while data:
            reading.feed(data)
            if reading.ended:
                line.unread(reading.rest)
                return reading.error
            if reading.expects_continue and not told:
                told = await line.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            data = await line.receive()
        return f"closed: the router hung up in the middle of its request, after {reading.size} bytes of its body"

    async def _respond(self, line: Line, reading: Reading, record: Record, serial: int, *, once: bool) -> bool:
        gate = partial(self._gates.gate, self.name, serial)
        if record.error:
            if reading.error:
                refusal = Script(reading.status, (("Connection", "close"),), (Send(record.error.encode()),))
                await Sender(refusal, line, record, self._clock, gate, self._gate_timeout_s).run()
            return False
        record.error = BROKE_OFF
        self._on_arrival(self.name, serial, record.request, self._clock())
        script = self._answer(record.request)
        if not isinstance(script, Script):
            record.error = await script(line, record, self._clock)
            return record.error is None and reading.keep_alive and not once
        if once:
            script = replace(script, headers=(*script.headers, ("Connection", "close")))
        record.error = await Sender(script, line, record, self._clock, gate, self._gate_timeout_s).run()
        return record.error is None and reading.keep_alive and not ends_connection(script)
