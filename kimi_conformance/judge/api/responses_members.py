"""POST /v1/responses: members that OpenAI has and this face refuses, and one of the chat wire that it lets pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.acceptance import acceptance
from kimi_conformance.judge.api.refusal import broken, model_of, refusal

if TYPE_CHECKING:
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight

PLAIN: Final = frozenset({"model", "input", "stream", "max_output_tokens", "reasoning", "thinking"})
TYPES: Final = ({"type": "enabled"}, {"type": "disabled"})


def _json_object(s: Sight, _c: Contract) -> bool:
    text: Any = s.asked.get("text")
    wanted = text.get("format") if isinstance(text, dict) else None
    return isinstance(wanted, dict) and wanted.get("type") == "json_object"


def _retention(s: Sight, _c: Contract) -> bool:
    return s.asked.get("prompt_cache_retention") is not None


def _thinking(s: Sight, c: Contract) -> bool:
    plain = s.asked.keys() <= PLAIN and isinstance(s.asked.get("input"), str) and bool(s.asked["input"])
    there = s.face == "responses" and model_of(s, c) is not None
    return there and plain and s.asked.get("thinking") in TYPES and not broken(s, c)


refusal("api.responses.json-object-refused", _json_object, names="json_object|format", face="responses")
refusal("api.responses.cache-retention-refused", _retention, names="prompt_cache_retention", face="responses")
acceptance("api.responses.thinking-accepted", _thinking)
