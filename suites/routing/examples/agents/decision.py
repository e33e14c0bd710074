"""The operator's decision table: which route a request takes, and its tier. A function without wires.

The suite can ask it directly (decide-callable.yaml), or through the router that uses it (the five other profiles).
"""

from __future__ import annotations

from typing import Any

PLAN_AGENTS = frozenset({"dispo", "scout"})
MODELS = {"kimi-k3": "kimi", "kimi-k3.1-pro": "kimi", "kimi-k3.1-pro-highspeed": "kimi"}
TIERS = {"plan": "max", "kimi": "specialty", "default": "default"}


def decide(question: dict[str, Any]) -> dict[str, str]:
    """`{"route": …, "tier": …}` or `{"refuse": …}`; the question has agent and model, where there are any."""
    agent, model = question.get("agent"), question.get("model")
    if model is not None and not isinstance(model, str):
        return {"refuse": "model must be a string"}
    name = model or ""
    # casefold() and lower() would find Claude in letters of other scripts, too; the prefix is plain ASCII.
    claude = name[:6].isascii() and name[:6].lower() == "claude"
    route = "plan" if claude and agent in PLAN_AGENTS else MODELS.get(name, "default")
    return {"route": route, "tier": TIERS[route]}
