"""What a bare decision is asked, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.trip import ABSENT, Decision

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.exchange import Exchange


def question(ask: Ask) -> dict[str, Any]:
    """What a `decide` implementation is asked; what is absent is left out."""
    members = {"agent": ask.agent.value, "model": ask.model.value, "surface": ask.surface}
    return {name: value for name, value in members.items() if value is not ABSENT}


def decision(exchange: Exchange) -> Decision | None:
    """What was decided; nothing, where the question brought an error."""
    if exchange.response is None:
        return None
    said = exchange.response.json()
    return Decision(said.get("route"), said.get("tier"), said.get("refuse"))
