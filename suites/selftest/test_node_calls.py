"""How the two Node examples carry a call, and what they do with one that they cannot."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from kimi_conformance.exchange import Request
from suites.selftest.node_examples import BOTH, BOUND_S, EXAMPLES, NODE, needs_node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EVENTS = (b"data: one\n\n", b"data: [DONE]\n\n")

pytestmark = needs_node


class _Upstream:
    """Plays every upstream, each under a path of its own. Every event of a stream takes one of `turns`."""

    def __init__(self) -> None:
        self.calls: asyncio.Queue[Request] = asyncio.Queue()
        self.rows: asyncio.Queue[Request] = asyncio.Queue()
        self.turns = asyncio.Semaphore(0)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _read(reader)
            if request.url.startswith("/ledger"):
                self.rows.put_nowait(request)
                writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            else:
                self.calls.put_nowait(request)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Request-Id: r-1\r\n")
                writer.write(b"Connection: close\r\n\r\n")
                for event in EVENTS:
                    await self.turns.acquire()
                    writer.write(event)
            await writer.drain()
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, url, _ = head[0].split(" ")
    pairs = (line.split(":", 1) for line in head[1:] if line)
    request = Request(method, url, tuple((name, value.strip()) for name, value in pairs))
    body = await reader.readexactly(int(request.header("content-length") or 0))
    return Request(method, url, request.headers, body)


@asynccontextmanager
async def _running(
    example: str, **settings: str
) -> AsyncIterator[tuple[httpx.AsyncClient, _Upstream, asyncio.subprocess.Process]]:
    """The example before an upstream of ours, and a client with its key; bounded as a whole."""
    upstream = _Upstream()
    server = await asyncio.start_server(upstream.answer, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    env = {"PORT": "0", "CLIENT_KEY": "key-client"}
    for name, key in (("SHORTCUT", "SHORTCUT_KEY"), ("PORTKEY", "PORTKEY_API_KEY"), ("LEDGER", "LEDGER_KEY")):
        env |= {f"{name}_URL": f"{base}/{name.lower()}", key: f"key-{name.lower()}"}
    async with asyncio.timeout(BOUND_S), server:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            NODE, f"{example}/proxy.mjs", cwd=EXAMPLES, env=env | settings, stdout=pipe, stderr=pipe
        )
        try:
            assert process.stdout
            url = (await process.stdout.readline()).decode().removeprefix("listening on ").strip()
            headers = {"authorization": "Bearer key-client", "x-trace-id": "t-1"}
            async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:
                yield client, upstream, process
        finally:
            if process.returncode is None:
                process.terminate()
            await process.communicate()


async def _chunked(body: bytes) -> AsyncIterator[bytes]:
    yield body[:20]
    yield body[20:]


@pytest.mark.parametrize("example", BOTH)
def test_a_call_is_carried_there_and_back_unharmed_and_leaves_one_row(example: str) -> None:
    body = '{"temperature" : 0.60, "seed":9007199254740993,"model":"kimi-k3", "messages":[{"content":"月"}]}'.encode()

    async def story() -> None:
        async with _running(example) as (client, upstream, _):
            agent = {"x-agent-id": "dispo"}
            call = client.stream("POST", "/v1/chat/completions", content=_chunked(body), headers=agent)
            async with call as response:
                pieces = response.aiter_raw()
                for event in EVENTS:
                    upstream.turns.release()
                    assert await anext(pieces) == event
                assert [piece async for piece in pieces] == []
            assert (response.status_code, response.headers["x-request-id"]) == (200, "r-1")

            sent = upstream.calls.get_nowait()
            assert (sent.method, sent.url, sent.body) == ("POST", "/portkey/v1/chat/completions", body)
            assert sent.header("x-portkey-virtual-key") == "moonshot-kimi-84f4a1"
            assert sent.header("x-portkey-api-key") == "key-portkey"
            assert sent.header("transfer-encoding") is None
            assert "key-client" not in str(sent.headers)

            row = await upstream.rows.get()
            assert (row.url, row.header("authorization")) == ("/ledger/rest/v1/tool_calls", "Bearer key-ledger")
            told = {"trace_id": "t-1", "agent_id": "dispo", "model": "kimi-k3", "status": 200, "tier": "specialty"}
            assert row.json() == told | {"attempts": 1}
            assert upstream.calls.empty()
            assert upstream.rows.empty()

    asyncio.run(story())


@pytest.mark.parametrize("example", BOTH)
def test_the_claude_call_of_a_plan_agent_reaches_the_shortcut(example: str) -> None:
    async def story() -> None:
        async with _running(example) as (client, upstream, _):
            upstream.turns = asyncio.Semaphore(len(EVENTS))
            headers = {"x-agent-id": "scout", "x-portkey-config": "pc-of-the-client"}
            await client.post("/v1/messages?beta=true", json={"model": "Claude-Opus"}, headers=headers)
            sent = upstream.calls.get_nowait()
            assert sent.url == "/shortcut/v1/messages?beta=true"
            assert (sent.header("x-api-key"), sent.header("anthropic-version")) == ("key-shortcut", "2023-06-01")
            assert sent.header("x-portkey-config") is None

    asyncio.run(story())


def test_a_stripped_prefix_changes_the_models_name_and_nothing_else() -> None:
    body = (
        rb'{"model":{"model":["}"]}, "n" : 9007199254740993,"s":"\\\"}","m":[{"model":1}],"mod\u0065l":"moonshot/\""}'
    )
    renamed = rb'{"model":"\"", "n" : 9007199254740993,"s":"\\\"}","m":[{"model":1}],"mod\u0065l":"\""}'

    async def story() -> None:
        async with _running("operator") as (client, upstream, _):
            upstream.turns = asyncio.Semaphore(len(EVENTS))
            await client.post("/v1/chat/completions", content=body)
            assert upstream.calls.get_nowait().body == renamed

    asyncio.run(story())


def test_the_operator_example_refuses_without_a_call_and_lives_on() -> None:
    async def story() -> None:
        async with _running("operator") as (client, upstream, _):
            for content in ('{"model": 3}', '{"model": ["kimi-k3"]}', '{"model": ', "[]", "null", b'{"model": "\xff"}'):
                assert (await client.post("/v1/chat/completions", content=content)).status_code == 400
            plan = {"x-agent-id": "dispo"}
            over_chat = await client.post("/v1/chat/completions", json={"model": "claude-opus"}, headers=plan)
            assert over_chat.status_code == 400
            stranger = {"authorization": "Bearer key-other"}
            assert (await client.post("/v1/messages", json={}, headers=stranger)).status_code == 401
            assert (await client.post("/v1/embeddings", json={})).status_code == 404
            assert (await client.get("/health")).status_code == 200
            listed = (await client.get("/v1/models")).json()
            assert [entry["id"] for entry in listed["data"]] == ["kimi-k3", "kimi-k3.1-pro", "kimi-k3.1-pro-highspeed"]
            assert upstream.calls.empty()
            assert upstream.rows.empty()

    asyncio.run(story())


def test_the_operator_example_answers_502_where_nobody_listens() -> None:
    async def story() -> None:
        async with _running("operator", PORTKEY_URL="http://127.0.0.1:1") as (client, upstream, _):
            response = await client.post("/v1/chat/completions", json={"model": "kimi-k3"})
            assert (response.status_code, response.json()["error"]["type"]) == (502, "api_error")
            assert (await upstream.rows.get()).json()["status"] == 502

    asyncio.run(story())


def test_the_naive_example_calls_the_gateway_without_a_route_for_a_built_in_name() -> None:
    async def story() -> None:
        async with _running("operator-naive") as (client, upstream, _):
            upstream.turns = asyncio.Semaphore(len(EVENTS))
            await client.post("/v1/chat/completions", json={"model": "constructor"})
            sent = upstream.calls.get_nowait()
            assert (sent.header("x-portkey-virtual-key"), sent.header("x-portkey-config")) == (None, None)
            assert "tier" not in (await upstream.rows.get()).json()

    asyncio.run(story())


def test_a_model_that_is_no_string_ends_the_naive_example() -> None:
    async def story() -> None:
        async with _running("operator-naive") as (client, _, process):
            with pytest.raises(httpx.RemoteProtocolError, match="disconnected without sending a response"):
                await client.post("/v1/chat/completions", json={"model": 3})
            assert await process.wait() == 1

    asyncio.run(story())
