"""Faults of a router that remembers: one call has a hand in the next, or in the one beside it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.fault import fault, itself
from kimi_conformance.reference.call import Refusal

if TYPE_CHECKING:
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Call, Outgoing, Reply, Routed
    from kimi_conformance.reference.config import Config

LOOKUP_S: Final = 0.005
"""A look-up elsewhere: long enough for the calls beside to come in."""


@fault("gate.sticky-route", itself, "router.gate.no-memory-between-requests")
def sticky_route(steps: Steps) -> Steps:
    """An agent stays on the route of its first call."""
    routes: dict[str | None, Routed | Refusal] = {}

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        return routes.setdefault(call.agent, await steps.gate(config, call))

    return replace(steps, gate=gate)


@fault("gate.sticky-plan", itself, "router.gate.no-memory-between-requests")
def sticky_plan(steps: Steps) -> Steps:
    """An agent that has once used its plan stays on it."""
    plans: dict[str | None, Routed] = {}

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        decision = plans.get(call.agent) or await steps.gate(config, call)
        if not isinstance(decision, Refusal) and decision.route in config.plan_agents.values():
            plans[call.agent] = decision
        return decision

    return replace(steps, gate=gate)


@fault("gate.cached-by-model", itself, "router.gate.no-memory-between-requests")
def cached_by_model(steps: Steps) -> Steps:
    """Decisions are kept by model, whoever asks for it."""
    decisions: dict[Any, Routed | Refusal] = {}

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        key = repr(call.model)
        if key not in decisions:
            decisions[key] = await steps.gate(config, call)
        return decisions[key]

    return replace(steps, gate=gate)


@fault("gate.decision-in-a-global", itself, "router.gate.no-memory-between-requests")
def decision_in_a_global(steps: Steps) -> Steps:
    """The decision is kept in a variable of the module while a look-up is waited for."""
    latest: dict[str, Routed | Refusal] = {}

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        latest["decision"] = await steps.gate(config, call)
        await asyncio.sleep(LOOKUP_S)
        return latest["decision"]

    return replace(steps, gate=gate)


@fault("request.body-in-a-global", itself, "router.gate.no-memory-between-requests")
def body_in_a_global(steps: Steps) -> Steps:
    """The body that goes out is kept in a variable of the module while a look-up is waited for."""
    latest: dict[str, bytes] = {}

    async def call(outgoing: Outgoing) -> Reply:
        latest["body"] = outgoing.body
        await asyncio.sleep(LOOKUP_S)
        return await steps.call(replace(outgoing, body=latest["body"]))

    return replace(steps, call=call)
