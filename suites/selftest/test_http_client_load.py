"""The HTTP client with much to carry: large bodies, early answers, a hundred requests at once."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.router.http_client import HttpClient
from suites.selftest.socket_server import OK, ask, clock, heads_of, request_of, run, saying, serving

if TYPE_CHECKING:
    from suites.selftest.socket_server import Handle


def test_an_answer_that_comes_before_the_request_is_read_counts() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")

    for _ in range(3):
        exchange: Exchange = run(ask(handle, Request("POST", "/", body=b"x" * 4_000_000)))
        assert (exchange.status, exchange.error) == (413, None)


def test_an_answer_counts_while_the_rest_of_the_request_is_not_read_at_all() -> None:
    async def test() -> Exchange:
        done = asyncio.Event()

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
            await done.wait()

        exchange = await ask(handle, Request("POST", "/", body=b"x" * 10_000_000))
        done.set()
        return exchange

    assert run(test()).status == 413


def test_four_megabytes_arrive_whole() -> None:
    body = bytes(range(256)) * 16_000
    assert heads_of(Request("POST", "/", body=body))[1] == body


def test_a_server_that_ends_connections_without_a_word_is_no_trap() -> None:
    exchanges: list[Exchange] = run(many(saying(OK), 50, at_once=5))
    assert {(exchange.status, exchange.error) for exchange in exchanges} == {(200, None)}


async def many(handle: Handle, count: int, *, at_once: int) -> list[Exchange]:
    async with serving(handle) as base, HttpClient() as client:
        gate = asyncio.Semaphore(at_once)

        async def one(number: int) -> Exchange:
            async with gate:
                return await client.send(Request("POST", f"{base}/", body=str(number).encode()), clock=clock)

        return await asyncio.gather(*map(one, range(count)))


def test_a_hundred_at_once_each_get_their_own_answer() -> None:
    async def test() -> list[Exchange]:
        everybody = asyncio.Event()
        arrived = itertools.count(1)

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            _, body = await request_of(reader)
            if next(arrived) == 100:
                everybody.set()
            await everybody.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

        return await many(handle, 100, at_once=100)

    exchanges: list[Exchange] = run(test())
    assert [exchange.response and exchange.response.body for exchange in exchanges] == [
        str(number).encode() for number in range(100)
    ]
