"""Faults of the gate: who takes the plan route, and with which names."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from kimi_conformance.faults.fault import fault
from kimi_conformance.faults.gating import before, of_agent, seeing, seeing_name, some_plan_agent, to_plan
from kimi_conformance.reference.call import Routed

if TYPE_CHECKING:
    from kimi_conformance.reference.call import Call
    from kimi_conformance.reference.config import Config


@fault(
    "gate.none",
    before,
    "router.gate.non-claude-leaves-plan-route",
    "router.gate.each-registered-model-reaches-its-route",
    "router.gate.no-own-404-for-a-registered-model",
)
def none(config: Config, call: Call) -> Routed | None:
    """There is no gate: whatever a plan agent asks for takes its plan route."""
    return to_plan(config, call)


@fault("gate.plan-forgotten", seeing, "router.gate.claude-takes-plan-route", "router.gate.prefix-test-ignores-case")
def plan_forgotten(_: Config, call: Call) -> Call:
    """The plan is never used."""
    return of_agent(call, None)


@fault("gate.plan-of-one", seeing, "router.gate.claude-takes-plan-route")
def plan_of_one(config: Config, call: Call) -> Call:
    """Only the first of the plan agents has its plan."""
    return call if call.agent == some_plan_agent(config) else of_agent(call, None)


@fault("gate.family-forgotten", before, "router.gate.claude-takes-plan-route")
def family_forgotten(config: Config, call: Call) -> Routed | None:
    """One family of Claude's names is not in the plan."""
    return Routed(config.default) if isinstance(call.model, str) and call.model.startswith("claude-opus") else None


@fault("gate.case-sensitive", seeing, "router.gate.prefix-test-ignores-case")
def case_sensitive(_: Config, call: Call) -> Call:
    """A name is Claude in lower case only."""
    as_sent = isinstance(call.model, str) and call.model.startswith("claude")
    return call if as_sent else of_agent(call, None)


@fault("gate.substring", before, "router.gate.only-a-prefix-counts")
def substring(config: Config, call: Call) -> Routed | None:
    """A name that contains `claude` anywhere is Claude."""
    return to_plan(config, call) if isinstance(call.model, str) and "claude" in call.model.lower() else None


@fault("gate.trimmed", seeing_name, "router.gate.only-a-prefix-counts", "router.gate.unregistered-model-takes-default")
def trimmed(name: str) -> str:
    """Names are trimmed before they are compared."""
    return name.strip()


@fault("gate.normalised", seeing_name, "router.gate.only-a-prefix-counts")
def normalised(name: str) -> str:
    """Names are normalised (NFKC) before they are compared, so that look-alikes count."""
    return unicodedata.normalize("NFKC", name)


@fault("gate.vendor-ignored", seeing_name, "router.gate.only-a-prefix-counts", "router.gate.prefix-resolved")
def vendor_ignored(name: str) -> str:
    """What stands before a slash is ignored."""
    return name.rsplit("/", 1)[-1]


@fault("gate.agent-ignored", seeing, "router.gate.other-agents-never-take-plan-route")
def agent_ignored(config: Config, call: Call) -> Call:
    """Whoever asks for Claude takes a plan route."""
    return of_agent(call, some_plan_agent(config))


@fault("gate.agent-folded", seeing, "router.gate.other-agents-never-take-plan-route")
def agent_folded(_: Config, call: Call) -> Call:
    """Agents are compared without case."""
    return of_agent(call, call.agent and call.agent.lower())


@fault("gate.agent-by-prefix", seeing, "router.gate.other-agents-never-take-plan-route")
def agent_by_prefix(config: Config, call: Call) -> Call:
    """An agent whose id begins with that of a plan agent is taken for it."""
    begins_so = (agent for agent in config.plan_agents if (call.agent or "").startswith(agent))
    return of_agent(call, next(begins_so, call.agent))


@fault("gate.agent-by-first-word", seeing, "router.gate.other-agents-never-take-plan-route")
def agent_by_first_word(_: Config, call: Call) -> Call:
    """Of an agent's id only the first word counts."""
    return of_agent(call, call.agent and call.agent.partition(" ")[0])


@fault("gate.streams-ungated", before, "router.gate.same-for-streams", "router.gate.non-claude-leaves-plan-route")
def streams_ungated(config: Config, call: Call) -> Routed | None:
    """Streams skip the gate: those of a plan agent take its plan route."""
    return to_plan(config, call) if call.body.members.get("stream") is True else None


@fault("gate.streams-to-default", before, "router.gate.same-for-streams", "router.gate.claude-takes-plan-route")
def streams_to_default(config: Config, call: Call) -> Routed | None:
    """Streams take the default route."""
    return Routed(config.default) if call.body.members.get("stream") is True else None


@fault("gate.chat-only", before, "router.gate.same-for-every-surface", "router.gate.non-claude-leaves-plan-route")
def chat_only(config: Config, call: Call) -> Routed | None:
    """/v1/messages has no gate."""
    return to_plan(config, call) if call.surface == "messages" else None


@fault(
    "gate.messages-only",
    before,
    "router.gate.same-for-every-surface",
    "router.gate.non-claude-leaves-plan-route",
    "router.gate.no-own-404-for-a-registered-model",
)
def messages_only(config: Config, call: Call) -> Routed | None:
    """/v1/chat/completions has no gate."""
    return to_plan(config, call) if call.surface == "chat" else None
