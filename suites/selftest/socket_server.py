"""A server whose every byte a test decides, and the client that asks it."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.router.http_client import HttpClient, target_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

    Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

BOUND_S = 3.0
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def clock() -> float:
    return time.monotonic() * 1000


def run(test: Awaitable[Any]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(BOUND_S):
            return await test

    return asyncio.run(bounded())


@asynccontextmanager
async def serving(handle: Handle, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server whose connections end when `handle` does; yields its base URL."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await handle(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def request_of(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of one request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b"0")
    return head, await reader.readexactly(int(length))


def saying(*parts: bytes) -> Handle:
    """A handler that reads one request, writes `parts`, and closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        for part in parts:
            writer.write(part)
            await writer.drain()

    return handle


def reset(writer: asyncio.StreamWriter) -> None:
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def ask(handle: Handle, request: Request | None = None, **options: Any) -> Exchange:
    """One request, to the path of `request`, to a server with `handle`."""
    request = request or Request("POST", "/v1/chat/completions", body=b"{}")
    async with serving(handle) as base, HttpClient() as client:
        wanted = Request(request.method, base + request.url, request.headers, request.body)
        return await client.send(wanted, clock=clock, **options)


def heads_of(request: Request) -> tuple[bytes, bytes, str]:
    """Head and body as they arrive, and the authority they were sent to."""
    seen: list[tuple[bytes, bytes]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await request_of(reader))
        writer.write(OK)

    exchange: Exchange = run(ask(handle, request))
    assert exchange.error is None
    [(head, body)] = seen
    return head, body, target_of(exchange.request.url).authority
