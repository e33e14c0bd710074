"""What the other side does during an ask, where it is not simply healthy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HEALTHY: Final = "healthy"
REFUSED: Final = "refused"
"""Nobody listens: the one act that is no answer."""

TOKEN_CHARS: Final = 12


@dataclass(frozen=True, slots=True)
class Scene:
    """Which act each stand-in plays during one ask; acts are named as in `kimi_conformance.upstream.acts`.

    `acts` are those of the expected destination, attempt by attempt; the last one stays. `others` is what every other
    destination does, that of a fallback among them. `ledger` and `webhook` are for those two.
    """

    acts: tuple[str, ...] = (HEALTHY,)
    others: str = HEALTHY
    ledger: str = HEALTHY
    webhook: str = HEALTHY

    def act(self, attempt: int) -> str:
        """What the expected destination does at an attempt, counted from 0."""
        return self.acts[min(attempt, len(self.acts) - 1)]


PLAIN: Final = Scene()


def token(mark: str, number: int) -> str:
    """A word that only the stream of this trip says, and only once: what was seen, and whose it is, can be told.

    12 characters, as many as a stand-in puts into one piece of a stream, so each goes out in an event of its own.
    """
    return f"{serial_of(mark)}-{number:03d} "


def serial_of(mark: str) -> str:
    """The digits by which the tokens of a trip are told from those of every other trip."""
    return mark[-7:]
