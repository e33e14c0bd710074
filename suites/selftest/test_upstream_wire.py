"""What a stand-in puts on the wire for a script, and what it records of both sides."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.exchange import Request
from kimi_conformance.upstream.script import Script, Send, json_answer, sse_answer
from kimi_conformance.upstream.watched import now_ms, watched

if TYPE_CHECKING:
    from kimi_conformance.upstream.server import StandIn

POST = b"POST /v1/chat?x=1 HTTP/1.1\r\nHost: up\r\nX-Odd-CASE: Yes\r\nContent-Length: 4\r\n\r\nbody"
GET = b"GET /two HTTP/1.1\r\nHost: up\r\n\r\n"


async def talk(standin: StandIn, data: bytes, *, half_close: bool = False) -> bytes:
    """Send, then read until the stand-in ends the connection."""
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", standin.port)
        writer.write(data)
        if half_close:
            writer.write_eof()
        answer = await reader.read()
        writer.transport.abort()
        return answer


def on_the_wire(script: Script, data: bytes = GET) -> bytes:
    async def case() -> bytes:
        async with watched(script) as (standin, _):
            return await talk(standin, data, half_close=True)

    return asyncio.run(case())


def test_headers_keep_their_order_case_and_repetition() -> None:
    script = Script(201, (("x-LOWER", "a"), ("X-Two", "1"), ("X-Two", "2")), (Send(b"he"), Send(b"llo")))
    assert on_the_wire(script) == (
        b"HTTP/1.1 201 Created\r\nx-LOWER: a\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 5\r\n\r\nhello"
    )


def test_each_send_is_a_chunk_of_its_own_where_the_framing_is_chunked() -> None:
    script = Script(steps=(Send(b"ab"), Send(b""), Send(b"c" * 16)), framing="chunked")
    assert on_the_wire(script) == (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n10\r\n" + b"c" * 16 + b"\r\n0\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("data", "status", "wire"),
    [
        pytest.param(b"HEAD / HTTP/1.1\r\nHost: u\r\n\r\n", 200, b"200 OK\r\nContent-Length: 2\r\n", id="head"),
        pytest.param(GET, 204, b"204 No Content\r\n", id="204"),
        pytest.param(GET, 304, b"304 Not Modified\r\n", id="304"),
    ],
)
def test_no_body_goes_where_none_may_be(data: bytes, status: int, wire: bytes) -> None:
    assert on_the_wire(Script(status, steps=(Send(b"ab"),)), data) == b"HTTP/1.1 " + wire + b"\r\n"


@pytest.mark.parametrize(
    ("script", "wire"),
    [
        pytest.param(
            Script(steps=(Send(b"ab"),), framing="close"),
            b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab",
            id="close",
        ),
        pytest.param(
            Script(steps=(Send(b"ab"),), framing="wrong-length"),
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab",
            id="wrong-length",
        ),
        pytest.param(
            Script(headers=(("content-length", "3"), ("Connection", "close")), steps=(Send(b"ab"),)),
            b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nConnection: close\r\n\r\nab",
            id="own-length",
        ),
        pytest.param(
            Script(steps=(Send(b"ab"),), declared=4),
            b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab",
            id="declared-length",
        ),
        pytest.param(
            Script(599, before=(Send(b"HTTP/1.1 103 Early Hints\r\n\r\n"),), framing="close"),
            b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 599 \r\nConnection: close\r\n\r\n",
            id="raw-before",
        ),
    ],
)
def test_an_answer_that_ends_with_the_connection_is_followed_by_fin(script: Script, wire: bytes) -> None:
    async def case() -> None:
        async with watched(script) as (standin, seen):
            assert await talk(standin, GET) == wire
            assert (await seen.exchange()).error is None

    asyncio.run(case())


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(GET[:-2] + b"Connection: close\r\n\r\n", id="connection-close"),
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", id="http-1.0"),
    ],
)
def test_a_client_that_wants_the_connection_closed_gets_that(data: bytes) -> None:
    async def case() -> None:
        async with watched(Script()) as (standin, _):
            assert await talk(standin, data) == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    asyncio.run(case())


def test_a_connection_is_kept_for_more_requests_and_serials_count_up() -> None:
    async def case() -> None:
        async with watched(lambda request: json_answer(200, request.url)) as (standin, seen):
            reader, writer = await asyncio.open_connection("127.0.0.1", standin.port)
            for data, url in ((POST, b'"/v1/chat?x=1"'), (GET, b'"/two"'), (POST, b'"/v1/chat?x=1"')):
                writer.write(data)
                await reader.readuntil(b"\r\n\r\n" + url)
            assert [serial for serial, _, _ in seen.arrivals] == [1, 2, 3]
            writer.transport.abort()

    asyncio.run(asyncio.wait_for(case(), 5))


def test_pipelined_requests_are_answered_in_order() -> None:
    async def case() -> None:
        async with watched(lambda request: Script(headers=(("U", request.url),))) as (standin, _):
            answers = await talk(standin, POST + GET + POST, half_close=True)
            assert [part.split(b"\r\n")[0] for part in answers.split(b"U: ")[1:]] == [
                b"/v1/chat?x=1",
                b"/two",
                b"/v1/chat?x=1",
            ]

    asyncio.run(case())


def test_a_request_that_comes_while_an_answer_waits_is_kept() -> None:
    async def case() -> None:
        async with watched(sse_answer(["one", "two"], gates=True, done=False)) as (standin, seen):
            reader, writer = await asyncio.open_connection("127.0.0.1", standin.port)
            writer.write(POST)
            await reader.readuntil(b"data: one\n\n")
            writer.write(GET)
            await writer.drain()
            seen.gates.open("upstream", 1, "event-0")
            await reader.readuntil(b"data: two\n\n\r\n0\r\n\r\n")
            await reader.readuntil(b"data: one\n\n")
            assert [request.url for _, request, _ in seen.arrivals] == ["/v1/chat?x=1", "/two"]
            writer.transport.abort()

    asyncio.run(asyncio.wait_for(case(), 5))


def test_all_that_was_received_and_sent_is_recorded_with_its_times() -> None:
    async def case() -> None:
        async with watched(json_answer(200, {"a": "é"})) as (standin, seen):
            before = now_ms()
            await talk(standin, POST, half_close=True)
            exchange = await seen.exchange()
            ((serial, request, t_ms),) = seen.arrivals
            headers = (("Host", "up"), ("X-Odd-CASE", "Yes"), ("Content-Length", "4"))
            assert serial == 1
            assert request == exchange.request == Request("POST", "/v1/chat?x=1", headers, b"body")
            response = exchange.response
            assert response is not None
            assert (response.status, exchange.error) == (200, None)
            assert response.headers == (("Content-Type", "application/json"), ("Content-Length", "10"))
            (piece,) = response.pieces
            assert piece.data == '{"a":"é"}'.encode()
            assert before <= exchange.start_ms <= t_ms <= response.t_ms <= piece.t_ms <= exchange.end_ms <= now_ms()

    asyncio.run(case())


def test_ten_megabytes_arrive_whole_and_go_back_whole() -> None:
    body = bytes(range(256)) * 40_000

    async def case() -> None:
        async with watched(lambda request: Script(steps=(Send(request.body),))) as (standin, _):
            sent = b"POST / HTTP/1.1\r\nHost: u\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            assert (await talk(standin, sent, half_close=True)).endswith(b"\r\n\r\n" + body)

    asyncio.run(case())


def test_fifty_at_once_each_get_their_own_answer() -> None:
    async def ask(standin: StandIn, number: int) -> None:
        body = b"<%d>" % number
        sent = b"POST / HTTP/1.1\r\nHost: u\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        assert (await talk(standin, sent, half_close=True)).endswith(b"\r\n\r\n" + body)

    async def case() -> None:
        async with watched(lambda request: json_answer(200, request.body)) as (standin, seen):
            await asyncio.gather(*(ask(standin, number) for number in range(50)))
            assert sorted(serial for serial, _, _ in seen.arrivals) == list(range(1, 51))

    asyncio.run(case())
