"""Which target of a Portkey config a healthy call takes.

The rules are those of the open gateway (Portkey-AI/gateway: its config schema, `conditionalRouter.ts`, its walk down
the targets). Retries and fallback only show when a target fails, which no healthy call does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Facts: TypeAlias = Callable[[], Mapping[str, Mapping[str, Any]]]
"""What conditions look at: `params` (the body) and `metadata`. Called only where there are conditions."""


class Condition(BaseModel):
    """Where a query leads."""

    model_config = ConfigDict(frozen=True)
    query: dict[str, Any]
    then: str


class Strategy(BaseModel):
    """How one of several targets is chosen."""

    model_config = ConfigDict(frozen=True)
    mode: Literal["single", "fallback", "loadbalance", "conditional"] = "single"
    conditions: tuple[Condition, ...] = ()
    default: str | None = None


class Target(BaseModel):
    """A config, or a target within one: what it says beyond these members does not decide where a call goes."""

    model_config = ConfigDict(frozen=True)
    name: str | None = None
    provider: str | None = None
    virtual_key: str | None = None
    weight: float = Field(default=1, ge=0)
    override_params: dict[str, Any] = {}
    strategy: Strategy = Strategy()
    targets: tuple[Target, ...] = ()


class Unresolvable(Exception):  # noqa: N818 - reads as a sentence where it is caught, and never leaves the stand-in
    """The config leads to no target; the message says why."""


def resolved(config: Target, facts: Facts) -> Target:
    """The innermost target, with the `override_params` of all around it, inner ones first. Raises `Unresolvable`."""
    override = config.override_params
    while config.targets:
        config = _chosen(config, facts)
        override = {**override, **config.override_params}
    return config.model_copy(update={"override_params": override})


def _chosen(config: Target, facts: Facts) -> Target:
    match config.strategy.mode:
        case "single" | "fallback":
            return config.targets[0]
        case "loadbalance":
            found = next((target for target in config.targets if target.weight), None)
            if found is None:
                raise Unresolvable("no target has a weight above 0")
            return found
        case "conditional":
            name = _condition(config.strategy, facts())
            found = next((target for target in config.targets if target.name == name), None)
            if found is None:
                raise Unresolvable(f"Invalid target name found in the query router: {name}")
            return found


def _condition(strategy: Strategy, facts: Mapping[str, Mapping[str, Any]]) -> str:
    for condition in strategy.conditions:
        if _holds(condition.query, facts):
            return condition.then
    if strategy.default is None:
        raise Unresolvable("Query router did not resolve to any valid target")
    return strategy.default


def _holds(query: Any, facts: Mapping[str, Mapping[str, Any]]) -> bool:
    if not isinstance(query, dict):
        raise Unresolvable("a query must be an object")
    for key, wanted in query.items():
        # As in the gateway, a logical operator decides alone, whatever stands beside it.
        if key in ("$or", "$and") and isinstance(wanted, list):
            return (any if key == "$or" else all)(_holds(each, facts) for each in wanted)
        family, _, name = key.partition(".")
        value = facts.get(family, {}).get(name)
        tests = wanted if isinstance(wanted, dict) else {"$eq": wanted}
        if not all(_test(operator)(value, operand) for operator, operand in tests.items()):
            return False
    return True


def _test(operator: str) -> Callable[[Any, Any], bool]:
    if operator not in TESTS:
        raise Unresolvable(f"Unsupported operator used in the query router: {operator}")
    return TESTS[operator]


def _matches(value: Any, pattern: Any) -> bool:
    if not (isinstance(value, str) and isinstance(pattern, str)):
        return False
    try:
        return re.search(pattern, value) is not None
    except re.error:  # the gateway takes a broken pattern for one that does not match
        return False


TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, operand: bool(value == operand),
    "$ne": lambda value, operand: bool(value != operand),
    "$in": lambda value, operand: isinstance(operand, list) and value in operand,
    "$nin": lambda value, operand: isinstance(operand, list) and value not in operand,
    "$regex": _matches,
}
