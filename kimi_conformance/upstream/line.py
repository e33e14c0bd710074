"""One connection of a stand-in: reads, writes, waits and knows when the peer has gone."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

READ_SIZE = 1 << 18
LINGER_S = 1.0


class Line:
    """A connection. What the peer sends while it waits for an answer is kept for the next read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._early = b""
        # Every send is in the kernel before the next step: a cut falls exactly where the script says.
        # (asyncio's TLS waits from the limit on, its TCP beyond it: with 0 the former would wait for ever.)
        writer.transport.set_write_buffer_limits(high=1 if writer.get_extra_info("sslcontext") else 0)

    def unread(self, data: bytes) -> None:
        """Put back what `receive` gave too much."""
        self._early = data

    async def receive(self) -> bytes:
        """The next bytes; none once the peer has closed or reset the connection."""
        if self._early:
            data, self._early = self._early, b""
            return data
        return await self._read()

    async def _read(self) -> bytes:
        try:
            return await self._reader.read(READ_SIZE)
        except OSError:
            return b""

    async def send(self, data: bytes) -> bool:
        """Hand all of it to the kernel; False where the peer has gone."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError:
            return False
        return True

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for the event, at most so long. False where the peer went first."""
        if event.is_set():
            return True
        gone = asyncio.ensure_future(self._until_gone())
        due = asyncio.ensure_future(event.wait())
        try:
            await asyncio.wait((gone, due), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return not gone.done()
        finally:
            due.cancel()
            gone.cancel()
            # Two reads at once are an error: this one has to be over before the next begins.
            await asyncio.wait((gone, due))

    async def _until_gone(self) -> None:
        while data := await self._read():
            self._early += data

    async def finish(self) -> None:
        """Send FIN, then drain what still comes for a while: a close with bytes unread would be an RST."""
        with contextlib.suppress(OSError, TimeoutError):
            if not self._writer.can_write_eof():  # TLS: its end is told by a message of its own
                self._writer.close()
                return
            self._writer.write_eof()
            async with asyncio.timeout(LINGER_S):
                while await self._read():
                    pass

    def reset(self) -> None:
        """Send RST."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
