"""Drivers: the ways to reach a router, behind one protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

    from kimi_conformance.exchange import Exchange, Request
    from kimi_conformance.router.arriving import OnPiece


Dial: TypeAlias = "Callable[..., Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]"
"""Makes a connection, as `asyncio.open_connection` does: from a host, a port and what TLS needs."""


class CannotStart(Exception):
    """The router could not be started, or never became ready: it says nothing about conformance. Says why."""


class Driver(Protocol):
    """A router that is ready to be asked."""

    @property
    def base(self) -> str:
        """What stands before the paths of its surfaces, `http://127.0.0.1:PORT`."""

    async def send(
        self,
        request: Request,
        *,
        on_piece: OnPiece | None = None,
        give_up: asyncio.Event | None = None,
        within_s: float | None = None,
    ) -> Exchange:
        """The exchange that came of `request`; a transport error is one, too, and so is a bound that ran out.

        `on_piece` sees the answer as it comes; `give_up` makes the client leave. `within_s` is how long it waits, where
        that is not the profile's bound.
        """

    async def ended(self) -> str | None:
        """How the router's process ended, if it did. Asked after an error: the news is given a short while."""

    def output(self) -> bytes | None:
        """What its process has written so far, within bounds; None where that is not ours to see."""

    async def close(self) -> None:
        """End it, and leave nothing behind. May be called twice."""
