"""What a live run of a router's cases would come to: calls, minutes, and the most that they can cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kimi_conformance.api.forecast import ANSWER_S, PROMPT
from kimi_conformance.oracle import meant
from kimi_conformance.router.outlook import TOKENS

if TYPE_CHECKING:
    from kimi_conformance.contract.catalogue import Catalogue
    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.router.outlook import Outlook

BYTES_A_TOKEN: Final = 3
"""Fewer than any text of ours has: the price is the most."""


@dataclass(frozen=True, slots=True)
class Cost:
    """`usd` by the catalogue's prices; `unpriced` counts the calls of models that have none there, such as Claude's."""

    calls: int
    minutes: float
    usd: float
    unpriced: int

    @property
    def says(self) -> str:
        """In a line."""
        priced = f"at most {self.usd:.2f} USD"
        if self.unpriced:
            priced += f", and {self.unpriced} calls of models without a known price"
        return f"{self.calls} calls, about {max(1, round(self.minutes))} min, {priced}"


def cost_of(seen: Outlook, profile: Profile, catalogue: Catalogue, *, pace_s: float) -> Cost:
    """What the calls of an outlook cost. A router that retries makes more of them, up to the cap."""
    prices = [_most_usd(ask, profile, catalogue) for ask in seen.asks]
    return Cost(
        calls=len(seen.asks),
        minutes=len(seen.asks) * max(pace_s, ANSWER_S) / 60,
        usd=sum(price for price in prices if price is not None),
        unpriced=prices.count(None),
    )


def _most_usd(ask: Ask, profile: Profile, catalogue: Catalogue) -> float | None:
    if ask.listing:
        return 0.0
    model = catalogue.find(meant(profile, ask.model.value)) if isinstance(ask.model.value, str) else None
    if model is None or model.price is None:
        return None
    prompt = PROMPT + len(str(dict(ask.members))) // BYTES_A_TOKEN
    return (prompt * model.price.miss + TOKENS * model.price.out) / 1_000_000
