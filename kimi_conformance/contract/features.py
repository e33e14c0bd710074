"""Features: what a profile has, so that a requirement can say what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from kimi_conformance.contract.reach import AgentBearer

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile

Feature = Literal[
    "agents",
    "alerts",
    "client-key",
    "default",
    "fallback",
    "gateway",
    "ledger",
    "messages-for-kimi",
    "limits",
    "models-surface",
    "plan",
    "portkey-fallback",
    "portkey-retry",
    "prefixes",
    "registered",
    "retry",
    "tier-seen",
    "two-surfaces",
    "wire",
]

MISSING: dict[Feature, str] = {
    "agents": "the profile does not say how an agent is named (`agent:`)",
    "alerts": "the profile has no alerts (`alerts:`)",
    "client-key": "no key of a client stands in the profile ({secret.client} or {secret.agent.NAME})",
    "default": "the policy has no default route",
    "fallback": "no route of the profile has a fallback of the router's own",
    "gateway": "no route of the profile goes over a gateway (`speaks: portkey`)",
    "ledger": "the profile has no ledger (`ledger:`)",
    "messages-for-kimi": "no registered model has a route that serves the surface `messages`",
    "limits": "the profile promises no bound for slow upstreams (`limits: {answer_s: …, stream_gap_s: …}`)",
    "models-surface": "the profile has no surface `models`",
    "plan": "the policy has no plan agents",
    "portkey-fallback": "no route of the profile leaves retries and fallback to Portkey (`retry: {by: portkey}`)",
    "portkey-retry": "no route of the profile leaves its retries to Portkey (`retry: {by: portkey}`)",
    "prefixes": "the policy has no prefixes",
    "registered": "the policy registers no models",
    "retry": "no route of the profile promises that the router retries (`retry: {by: router}`)",
    "tier-seen": "the profile does not say where a tier can be seen (`tier_seen:`)",
    "two-surfaces": "the profile has one completion surface only",
    "wire": "a bare decision has no wire",
}


def features(profile: Profile) -> frozenset[Feature]:
    """The features that follow from the sections present in `profile`."""
    wire = profile.decide is None
    portkeys = [route for route in profile.routes.values() if route.retry and route.retry.by == "portkey"]
    has: dict[Feature, bool] = {
        "agents": profile.agent is not None or not wire,
        "alerts": wire and profile.alerts is not None,
        "client-key": wire and _has_client_key(profile),
        "default": profile.policy.default is not None,
        "fallback": wire and any(route.fallback for route in profile.routes.values() if route not in portkeys),
        "gateway": wire and any(profile.over_gateway(name) for name in profile.routes),
        "ledger": wire and profile.ledger is not None,
        "messages-for-kimi": wire and _messages(profile),
        "limits": wire and bool({"answer_s", "stream_gap_s"} & profile.limits.model_fields_set),
        "models-surface": wire and profile.surfaces.models is not None,
        "plan": bool(profile.policy.plan_agents),
        "portkey-fallback": wire and any(route.fallback for route in portkeys),
        "portkey-retry": wire and bool(portkeys),
        "prefixes": bool(profile.policy.prefixes),
        "registered": bool(profile.policy.models),
        "retry": wire and any(route.retry and route not in portkeys for route in profile.routes.values()),
        "tier-seen": profile.tier_seen is not None or not wire,
        "two-surfaces": len(profile.client_surfaces) == len(("chat", "messages")),
        "wire": wire,
    }
    return frozenset(feature for feature in get_args(Feature) if has[feature])


def _has_client_key(profile: Profile) -> bool:
    headers = (
        *profile.client_headers.values(),
        *(v for one in profile.per_model.values() for v in one.headers.values()),
    )
    own = ("{secret.client}", "{env.") if profile.one_sided else ("{secret.client}",)
    return isinstance(profile.agent, AgentBearer) or any(key in value for value in headers for key in own)


def _messages(profile: Profile) -> bool:
    """Whether a registered model can be asked for on /v1/messages."""
    return "messages" in profile.client_surfaces and any(
        profile.serves(route, "messages") for route in profile.policy.models.values()
    )
