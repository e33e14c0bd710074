"""Starts the gateway inside the `tensorzero` package, and relays a port to it: run.py CONFIG PORT."""

import asyncio
import sys
from contextlib import suppress
from urllib.parse import urlsplit

from tensorzero.tensorzero import _start_http_gateway

GATEWAY = _start_http_gateway(
    config_file=sys.argv[1], clickhouse_url=None, postgres_url=None, valkey_url=None, async_setup=False
)
UPSTREAM = urlsplit(GATEWAY.base_url).port


async def carry(reader, writer):
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


async def relay(reader, writer):
    there, upstream = await asyncio.open_connection("127.0.0.1", UPSTREAM)
    ways = {asyncio.ensure_future(carry(reader, upstream)), asyncio.ensure_future(carry(there, writer))}
    _, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in left:
        way.cancel()
    await asyncio.wait(ways)
    upstream.close()
    writer.close()


async def main():
    server = await asyncio.start_server(relay, "127.0.0.1", int(sys.argv[2]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
