"""A router that answers by itself, told apart from one that answers wrong: it may be resting after an earlier error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Play, Trip

COOLDOWN: Final = "router answered without calling an upstream: cooldown?"

HINT: Final = "`isolation: fresh` in the profile gives each disturbing case a new router"

RESTING: Final = frozenset({401, 403, 408, 425, 429, *range(500, 600)})
"""What a resting router says: the upstream's last error again, or that nobody is there. 400 or 404 is its own word."""


def unasked(trip: Trip) -> str:
    """What to say of a trip that reached no upstream."""
    return COOLDOWN if rested(trip) else "no upstream was called"


def rested(trip: Trip) -> bool:
    """Whether the router gave an answer of its own, of the kind that a breaker or a cooldown gives."""
    return not trip.arrivals and trip.decision is None and not trip.ask.listing and trip.client.status in RESTING


def may_have_rested(play: Play) -> bool:
    """Whether anything of the play looks like a cooldown."""
    return any(map(rested, play.trips))
