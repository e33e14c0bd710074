"""Features: what a profile has, so that a requirement can say what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile

Feature = Literal[
    "agents", "default", "models-surface", "plan", "prefixes", "registered", "tier-seen", "two-surfaces", "wire"
]

MISSING: dict[Feature, str] = {
    "agents": "the profile does not say how an agent is named (`agent:`)",
    "default": "the policy has no default route",
    "models-surface": "the profile has no surface `models`",
    "plan": "the policy has no plan agents",
    "prefixes": "the policy has no prefixes",
    "registered": "the policy registers no models",
    "tier-seen": "the profile does not say where a tier can be seen (`tier_seen:`)",
    "two-surfaces": "the profile has one completion surface only",
    "wire": "a bare decision has no wire",
}


def features(profile: Profile) -> frozenset[Feature]:
    """The features that follow from the sections present in `profile`."""
    wire = profile.decide is None
    has: dict[Feature, bool] = {
        "agents": profile.agent is not None or not wire,
        "default": profile.policy.default is not None,
        "models-surface": wire and profile.surfaces.models is not None,
        "plan": bool(profile.policy.plan_agents),
        "prefixes": bool(profile.policy.prefixes),
        "registered": bool(profile.policy.models),
        "tier-seen": profile.tier_seen is not None or not wire,
        "two-surfaces": len(profile.client_surfaces) == len(("chat", "messages")),
        "wire": wire,
    }
    return frozenset(feature for feature in get_args(Feature) if has[feature])
