"""The operator's decision table: which route and tier a call takes. Pure, and it answers for every input."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

PLAN_AGENTS = frozenset({"dispo", "scout"})
MODELS = {"kimi-k3": "kimi", "kimi-k3.1-pro": "kimi", "kimi-k3.1-pro-highspeed": "kimi"}
PREFIXES = (("moonshot/", "kimi"),)
TIERS = {"plan": "max", "kimi": "specialty", "default": "default"}
CLAUDE = re.compile("claude", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decision:
    """The route of a call; `rename` is the name that goes out in the place of the client's."""

    route: str
    rename: str | None = None

    @property
    def tier(self) -> str:
        """The tier of the route."""
        return TIERS[self.route]


def decide(agent: str | None, model: Any) -> Decision | str:
    """The decision, or why the call is refused."""
    name = "" if model is None else model
    if not isinstance(name, str):
        return "model must be a string"
    if agent in PLAN_AGENTS and CLAUDE.match(name):
        return Decision("plan")
    if name in MODELS:
        return Decision(MODELS[name])
    for prefix, route in PREFIXES:
        if name.startswith(prefix):
            return Decision(route, name.removeprefix(prefix))
    return Decision("default")
