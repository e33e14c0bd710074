"""The response to one request while it arrives, over a socket or from an application, and how waiting for it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from kimi_conformance.exchange import TOO_MUCH, Exchange, Headers, Piece, Request, Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

Clock: TypeAlias = Callable[[], float]
"""Milliseconds since the start of the case."""
OnPiece: TypeAlias = Callable[[Piece], None]

MOST_MB: Final = 8
"""A longer answer is read no further: no completion is, and some routers never come to an end."""

KEPT_BYTES: Final = 64 * 1024
"""So much is kept of an answer that was too long: many of them must fit into memory."""

SENT_TOO_MUCH: Final = f"{TOO_MUCH}{MOST_MB} MB"

GIVEN_UP: Final = "closed: this side gave up"


class Arriving:
    """The response to a request while it arrives, timed by `clock`; `on_piece` sees each piece at once."""

    def __init__(self, request: Request, clock: Clock, on_piece: OnPiece | None = None) -> None:
        self._request = request
        self._clock = clock
        self._on_piece = on_piece
        self._start_ms = clock()
        self._head: Response | None = None
        self._pieces: list[Piece] = []
        self._bytes = 0

    @property
    def begun(self) -> bool:
        """Whether the head is there."""
        return self._head is not None

    @property
    def too_much(self) -> bool:
        """Whether the body is longer than any may be."""
        return self._bytes > MOST_MB * 1_000_000

    def head(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Takes the head, complete now."""
        decoded: Headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
        self._head = Response(status, decoded, t_ms=self._clock())

    def piece(self, data: bytes) -> None:
        """Takes a piece of the body. No bytes are no piece."""
        if data:
            piece = Piece(self._clock(), data)
            self._bytes += len(data)
            self._pieces.append(piece)
            if self.too_much:
                self._pieces = _beginning(self._pieces)
            if self._on_piece:
                self._on_piece(piece)

    def exchange(self, error: str | None) -> Exchange:
        """What has arrived, ended by `error` or whole."""
        response = self._head and replace(self._head, pieces=tuple(self._pieces))
        return Exchange(self._request, response, error, self._start_ms, self._clock())

    async def settle(
        self, work: Awaitable[str | None], *, timeout_s: float, give_up: asyncio.Event | None = None
    ) -> Exchange:
        """The exchange once `work` is done, which returns the error; cancels it after `timeout_s` or on `give_up`."""
        try:
            async with asyncio.timeout(timeout_s) as bound:
                watch = asyncio.create_task(_expire(bound, give_up)) if give_up else None
                try:
                    return self.exchange(await work)
                finally:
                    if watch:
                        watch.cancel()
        except TimeoutError:
            if give_up and give_up.is_set():
                return self.exchange(GIVEN_UP)
            late = "the answer was not whole after" if self.begun else "no answer within"
            return self.exchange(f"timeout: {late} {timeout_s:g} s")


def _beginning(pieces: list[Piece]) -> list[Piece]:
    """The first `KEPT_BYTES` of `pieces`."""
    left = KEPT_BYTES
    kept: list[Piece] = []
    for piece in pieces:
        if left <= 0:
            break
        kept.append(replace(piece, data=piece.data[:left]))
        left -= len(piece.data)
    return kept


async def _expire(bound: asyncio.Timeout, give_up: asyncio.Event) -> None:
    """Lets `bound` run out as soon as `give_up` is set."""
    await give_up.wait()
    if not bound.expired():
        bound.reschedule(asyncio.get_running_loop().time())
