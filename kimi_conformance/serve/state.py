"""What a served Kimi remembers: uploaded files, recent requests of a key, prompts it has seen."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file."""

    id: str
    name: str
    purpose: str
    created: int
    data: bytes


@dataclass(slots=True)
class State:
    """`clock` gives Unix time in seconds. Files, requests and prompts belong to a key."""

    clock: Callable[[], float]
    files: defaultdict[str, dict[str, File]] = field(default_factory=lambda: defaultdict(dict))
    _recent: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _prompts: set[tuple[str, bytes]] = field(default_factory=set)

    def within(self, key: str, rpm: int) -> bool:
        """Whether one more request of `key` keeps to `rpm` in the last minute; if so, it counts."""
        recent, now = self._recent[key], self.clock()
        while recent and recent[0] <= now - MINUTE_S:
            recent.popleft()
        if len(recent) >= rpm:
            return False
        recent.append(now)
        return True

    def seen(self, key: str, prompt: bytes) -> bool:
        """Whether `key` has sent this prompt before; from now on it has."""
        known = (key, prompt) in self._prompts
        self._prompts.add((key, prompt))
        return known
