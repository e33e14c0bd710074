"""The recording reverse proxy: streams as they come, bodies as they are, connections of its own, a bound on calls."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.router.forward import Forward, end_to_end
from kimi_conformance.router.http_client import HttpClient
from kimi_conformance.router.meter import Meter
from kimi_conformance.upstream.gates import Gates
from kimi_conformance.upstream.script import Gate, Script, Send, cut_after, json_answer
from kimi_conformance.upstream.server import StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from typing import Any

BOUND_S = 10.0
STREAM = Script(
    headers=(("Content-Type", "text/event-stream"), ("Keep-Alive", "timeout=5")),
    steps=(Send(b"data: one\n\n"), Gate("more"), Send(b"data: two\n\n"), Send(b"data: [DONE]\n\n")),
    framing="chunked",
)


def clock() -> float:
    return time.monotonic() * 1000


@dataclass
class Line:
    """A client, the proxy, and the service behind it: what each of the latter two saw."""

    url: str
    gates: Gates
    at_proxy: list[Exchange] = field(default_factory=list)
    at_service: list[Exchange] = field(default_factory=list)

    async def ask(self, request: Request, **how: Any) -> Exchange:
        """Ask the proxy."""
        client = HttpClient()
        sent = Request(request.method, self.url + request.url, request.headers, request.body)
        return await client.send(sent, clock=clock, **how)


@asynccontextmanager
async def passing(answer: Script, meter: Meter | None = None) -> AsyncIterator[Line]:
    gates = Gates()
    made = Line("", gates)
    kinds = {"clock": clock, "on_arrival": lambda *_: None, "gates": gates}
    service = StandIn("service", lambda _: answer, on_done=lambda *seen: made.at_service.append(seen[2]), **kinds)
    await service.start()
    forward = Forward(f"{service.url}/base/", meter or Meter(10))
    proxy = StandIn("proxy", lambda _: forward, on_done=lambda *seen: made.at_proxy.append(seen[2]), **kinds)
    await proxy.start()
    made.url = proxy.url
    try:
        yield made
    finally:
        await proxy.stop()
        await service.stop()


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, BOUND_S))


def test_a_stream_is_passed_on_as_it_comes() -> None:
    async def story() -> None:
        async with passing(STREAM) as line:
            pieces: list[bytes] = []

            def seen(piece: Piece) -> None:
                pieces.append(piece.data)
                line.gates.open("service", 1, "more")  # only who has seen the first event lets the second go

            got = await line.ask(Request("POST", "/v1/chat/completions", (), b"{}"), on_piece=seen)
            assert got.error is None
            assert pieces[0] == b"data: one\n\n"
            assert b"".join(pieces) == b"data: one\n\ndata: two\n\ndata: [DONE]\n\n"
            assert line.at_proxy[0].response == got_as_recorded(line.at_proxy[0], got)

    run(story())


def got_as_recorded(recorded: Exchange, got: Exchange) -> Response | None:
    """The proxy's record, which must say the same bytes as the client got."""
    assert recorded.response
    assert got.response
    assert recorded.response.body == got.response.body
    return recorded.response


def test_request_and_answer_are_the_same_but_for_what_belongs_to_each_connection() -> None:
    async def story() -> None:
        answer = json_answer(
            429, {"error": {"type": "rate_limit_reached_error"}}, (("Retry-After", "7"), ("X-Odd", "é"))
        )
        body = '{"model":"kimi-k3","messages":"价 \u2028"}'.encode()
        headers = (
            ("Authorization", "Bearer sk-mine"),
            ("Connection", "x-own, keep-alive"),
            ("X-Own", "1"),
            ("TE", "trailers"),
            ("X-Kept", "yes"),
        )
        async with passing(answer) as line:
            got = await line.ask(Request("POST", "/v1/chat/completions?beta=true", headers, body))
            [there] = line.at_service
            assert (there.request.method, there.request.url, there.request.body) == (
                "POST",
                "/base/v1/chat/completions?beta=true",
                body,
            )
            assert there.request.header("authorization") == "Bearer sk-mine"
            assert there.request.header("x-kept") == "yes"
            assert there.request.header("x-own") is None
            assert there.request.header("te") is None
            assert there.request.header("connection") == "close"
            assert got.response
            assert (got.status, got.response.body) == (429, answer.body)
            assert (got.response.header("retry-after"), got.response.header("x-odd")) == ("7", "é")
            assert got.response.header("content-length") == str(len(answer.body))

    run(story())


def test_a_client_that_leaves_is_left_at_the_service_too() -> None:
    async def story() -> None:
        async with passing(STREAM) as line:
            leave = asyncio.Event()
            got = await line.ask(
                Request("POST", "/", (), b"{}"), on_piece=lambda _: leave.set(), give_up=leave, timeout_s=BOUND_S
            )
            assert (got.error or "").startswith("closed")
            while not line.at_service:  # noqa: ASYNC110 - it is bounded by the story
                await asyncio.sleep(0.01)
            assert (line.at_service[0].error or "").startswith("closed: the router hung up")
            assert line.at_proxy[0].error == "closed: the router hung up"

    run(story())


def test_a_service_that_breaks_off_breaks_the_answer_off_and_is_told() -> None:
    async def story() -> None:
        async with passing(cut_after(json_answer(200, {"a": "b" * 50}), 20, "close")) as line:
            got = await line.ask(Request("POST", "/", (), b"{}"))
            assert (got.error or "").startswith("closed")
            assert (line.at_proxy[0].error or "").startswith("live: 127.0.0.1:")

    run(story())


def test_after_the_cap_nothing_is_passed_on() -> None:
    async def story() -> None:
        meter = Meter(1)
        async with passing(json_answer(200, {}), meter) as line:
            first, second = [await line.ask(Request("POST", "/", (), b"{}")) for _ in range(2)]
            assert (first.status, second.status, len(line.at_service)) == (200, 503, 1)
            assert line.at_proxy[1].error == "unpaid: the cap of 1 calls was reached"
            assert meter.stopped

    run(story())


def test_without_funds_nothing_more_is_asked() -> None:
    async def story() -> None:
        meter = Meter(9)
        broke = json_answer(429, {"error": {"type": "exceeded_current_quota_error"}})
        async with passing(broke, meter) as line:
            assert (await line.ask(Request("POST", "/", (), b"{}"))).status == 429
            assert (await line.ask(Request("POST", "/", (), b"{}"))).status == 503
            assert len(line.at_service) == 1

    run(story())


def test_calls_keep_their_pace() -> None:
    async def story() -> None:
        meter = Meter(9, pace_s=0.2)
        began = time.monotonic()
        for _ in range(3):
            await meter.pace()
            assert meter.take() is None
        assert time.monotonic() - began >= 0.4

    run(story())


@pytest.mark.parametrize("name", ["Keep-Alive", "TRAILER", "transfer-encoding", "Upgrade", "Proxy-Connection"])
def test_what_belongs_to_a_connection_is_not_passed_on(name: str) -> None:
    assert end_to_end(((name, "x"), ("X-Kept", "y"))) == (("X-Kept", "y"),)
