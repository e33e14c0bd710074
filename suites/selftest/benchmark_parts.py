"""The parts that carry a run, timed alone: the SSE reader, a stand-in, the comparison of JSON bodies."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Final

from kimi_conformance.exchange import Piece
from kimi_conformance.judge.json_diff import differences
from kimi_conformance.sse import read
from kimi_conformance.upstream import kimi
from kimi_conformance.upstream.gates import Gates
from kimi_conformance.upstream.server import StandIn

MB: Final = 1_000_000
PIECE: Final = 65_536
"""Bytes in a read, as a socket gives them."""
CLIENTS: Final = 32
ANSWERS: Final = 3200


def one_line() -> float:
    """MB/s of the SSE reader on a single line of 20 MB, read in usual pieces."""
    return _reading(b"data: " + b"x" * (20 * MB) + b"\n\n", PIECE, 1)


def small_events() -> float:
    """MB/s of the SSE reader on 10 MB of events as a model streams them."""
    chunk = {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"content": "twelve chars"}, "finish_reason": None}]}
    event = b"data: " + json.dumps(chunk).encode() + b"\n\n"
    count = 10 * MB // len(event)
    return _reading(event * count, PIECE, count)


def single_bytes() -> float:
    """MB/s of the SSE reader on 1 MB of such events that comes a byte at a time."""
    event = b"data: " + b"x" * 120 + b"\n\n"
    count = MB // len(event)
    return _reading(event * count, 1, count)


def _reading(stream: bytes, size: int, events: int) -> float:
    pieces = [Piece(0.0, stream[start : start + size]) for start in range(0, len(stream), size)]
    start = time.perf_counter()
    found = len(read(pieces).events)
    seconds = time.perf_counter() - start
    assert found == events
    return len(stream) / MB / seconds


def json_diff() -> float:
    """MB/s of the comparison of two equal bodies of 10 MB: a long history of short messages."""
    turn = {"role": "assistant", "content": "A word or two about the weather.", "tool_calls": [{"id": "call_1"}]}
    turns = 10 * MB // len(json.dumps(turn))
    body = json.dumps({"model": "kimi-k3", "temperature": 1, "messages": [turn] * turns})
    sent, seen = json.loads(body), json.loads(body)
    start = time.perf_counter()
    found = list(differences(sent, seen))
    seconds = time.perf_counter() - start
    assert not found
    return len(body) / MB / seconds


def answers() -> float:
    """Answers a second of one stand-in that plays Kimi, asked over 32 connections at once; both in this process."""
    return asyncio.run(_answers())


async def _answers() -> float:
    def ignored(*_: object) -> None:
        """Nobody looks at the exchanges."""

    stand_in = StandIn(
        "kimi",
        kimi.answerer(kimi.Config()),
        clock=time.perf_counter,
        on_arrival=ignored,
        on_done=ignored,
        gates=Gates(),
    )
    await stand_in.start()
    try:
        start = time.perf_counter()
        await asyncio.gather(*(_ask(stand_in.port, ANSWERS // CLIENTS) for _ in range(CLIENTS)))
        return ANSWERS / (time.perf_counter() - start)
    finally:
        await stand_in.stop()


async def _ask(port: int, times: int) -> None:
    """A client so bare that the time is the stand-in's."""
    body = b'{"model":"kimi-k3","messages":[{"role":"user","content":"Say ok."}]}'
    request = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(times):
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200 ")
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    writer.close()
