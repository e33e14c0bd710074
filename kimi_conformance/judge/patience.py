"""How long a client must be ready to wait: as long as the router may rightly take for an ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import PLAIN
from kimi_conformance.oracle import Routed, expect

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile, Route
    from kimi_conformance.contract.trip import Ask

SLACK_S: Final = 2.0
"""A router that keeps its bound to the second answers a little later, on a busy machine later still."""


def patience_s(ask: Ask, profile: Profile) -> float:
    """The profile's bound; where an upstream is ill, once for every attempt that it promises, and all pauses."""
    limits = profile.limits
    expected = expect(profile, ask.agent.value, ask.model.value)
    if ask.scene == PLAIN or not isinstance(expected, Routed):
        return limits.answer_s
    if ask.scene.acts == PLAIN.acts:  # it is a ledger or a webhook that is ill: the first attempt is the last
        return limits.answer_s + limits.stream_gap_s + SLACK_S
    route = profile.routes[expected.route]
    tried = [route, *([profile.routes[route.fallback]] if route.fallback in profile.routes else [])]
    attempts = sum(1 + _retries(each) for each in tried)
    pauses_s = sum(_pauses_ms(each) for each in tried) / 1000
    return attempts * limits.answer_s + pauses_s + limits.stream_gap_s + SLACK_S


def _retries(route: Route) -> int:
    return route.retry.retries if route.retry else 0


def _pauses_ms(route: Route) -> int:
    """Twice the pauses that the profile names: backoff may have jitter."""
    retry = route.retry
    if retry is None:
        return 0
    last = retry.retries if retry.backoff == "fixed" else 2**retry.retries - 1
    return 2 * retry.base_ms * last
