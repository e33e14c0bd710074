"""Drivers: the ways to reach a router, behind one protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kimi_conformance.exchange import Exchange, Request


class CannotStart(Exception):  # noqa: N818 - it names what happened
    """The router could not be started, or never became ready: it says nothing about conformance. Says why."""


class Driver(Protocol):
    """A router that is ready to be asked."""

    @property
    def base(self) -> str:
        """What stands before the paths of its surfaces, `http://127.0.0.1:PORT`."""

    async def send(self, request: Request) -> Exchange:
        """The exchange that came of `request`; a transport error is one, too, and so is a bound that ran out."""

    async def ended(self) -> str | None:
        """How the router's process ended, if it did. Asked after an error: the news is given a short while."""

    async def close(self) -> None:
        """End it, and leave nothing behind. May be called twice."""
