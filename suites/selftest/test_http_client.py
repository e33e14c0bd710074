"""The HTTP client over real sockets: what it sends, what it keeps, and what it calls what went wrong."""

from __future__ import annotations

import asyncio
import errno
import gzip
import itertools
import shutil
import socket
import ssl
import struct
import subprocess
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.router.http_client import HttpClient, target_of, tls_context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from kimi_conformance.exchange import Piece

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


def test_headers_arrive_as_given_in_names_order_and_number_with_nothing_but_host_and_length() -> None:
    headers = (("X-B", "1"), ("x-a", "é"), ("X-B", "2"), ("aCCept", ""), ("x-b", "3"))
    head, body, authority = heads_of(Request("POST", "/p", headers, b'{"a":1}'))
    assert head.decode("latin-1").split("\r\n") == [
        "POST /p HTTP/1.1",
        f"Host: {authority}",
        *[f"{name}: {value}" for name, value in headers],
        "Content-Length: 7",
        "",
        "",
    ]
    assert body == b'{"a":1}'


def test_host_and_length_of_the_request_are_used_where_it_has_them() -> None:
    head, _, _ = heads_of(Request("POST", "/", (("HOST", "api.example"), ("content-length", "2")), b"{}"))
    assert head == b"POST / HTTP/1.1\r\nHOST: api.example\r\ncontent-length: 2\r\n\r\n"


@pytest.mark.parametrize(("method", "lengths"), [pytest.param("GET", 0, id="get"), pytest.param("POST", 1, id="post")])
def test_an_empty_body_has_a_length_only_where_a_body_is_usual(method: str, lengths: int) -> None:
    head, _, _ = heads_of(Request(method, "/v1/models"))
    assert head.count(b"Content-Length: 0") == head.lower().count(b"content-length") == lengths


def test_a_path_is_neither_encoded_nor_normalised() -> None:
    head, _, _ = heads_of(Request("GET", "/a//b/../%7e%2F;c?q=1&q=%20+&r"))
    assert head.startswith(b"GET /a//b/../%7e%2F;c?q=1&q=%20+&r HTTP/1.1\r\n")


def test_proxy_variables_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert run(ask(saying(OK))).status == 200


def test_a_response_keeps_its_headers_raw_and_its_body_undecoded() -> None:
    body = gzip.compress(b"moon")
    lines = (("X-Request-ID", "1"), ("set-cookie", "a=1"), ("Set-Cookie", "b=2"), ("x-latin", "\xe9"))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines).encode("latin-1")
    reply = b"HTTP/1.1 429 Slow\r\n%sContent-Encoding: gzip\r\ncontent-length: %d\r\n\r\n%s" % (head, len(body), body)
    exchange: Exchange = run(ask(saying(reply)))
    assert exchange.response is not None
    assert exchange.response.headers == (*lines, ("Content-Encoding", "gzip"), ("content-length", str(len(body))))
    assert (exchange.status, exchange.response.body, exchange.error) == (429, body, None)
    assert exchange.start_ms <= exchange.response.t_ms <= exchange.response.pieces[0].t_ms <= exchange.end_ms


def test_a_redirect_is_not_followed() -> None:
    reply = b"HTTP/1.1 307 Elsewhere\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
    assert run(ask(saying(reply))).status == 307


