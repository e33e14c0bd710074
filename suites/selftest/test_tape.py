"""The tape: what it records it plays again, piece by piece, at its times, cut where it was cut."""

from __future__ import annotations

import asyncio
import gzip
from types import SimpleNamespace
from typing import TYPE_CHECKING

import httpx
import pytest
from vcr.errors import CannotOverwriteExistingCassetteException

from kimi_conformance.cassette import tape
from kimi_conformance.cassette.capture import capture
from kimi_conformance.cassette.shelf import load, provenances
from suites.selftest.socket_server import CHUNKED, OK, request_of, reset, saying
from suites.selftest.taping import MODELLED, ask, by_stock_vcrpy, during, played, question, recorded

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.exchange import Exchange

FIRST = 'data: {"delta":"你好 👋"}\n\n'.encode()
SECOND = b"data: [DONE]\n\n"
END = b"0\r\n\r\n"
NOT_FOUND = b'{"error":{"message":"Not found the model x","type":"resource_not_found_error"}}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "area" / "call.yaml"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def data_of(exchange: Exchange) -> list[bytes]:
    assert exchange.response is not None
    return [piece.data for piece in exchange.response.pieces]


def test_a_stream_reaches_the_caller_piece_by_piece_while_it_is_recorded_and_is_played_at_its_times(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(tape, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    opened = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def second_only_after_the_first_was_read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loops.append(asyncio.get_running_loop())
        await request_of(reader)
        writer.write(CHUNKED + chunk(FIRST))
        await opened.wait()
        writer.write(chunk(SECOND) + END)

    def use(client: httpx.Client) -> list[bytes]:
        seen = []
        with client.stream("POST", question().url, headers=question().headers, content=question().read()) as response:
            for piece in response.iter_raw():
                seen.append(piece)
                clock[0] += 2.5
                loops[0].call_soon_threadsafe(opened.set)
        return seen

    live = during(second_only_after_the_first_was_read, lambda base: ask(path, base, use))
    again = played(path).response
    assert live == [FIRST, SECOND]
    assert again is not None
    assert [(piece.t_ms, piece.data) for piece in again.pieces] == [(0.0, FIRST), (2500.0, SECOND)]
    assert played(path).end_ms == 5000.0


def test_a_stream_that_is_cut_is_cut_again_after_the_same_bytes(path: Path) -> None:
    live = recorded(path, saying(CHUNKED + chunk(FIRST), b"ff\r\nhalf of it"))
    again = played(path)
    assert b"".join(data_of(live)) == FIRST + b"half of it"
    assert data_of(again) == data_of(live)
    assert live.error is not None
    assert live.error.startswith("closed: ")
    assert again.error == live.error


def test_a_reset_is_played_as_a_reset(path: Path) -> None:
    read = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loops.append(asyncio.get_running_loop())
        await request_of(reader)
        writer.write(CHUNKED + chunk(FIRST))
        await read.wait()
        reset(writer)

    def use(client: httpx.Client) -> str:
        with client.stream("POST", question().url, headers=question().headers, content=question().read()) as response:
            try:
                for _ in response.iter_raw():
                    loops[0].call_soon_threadsafe(read.set)
            except httpx.ReadError as error:
                return str(error)
        return "it was not cut"

    said = during(handle, lambda base: ask(path, base, use))
    again = played(path)
    assert data_of(again) == [FIRST]
    assert again.error == f"reset: {said}"


def test_a_404_is_recorded_as_it_came_with_where_it_comes_from(path: Path) -> None:
    head = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(NOT_FOUND)
    live = recorded(path, saying(head + NOT_FOUND))
    again = played(path)
    assert (again.status, data_of(again)) == (live.status, data_of(live)) == (404, [NOT_FOUND])
    assert provenances(path) == (MODELLED,)


def test_a_compressed_answer_stays_compressed(path: Path) -> None:
    packed = gzip.compress(NOT_FOUND)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    recorded(path, saying(head + packed))
    assert b"".join(data_of(played(path))) == packed
    assert "!!binary" in path.read_text(encoding="utf-8")
    assert by_stock_vcrpy(path, question()).content == NOT_FOUND


def test_a_header_that_came_twice_is_played_twice(path: Path) -> None:
    recorded(path, saying(OK.replace(b"\r\n\r\n", b"\r\nVary: Origin\r\nVary: Accept\r\n\r\n")))
    response = played(path).response
    assert response is not None
    assert [value for name, value in response.headers if name.lower() == "vary"] == ["Origin", "Accept"]


@pytest.mark.parametrize("cut", [False, True])
def test_stock_vcrpy_opens_a_recorded_stream(path: Path, *, cut: bool) -> None:
    recorded(path, saying(CHUNKED + chunk(FIRST), chunk(SECOND), b"" if cut else END))
    assert by_stock_vcrpy(path, question()).content == FIRST + SECOND


def test_an_answer_that_the_caller_leaves_before_its_end_is_not_written_down(path: Path) -> None:
    def leave(client: httpx.Client) -> bytes:
        with client.stream("POST", question().url, headers=question().headers, content=question().read()) as response:
            return next(response.iter_raw())

    begun = during(saying(CHUNKED + chunk(FIRST)), lambda base: ask(path, base, leave))
    assert begun == FIRST
    assert not path.exists()


def test_nothing_is_written_where_nobody_answers(path: Path) -> None:
    exchange: Exchange = ask(path, "http://127.0.0.1:1", lambda client: capture(client, question())[0])
    assert exchange.error is not None
    assert exchange.error.startswith("refused: ")
    assert not path.exists()


def test_of_a_request_only_what_tells_answers_apart_is_written_down(path: Path) -> None:
    recorded(path, saying(OK), question(**{"user-agent": "somebody", "cookie": "session=1"}))
    [asked] = load(path).requests
    assert sorted(asked.headers) == ["authorization", "content-type"]


def test_a_request_that_was_never_recorded_is_not_sent(path: Path) -> None:
    recorded(path, saying(OK))
    with pytest.raises(CannotOverwriteExistingCassetteException):
        played(path, question(b'{"model":"kimi-k2.6"}'))
