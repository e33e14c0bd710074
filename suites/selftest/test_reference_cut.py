"""The reference router when a call does not come to its end: clients that leave, upstreams that fail."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest

from kimi_conformance.reference import create
from kimi_conformance.reference.upstream import UpstreamError
from suites.selftest.reference_bench import (
    BOUND_S,
    CHAT,
    KEY,
    MESSAGES,
    STREAM,
    answer_ok,
    ask,
    bench,
    hang_up,
    keep_silent,
    run,
    shut_down,
    talk_nonsense,
    told,
)


def test_a_client_that_hangs_up_ends_the_call_upstream() -> None:
    left = asyncio.Event()

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM + b"5\r\nhello\r\n")
        with suppress(ConnectionResetError):
            assert not await reader.read()
        left.set()

    async def story() -> None:
        async with bench(stream) as made:
            client = ask(made.app)
            assert (await client.messages.get())["status"] == 200
            assert (await client.messages.get())["body"] == b"hello"
            client.leave()
            await left.wait()
            await client.calling
            assert (await made.row())["status"] == 499

    run(story())


def test_a_client_that_leaves_before_its_body_is_whole_reaches_nothing() -> None:
    async def story() -> None:
        async with bench() as made:
            said = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

            async def receive() -> Any:
                return next(said)

            headers = [(b"authorization", f"Bearer {KEY}".encode())]
            scope = {"type": "http", "method": "POST", "path": CHAT, "query_string": b"", "headers": headers}
            got: asyncio.Queue[Any] = asyncio.Queue()
            await made.app(scope, receive, got.put)
            assert got.empty()
            assert made.calls.empty()

    run(story())


@pytest.mark.parametrize(
    ("behave", "expected"),
    [
        pytest.param(hang_up, 502, id="hangs-up"),
        pytest.param(talk_nonsense, 502, id="talks-nonsense"),
        pytest.param(keep_silent, 504, id="keeps-silent"),
    ],
)
def test_an_upstream_without_an_answer_is_a_gateway_error(behave: Any, expected: int) -> None:
    async def story() -> None:
        async with bench(behave, answer_s=0.2 if behave is keep_silent else BOUND_S) as made:
            status, _, body = await ask(made.app).answer()
            assert (status, set(json.loads(body))) == (expected, {"error"})
            assert (await made.row())["status"] == expected

    run(story())


def test_an_upstream_that_refuses_is_a_502_in_the_shape_of_the_surface() -> None:
    async def story() -> None:
        server = await asyncio.start_server(answer_ok, "127.0.0.1", 0)
        app = create(told(server.sockets[0].getsockname()[1]))
        server.close()
        status, _, body = await ask(app, path=MESSAGES).answer()
        said = json.loads(body)
        assert (status, said["type"], said["error"]["type"]) == (502, "error", "api_error")
        await shut_down(app)

    run(story())


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello", id="short-of-its-length"),
        pytest.param(STREAM + b"5\r\nhello\r\n", id="within-chunks"),
    ],
)
@pytest.mark.parametrize("silent", [False, True], ids=["closed", "silent"])
def test_an_answer_that_is_cut_looks_cut(cut: bytes, silent: bool) -> None:  # noqa: FBT001 - an axis
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(cut)
        if silent:
            await reader.read()

    async def story() -> None:
        async with bench(break_off, gap_s=0.2 if silent else BOUND_S) as made:
            client = ask(made.app)
            with pytest.raises(UpstreamError):
                await client.calling
            got = [client.messages.get_nowait() for _ in range(client.messages.qsize())]
            assert [message.get("body") for message in got] == [None, b"hello"]
            assert (await made.row())["status"] == 200

    run(story())
