"""The HTTP client when there is no whole answer: what it keeps, and what it calls what went wrong."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import suppress

import pytest

from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.router.arriving import KEPT_BYTES, MOST_MB, SENT_TOO_MUCH
from kimi_conformance.router.http_client import HttpClient, target_of
from suites.selftest.socket_server import CHUNKED, OK, ask, clock, request_of, reset, run, saying, serving


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


@pytest.mark.parametrize("length", [b"", b"Content-Length: 1000000000\r\n"], ids=["by-close", "by-length"])
def test_an_answer_without_end_is_read_no_further_and_little_of_it_is_kept(length: bytes) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n")
        with suppress(OSError):
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()

    exchange: Exchange = run(ask(handle))
    assert exchange.error == f"protocol: sent more than {MOST_MB} MB" == SENT_TOO_MUCH
    assert exchange.response is not None
    assert exchange.response.body == b"x" * KEPT_BYTES


def test_an_answer_that_is_whole_and_too_long_is_too_long_all_the_same() -> None:
    body = b"x" * (MOST_MB * 1_000_000 + 1)
    exchange: Exchange = run(ask(saying(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)))
    assert exchange.error == SENT_TOO_MUCH


def test_the_longest_answer_there_may_be_is_kept_whole() -> None:
    body = b"x" * (MOST_MB * 1_000_000)
    exchange: Exchange = run(ask(saying(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)))
    assert exchange.error is None
    assert exchange.response is not None
    assert exchange.response.body == body


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Much: " + b"a" * 1_000_000, "sent a head of more than 100 KB", id="head"),
        pytest.param(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
            "switched protocols (101), which nobody asked for",
            id="switches",
        ),
    ],
)
def test_what_no_client_can_take_is_said_in_plain_words(reply: bytes, error: str) -> None:
    exchange: Exchange = run(ask(saying(reply)))
    assert (exchange.response, exchange.error) == (None, f"protocol: {error}")
