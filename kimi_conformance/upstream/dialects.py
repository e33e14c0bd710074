"""The dialects by the names that profiles give them under `speaks:`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.upstream import anthropic, kimi, openai, portkey, postgrest, webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kimi_conformance.exchange import Request
    from kimi_conformance.upstream.script import Script

DIALECTS: Mapping[str, Callable[[Any], Callable[[Request], Script]]] = {
    "kimi": kimi.answerer,
    "openai": openai.answerer,
    "anthropic": anthropic.answerer,
    "portkey": portkey.answerer,
    "postgrest": postgrest.answerer,
    "webhook": webhook.answerer,
}
"""Each takes the `Config` of its own module."""
