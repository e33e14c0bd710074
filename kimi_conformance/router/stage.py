"""The stage: which act a stand-in plays for a request, by the ask that it belongs to, and what the client has seen."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kimi_conformance.contract.scene import HEALTHY, REFUSED, serial_of
from kimi_conformance.contract.trip import Arrival
from kimi_conformance.exchange import Exchange
from kimi_conformance.judge.destination import routes_of, same_destination
from kimi_conformance.oracle import Routed, expect

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.scene import Scene
    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.exchange import Piece, Request


@dataclass(slots=True)
class _On:
    """An ask that is being played: its scene, the route that it must take, and how often each side was asked."""

    scene: Scene
    route: str | None
    attempts: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Stage:
    """The asks that are being played, by mark. `profile` has its placeholders filled in."""

    profile: Profile
    _on: dict[str, _On] = field(default_factory=dict)
    _latest: str = ""

    def enter(self, mark: str, ask: Ask) -> None:
        """`ask` is played under `mark` from now on."""
        expected = expect(self.profile, ask.agent.value, ask.model.value)
        self._latest = mark
        self._on[mark] = _On(ask.scene, expected.route if isinstance(expected, Routed) else None)

    def act(self, upstream: str, mark: str | None, request: Request, *, later: bool = False) -> tuple[str, int]:
        """The act for a request, and how many of this ask came to the same side before it.

        `later`: a gateway calls another target of its config by now, which is no more the expected destination. What a
        ledger or webhook gets without a mark is the doing of the latest ask: such cases are played alone.
        """
        on = self._on.get(mark or (self._latest if upstream in self._asides() else ""))
        if on is None:
            return HEALTHY, 0
        side = self._side(upstream, on, request)
        if later and side == "expected":
            side = "other"
        attempt = on.attempts[side]
        on.attempts[side] += 1
        match side:
            case "expected":
                return on.scene.act(attempt), attempt
            case "ledger":
                return on.scene.ledger, attempt
            case "webhook":
                return on.scene.webhook, attempt
            case _:
                return on.scene.others, attempt

    def deaf(self, mark: str) -> frozenset[str]:
        """The upstreams at which nobody listens while this ask is played."""
        on = self._on[mark]
        deaf: set[str] = set()
        if on.route and REFUSED in on.scene.acts:
            deaf.add(self.profile.routes[on.route].upstream)
        ledger, alerts = self.profile.ledger, self.profile.alerts
        if on.scene.ledger == REFUSED and ledger and ledger.postgrest:
            deaf.add(ledger.postgrest.upstream)
        if on.scene.webhook == REFUSED and alerts:
            deaf.add(alerts.upstream)
        return frozenset(deaf)

    def _asides(self) -> frozenset[str]:
        """The ledger and the webhook."""
        ledger, alerts = self.profile.ledger, self.profile.alerts
        rows = ledger.postgrest.upstream if ledger and ledger.postgrest else None
        return frozenset(name for name in (rows, alerts.upstream if alerts else None) if name)

    def _side(self, upstream: str, on: _On, request: Request) -> str:
        ledger, alerts = self.profile.ledger, self.profile.alerts
        if ledger and ledger.postgrest and upstream == ledger.postgrest.upstream:
            return "ledger"
        if alerts and upstream == alerts.upstream:
            return "webhook"
        taken = routes_of(Arrival(upstream, Exchange(request), 0.0), self.profile)
        mine = on.route is not None and any(same_destination(on.route, route, self.profile) for route in taken)
        return "expected" if mine else "other"


class Watching:
    """A client that tells which words of its own stream it has seen, and that may leave at the first."""

    def __init__(self, mark: str, seen: Callable[[int], None], leave: asyncio.Event | None) -> None:
        self._word = re.compile(serial_of(mark).encode() + rb"-(\d{3})")
        self._tail = b""
        self._seen = seen
        self._leave = leave

    def __call__(self, piece: Piece) -> None:
        """Looks at a piece; a word may have begun in the one before."""
        data = self._tail + piece.data
        for word in self._word.finditer(data):
            self._seen(int(word[1]))
            if self._leave:
                self._leave.set()
        self._tail = data[-11:]
