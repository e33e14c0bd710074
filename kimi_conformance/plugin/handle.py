"""The `router` fixture: one router between its stand-ins, asked from a plain test."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.trip import ABSENT, Arrival, Ask, Named, Trip
from kimi_conformance.router.driver import CannotStart
from kimi_conformance.router.run import Run
from kimi_conformance.upstream.server import PortTaken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from kimi_conformance.contract.reach import Surface
    from kimi_conformance.exchange import Exchange, Request
    from kimi_conformance.router.plan import Plan
    from kimi_conformance.upstream.script import Script


class Asked:
    """What became of one question: `client` is the client's leg, `upstream` the router's (last) call of a model."""

    def __init__(self, trip: Trip) -> None:
        self.trip = trip
        self.client: Exchange = trip.client
        self.arrivals: tuple[Arrival, ...] = trip.arrivals

    @property
    def upstream(self) -> Exchange:
        """The exchange at the upstream. Raises `LookupError` where none was called."""
        if not self.arrivals:
            raise LookupError("no upstream was called")
        return self.arrivals[-1].exchange


class RouterHandle:
    """A router that tests may ask."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    @contextmanager
    def opened(cls, plan: Plan, tools: Path) -> Iterator[RouterHandle]:
        """A handle on a router that is started first, and ended afterwards."""
        run = Run(plan, tools=tools)
        try:
            try:
                run.open()
            except (CannotStart, PortTaken) as error:
                pytest.fail(f"infra-error: {error}", pytrace=False)
            yield cls(run)
        finally:
            run.close()

    def ask(
        self,
        *,
        model: Any = ABSENT,
        agent: str | None = None,
        surface: Surface = "chat",
        stream: bool = False,
        members: Mapping[str, Any] | None = None,
        play: Script | Callable[[Request], Script] | None = None,
    ) -> Asked:
        """One trip. `members` are further members of the body; `play` is what the upstream answers (default: 200).

        The upstream's answer is `play` for this trip only, at whichever upstream it arrives.
        """
        named = Named("agent", ABSENT if agent is None else agent)
        asked = Ask(Named("model", model), surface, named, stream=stream, members=members or {})
        return Asked(self._run.trip(asked, play))
