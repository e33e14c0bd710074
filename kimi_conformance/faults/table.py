"""Faults of the gate: the models that are registered, the prefixes, the default, the marks and the tiers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kimi_conformance.faults.fault import fault
from kimi_conformance.faults.gating import before, by_table, for_model, kimi_route, seeing, seeing_name
from kimi_conformance.reference.call import Refusal
from kimi_conformance.reference.config import Prefix

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Call, Fields, Outcome, Routed
    from kimi_conformance.reference.config import Config


def marked(change: Callable[[bytes, bytes], bytes | None]) -> Apply:
    """The header fields that go out have other values; None: the field is not there."""

    def apply(steps: Steps) -> Steps:
        def forward_headers(call: Call, decision: Routed) -> Fields:
            fields = [(name, change(name, value)) for name, value in steps.forward_headers(call, decision)]
            return tuple((name, value) for name, value in fields if value is not None)

        return replace(steps, forward_headers=forward_headers)

    return apply


def recorded(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Apply:
    """The ledger's row is another."""

    def apply(steps: Steps) -> Steps:
        def account(call: Call, decision: Routed, outcome: Outcome) -> dict[str, Any]:
            return change(dict(steps.account(call, decision, outcome)))

        return replace(steps, account=account)

    return apply


@fault("gate.unregistered", by_table, "router.gate.each-registered-model-reaches-its-route")
def unregistered(config: Config) -> Config:
    """One model is missing in the table."""
    *kept, _ = config.models.items()
    return replace(config, models=dict(kept))


@fault("gate.folded-table", seeing, "router.gate.unregistered-model-takes-default")
def folded_table(config: Config, call: Call) -> Call:
    """Registered models are looked up without case."""
    known = isinstance(call.model, str) and call.model.lower() in config.models
    return for_model(call, call.model.lower()) if known else call


@fault("gate.versions-ignored", seeing_name, "router.gate.unregistered-model-takes-default")
def versions_ignored(name: str) -> str:
    """What follows the name of a version is ignored: a preview counts as its model."""
    return name.removesuffix("-preview")


@fault("gate.kimi-by-prefix", by_table, "router.gate.unregistered-model-takes-default")
def kimi_by_prefix(config: Config) -> Config:
    """Every name that begins with `kimi-` takes Kimi's route."""
    return replace(config, prefixes=(*config.prefixes, Prefix("kimi-", kimi_route(config), strip=False)))


@fault(
    "gate.default-to-kimi",
    by_table,
    "router.gate.unregistered-model-takes-default",
    "router.gate.missing-model-takes-default",
)
def default_to_kimi(config: Config) -> Config:
    """The default is Kimi's route."""
    return replace(config, default=kimi_route(config))


@fault(
    "gate.own-404",
    before,
    "router.gate.no-own-404-for-a-registered-model",
    "router.gate.each-registered-model-reaches-its-route",
)
def own_404(config: Config, call: Call) -> Refusal | None:
    """One registered model is answered with a 404 of the router's own."""
    return Refusal(404, f"model {call.model} not found") if call.model == next(iter(config.models)) else None


@fault("gate.prefixes-forgotten", by_table, "router.gate.prefix-resolved")
def prefixes_forgotten(config: Config) -> Config:
    """Prefixes are not looked at."""
    return replace(config, prefixes=())


@fault("gate.prefixes-kept", by_table, "router.gate.prefix-resolved")
def prefixes_kept(config: Config) -> Config:
    """No prefix is stripped."""
    return replace(config, prefixes=tuple(replace(prefix, strip=False) for prefix in config.prefixes))


@fault("gate.prefixes-stripped", by_table, "router.gate.prefix-resolved")
def prefixes_stripped(config: Config) -> Config:
    """Every prefix is stripped, those of which the policy says nothing, too."""
    return replace(config, prefixes=tuple(replace(prefix, strip=True) for prefix in config.prefixes))


@fault("gate.shortest-prefix", by_table, "router.gate.prefix-resolved")
def shortest_prefix(config: Config) -> Config:
    """The shortest prefix wins."""
    return replace(config, prefixes=config.prefixes[::-1])


@fault("gate.wrong-virtual-key", marked, "router.gate.each-registered-model-reaches-its-route")
def wrong_virtual_key(name: bytes, value: bytes) -> bytes:
    """Kimi's route has the virtual key of another provider."""
    return b"openrouter-fallback" if name == b"x-portkey-virtual-key" else value


@fault(
    "gate.no-marks",
    marked,
    "router.gate.each-registered-model-reaches-its-route",
    "router.gate.unregistered-model-takes-default",
)
def no_marks(name: bytes, value: bytes) -> bytes | None:
    """The headers that mark a route are not sent."""
    return None if name in (b"x-portkey-virtual-key", b"x-portkey-config") else value


@fault("gate.tier-of-default", recorded, "router.gate.tier-belongs-to-route")
def tier_of_default(row: dict[str, Any]) -> dict[str, Any]:
    """Every call is recorded with the tier of the default."""
    return {**row, "tier": "default"}


@fault("gate.tier-of-agent", recorded, "router.gate.tier-belongs-to-route")
def tier_of_agent(row: dict[str, Any]) -> dict[str, Any]:
    """All calls of an agent that has a plan are recorded with the plan's tier."""
    return {**row, "tier": "max"} if row["agent_id"] == "dispo" else row
