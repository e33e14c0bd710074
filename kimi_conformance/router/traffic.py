"""Traffic at the stand-ins: every arrival, filed under the mark that its request carries."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.trip import Arrival
from kimi_conformance.router.outside import OUTSIDE, host_of
from kimi_conformance.upstream.acts.aside import ANSWERED
from kimi_conformance.upstream.gates import Gates

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.contract.trip import Attempt
    from kimi_conformance.exchange import Exchange, Request
    from kimi_conformance.upstream.script import Script

QUIET_S: Final = 0.03
"""After so long without traffic nothing more is expected of a router that has answered."""

LOOKS: Final = 3

SETTLE_S: Final = 4.0
"""Longer than the longest stream of a stand-in: one that its router reads on for nobody is seen to its end."""


class Marks:
    """Makes the marks of one run, `kc7f3a2bx0000017`: letters and digits only, so that they survive every encoding."""

    def __init__(self) -> None:
        self._run = f"kc{secrets.token_hex(3)}x"
        self._made = 0
        self._pattern = re.compile(re.escape(self._run).encode() + rb"\d{7}")

    def make(self) -> str:
        """A mark that was never made before."""
        self._made += 1
        return f"{self._run}{self._made:07d}"

    def find(self, request: Request) -> str | None:
        """The mark that `request` carries: in its body, else in its headers or URL."""
        found = self._pattern.search(request.body)
        if found is None:
            rest = "\n".join([request.url, *(value for _, value in request.headers)])
            found = self._pattern.search(rest.encode("utf-8", "surrogateescape"))
        return found[0].decode() if found else None


@dataclass(slots=True)
class Traffic:
    """What arrived where. `models` names the upstreams that serve models, `webhook` the one that gets alerts."""

    marks: Marks
    models: frozenset[str]
    webhook: str | None = None
    gates: Gates = field(default_factory=Gates)
    heard: list[tuple[str | None, Arrival]] = field(default_factory=list)
    """All that came to any stand-in, with the mark that it carries."""
    strays: list[Arrival] = field(default_factory=list)
    unmarked: list[Arrival] = field(default_factory=list)
    """What came to a ledger or a webhook without a mark."""
    scripts: dict[str, Script | Callable[[Request], Script]] = field(default_factory=dict)
    """What the upstreams answer to a mark, where that is not their usual answer."""
    _open: dict[tuple[str, int], float] = field(default_factory=dict)
    _arrivals: dict[str, list[Arrival]] = field(default_factory=dict)
    _side: dict[str, list[Arrival]] = field(default_factory=dict)
    _under_way: dict[str, tuple[str, int]] = field(default_factory=dict)
    _tried: dict[int, tuple[Request, tuple[Attempt, ...]]] = field(default_factory=dict)
    """What a gateway tried for the requests that are open there, by the identity of each."""
    _waiting: set[str] = field(default_factory=set)
    _held: dict[str | None, list[tuple[str, int]]] = field(default_factory=dict)
    """What came to a ledger or a webhook while a client waits, by mark: its answer may be held for so long."""
    _alarmed_ms: float = -1.0
    _moved: int = 0

    def arrived(self, upstream: str, serial: int, request: Request, t_ms: float) -> None:
        """A request is whole at `upstream`."""
        self._open[upstream, serial] = t_ms
        self._moved += 1
        mark = self.marks.find(request)
        if upstream in self.models:
            if mark:
                self._under_way[mark] = (upstream, serial)
            return
        if upstream == self.webhook:
            self._alarmed_ms = t_ms
        self._held.setdefault(mark, []).append((upstream, serial))
        if mark not in self._waiting and (mark or not self._waiting):
            self._let_go(mark)

    def asked(self, mark: str) -> None:
        """The client of `mark` waits for its answer from now on."""
        self._waiting.add(mark)

    def answered(self, mark: str) -> None:
        """It waits no longer: what was held at a ledger or a webhook for so long is let go."""
        self._waiting.discard(mark)
        self._let_go(mark)
        if not self._waiting:
            self._let_go(None)

    def _let_go(self, mark: str | None) -> None:
        for upstream, serial in self._held.pop(mark, ()):
            self.gates.open(upstream, serial, ANSWERED)

    def tried(self, request: Request, attempts: tuple[Attempt, ...]) -> None:
        """A gateway called its providers so often for a request that is open there."""
        self._tried[id(request)] = (request, attempts)

    def done(self, upstream: str, serial: int, exchange: Exchange) -> None:
        """An exchange is over: file it. One that carries no mark is a stray, if it asks a model to work."""
        t_ms = self._open.pop((upstream, serial), exchange.start_ms)
        self._moved += 1
        named = f"{OUTSIDE}: {host_of(exchange.request)}" if upstream == OUTSIDE else upstream
        _, attempts = self._tried.pop(id(exchange.request), (None, ()))
        arrival = Arrival(named, exchange, t_ms, attempts)
        mark = self.marks.find(exchange.request)
        self.heard.append((mark, arrival))
        if upstream == OUTSIDE:
            self.strays.append(arrival)
        elif upstream in self.models:
            if mark:
                self._arrivals.setdefault(mark, []).append(arrival)
            elif exchange.request.method == "POST":
                self.strays.append(arrival)
        else:
            (self._side.setdefault(mark, []) if mark else self.unmarked).append(arrival)

    def arrivals(self, mark: str) -> tuple[Arrival, ...]:
        """What arrived under `mark`, in the order of arrival."""
        return tuple(sorted(self._arrivals.get(mark, ()), key=lambda arrival: arrival.t_ms))

    def side(self, mark: str) -> tuple[Arrival, ...]:
        """The requests at ledgers and webhooks under `mark`."""
        return tuple(sorted(self._side.get(mark, ()), key=lambda arrival: arrival.t_ms))

    def under_way(self, mark: str) -> tuple[str, int] | None:
        """The stand-in and the serial of the latest request of a model under `mark`."""
        return self._under_way.get(mark)

    def take_unmarked(self) -> tuple[Arrival, ...]:
        """What came to ledgers and webhooks without a mark so far, which is then somebody's."""
        taken = tuple(self.unmarked)
        self.unmarked.clear()
        return taken

    def take_strays(self) -> tuple[Arrival, ...]:
        """The strays so far, which are then somebody's."""
        taken = tuple(self.strays)
        self.strays.clear()
        return taken

    async def settle(self) -> None:
        """Wait until no request is open and nothing came for `QUIET_S`; `SETTLE_S` at the most.

        Looks are counted, and not the time: a busy machine may leave us no moment to see what came meanwhile.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + SETTLE_S
        quiet = 0
        while loop.time() < end and quiet < LOOKS:
            moved = self._moved
            await asyncio.sleep(QUIET_S / LOOKS)
            quiet = quiet + 1 if self._moved == moved and not self._open else 0

    async def alarm_since(self, t_ms: float, within_s: float) -> None:
        """Wait until something has come to the webhook since `t_ms`; `within_s` at the most."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within_s
        while loop.time() < end and self._alarmed_ms < t_ms:  # noqa: ASYNC110 - it may come at any time
            await asyncio.sleep(QUIET_S / LOOKS)
