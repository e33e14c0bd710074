"""ASGI applications in this process: their scope, live messages, and requests side by side."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.router.asgi import BODY_BYTES, AsgiApp
from suites.selftest.asgi_apps import END, START, ask, body, clock, only_http, run, sending

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request as StarletteRequest

    from kimi_conformance.router.asgi import Message, Receive, Send


def test_the_scope_is_that_of_a_real_server() -> None:
    scopes: list[Message] = []

    @only_http
    async def app(scope: Message, _receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await send(START)
        await send(END)

    headers = (("X-A", "1"), ("x-a", "é"), ("Authorization", "Bearer x"))
    url = "http://router.test:81/a%20b/%E6%9C%88//c?q=%20+&q=1"
    ask(app, Request("POST", url, headers, b"{}"))
    assert scopes == [
        {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/a b/月//c",
            "raw_path": b"/a%20b/%E6%9C%88//c",
            "query_string": b"q=%20+&q=1",
            "root_path": "",
            "headers": [
                (b"host", b"router.test:81"),
                (b"x-a", b"1"),
                (b"x-a", b"\xe9"),
                (b"authorization", b"Bearer x"),
                (b"content-length", b"2"),
            ],
            "client": ("127.0.0.1", 50000),
            "server": ("router.test", 81),
            "state": {},
        }
    ]


def test_a_path_alone_is_enough() -> None:
    @only_http
    async def app(scope: Message, _receive: Receive, send: Send) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": scope["raw_path"]})

    exchange = ask(app, Request("GET", "//v1/models?x"))
    assert exchange.response is not None
    assert exchange.response.body == b"//v1/models"


def test_status_raw_headers_and_body_are_kept() -> None:
    exchange = ask(sending(START, body(b""), END))
    assert exchange.response is not None
    assert (exchange.status, exchange.error) == (200, None)
    assert exchange.response.headers == (("X-Raw", "\xe9"), ("x-raw", "2"))
    assert [piece.data for piece in exchange.response.pieces] == [b"end"]
    assert exchange.start_ms <= exchange.response.t_ms <= exchange.response.pieces[0].t_ms <= exchange.end_ms


def test_a_starlette_app_answers() -> None:
    async def chat(request: StarletteRequest) -> JSONResponse:
        return JSONResponse({"model": (await request.json())["model"]}, 201)

    app = Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])
    exchange = ask(app, Request("POST", "/v1/chat/completions", body=b'{"model":"kimi-k2.6"}'))
    assert exchange.response is not None
    assert (exchange.status, exchange.response.json()) == (201, {"model": "kimi-k2.6"})


@pytest.mark.parametrize("size", [0, 1, BODY_BYTES, BODY_BYTES + 1, 3 * BODY_BYTES])
def test_a_large_body_comes_in_several_messages_and_then_the_client_stays(size: int) -> None:
    whole = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    async def test() -> list[Message]:
        received: asyncio.Queue[list[Message]] = asyncio.Queue()

        @only_http
        async def app(_scope: Message, receive: Receive, send: Send) -> None:
            messages = [await receive()]
            while messages[-1]["more_body"]:
                messages.append(await receive())
            late = asyncio.ensure_future(receive())
            await send(START)
            assert not late.done()
            await send(END)
            received.put_nowait([*messages, await late])

        exchange = await AsgiApp(app).send(Request("POST", "/", body=whole), clock=clock)
        assert exchange.error is None
        return await received.get()

    *messages, last = run(test())
    assert b"".join(message["body"] for message in messages) == whole
    assert max(len(message["body"]) for message in messages) <= BODY_BYTES
    assert last == {"type": "http.disconnect"}


def test_each_piece_is_seen_before_the_next_is_sent() -> None:
    seen: asyncio.Queue[bytes] = asyncio.Queue()

    async def stream() -> AsyncIterator[bytes]:
        for data in (b"a", b"b", b"c"):
            yield data
            assert await seen.get() == data

    async def chat(_request: StarletteRequest) -> StreamingResponse:
        return StreamingResponse(stream())

    app = Starlette(routes=[Route("/", chat)])
    exchange = ask(app, on_piece=lambda piece: seen.put_nowait(piece.data))
    assert exchange.response is not None
    assert ([piece.data for piece in exchange.response.pieces], exchange.error) == ([b"a", b"b", b"c"], None)


def test_requests_run_side_by_side() -> None:
    async def test() -> list[Exchange]:
        everybody = asyncio.Barrier(50)

        @only_http
        async def app(scope: Message, _receive: Receive, send: Send) -> None:
            await everybody.wait()
            await send(START)
            await send({"type": "http.response.body", "body": scope["raw_path"]})

        asgi = AsgiApp(app)
        return await asyncio.gather(*(asgi.send(Request("GET", f"/{n}"), clock=clock) for n in range(50)))

    exchanges: list[Exchange] = run(test())
    assert [exchange.response and exchange.response.body for exchange in exchanges] == [
        f"/{n}".encode() for n in range(50)
    ]
