"""Limits: the three 429s, told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.call import Case, each
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.material import Material

HELLO = "chat/kimi-k3-hello"
LIMITED = ("limits/rpm", "limits/overload", "limits/quota-suspended", "limits/messages-rate", "limits/quota-drained")


@cases_of("api.limits.quota-429")
def quota_429(m: Material) -> Iterator[Case]:
    """An account without funds: one that was published, and one of our own; a funded one is served."""
    yield from each(m.named("limits/quota-suspended", "limits/quota-drained"), m[HELLO])


@cases_of("api.limits.rate-429")
def rate_429(m: Material) -> Iterator[Case]:
    """Too many requests a minute, on either face."""
    yield from each(m.named("limits/rpm", "limits/messages-rate"), m[HELLO])


@cases_of("api.limits.overload-429", "api.limits.no-retry-after-on-overload")
def overload_429(m: Material) -> Iterator[Case]:
    """An engine that is overloaded."""
    yield from each(m.named("limits/overload"), m[HELLO])


@cases_of("api.limits.429-types")
def types_of_429(m: Material) -> Iterator[Case]:
    """Every 429 that there is."""
    yield from each(m.named(*LIMITED), m[HELLO])


@cases_of("api.limits.retry-after-on-rate", "api.limits.cooldown-headers", "api.limits.wording")
def retry_after_on_rate(m: Material) -> Iterator[Case]:
    """The one with its headers kept."""
    yield from each(m.named("limits/rpm"), m[HELLO])


@cases_of("api.limits.no-budget-headers")
def no_budget_headers(m: Material) -> Iterator[Case]:
    """An answer, and a 429."""
    yield from each(m.named(HELLO), itself=True)
    yield from each(m.named("limits/rpm"), m[HELLO])
