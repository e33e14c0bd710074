"""Relays TCP connections: relay.py PORT UPSTREAM_PORT. It reads nothing of what it carries."""

import asyncio
import sys
from contextlib import suppress


async def carry(reader, writer):
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


async def relay(reader, writer):
    try:
        there, upstream = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    except OSError:
        writer.close()
        return
    ways = {asyncio.ensure_future(carry(reader, upstream)), asyncio.ensure_future(carry(there, writer))}
    _, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in left:
        way.cancel()
    await asyncio.wait(ways)
    upstream.close()
    writer.close()


async def main():
    server = await asyncio.start_server(relay, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
