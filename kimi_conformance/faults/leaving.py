"""Faults of a router whose client leaves in the middle of a stream, and whose upstream works on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.answers import is_stream
from kimi_conformance.faults.fault import fault, itself
from kimi_conformance.reference.upstream import UpstreamError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Outgoing, Reply

CANCEL: Final = "router.stream.cancel-reaches-upstream"


@fault("stream.reads-on-for-nobody", itself, CANCEL)
def reads_on_for_nobody(steps: Steps) -> Steps:
    """The answer is read to its end in the background, whether its client is there or not."""
    reading: set[asyncio.Task[None]] = set()

    async def read(answer: Reply, into: asyncio.Queue[bytes | UpstreamError | None]) -> None:
        try:
            async for piece in answer.pieces:
                into.put_nowait(piece)
            into.put_nowait(None)
        except UpstreamError as error:
            into.put_nowait(error)
        finally:
            answer.close()

    async def out_of(queue: asyncio.Queue[bytes | UpstreamError | None]) -> AsyncIterator[bytes]:
        while (piece := await queue.get()) is not None:
            if isinstance(piece, UpstreamError):
                raise piece
            yield piece

    async def call(outgoing: Outgoing) -> Reply:
        answer = await steps.call(outgoing)
        queue: asyncio.Queue[bytes | UpstreamError | None] = asyncio.Queue()
        task = asyncio.ensure_future(read(answer, queue))
        reading.add(task)
        task.add_done_callback(reading.discard)
        return replace(answer, pieces=out_of(queue), close=lambda: None)

    return replace(steps, call=call)


@fault("stream.drained-for-its-connection", itself, CANCEL)
def drained_for_its_connection(steps: Steps) -> Steps:
    """Of a stream that nobody wants any more the rest is read and thrown away, to use its connection again."""
    draining: set[asyncio.Task[None]] = set()

    async def drain(answer: Reply, reading: list[asyncio.Future[bytes]]) -> None:
        try:
            await asyncio.gather(*reading, return_exceptions=True)
            async for _ in answer.pieces:
                pass
        except UpstreamError:
            pass
        finally:
            answer.close()

    async def passed(pieces: AsyncIterator[bytes], reading: list[asyncio.Future[bytes]]) -> AsyncIterator[bytes]:
        while True:
            reading[:] = [asyncio.ensure_future(anext(pieces))]
            try:
                piece = await asyncio.shield(reading[0])
            except StopAsyncIteration:
                return
            yield piece

    async def call(outgoing: Outgoing) -> Reply:
        answer = await steps.call(outgoing)
        if not is_stream(answer):
            return answer
        reading: list[asyncio.Future[bytes]] = []

        def close() -> None:
            task = asyncio.ensure_future(drain(answer, reading))
            draining.add(task)
            task.add_done_callback(draining.discard)

        return replace(answer, pieces=passed(answer.pieces, reading), close=close)

    return replace(steps, call=call)
