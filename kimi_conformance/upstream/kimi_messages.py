"""Usage on Kimi's Anthropic face: Anthropic's counters with their OpenAI twins beside them (evidence 077)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kimi_conformance.upstream.reply import Usage


def started(used: Usage) -> dict[str, Any]:
    """In `message_start`, where the whole prompt still counts as uncached."""
    return {
        "input_tokens": used.prompt,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": 0,
        "service_tier": "standard",
        "inference_geo": "not_available",
        "prompt_tokens": used.prompt,
        "cached_tokens": 0,
    }


def ended(used: Usage) -> dict[str, Any]:
    """In `message_delta`, where the split is true."""
    counted: dict[str, Any] = {
        "input_tokens": used.prompt - used.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": used.cached,
        "output_tokens": used.completion,
        "prompt_tokens": used.prompt,
        "completion_tokens": used.completion,
        "total_tokens": used.total,
        "cached_tokens": used.cached,
    }
    if used.reasoning:
        counted["output_tokens_details"] = {"thinking_tokens": used.reasoning}
    return counted


def whole(used: Usage) -> dict[str, Any]:
    """In an answer that is no stream: modelled, as nobody has published one."""
    return {**started(used), **ended(used)}
