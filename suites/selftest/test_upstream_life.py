"""Starting and stopping: ports, open connections, answers that break."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.upstream import server
from kimi_conformance.upstream.gates import Gates
from kimi_conformance.upstream.line import Line
from kimi_conformance.upstream.script import Gate, Script, Send
from kimi_conformance.upstream.server import PortTaken, StandIn
from kimi_conformance.upstream.watched import now_ms, watched

if TYPE_CHECKING:
    from kimi_conformance.exchange import Request

GET = b"GET / HTTP/1.1\r\nHost: up\r\n\r\n"
STOPPED = "closed: the stand-in was stopped or broke off"


async def ask(port: int) -> bytes:
    """One request; what came until the stand-in ended the connection."""
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        writer.write_eof()
        answer = await reader.read()
        writer.transport.abort()
        return answer


async def has_ended(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except ConnectionResetError:
        return True


def test_a_port_in_use_is_one_message_that_names_upstream_port_and_remedy() -> None:
    async def case() -> None:
        async with watched(Script()) as (standin, _):
            with pytest.raises(PortTaken) as refusal:
                await watched(Script(), port=standin.port).__aenter__()
            assert str(refusal.value) == (
                f"upstream 'upstream' cannot listen on 127.0.0.1:{standin.port}: the port is in use. "
                "Stop the program that holds it, or give the upstream another port under `listen:`."
            )

    asyncio.run(case())


def test_a_fixed_port_can_be_taken_again_at_once() -> None:
    async def case() -> None:
        async with watched(Script()) as (standin, _):
            await ask(standin.port)
        async with watched(Script(), port=standin.port) as (again, _):
            assert again.url == f"http://127.0.0.1:{standin.port}"
            assert await ask(standin.port)

    asyncio.run(case())


def test_stopping_ends_every_open_connection_at_once_and_records_what_was_open() -> None:
    async def case() -> None:
        async with watched(Script(steps=(Send(b"a"), Gate("never")))) as (standin, seen):
            clients = [await asyncio.open_connection("127.0.0.1", standin.port) for _ in range(3)]
            _, (_, halfway), (waiting, gated) = clients
            halfway.write(GET[:-2])
            gated.write(GET)
            await waiting.readuntil(b"\r\n\r\na")
            assert standin.busy == 2
            started = now_ms()
            await standin.stop()
            assert now_ms() - started < 500
            assert seen.done.qsize() == 2
            exchanges = [await seen.exchange(), await seen.exchange()]
            assert [exchange.error for exchange in exchanges] == [STOPPED, STOPPED]
            assert {exchange.request.body for exchange in exchanges} == {b"", GET[:-2]}
            assert standin.busy == 0
            for reader, writer in clients:
                assert await has_ended(reader)
                writer.transport.abort()
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", standin.port)

    asyncio.run(asyncio.wait_for(case(), 5))


@pytest.mark.parametrize("turns", range(5))
def test_a_connection_that_comes_just_before_the_end_is_ended_too(turns: int) -> None:
    async def case() -> None:
        async with watched(Script()) as (standin, _):
            client = socket.create_connection(("127.0.0.1", standin.port))
            for _ in range(turns):
                await asyncio.sleep(0)
            await standin.stop()
            reader, writer = await asyncio.open_connection(sock=client)
            assert await asyncio.wait_for(has_ended(reader), 1)
            writer.transport.abort()
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(case())


def test_an_answer_that_breaks_is_raised_by_stop_and_never_swallowed() -> None:
    def answer(_: Request) -> Script:
        raise ZeroDivisionError

    async def case() -> None:
        async with watched(answer) as (standin, seen):
            assert await ask(standin.port) == b""
            assert (await seen.exchange()).error == STOPPED

    with pytest.raises(ZeroDivisionError):
        asyncio.run(case())


def test_connections_send_without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    options: list[int] = []

    def line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Line:
        options.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        return Line(reader, writer)

    monkeypatch.setattr(server, "Line", line)

    async def case() -> None:
        async with watched(Script()) as (standin, _):
            await ask(standin.port)

    asyncio.run(case())
    assert options
    assert all(options)


@pytest.mark.parametrize(("host", "url"), [("127.0.0.1", "http://127.0.0.1:80"), ("::1", "http://[::1]:80")])
def test_the_address_of_a_url_is_in_brackets_where_it_has_colons(host: str, url: str) -> None:
    standin = StandIn(
        "upstream",
        lambda _: Script(),
        host=host,
        port=80,
        clock=now_ms,
        on_arrival=lambda *_: None,
        on_done=lambda *_: None,
        gates=Gates(),
    )
    assert standin.url == url
