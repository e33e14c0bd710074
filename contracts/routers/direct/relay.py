"""Relays TCP connections: relay.py PORT UPSTREAM_PORT. It reads nothing of what it carries.

Where the upstream says not a word, it says 502 (RFC 9110, 15.6.3).
"""

import asyncio
import sys
from contextlib import suppress

BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


async def carry(reader, writer):
    """Carry bytes until one end is closed. Whether there was one."""
    any_ = False
    with suppress(OSError):
        while data := await reader.read(65536):
            any_ = True
            writer.write(data)
            await writer.drain()
    return any_


async def relay(reader, writer):
    try:
        there, upstream = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    except OSError:
        await reader.read(1)
        writer.write(BAD_GATEWAY)
        writer.close()
        return
    asked, answered = (asyncio.ensure_future(carry(*way)) for way in ((reader, upstream), (there, writer)))
    await asyncio.wait({asked, answered}, return_when=asyncio.FIRST_COMPLETED)
    if answered.done() and not answered.result():
        writer.write(BAD_GATEWAY)
    for way in (asked, answered):
        way.cancel()
    await asyncio.wait({asked, answered})
    upstream.close()
    writer.close()


async def main():
    server = await asyncio.start_server(relay, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
