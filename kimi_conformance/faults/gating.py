"""Ways to go wrong at the gate: a rule of one's own before it, another call shown to it, another table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kimi_conformance.reference.call import Call, Refusal, Routed
from kimi_conformance.reference.config import Config

if TYPE_CHECKING:
    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.config import Route

Rule = Callable[[Config, Call], Routed | Refusal | None]


def before(rule: Rule) -> Apply:
    """What `rule` decides is decided; for the rest there is the right gate."""

    def apply(steps: Steps) -> Steps:
        async def gate(config: Config, call: Call) -> Routed | Refusal:
            decision = rule(config, call)
            return await steps.gate(config, call) if decision is None else decision

        return replace(steps, gate=gate)

    return apply


def seeing(change: Callable[[Config, Call], Call]) -> Apply:
    """The gate is shown another call than the one that goes out."""

    def apply(steps: Steps) -> Steps:
        async def gate(config: Config, call: Call) -> Routed | Refusal:
            return await steps.gate(config, change(config, call))

        return replace(steps, gate=gate)

    return apply


def seeing_name(change: Callable[[str], str]) -> Apply:
    """The gate is shown another name, where the call names a model at all."""
    return seeing(lambda _, call: for_model(call, change(call.model)) if isinstance(call.model, str) else call)


def by_table(change: Callable[[Config], Config]) -> Apply:
    """The gate decides by another table."""

    def apply(steps: Steps) -> Steps:
        async def gate(config: Config, call: Call) -> Routed | Refusal:
            return await steps.gate(change(config), call)

        return replace(steps, gate=gate)

    return apply


def of_agent(call: Call, agent: str | None) -> Call:
    """The same call from another agent."""
    return replace(call, agent=agent)


def for_model(call: Call, model: Any) -> Call:
    """The same call for another model, as the gate sees it; its bytes stay."""
    return replace(call, body=replace(call.body, members={**call.body.members, "model": model}))


def to_plan(config: Config, call: Call) -> Routed | None:
    """The plan route of the call's agent, if it has one."""
    plan = config.plan_agents.get(call.agent) if call.agent else None
    return Routed(plan) if plan else None


def some_plan_agent(config: Config) -> str:
    """An agent that has a plan."""
    return next(iter(config.plan_agents))


def kimi_route(config: Config) -> Route:
    """The route of the first registered model."""
    return next(iter(config.models.values()))
