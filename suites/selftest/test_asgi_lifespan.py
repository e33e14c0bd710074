"""The lifespan of ASGI applications: startup, shutdown, and their bounds."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from kimi_conformance.router.asgi import AsgiApp, LifespanError
from suites.selftest.asgi_apps import ask, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request as StarletteRequest

    from kimi_conformance.router.asgi import Message, Receive, Send


def test_the_lifespan_surrounds_the_requests_and_its_state_reaches_them() -> None:
    said: list[str] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        said.append("startup")
        yield {"table": {"kimi-k2.6": "kimi"}}
        said.append("shutdown")

    async def table(request: StarletteRequest) -> JSONResponse:
        said.append("request")
        return JSONResponse(request.state.table)

    exchange = ask(Starlette(routes=[Route("/", table)], lifespan=lifespan))
    assert exchange.response is not None
    assert exchange.response.json() == {"kimi-k2.6": "kimi"}
    assert said == ["startup", "request", "shutdown"]


def test_a_startup_that_fails_is_said() -> None:
    no_tables: dict[str, str] = {}

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {"table": no_tables["kimi"]}

    with pytest.raises(LifespanError, match=r"(?s)startup failed: .*KeyError: 'kimi'"):
        run(AsgiApp(Starlette(lifespan=lifespan)).start())


async def silent(_scope: Message, _receive: Receive, _send: Send) -> None:
    """Never says anything."""
    await asyncio.Event().wait()


async def hanging(_scope: Message, receive: Receive, send: Send) -> None:
    """Starts where it is told to; never ends."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await asyncio.Event().wait()


def test_lifespans_are_bounded() -> None:
    async def test() -> None:
        never = AsgiApp(silent)
        with pytest.raises(LifespanError, match=r"not complete after 0\.02 s"):
            await never.start(0.02)
        await never.close()
        asgi = AsgiApp(hanging)
        await asgi.start()
        await asgi.close(0.02)
        assert len(asyncio.all_tasks()) == 1

    run(test())
