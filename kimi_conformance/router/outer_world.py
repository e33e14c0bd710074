"""What is beyond the stand-ins: the outer world, which refuses, and the hosts in it that are played."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.trip import LOOKUP
from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.router.names import Names
from kimi_conformance.router.outside import NOT_CAUGHT, OUTSIDE, World, proxied

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from kimi_conformance.router.interception import Interception
    from kimi_conformance.router.traffic import Traffic
    from kimi_conformance.upstream.server import StandIn

NAMES: Final = 100
"""A router that looks up more hosts than these is told of no more."""


@dataclass(slots=True)
class OuterWorld:
    """The outer world of one bench. `outside` refuses, `asked` counts the trips made through the router so far."""

    outside: StandIn
    hosts: Mapping[str, str]
    traffic: Traffic
    clock: Callable[[], float]
    asked: Callable[[], int]
    _interception: Interception | None = None
    _looked_up: dict[str, int] = field(default_factory=dict)
    """The hosts that were looked up and are not there, and how many trips there were when that was noted last."""

    async def start(self, played: Mapping[str, StandIn]) -> None:
        """Catch the calls of the hosts that the router has hard-coded, if there are any."""
        if not self.hosts:
            return
        # Only where it is wanted: reading the library of certificates takes longer than playing a hundred cases.
        from kimi_conformance.router.interception import Interception  # noqa: PLC0415

        hosts = {host: played[name] for host, name in self.hosts.items()}
        self._interception = Interception(hosts, self.outside, self._not_caught)
        await self._interception.start()

    async def stop(self) -> None:
        """Catch nothing any more."""
        if self._interception:
            await self._interception.stop()

    def world(self, scratch: Path, stand_ins: Sequence[StandIn]) -> World:
        """How a new router's environment leads to the outer world: to where it is refused, or played."""
        if self._interception is None:
            return World(proxied(self.outside.url))
        proxy = f"http://127.0.0.1:{self._interception.proxy}"
        env = proxied(proxy) | self._interception.environment(scratch)
        hosts = tuple(self.hosts)
        self._looked_up.clear()
        return World(env, hosts, self._interception.doors(stand_ins), Names(hosts, self._no_such_name))

    def _not_caught(self, host: str, why: str) -> None:
        """A call of the outer world, which ended before it was a request."""
        self._note(Request("CONNECT", f"{host}:443"), why)

    def _no_such_name(self, host: str) -> None:
        """A call of the outer world, which ended as its host was looked up.

        One call has many questions (IPv4, IPv6, again): they are noted once, until the next trip begins.
        """
        known = host in self._looked_up or len(self._looked_up) < NAMES
        if known and self._looked_up.get(host) != self.asked():
            self._looked_up[host] = self.asked()
            self._note(Request(LOOKUP, host), "there is no such host")

    def _note(self, called: Request, why: str) -> None:
        now = self.clock()
        self.traffic.done(OUTSIDE, 0, Exchange(called, None, f"{NOT_CAUGHT}: {why}", now, now))
