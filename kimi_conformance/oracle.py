"""The oracle: where a request must go, from the profile alone.

The decision table is the operator's own, made exact (contracts/requirements/router/gate.yaml, DESIGN.md section 6):

    A name is Claude if it is a string that starts, ignoring case, with `claude`, as sent. Plan agent (exact id) and
    Claude -> the agent's plan route. Else the exact, case-sensitive entry in `models`; else the longest matching
    prefix, which is stripped where it says so; else `default` with its tier. Absent, null and empty names take the
    default too. Without a default they are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.trip import ABSENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kimi_conformance.contract.catalogue import Catalogue
    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Ask


@dataclass(frozen=True, slots=True)
class Routed:
    """The request goes to `route`, and the upstream sees `model` (`ABSENT` where no member `model` goes out)."""

    route: str
    tier: str | None
    model: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """The router answers 4xx itself and calls no upstream."""

    why: str


Expected = Routed | Refused


@dataclass(frozen=True, slots=True)
class World:
    """What a run is judged against: the profile, the model catalogue, the day of the run, its secrets by name."""

    profile: Profile
    catalogue: Catalogue
    on: date
    secrets: Mapping[str, str] = field(default_factory=dict)
    one_sided: bool = False
    """Nobody saw what the router sends to its upstreams."""

    def expect(self, ask: Ask) -> Expected:
        """Where `ask` must go."""
        return expect(self.profile, ask.agent.value, ask.model.value)


def is_claude(name: Any) -> bool:
    """Whether `name`, as sent, is Claude's: a string that starts with `claude`, ignoring (ASCII) case."""
    # Not str.lower(): it maps letters of other scripts onto ASCII (KELVIN SIGN), and a look-alike is not Claude.
    return isinstance(name, str) and name[:6].isascii() and name[:6].lower() == "claude"


def expect(profile: Profile, agent: Any, model: Any) -> Expected:
    """Where a request of `agent` for `model` must go. `agent` is a string or `ABSENT`, `model` any JSON or `ABSENT`."""
    policy = profile.policy
    if is_claude(model) and agent in policy.plan_agents:
        return _routed(profile, policy.plan_agents[agent], model)
    if model is ABSENT or model is None or model == "":
        return _default(profile, model, "a request that names no model")
    if not isinstance(model, str):
        if policy.non_string_model == "refuse":
            return Refused("a model that is not a string")
        return _default(profile, model, "a model that is not a string")
    own = own_name(profile, model)
    if _has_entry(profile, own, model):
        return _routed(profile, policy.models[own], own)
    matching = [prefix for prefix in policy.prefixes if model.startswith(prefix)]
    if matching:
        longest = max(matching, key=len)
        rule = policy.prefixes[longest]
        return _routed(profile, rule.route, model.removeprefix(longest) if rule.strip else model, model)
    return _default(profile, model, "a model that is not registered")


def is_registered(profile: Profile, model: str) -> bool:
    """Whether the name `model`, as a client sends it, has an entry or a prefix of its own in the policy."""
    own = own_name(profile, model)
    return _has_entry(profile, own, model) or any(model.startswith(prefix) for prefix in profile.policy.prefixes)


def sent_name(profile: Profile, model: str) -> str:
    """The name that a client of this router sends for `model`."""
    return profile.sends.get(model, model)


def own_name(profile: Profile, sent: str) -> str:
    """The model that a client of this router means by the name `sent`."""
    return next((model for model, name in profile.sends.items() if name == sent), sent)


def meant(profile: Profile, sent: str) -> str:
    """The model of the catalogue that `sent` stands for: under its own name, without a prefix that is stripped."""
    own = own_name(profile, sent)
    if own in profile.policy.models:
        return own
    stripped = (prefix for prefix, rule in profile.policy.prefixes.items() if rule.strip and own.startswith(prefix))
    return own.removeprefix(max(stripped, key=len, default=""))


def _has_entry(profile: Profile, own: str, sent: str) -> bool:
    """Whether the policy has an entry for `own`, and clients ask for it by the name that was sent."""
    return own in profile.policy.models and sent_name(profile, own) == sent


def _default(profile: Profile, model: Any, what: str) -> Expected:
    if profile.policy.default is None:
        return Refused(f"{what}, and the policy has no default")
    return _routed(profile, profile.policy.default, model)


def _routed(profile: Profile, route: str, model: Any, sent: str | None = None) -> Routed:
    """`sent` is the name before a prefix was stripped, which a rewrite may name as well."""
    seen = profile.rewrites.get(model, model) if isinstance(model, str) else model
    seen = profile.rewrites.get(sent, seen) if sent else seen
    return Routed(route, profile.routes[route].tier, profile.routes[route].model or seen)
