"""The HTTP client over real sockets: what it sends and what it keeps."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.exchange import Exchange, Request
from suites.selftest.socket_server import CHUNKED, OK, ask, heads_of, request_of, run, saying

if TYPE_CHECKING:
    from kimi_conformance.exchange import Piece


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
