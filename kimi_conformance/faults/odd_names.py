"""Faults of the gate: calls that name no model, or no string, or what every object has."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.fault import fault
from kimi_conformance.faults.gating import before, of_agent, seeing, some_plan_agent, to_plan
from kimi_conformance.reference.call import Refusal, Routed

if TYPE_CHECKING:
    from kimi_conformance.reference.call import Call
    from kimi_conformance.reference.config import Config

BUILT_IN: Final = frozenset({"constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"})
"""What a look-up in a plain object of JavaScript finds without anybody having put it there."""


@fault("gate.missing-to-plan", before, "router.gate.missing-model-takes-default")
def missing_to_plan(config: Config, call: Call) -> Routed | None:
    """A plan agent that names no model takes its plan route."""
    return to_plan(config, call) if call.model in (None, "") else None


@fault("gate.missing-refused", before, "router.gate.missing-model-takes-default")
def missing_refused(_: Config, call: Call) -> Refusal | None:
    """A call that names no model is refused."""
    return Refusal(400, "you must provide a model") if call.model in (None, "") else None


@fault(
    "gate.missing-crashes",
    before,
    "router.gate.missing-model-takes-default",
    "router.gate.non-string-model-is-refused",
)
def missing_crashes(_: Config, call: Call) -> None:
    """The name is lower-cased before anybody asks what it is."""
    call.body.members["model"].lower()


@fault("gate.empty-crashes", before, "router.gate.missing-model-takes-default")
def empty_crashes(_: Config, call: Call) -> None:
    """The name's first letter is read before anybody asks whether there is one."""
    if isinstance(call.model, str):
        ord(call.model[0])


@fault("gate.non-string-crashes", before, "router.gate.non-string-model-is-refused")
def non_string_crashes(_: Config, call: Call) -> None:
    """A model that is neither missing nor false is taken for a string."""
    if call.model:
        call.model.lower()


@fault("gate.non-string-forwarded", before, "router.gate.non-string-model-is-refused")
def non_string_forwarded(config: Config, call: Call) -> Routed | None:
    """A model that is no string takes the default route."""
    return None if isinstance(call.model, str) else Routed(config.default)


@fault("gate.false-is-missing", before, "router.gate.non-string-model-is-refused")
def false_is_missing(config: Config, call: Call) -> Routed | None:
    """0, false and [] count as no model at all."""
    return None if call.model else Routed(config.default)


@fault("gate.non-string-kills", before, "router.gate.non-string-model-is-refused", ends_process=True)
def non_string_kills(_: Config, call: Call) -> None:
    """A model that is no string ends the process."""
    if not isinstance(call.model, str | None):
        os._exit(1)


@fault("gate.built-in-model", before, "router.gate.built-in-names-are-names")
def built_in_model(config: Config, call: Call) -> Routed | None:
    """The look-up of a model finds what every object has: a route without marks or tier."""
    nowhere = replace(config.default, headers={}, tier="")
    return Routed(nowhere) if isinstance(call.model, str) and call.model in BUILT_IN else None


@fault(
    "gate.built-in-agent",
    seeing,
    "router.gate.built-in-names-are-names",
    "router.gate.other-agents-never-take-plan-route",
)
def built_in_agent(config: Config, call: Call) -> Call:
    """The look-up of an agent finds what every object has: it counts as a plan."""
    return of_agent(call, some_plan_agent(config)) if call.agent in BUILT_IN else call
