"""Small ASGI applications, and one request to them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.router.asgi import AsgiApp

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from kimi_conformance.router.asgi import App, Message, Receive, Send

BOUND_S = 3.0
START: Message = {"type": "http.response.start", "status": 200, "headers": [(b"X-Raw", b"\xe9"), (b"x-raw", b"2")]}
END: Message = {"type": "http.response.body", "body": b"end"}


def body(data: bytes) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": True}


def clock() -> float:
    return time.monotonic() * 1000


def run(test: Awaitable[Any]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(BOUND_S):
            return await test

    return asyncio.run(bounded())


def ask(app: App, request: Request | None = None, **options: Any) -> Exchange:
    """One request to a started app, which is closed after it."""

    async def test() -> Exchange:
        asgi = AsgiApp(app)
        await asgi.start()
        try:
            return await asgi.send(request or Request("GET", "/"), clock=clock, **options)
        finally:
            await asgi.close()

    exchange: Exchange = run(test())
    return exchange


def only_http(app: App) -> App:
    """`app` without lifespan, as many are."""

    async def call(scope: Message, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        await app(scope, receive, send)

    return call


def sending(*messages: Message) -> App:
    """An app that sends `messages` and returns."""

    @only_http
    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


def raising(error: BaseException, *messages: Message) -> App:
    @only_http
    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        raise error

    return app
