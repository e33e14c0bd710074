"""Portkey's configs, and how one is carried out: which targets are called, in which order, with what they inherit.

The rules are those of the open gateway, read in Portkey-AI/gateway (config schema, `conditionalRouter.ts`, its walk
down the targets) and measured on its version 1.15.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

Facts: TypeAlias = Callable[[], Mapping[str, Mapping[str, Any]]]
"""What conditions look at: `params` (the body) and `metadata`. Called only where there are conditions."""


RETRIED: Final = (429, 500, 502, 503, 504)
"""The statuses that are retried where a config names none."""


class Retry(BaseModel):
    """How often a target is called again, and for which statuses. `attempts` counts the calls after the first."""

    model_config = ConfigDict(frozen=True)
    attempts: int = Field(ge=0)
    on_status_codes: tuple[int, ...] = RETRIED
    use_retry_after: bool = Field(  # the cloud's documents say headers, the open gateway's schema says header
        default=False, validation_alias=AliasChoices("use_retry_after_headers", "use_retry_after_header")
    )


class Condition(BaseModel):
    """Where a query leads."""

    model_config = ConfigDict(frozen=True)
    query: dict[str, Any]
    then: str


class Strategy(BaseModel):
    """How one of several targets is chosen."""

    model_config = ConfigDict(frozen=True)
    mode: Literal["single", "fallback", "loadbalance", "conditional"] = "single"
    on_status_codes: tuple[int, ...] | None = None
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
    retry: Retry | None = None
    request_timeout: float | None = Field(default=None, gt=0)
    strategy: Strategy = Strategy()
    targets: tuple[Target, ...] = ()


class Unresolvable(Exception):
    """The config leads to no target; the message says why."""


@dataclass(frozen=True, slots=True)
class Option:
    """A target that is called, with what it inherits; `place` is where it stands, `config.targets[0]`."""

    target: Target
    place: str


Call: TypeAlias = Callable[[Option], int]
"""Calls an option; the status that came of it."""


def carried_out(config: Target, facts: Facts, call: Call, place: str = "config") -> int:
    """Call one option after the other until one is good enough: its status. Raises `Unresolvable`.

    The innermost `override_params` win one by one, the innermost `retry` as a whole.
    """
    if not config.targets:
        return call(Option(config, place))
    falls_back = config.strategy.mode == "fallback"
    codes = config.strategy.on_status_codes
    status = 0
    for index in range(len(config.targets)) if falls_back else (_chosen(config, facts),):
        status = carried_out(_inherited(config, index), facts, call, f"{place}.targets[{index}]")
        if status < 300 if codes is None else status not in codes:  # noqa: PLR2004 - RFC 9110, 15.4
            break
    return status


def _inherited(config: Target, index: int) -> Target:
    target = config.targets[index]
    override = {**config.override_params, **target.override_params}
    update = {
        "override_params": override,
        "retry": target.retry or config.retry,
        "request_timeout": target.request_timeout or config.request_timeout,
    }
    return target.model_copy(update=update)


def _chosen(config: Target, facts: Facts) -> int:
    """The number of the one target that is taken."""
    found: int | None
    match config.strategy.mode:
        case "loadbalance":
            # By weight and by chance at Portkey; here always the first that may be taken, so that runs are alike.
            found = next((index for index, target in enumerate(config.targets) if target.weight), None)
            if found is None:
                raise Unresolvable("no target has a weight above 0")
            return found
        case "conditional":
            name = _condition(config.strategy, facts())
            found = next((index for index, target in enumerate(config.targets) if target.name == name), None)
            if found is None:
                raise Unresolvable(f"Invalid target name found in the query router: {name}")
            return found
        case _:
            return 0


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
