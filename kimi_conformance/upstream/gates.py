"""The gates that answers wait at: opened by the player, kept per arrival."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Gates:
    """The gates of all arrivals under way, told apart by stand-in, serial and name."""

    _open: dict[tuple[str, int], defaultdict[str, asyncio.Event]] = field(default_factory=dict)

    def enter(self, standin: str, serial: int) -> None:
        """An arrival is under way: from now on its gates can be opened, ahead of the answer too."""
        self._open[standin, serial] = defaultdict(asyncio.Event)

    def leave(self, standin: str, serial: int) -> None:
        """The arrival is over."""
        del self._open[standin, serial]

    def open(self, standin: str, serial: int, name: str) -> None:
        """Let that arrival's answer pass the gate. An arrival that is over has none: nothing happens."""
        if (standin, serial) in self._open:
            self._open[standin, serial][name].set()

    def gate(self, standin: str, serial: int, name: str) -> asyncio.Event:
        """Set as soon as the gate is open. Raises `KeyError` for an arrival that is not under way."""
        return self._open[standin, serial][name]