def test_interim_responses_are_skipped() -> None:
    assert (
        run(ask(saying(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early\r\nlink: x\r\n\r\n", OK))).status == 200
    )


def test_a_body_without_length_ends_with_the_connection() -> None:
    exchange: Exchange = run(ask(saying(b"HTTP/1.0 200 OK\r\n\r\nall", b" of it")))
    assert (exchange.response and exchange.response.body, exchange.error) == (b"all of it", None)


def test_chunks_that_come_in_one_read_are_one_piece() -> None:
    exchange: Exchange = run(ask(saying(CHUNKED + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")))
    assert exchange.response is not None
    assert [piece.data for piece in exchange.response.pieces] == [b"abc"]


def test_each_piece_is_seen_before_the_next_is_sent() -> None:
    async def test() -> Exchange:
        seen: asyncio.Queue[bytes] = asyncio.Queue()

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await request_of(reader)
            writer.write(CHUNKED)
            for data in (b"a", b"b", b"c"):
                writer.write(b"1\r\n%s\r\n" % data)
                assert await seen.get() == data
            writer.write(b"0\r\n\r\n")

        def on_piece(piece: Piece) -> None:
            seen.put_nowait(piece.data)

        return await ask(handle, on_piece=on_piece)

    exchange: Exchange = run(test())
    assert exchange.response is not None
    assert [piece.data for piece in exchange.response.pieces] == [b"a", b"b", b"c"]
    times = [piece.t_ms for piece in exchange.response.pieces]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        pytest.param((), "closed: the connection ended before the response began", id="no-answer"),
        pytest.param((OK[:30],), "closed: the connection ended before the response began", id="in-the-head"),
        pytest.param(
            (b"HTTP/1.1 103 Early\r\n\r\n",), "closed: the connection ended before the response began", id="interim"
        ),
        pytest.param((b"SSH-2.0-x\r\n\r\n",), "protocol: illegal status line", id="not-http"),
        pytest.param((b"HTTP/1.1 200 OK\r\nbad header: x\r\n\r\n",), "protocol: ", id="illegal-header"),
    ],
)
def test_without_a_response_the_error_says_why(parts: tuple[bytes, ...], error: str) -> None:
    exchange: Exchange = run(ask(saying(*parts)))
    assert exchange.response is None
    assert exchange.error is not None
    assert exchange.error.startswith(error)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 9\r\n\r\nhalf", "closed: ", id="length"),
        pytest.param(CHUNKED + b"4\r\nhalf\r\n", "closed: ", id="chunked"),
        pytest.param(CHUNKED + b"9\r\nhalf", "closed: ", id="in-a-chunk"),
        pytest.param(CHUNKED + b"4\r\nhalf\r\nnot hex\r\n", "protocol: ", id="illegal-chunk"),
    ],
)
def test_a_response_that_is_cut_keeps_what_arrived(reply: bytes, error: str) -> None:
    exchange: Exchange = run(ask(saying(reply)))
    assert exchange.response is not None
    assert (exchange.status, exchange.response.body, len(exchange.response.headers) > 0) == (200, b"half", True)
    assert exchange.error is not None
    assert exchange.error.startswith(error)


@pytest.mark.parametrize("begun", [pytest.param(False, id="no-answer"), pytest.param(True, id="in-the-body")])
def test_a_reset_is_told_from_a_close(begun: bool) -> None:  # noqa: FBT001 (a parameter of pytest's)
    async def test() -> Exchange:
        seen = asyncio.Event()

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await request_of(reader)
            if begun:
                writer.write(CHUNKED + b"4\r\nhalf\r\n")
                await seen.wait()
            reset(writer)

        return await ask(handle, on_piece=lambda _: seen.set())

    exchange: Exchange = run(test())
    assert exchange.error == "reset: Connection reset by peer"
    assert (exchange.response.body if exchange.response else None) == (b"half" if begun else None)


async def free_port() -> int:
    async with serving(saying()) as base:
        return target_of(base).port


def test_a_port_that_nobody_listens_on_refuses() -> None:
    async def test() -> Exchange:
        return await HttpClient().send(Request("GET", f"http://127.0.0.1:{await free_port()}/"), clock=clock)

    exchange: Exchange = run(test())
    assert exchange.response is None
    assert exchange.error is not None
    assert exchange.error.startswith("refused: 127.0.0.1:")


def test_a_connection_to_itself_is_a_refused_one(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = asyncio.open_connection
    own = socket.socket()
    own.bind(("127.0.0.1", 0))
    own.connect(own.getsockname())
    monkeypatch.setattr(asyncio, "open_connection", lambda *_, **__: connect(sock=own))
    exchange: Exchange = run(HttpClient().send(Request("GET", "http://127.0.0.1:9/"), clock=clock))
    assert exchange.error == "refused: 127.0.0.1:9: nobody listens there"


def test_running_out_of_sockets_is_no_error_of_the_router(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(asyncio, "open_connection", fail)
    with pytest.raises(OSError, match="Too many open files"):
        run(HttpClient().send(Request("GET", "http://127.0.0.1:9/"), clock=clock))


@pytest.mark.parametrize(
    ("reply", "error", "body"),
    [
        pytest.param(b"", "timeout: no answer within 0.05 s", None, id="no-answer"),
        pytest.param(
            CHUNKED + b"4\r\nhalf\r\n", "timeout: the answer was not whole after 0.05 s", b"half", id="in-the-body"
        ),
    ],
)
def test_a_request_ends_at_its_bound_with_what_arrived(reply: bytes, error: str, body: bytes | None) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(reply)
        await reader.read()

    exchange: Exchange = run(ask(handle, timeout_s=0.05))
    assert (exchange.error, exchange.response and exchange.response.body) == (error, body)
    assert exchange.end_ms - exchange.start_ms >= 50


@pytest.mark.parametrize("way", ["cancel", "give-up", "close"])
def test_the_connection_closes_at_once_when_this_side_ends_it(way: str) -> None:
    async def test() -> None:
        gone = asyncio.Event()
        seen = asyncio.Event()
        give_up = asyncio.Event()

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await request_of(reader)
            writer.write(CHUNKED + b"4\r\nhalf\r\n")
            with suppress(ConnectionResetError):
                await reader.read()
            gone.set()

        async with serving(handle) as base:
            client = HttpClient()
            request = Request("GET", f"{base}/")
            work = client.send(request, clock=clock, on_piece=lambda _: seen.set(), give_up=give_up)
            task = asyncio.create_task(work)
            await seen.wait()
            if way == "cancel":
                task.cancel()
            elif way == "give-up":
                give_up.set()
            else:
                await client.close()
            await gone.wait()
            [ended] = await asyncio.gather(task, return_exceptions=True)
            if way == "cancel":
                assert isinstance(ended, asyncio.CancelledError)
            else:
                assert isinstance(ended, Exchange)
                assert ended.response is not None
                assert (ended.response.body, (ended.error or "")[:8]) == (b"half", "closed: ")

    run(test())


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


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(Request("GET", "http://127.0.0.1:9/", (("x", "a\nb"),)), id="newline-in-header"),
        pytest.param(Request("GET", "http://127.0.0.1:9/", (("x", " a"),)), id="outer-blank"),
        pytest.param(Request("GET", "http://127.0.0.1:9/", (("x", "\uff44ispo"),)), id="beyond-latin-1"),
        pytest.param(Request("POST", "http://127.0.0.1:9/", (("content-length", "5"),), b"x"), id="wrong-length"),
        pytest.param(Request("GET", "http://127.0.0.1:9/a b"), id="blank-in-path"),
        pytest.param(Request("GET", "/v1/models"), id="no-host"),
        pytest.param(Request("GET", "ftp://127.0.0.1/"), id="other-scheme"),
    ],
)
def test_a_request_that_cannot_be_sent_is_a_mistake_of_ours(request_: Request) -> None:
    with pytest.raises(ValueError, match=r"cannot be sent|not an absolute|latin-1"):
        run(HttpClient().send(request_, clock=clock))


def test_tls_on_loopback_needs_no_certificate_that_anybody_signed(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=router -keyout"
    subprocess.run([openssl, *make.split(), key, "-out", cert], check=True, capture_output=True)  # noqa: S603 (ours)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    async def test() -> Exchange:
        async with serving(saying(OK), context) as base, HttpClient() as client:
            return await client.send(Request("GET", f"{base}/"), clock=clock)

    exchange: Exchange = run(test())
    assert (exchange.status, exchange.error) == (200, None)


def test_a_server_without_tls_is_told_from_one_that_is_not_there() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(OK)

    async def test() -> Exchange:
        async with serving(handle) as base, HttpClient() as client:
            return await client.send(Request("GET", f"{base.replace('http', 'https')}/"), clock=clock)

    error = run(test()).error
    assert error is not None
    assert error.startswith("protocol: TLS: ")


@pytest.mark.parametrize(
    ("host", "checked"),
    [
        pytest.param("127.0.0.1", False, id="loopback"),
        pytest.param("::1", False, id="loopback-6"),
        pytest.param("localhost", False, id="localhost"),
        pytest.param("10.0.0.1", True, id="private"),
        pytest.param("localhost.example", True, id="a-name-like-it"),
    ],
)
def test_certificates_are_checked_off_loopback(host: str, checked: bool) -> None:  # noqa: FBT001 (of pytest's)
    context = tls_context(host)
    assert (context.verify_mode == ssl.CERT_REQUIRED, context.check_hostname) == (checked, checked)
