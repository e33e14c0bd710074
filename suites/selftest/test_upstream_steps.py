"""Every kind of step over a real socket: waits, gates, ends at the exact byte, and routers that hang up meanwhile."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Literal

import pytest

from kimi_conformance.upstream import line
from kimi_conformance.upstream.gates import Gates
from kimi_conformance.upstream.script import (
    Close,
    Gate,
    Pause,
    Reset,
    Script,
    Send,
    cut_after,
    json_answer,
    sse_answer,
)
from kimi_conformance.upstream.watched import now_ms, watched

if TYPE_CHECKING:
    from kimi_conformance.exchange import Request
    from kimi_conformance.upstream.script import Step
    from kimi_conformance.upstream.server import StandIn

GET = b"GET / HTTP/1.1\r\nHost: up\r\n\r\n"
TEXT = 'data: "é€"\n\n'.encode()  # é is bytes 7 and 8, € is bytes 9 to 11


async def to_the_end(standin: StandIn, data: bytes) -> tuple[bytes, str]:
    """Send and read to the end: what came, and how the connection ended."""
    reader, writer = await asyncio.open_connection("127.0.0.1", standin.port)
    writer.write(data)
    came, end = b"", "fin"
    try:
        async with asyncio.timeout(5):
            while piece := await reader.read(65536):
                came += piece
    except ConnectionResetError:
        end = "rst"
    writer.transport.abort()
    return came, end


def test_a_pause_holds_back_what_follows_it() -> None:
    script = Script(steps=(Send(b"a"), Pause(0.03), Send(b"b")), before=(Pause(0.02),), framing="close")

    async def case() -> None:
        async with watched(script) as (standin, seen):
            assert (await to_the_end(standin, GET))[0].endswith(b"ab")
            response = (await seen.exchange()).response
            assert response is not None
            first, second = response.pieces
            assert response.t_ms - seen.arrivals[0][2] >= 19
            assert second.t_ms - first.t_ms >= 29

    asyncio.run(case())


def test_an_event_waits_for_its_gate_and_an_open_gate_holds_nothing_back() -> None:
    async def case() -> None:
        async with watched(sse_answer(["zero", "one", "two"], gates=True)) as (standin, seen):
            reader, writer = await asyncio.open_connection("127.0.0.1", standin.port)
            writer.write(GET)
            await reader.readuntil(b"data: zero\n\n\r\n")
            seen.gates.open("upstream", 1, "event-1")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.03)
            opened = now_ms()
            seen.gates.open("upstream", 1, "event-0")
            await reader.readuntil(b"data: two\n\n\r\n")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.03)
            seen.gates.open("upstream", 1, "event-2")
            await reader.readuntil(b"data: [DONE]\n\n\r\n0\r\n\r\n")
            response = (await seen.exchange()).response
            assert response is not None
            assert response.pieces[0].t_ms <= opened <= response.pieces[1].t_ms
            writer.transport.abort()

    asyncio.run(asyncio.wait_for(case(), 5))


def test_gates_belong_to_one_arrival_and_are_forgotten_with_it() -> None:
    gates: list[Gates] = []

    def answer(_: Request) -> Script:
        gates[0].open("upstream", 1, "event-0")
        return sse_answer(["one", "two"], gates=True, done=False)

    async def case() -> None:
        async with watched(answer, gate_timeout_s=0.03) as (standin, seen):
            gates.append(seen.gates)
            answers, end = await to_the_end(standin, GET + GET)
            assert answers.count(b"data: two") == 1
            assert end == "rst"
            assert (await seen.exchange()).error is None
            assert str((await seen.exchange()).error).startswith("timeout: ")
            assert seen.gates == Gates()

    asyncio.run(case())


def test_a_gate_that_stays_shut_ends_the_connection_and_says_so() -> None:
    script = Script(steps=(Send(b"a"), Gate("client-saw-it"), Send(b"b")))

    async def case() -> None:
        async with watched(script, gate_timeout_s=0.03) as (standin, seen):
            answer, end = await to_the_end(standin, GET)
            exchange = await seen.exchange()
            assert answer.endswith(b"\r\n\r\na")
            assert end == "rst"
            assert exchange.status == 200
            assert exchange.error == "timeout: gate 'client-saw-it' was not opened within 0.03 s"

    asyncio.run(case())


@pytest.mark.parametrize(
    ("before", "end", "error"),
    [
        pytest.param((Close(), Send(b"no")), "fin", "closed: by the script, after 0 bytes", id="close"),
        pytest.param((Pause(0.01), Reset()), "rst", "reset: by the script, after 0 bytes", id="reset"),
    ],
)
def test_an_end_before_the_head_sends_nothing(before: tuple[Step, ...], end: str, error: str) -> None:
    async def case() -> None:
        async with watched(Script(before=before, steps=(Send(b"never"),))) as (standin, seen):
            assert await to_the_end(standin, GET) == (b"", end)
            exchange = await seen.exchange()
            assert (exchange.response, exchange.error) == (None, error)

    asyncio.run(case())


@pytest.mark.parametrize(
    ("how", "end", "said"),
    [pytest.param("close", "fin", "closed", id="close"), pytest.param("reset", "rst", "reset", id="reset")],
)
@pytest.mark.parametrize("n_bytes", [0, 6, 8, 10, 14, 15], ids=lambda n_bytes: f"{n_bytes}-bytes")
def test_a_cut_falls_on_the_byte_that_was_named(
    how: Literal["close", "reset"], end: str, said: str, n_bytes: int
) -> None:
    async def case() -> None:
        async with watched(cut_after(json_answer(200, TEXT), n_bytes, how)) as (standin, seen):
            answer, ended = await to_the_end(standin, GET)
            head, _, body = answer.partition(b"\r\n\r\n")
            exchange = await seen.exchange()
            assert (body, ended) == (TEXT[:n_bytes], end)
            assert b"Content-Length: 15" in head
            assert exchange.response is not None
            assert exchange.response.body == body
            assert exchange.error == f"{said}: by the script, after {n_bytes} bytes"

    asyncio.run(case())


def test_a_cut_stream_never_gets_its_last_chunk() -> None:
    async def case() -> None:
        async with watched(cut_after(sse_answer(["ab", "cd"]), 13, "close")) as (standin, _):
            answer, end = await to_the_end(standin, GET)
            assert answer.endswith(b"\r\n\r\na\r\ndata: ab\n\n\r\n3\r\ndat\r\n")
            assert end == "fin"

    asyncio.run(case())


def test_a_close_is_a_fin_at_once_even_while_the_client_keeps_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "LINGER_S", 60)

    async def case() -> None:
        async with watched(Script(steps=(Send(b"a"), Close()))) as (standin, seen):
            answer, end = await to_the_end(standin, GET * 50_000)
            assert (answer[-1:], end) == (b"a", "fin")
            assert len(seen.arrivals) == 1

    asyncio.run(case())


@pytest.mark.parametrize("wait", [pytest.param(Gate("never"), id="gate"), pytest.param(Pause(60), id="pause")])
@pytest.mark.parametrize("end", ["close", "abort"])
def test_a_router_that_hangs_up_while_an_answer_waits_is_noticed_at_once(wait: Gate | Pause, end: str) -> None:
    async def case() -> None:
        async with watched(Script(steps=(Send(b"12345"), wait, Send(b"6")))) as (standin, seen):
            reader, writer = await asyncio.open_connection("127.0.0.1", standin.port)
            writer.write(GET)
            await reader.readuntil(b"12345")
            assert standin.busy == 1
            writer.close() if end == "close" else writer.transport.abort()
            exchange = await seen.exchange()
            assert exchange.error == "closed: the router hung up after 5 bytes"
            assert standin.busy == 0

    asyncio.run(case())


def test_a_router_that_hangs_up_within_a_large_send_is_noticed() -> None:
    async def case() -> None:
        async with watched(Script(steps=(Send(b"x" * 50_000_000),))) as (standin, seen):
            reader, writer = await asyncio.open_connection("127.0.0.1", standin.port)
            writer.write(GET)
            await reader.readexactly(1000)
            writer.transport.abort()
            assert (await seen.exchange()).error == "closed: the router hung up after 0 bytes"

    asyncio.run(case())


def test_a_client_that_only_closed_its_half_still_gets_its_answer() -> None:
    gates: list[Gates] = []

    def answer(_: Request) -> Script:
        gates[0].open("upstream", 1, "event-0")
        return sse_answer(["one", "two"], gates=True, done=False)

    async def case() -> None:
        async with watched(answer) as (standin, seen):
            gates.append(seen.gates)
            reader, writer = await asyncio.open_connection("127.0.0.1", standin.port)
            writer.write(GET)
            writer.write_eof()
            assert (await reader.read()).endswith(b"data: two\n\n\r\n0\r\n\r\n")
            assert (await seen.exchange()).error is None
            writer.transport.abort()

    asyncio.run(asyncio.wait_for(case(), 5))


def test_a_suite_that_was_held_up_itself_is_not_what_runs_out_a_patience() -> None:
    script = Script(steps=(Send(b"one"), Gate("seen", 0.2), Send(b"two")), framing="close")

    async def case() -> None:
        async with watched(script) as (standin, seen):
            reader, writer = await asyncio.open_connection("127.0.0.1", standin.port)
            writer.write(GET)
            await reader.readuntil(b"\r\n\r\n")
            time.sleep(0.4)  # noqa: ASYNC251 - as where a large body of another case is compared
            await reader.readexactly(3)
            for _ in range(10):  # the way through a router
                await asyncio.sleep(0)
            opened = now_ms()
            seen.gates.open("upstream", 1, "seen")
            await reader.read()
            writer.transport.abort()
            response = (await seen.exchange()).response
            assert response is not None
            assert [piece.data for piece in response.pieces] == [b"one", b"two"]
            assert response.pieces[1].t_ms >= opened

    asyncio.run(case())


def test_a_patience_that_runs_out_lets_the_answer_go_on() -> None:
    script = Script(steps=(Send(b"one"), Gate("seen", 0.1), Send(b"two"), Gate("other", 60.0), Send(b"three")))

    async def case() -> None:
        async with watched(script) as (standin, seen):
            came, _ = await to_the_end(standin, GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            assert came.endswith(b"onetwothree")
            response = (await seen.exchange()).response
            assert response is not None
            first, second, _ = response.pieces
            assert second.t_ms - first.t_ms >= 95

    asyncio.run(case())
