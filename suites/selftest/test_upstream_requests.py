"""How a stand-in takes in requests: whole, in chunks, cut short, and such as are no HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.exchange import Request
from kimi_conformance.upstream import reading
from kimi_conformance.upstream.script import Script
from kimi_conformance.upstream.watched import watched

if TYPE_CHECKING:
    from kimi_conformance.upstream.server import StandIn

GET = b"GET /two HTTP/1.1\r\nHost: up\r\n\r\n"
POST = b"POST /one HTTP/1.1\r\nHost: up\r\nContent-Length: 4\r\n\r\nbody"
CHUNKED = b"POST /a HTTP/1.1\r\nHost: u\r\nTransfer-Encoding: chunked\r\n\r\n"


async def talk(standin: StandIn, data: bytes, *, half_close: bool = False) -> bytes:
    """Send, then read until the stand-in ends the connection. Raises `ConnectionResetError` where it does so by RST."""
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", standin.port)
        writer.write(data)
        if half_close:
            writer.write_eof()
        answer = await reader.read()
        writer.transport.abort()
        return answer


def test_a_chunked_body_is_joined_and_what_follows_it_is_the_next_request() -> None:
    async def case() -> None:
        async with watched(Script()) as (standin, seen):
            await talk(standin, CHUNKED + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n" + GET, half_close=True)
            assert [request.body for _, request, _ in seen.arrivals] == [b"abcde", b""]

    asyncio.run(case())


def test_a_request_that_comes_byte_by_byte_is_one_request() -> None:
    whole = reading.Reading()
    for at in range(len(POST)):
        assert not whole.ended
        whole.feed(POST[at : at + 1])
    assert whole.ended
    assert whole.request == Request("POST", "/one", (("Host", "up"), ("Content-Length", "4")), b"body")


def test_header_values_keep_bytes_beyond_ascii() -> None:
    whole = reading.Reading()
    whole.feed(b"GET / HTTP/1.1\r\nHost: up\r\nX-Agent: \xc3\xa9\r\n\r\n")
    assert whole.request.header("x-agent") == "Ã©"


def test_a_client_that_expects_100_is_told_to_continue_once() -> None:
    async def case() -> None:
        async with watched(Script()) as (standin, seen):
            reader, writer = await asyncio.open_connection("127.0.0.1", standin.port)
            writer.write(CHUNKED.replace(b"Host", b"Expect: 100-continue\r\nHost"))
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(b"4")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.02)
            writer.write(b"\r\nbody\r\n0\r\n\r\n")
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
            assert seen.arrivals[0][1].body == b"body"
            writer.transport.abort()

    asyncio.run(asyncio.wait_for(case(), 5))


def test_an_offered_upgrade_that_is_not_taken_leaves_the_connection_alive() -> None:
    offer = GET[:-2] + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n"

    async def case() -> None:
        async with watched(Script()) as (standin, seen):
            await talk(standin, offer + offer, half_close=True)
            assert len(seen.arrivals) == 2

    asyncio.run(case())


@pytest.mark.parametrize(
    ("data", "status", "method", "url", "body"),
    [
        pytest.param(b"\x16\x03\x01\r\n\r\n", 400, "", "", b"\x16\x03\x01\r\n\r\n", id="tls"),
        pytest.param(b"GET /a\r\n\r\n", 400, "", "", b"GET /a\r\n\r\n", id="no-version"),
        pytest.param(b"GET /a HTTP/1.1\r\n\r\n", 400, "GET", "/a", b"GET /a HTTP/1.1\r\n\r\n", id="no-host"),
        pytest.param(POST.replace(b"4", b"x"), 400, "POST", "/one", POST.replace(b"4", b"x"), id="bad-length"),
        pytest.param(
            CHUNKED.replace(b"chunked", b"zip"), 501, "POST", "/a", CHUNKED.replace(b"chunked", b"zip"), id="zip"
        ),
        pytest.param(CHUNKED + b"2\r\nab\r\nzz\r\n", 400, "POST", "/a", b"ab", id="bad-chunk"),
        pytest.param(
            GET[:-2] + b"X: " + b"x" * reading.LARGEST_HEAD,
            431,
            "GET",
            "/two",
            GET[:-2] + b"X: " + b"x" * reading.LARGEST_HEAD,
            id="endless-head",
        ),
    ],
)
def test_a_request_that_is_no_http_is_recorded_and_refused(
    data: bytes, status: int, method: str, url: str, body: bytes
) -> None:
    async def case() -> None:
        async with watched(Script()) as (standin, seen):
            answer = await talk(standin, data)
            exchange = await seen.exchange()
            assert answer.startswith(b"HTTP/1.1 %d " % status)
            assert exchange.status == status
            assert str(exchange.error).startswith("protocol: ")
            assert (exchange.request.method, exchange.request.url, exchange.request.body) == (method, url, body)
            assert seen.arrivals == []

    asyncio.run(case())


def test_a_body_beyond_the_limit_is_refused_with_413(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_BODY", 3)

    async def case() -> None:
        async with watched(Script()) as (standin, seen):
            assert (await talk(standin, POST)).startswith(b"HTTP/1.1 413 ")
            assert (await seen.exchange()).error == "protocol: the body is larger than 3 bytes"

    asyncio.run(case())


def test_a_client_that_is_still_sending_when_it_is_refused_is_heard_out() -> None:
    async def case() -> None:
        async with watched(Script()) as (standin, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", standin.port)
            writer.write(CHUNKED + b"zz\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
            for _ in range(5):
                writer.write(b"x" * 1_000_000)
                await writer.drain()
            writer.transport.abort()

    asyncio.run(asyncio.wait_for(case(), 5))


def test_a_request_cut_short_is_recorded_as_far_as_it_came() -> None:
    async def case() -> None:
        async with watched(Script()) as (standin, seen):
            assert await talk(standin, POST[:-1], half_close=True) == b""
            exchange = await seen.exchange()
            assert (
                exchange.error == "closed: the router hung up in the middle of its request, after 3 bytes of its body"
            )
            assert (exchange.request.body, exchange.response, seen.arrivals) == (b"bod", None, [])

    asyncio.run(case())


def test_a_connection_without_a_request_is_nothing() -> None:
    async def case() -> None:
        async with watched(Script()) as (standin, seen):
            assert await talk(standin, b"", half_close=True) == b""
            await talk(standin, GET, half_close=True)
            assert (len(seen.arrivals), seen.done.qsize()) == (1, 1)

    asyncio.run(case())
