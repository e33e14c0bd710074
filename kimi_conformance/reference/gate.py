"""The operator's decision table: which route a call takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kimi_conformance.reference.call import Refusal, Routed
from kimi_conformance.reference.translate import translated_body, translates

if TYPE_CHECKING:
    from kimi_conformance.reference.call import Call
    from kimi_conformance.reference.config import Config

# ASCII: no letter of another script may count, whatever Unicode comes to fold onto these.
CLAUDE: Final = re.compile("claude", re.ASCII | re.IGNORECASE)


async def gate(config: Config, call: Call) -> Routed | Refusal:
    """The route of `call`, or why it is refused. Awaitable, since a table may as well live elsewhere."""
    decision = decide(config, call)
    if isinstance(decision, Routed) and decision.route.surfaces and call.surface not in decision.route.surfaces:
        served = " and ".join(sorted(decision.route.surfaces))
        return Refusal(400, f"this model is served on {served} only")
    if isinstance(decision, Routed) and translates(call.surface, decision):
        try:
            translated_body(call.body)
        except ValueError as problem:
            return Refusal(400, str(problem))
    return decision


def decide(config: Config, call: Call) -> Routed | Refusal:
    """The table itself, first row that fits: plan, exact name, longest prefix, default. Names are taken as sent."""
    model = call.model
    if model is None:
        return Routed(config.default)
    if not isinstance(model, str):
        return Refusal(400, "model must be a string")
    plan = config.plan_agents.get(call.agent) if call.agent else None
    if plan and CLAUDE.match(model):
        return Routed(plan)
    if model in config.models:
        return Routed(config.models[model])
    for prefix in config.prefixes:
        if model.startswith(prefix.text):
            return Routed(prefix.route, model.removeprefix(prefix.text) if prefix.strip else None)
    return Routed(config.default)
