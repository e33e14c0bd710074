"""Stand-ins over real sockets: what goes over the wire, what is recorded, and how each step of a script ends."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.upstream import reading, server
from kimi_conformance.upstream.gates import Gates
from kimi_conformance.upstream.line import Line
from kimi_conformance.upstream.script import (
    Close,
    Gate,
    Pause,
    Reset,
    Script,
    Send,
    cut_after,
    json_answer,
    sse_answer,
)
from kimi_conformance.upstream.server import PortTaken, StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

POST = b"POST /v1/chat?x=1 HTTP/1.1\r\nHost: up\r\nX-Odd-CASE: Yes\r\nContent-Length: 4\r\n\r\nbody"
GET = b"GET /two HTTP/1.1\r\nHost: up\r\n\r\n"


def clock() -> float:
    return time.monotonic() * 1000


@dataclass
class Watched:
    """A started stand-in and what it told."""

    gates: Gates = field(default_factory=Gates)
    arrivals: list[tuple[str, int, Request, float]] = field(default_factory=list)
    done: asyncio.Queue[tuple[int, Exchange]] = field(default_factory=asyncio.Queue)
    standin: StandIn = field(init=False)

    async def exchange(self) -> Exchange:
        async with asyncio.timeout(2):
            return (await self.done.get())[1]

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", int(self.standin.url.rsplit(":", 1)[1]))


@asynccontextmanager
async def watched(answer: Script | Callable[[Request], Script], **options: Any) -> AsyncIterator[Watched]:
    seen = Watched()
    seen.standin = StandIn(
        "shortcut",
        answer if callable(answer) else lambda _: answer,
        clock=clock,
        on_arrival=lambda *told: seen.arrivals.append(told),
        on_done=lambda _, serial, exchange: seen.done.put_nowait((serial, exchange)),
        gates=seen.gates,
        **options,
    )
    await seen.standin.start()
    try:
        yield seen
    finally:
        await seen.standin.stop()


def run(case: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(case, 5))


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


async def talk(seen: Watched, data: bytes) -> bytes:
    """Send, half-close, and read to the end."""
    reader, writer = await seen.connect()
    writer.write(data)
    writer.write_eof()
    answer = await reader.read()
    await hang_up(writer)
    return answer


async def to_the_end(seen: Watched, data: bytes) -> tuple[bytes, str]:
    """Send and read to the end: what came, and how the connection ended."""
    reader, writer = await seen.connect()
    writer.write(data)
    came, end = b"", "fin"
    try:
        while piece := await reader.read(65536):
            came += piece
    except ConnectionResetError:
        end = "rst"
    writer.transport.abort()
    return came, end


def test_the_bytes_on_the_wire_are_those_of_the_script() -> None:
    script = Script(201, (("x-LOWER", "a"), ("X-Two", "1"), ("X-Two", "2")), (Send(b"he"), Send(b"llo")))

    async def case() -> None:
        async with watched(script) as seen:
            assert await talk(seen, POST) == (
                b"HTTP/1.1 201 Created\r\nx-LOWER: a\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 5\r\n\r\nhello"
            )

    run(case())


def test_all_that_was_received_and_sent_is_recorded() -> None:
    async def case() -> None:
        async with watched(json_answer(200, {"a": "é"})) as seen:
            before = clock()
            await talk(seen, POST)
            exchange = await seen.exchange()
            (name, serial, request, t_ms) = seen.arrivals[0]
            headers = (("Host", "up"), ("X-Odd-CASE", "Yes"), ("Content-Length", "4"))
            assert (name, serial) == ("shortcut", 1)
            assert request == exchange.request == Request("POST", "/v1/chat?x=1", headers, b"body")
            assert exchange.response is not None
            assert (exchange.status, exchange.error) == (200, None)
            assert exchange.response.body == '{"a":"é"}'.encode()
            assert exchange.response.headers == (("Content-Type", "application/json"), ("Content-Length", "10"))
            piece = exchange.response.pieces[0].t_ms
            assert before <= exchange.start_ms <= t_ms <= exchange.response.t_ms <= piece <= exchange.end_ms <= clock()

    run(case())


def test_a_connection_is_kept_for_more_requests_and_serials_count_up() -> None:
    async def case() -> None:
        async with watched(lambda request: json_answer(200, request.url)) as seen:
            reader, writer = await seen.connect()
            for data, url in ((POST, b'"/v1/chat?x=1"'), (GET, b'"/two"'), (POST, b'"/v1/chat?x=1"')):
                writer.write(data)
                assert await reader.readuntil(url)
            await hang_up(writer)
            assert [arrival[1] for arrival in seen.arrivals] == [1, 2, 3]

    run(case())


def test_pipelined_requests_are_answered_in_order() -> None:
    async def case() -> None:
        async with watched(lambda request: Script(headers=(("U", request.url),))) as seen:
            answers = await talk(seen, POST + GET + POST)
            assert [part.split(b"\r\n")[0] for part in answers.split(b"U: ")[1:]] == [
                b"/v1/chat?x=1",
                b"/two",
                b"/v1/chat?x=1",
            ]

    run(case())


def test_a_request_that_comes_while_an_answer_waits_is_kept() -> None:
    async def case() -> None:
        async with watched(sse_answer(["one", "two"], gates=True, done=False)) as seen:
            reader, writer = await seen.connect()
            writer.write(POST)
            await reader.readuntil(b"data: one\n\n")
            writer.write(GET)
            await writer.drain()
            seen.gates.open("shortcut", 1, "event-0")
            await reader.readuntil(b"data: two\n\n\r\n0\r\n\r\n")
            await reader.readuntil(b"data: one\n\n")
            assert seen.arrivals[1][2].url == "/two"
            seen.gates.open("shortcut", 2, "event-0")
            await reader.readuntil(b"data: two\n\n")
            await hang_up(writer)

    run(case())


def test_a_chunked_body_is_joined() -> None:
    sent = (
        b"POST / HTTP/1.1\r\nHost: up\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n"
    )

    async def case() -> None:
        async with watched(Script()) as seen:
            await talk(seen, sent + GET)
            assert [arrival[2].body for arrival in seen.arrivals] == [b"abcde", b""]

    run(case())


def test_a_client_that_expects_100_is_told_to_continue_once() -> None:
    async def case() -> None:
        async with watched(Script()) as seen:
            reader, writer = await seen.connect()
            writer.write(b"POST / HTTP/1.1\r\nHost: up\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(b"bo")
            await writer.drain()
            writer.write(b"dy")
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
            assert seen.arrivals[0][2].body == b"body"
            await hang_up(writer)

    run(case())


@pytest.mark.parametrize(
    ("sent", "status", "request_"),
    [
        pytest.param(
            b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400, Request("", "", (), b"\x16\x03\x01\x02\x00\x01\r\n\r\n"), id="tls"
        ),
        pytest.param(b"GET /a\r\n\r\n", 400, Request("", "", (), b"GET /a\r\n\r\n"), id="no-version"),
        pytest.param(
            b"GET /a HTTP/1.1\r\n\r\n", 400, Request("GET", "/a", (), b"GET /a HTTP/1.1\r\n\r\n"), id="no-host"
        ),
        pytest.param(
            b"POST /a HTTP/1.1\r\nHost: u\r\nContent-Length: x\r\n\r\n",
            400,
            Request("POST", "/a", (), b"POST /a HTTP/1.1\r\nHost: u\r\nContent-Length: x\r\n\r\n"),
            id="bad-length",
        ),
        pytest.param(
            b"POST /a HTTP/1.1\r\nHost: u\r\nTransfer-Encoding: gzip\r\n\r\n",
            501,
            Request("POST", "/a", (), b"POST /a HTTP/1.1\r\nHost: u\r\nTransfer-Encoding: gzip\r\n\r\n"),
            id="unknown-coding",
        ),
        pytest.param(
            b"POST /a HTTP/1.1\r\nHost: u\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n",
            400,
            Request("POST", "/a", (("Host", "u"), ("Transfer-Encoding", "chunked")), b"ab"),
            id="bad-chunk",
        ),
    ],
)
def test_a_request_that_is_no_http_is_recorded_and_refused(sent: bytes, status: int, request_: Request) -> None:
    async def case() -> None:
        async with watched(Script()) as seen:
            answer, end = await to_the_end(seen, sent)
            exchange = await seen.exchange()
            assert answer.startswith(b"HTTP/1.1 %d " % status)
            assert end == "fin"
            assert exchange.request == request_
            assert str(exchange.error).startswith("protocol: ")
            assert exchange.status == status
            assert seen.arrivals == []

    run(case())


def test_a_head_beyond_the_limit_is_refused_with_431() -> None:
    async def case() -> None:
        async with watched(Script()) as seen:
            head = b"GET / HTTP/1.1\r\nHost: u\r\nX: " + b"x" * reading.LARGEST_HEAD
            answer, _ = await to_the_end(seen, head)
            assert answer.startswith(b"HTTP/1.1 431 ")
            assert str((await seen.exchange()).error).startswith("protocol: ")

    run(case())


def test_a_body_beyond_the_limit_is_refused_with_413(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_BODY", 3)

    async def case() -> None:
        async with watched(Script()) as seen:
            answer, _ = await to_the_end(seen, POST)
            assert answer.startswith(b"HTTP/1.1 413 ")
            assert (await seen.exchange()).error == "protocol: the body is larger than 3 bytes"

    run(case())


def test_a_request_cut_short_is_recorded_as_far_as_it_came() -> None:
    async def case() -> None:
        async with watched(Script()) as seen:
            assert await talk(seen, POST[:-1]) == b""
            exchange = await seen.exchange()
            assert (
                exchange.error == "closed: the router hung up in the middle of its request, after 3 bytes of its body"
            )
            assert (exchange.request.body, exchange.response, seen.arrivals) == (b"bod", None, [])

    run(case())


def test_a_connection_without_a_request_is_nothing() -> None:
    async def case() -> None:
        async with watched(Script()) as seen:
            assert await talk(seen, b"") == b""
            await talk(seen, GET)
            assert (len(seen.arrivals), seen.done.qsize()) == (1, 1)

    run(case())


def test_ten_megabytes_arrive_whole_and_go_back_whole() -> None:
    body = bytes(range(256)) * 40_000

    async def case() -> None:
        async with watched(lambda request: Script(steps=(Send(request.body),))) as seen:
            answer = await talk(seen, b"POST / HTTP/1.1\r\nHost: u\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            assert answer.endswith(b"\r\n\r\n" + body)

    run(case())


def test_each_send_is_a_chunk_of_its_own() -> None:
    script = Script(steps=(Send(b"ab"), Send(b"c" * 16)), framing="chunked")

    async def case() -> None:
        async with watched(script) as seen:
            answer = await talk(seen, GET)
            assert answer == (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n10\r\n" + b"c" * 16 + b"\r\n0\r\n\r\n"
            )
            response = (await seen.exchange()).response
            assert response is not None
            assert [piece.data for piece in response.pieces] == [b"ab", b"c" * 16]

    run(case())


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
            Script(headers=(("Connection", "close"),), steps=(Send(b"ab"),)),
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab",
            id="own-connection-close",
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
        async with watched(script) as seen:
            assert await to_the_end(seen, GET) == (wire, "fin")
            assert (await seen.exchange()).error is None

    run(case())


@pytest.mark.parametrize(
    ("sent", "status", "wire"),
    [
        pytest.param(
            b"HEAD / HTTP/1.1\r\nHost: u\r\n\r\n", 200, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", id="head"
        ),
        pytest.param(GET, 204, b"HTTP/1.1 204 No Content\r\n\r\n", id="204"),
        pytest.param(GET, 304, b"HTTP/1.1 304 Not Modified\r\n\r\n", id="304"),
    ],
)
def test_no_body_goes_where_none_may_be(sent: bytes, status: int, wire: bytes) -> None:
    async def case() -> None:
        async with watched(Script(status, steps=(Send(b"ab"),))) as seen:
            assert await talk(seen, sent) == wire
            response = (await seen.exchange()).response
            assert response is not None
            assert response.body == b""

    run(case())


@pytest.mark.parametrize(
    "sent", [GET[:-2] + b"Connection: close\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"], ids=["1.1", "1.0"]
)
def test_a_client_that_wants_the_connection_closed_gets_that(sent: bytes) -> None:
    async def case() -> None:
        async with watched(Script(headers=(("A", "b"),))) as seen:
            assert await to_the_end(seen, sent) == (b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 0\r\n\r\n", "fin")

    run(case())


def test_an_offered_upgrade_that_is_not_taken_leaves_the_connection_alive() -> None:
    offer = GET[:-2] + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n"

    async def case() -> None:
        async with watched(Script()) as seen:
            await talk(seen, offer + offer)
            assert len(seen.arrivals) == 2

    run(case())


def test_a_pause_holds_back_what_follows_it() -> None:
    script = Script(steps=(Send(b"a"), Pause(0.03), Send(b"b")), before=(Pause(0.02),))

    async def case() -> None:
        async with watched(script) as seen:
            reader, writer = await seen.connect()
            writer.write(GET)
            await reader.readuntil(b"ab")
            response = (await seen.exchange()).response
            assert response is not None
            first, second = response.pieces
            assert response.t_ms - seen.arrivals[0][3] >= 19
            assert 29 <= second.t_ms - first.t_ms < 500
            await hang_up(writer)

    run(case())


def test_an_event_waits_for_its_gate_and_an_open_gate_waits_for_nothing() -> None:
    async def case() -> None:
        async with watched(sse_answer(["zero", "one", "two"], gates=True)) as seen:
            reader, writer = await seen.connect()
            writer.write(GET)
            await reader.readuntil(b"data: zero\n\n\r\n")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.03)
            seen.gates.open("shortcut", 1, "event-1")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.03)
            opened = clock()
            seen.gates.open("shortcut", 1, "event-0")
            await reader.readuntil(b"data: two\n\n\r\n")
            seen.gates.open("shortcut", 1, "event-2")
            await reader.readuntil(b"data: [DONE]\n\n\r\n0\r\n\r\n")
            response = (await seen.exchange()).response
            assert response is not None
            assert response.pieces[0].t_ms <= opened <= response.pieces[1].t_ms
            await hang_up(writer)

    run(case())


def test_gates_belong_to_one_arrival_and_are_forgotten_with_it() -> None:
    def answer(request: Request) -> Script:
        seen.gates.open("shortcut", 1, "event-0")
        return sse_answer([request.url, "two"], gates=True, done=False)

    async def case() -> None:
        nonlocal seen
        async with watched(answer, gate_timeout_s=0.03) as seen:
            assert (await to_the_end(seen, POST.replace(b"Host", b"Connection: close\r\nHost")))[0].endswith(
                b"0\r\n\r\n"
            )
            await to_the_end(seen, GET)
            assert (await seen.exchange()).error is None
            assert str((await seen.exchange()).error).startswith("timeout: ")
            assert seen.gates == Gates()

    seen = Watched.__new__(Watched)
    run(case())


def test_a_gate_that_stays_shut_ends_the_connection_and_says_so() -> None:
    script = Script(steps=(Send(b"a"), Gate("client-saw-it"), Send(b"b")))

    async def case() -> None:
        async with watched(script, gate_timeout_s=0.03) as seen:
            answer, end = await to_the_end(seen, GET)
            exchange = await seen.exchange()
            assert answer.endswith(b"\r\n\r\na")
            assert end == "rst"
            assert exchange.error == "timeout: gate 'client-saw-it' was not opened within 0.03 s"
            assert exchange.status == 200

    run(case())


@pytest.mark.parametrize(
    ("before", "end", "error"),
    [
        pytest.param((Close(), Send(b"no")), "fin", "closed: by the script, after 0 bytes", id="close"),
        pytest.param((Pause(0.01), Reset()), "rst", "reset: by the script, after 0 bytes", id="reset"),
    ],
)
def test_an_end_before_the_head_sends_nothing(before: tuple[Any, ...], end: str, error: str) -> None:
    async def case() -> None:
        async with watched(Script(before=before, steps=(Send(b"never"),))) as seen:
            assert await to_the_end(seen, GET) == (b"", end)
            exchange = await seen.exchange()
            assert (exchange.response, exchange.error) == (None, error)

    run(case())


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("n_bytes", [0, 5, 9, 10, 16], ids=lambda n: f"{n}-bytes")
def test_a_cut_falls_on_the_byte_that_was_named(how: Any, n_bytes: int) -> None:
    text = 'data: "é€"\n\n'  # byte 8 is within é, bytes 10 and 11 within €
    whole = json_answer(200, text.encode())
    assert len(whole.body) == 15 if n_bytes < 16 else True
    if n_bytes > len(whole.body):
        with pytest.raises(ValueError, match="cannot cut a body of 15 bytes after 16"):
            cut_after(whole, n_bytes, how)
        return

    async def case() -> None:
        async with watched(cut_after(whole, n_bytes, how)) as seen:
            answer, end = await to_the_end(seen, GET)
            head, _, body = answer.partition(b"\r\n\r\n")
            exchange = await seen.exchange()
            assert body == text.encode()[:n_bytes]
            assert b"Content-Length: 15" in head
            assert end == {"close": "fin", "reset": "rst"}[how]
            assert exchange.response is not None
            assert exchange.response.body == body
            assert exchange.error == f"{'closed' if how == 'close' else 'reset'}: by the script, after {n_bytes} bytes"

    run(case())


def test_a_cut_stream_never_gets_its_last_chunk() -> None:
    async def case() -> None:
        async with watched(cut_after(sse_answer(["ab", "cd"]), 13, "close")) as seen:
            answer, end = await to_the_end(seen, GET)
            assert answer.endswith(b"\r\n\r\na\r\ndata: ab\n\n\r\n3\r\ndat\r\n")
            assert end == "fin"

    run(case())


def test_a_close_is_a_fin_even_with_bytes_of_the_client_unread() -> None:
    async def case() -> None:
        async with watched(Script(steps=(Send(b"a"), Close()))) as seen:
            answer, end = await to_the_end(seen, POST + GET * 50_000)
            assert (answer[-1:], end) == (b"a", "fin")
            assert len(seen.arrivals) == 1

    run(case())


@pytest.mark.parametrize("wait", [Gate("never"), Pause(60)], ids=["gate", "pause"])
@pytest.mark.parametrize("rude", [False, True], ids=["close", "abort"])
def test_a_router_that_hangs_up_while_an_answer_waits_is_noticed_at_once(wait: Gate | Pause, rude: bool) -> None:  # noqa: FBT001 - a parameter of the case
    async def case() -> None:
        async with watched(sse_answer(["one"])) as seen:
            pass
        script = Script(steps=(Send(b"12345"), wait, Send(b"6")))
        async with watched(script) as seen:
            reader, writer = await seen.connect()
            writer.write(GET)
            await reader.readuntil(b"12345")
            assert seen.standin.busy == 1
            if rude:
                writer.transport.abort()
            else:
                writer.close()
            exchange = await seen.exchange()
            assert exchange.error == "closed: the router hung up after 5 bytes"
            assert seen.standin.busy == 0

    run(case())


def test_a_router_that_hangs_up_within_a_large_send_is_noticed() -> None:
    async def case() -> None:
        async with watched(Script(steps=(Send(b"x" * 50_000_000),))) as seen:
            reader, writer = await seen.connect()
            writer.write(GET)
            await reader.readexactly(1000)
            writer.transport.abort()
            assert (await seen.exchange()).error == "closed: the router hung up after 0 bytes"

    run(case())


def test_a_port_in_use_is_one_message_that_names_upstream_port_and_remedy() -> None:
    async def case() -> None:
        async with watched(Script()) as seen:
            port = int(seen.standin.url.rsplit(":", 1)[1])
            with pytest.raises(PortTaken) as refusal:
                async with watched(Script(), port=port):
                    pass
            assert str(refusal.value) == (
                f"upstream 'shortcut' cannot listen on 127.0.0.1:{port}: the port is in use. "
                "Stop the program that holds it, or give the upstream another port under `listen:`."
            )
            assert refusal.value.__suppress_context__
        async with watched(Script(), port=port) as again:
            await talk(again, GET)
            assert again.standin.url == f"http://127.0.0.1:{port}"

    run(case())


def test_stopping_ends_every_open_connection_at_once_and_records_what_was_open() -> None:
    script = Script(steps=(Send(b"a"), Gate("never")))

    async def case() -> None:
        async with watched(script) as seen:
            _, idle = await seen.connect()
            _, partial = await seen.connect()
            partial.write(POST[:-1])
            reader, gated = await seen.connect()
            gated.write(GET)
            await reader.readuntil(b"\r\n\r\na")
            while seen.standin.busy < 2:
                await asyncio.sleep(0)
            started = clock()
            await seen.standin.stop()
            assert clock() - started < 500
            errors = {(await seen.exchange()).error, (await seen.exchange()).error}
            assert errors == {"closed: the stand-in was stopped or broke off"}
            assert seen.standin.busy == 0
            for writer in (idle, partial, gated):
                writer.transport.abort()
            with pytest.raises(ConnectionRefusedError):
                await seen.connect()

    run(case())


def test_an_answer_that_breaks_is_raised_by_stop_and_never_swallowed() -> None:
    def answer(_: Request) -> Script:
        raise ZeroDivisionError

    async def case() -> None:
        with pytest.raises(ZeroDivisionError):
            async with watched(answer) as seen:
                await to_the_end(seen, GET)
                assert (await seen.exchange()).error == "closed: the stand-in was stopped or broke off"

    run(case())


def test_connections_send_without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    options: list[int] = []

    def line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Line:
        options.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        return Line(reader, writer)

    monkeypatch.setattr(server, "Line", line)

    async def case() -> None:
        async with watched(Script()) as seen:
            await talk(seen, GET)
        assert options
        assert all(options)

    run(case())


def test_fifty_at_once_each_get_their_own_answer() -> None:
    async def ask(seen: Watched, number: int) -> None:
        body = json.dumps({"number": number}).encode()
        answer = await talk(seen, b"POST / HTTP/1.1\r\nHost: u\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        assert answer.endswith(b"\r\n\r\n" + body)

    async def case() -> None:
        async with watched(lambda request: json_answer(200, request.body)) as seen:
            await asyncio.gather(*(ask(seen, number) for number in range(50)))
            assert len({arrival[1] for arrival in seen.arrivals}) == 50

    run(case())
