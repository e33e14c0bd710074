"""A whole answer of `POST /v1/responses`, member by member as it was published (LM15, 2026-09-03)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from kimi_conformance.upstream.reply import Reply

BEFORE: Final[dict[str, Any]] = {
    "store": False,
    "background": False,
    "previous_response_id": None,
    "conversation": None,
    "instructions": None,
    "reasoning": None,
    "text": {"format": {"type": "text"}},
    "tools": [],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": None,
}
AFTER: Final[dict[str, Any]] = {
    "temperature": 1,
    "top_p": 0.95,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "top_logprobs": 0,
    "truncation": "disabled",
    "prompt_cache_key": None,
    "safety_identifier": None,
    "service_tier": "default",
}
"""What it says of the request, around the model: the same whatever was asked, as far as is known."""


def answer(reply: Reply, model: str) -> dict[str, Any]:
    """The answer, in the order of its members."""
    cut = reply.finish == "length"
    return {
        "id": f"resp_{secrets.token_hex(12)}",
        "object": "response",
        "created_at": reply.created,
        "completed_at": reply.created,
        "status": "incomplete" if cut else "completed",
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "output": [*([_reasoning(reply)] if reply.reasoning else []), _message(reply)],
        "usage": _usage(reply),
        **BEFORE,
        "model": model,
        **AFTER,
    }


def _reasoning(reply: Reply) -> dict[str, Any]:
    summary = [{"type": "summary_text", "text": reply.reasoning}]
    return {"type": "reasoning", "id": f"rs_{secrets.token_hex(12)}", "status": "completed", "summary": summary}


def _message(reply: Reply) -> dict[str, Any]:
    return {
        "type": "message",
        "id": f"msg_{secrets.token_hex(12)}",
        "status": "completed",
        "role": "assistant",
        "content": [{"type": "output_text", "text": reply.text, "annotations": []}],
    }


def _usage(reply: Reply) -> dict[str, Any]:
    used = reply.usage
    return {
        "input_tokens": used.prompt,
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": used.cached},
        "output_tokens": used.completion,
        "output_tokens_details": {"reasoning_tokens": used.reasoning},
        "total_tokens": used.total,
    }
