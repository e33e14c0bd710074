"""An answer of the chat wire, said on Anthropic's messages wire."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

Object = dict[str, Any]

STOP_REASONS: Final = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}
SHOWN: Final = 500


def message(completion: Mapping[str, Any]) -> Object:
    """A whole answer. Raises `LookupError`, `TypeError` and `ValueError` for what is no completion."""
    choice = completion["choices"][0]
    said = choice["message"]
    content: list[Object] = []
    if said.get("reasoning_content"):
        content.append({"type": "thinking", "thinking": said["reasoning_content"], "signature": ""})
    if said.get("content"):
        content.append({"type": "text", "text": said["content"]})
    for call in said.get("tool_calls") or ():
        arguments = json.loads(call["function"]["arguments"] or "{}")
        content.append({"type": "tool_use", "id": call["id"], "name": call["function"]["name"], "input": arguments})
    return {
        **frame(completion),
        "content": content,
        "stop_reason": stop_reason(choice["finish_reason"]),
        "stop_sequence": None,
        "usage": usage(completion.get("usage") or {}),
    }


def frame(completion: Mapping[str, Any]) -> Object:
    """What every message has, whole or just begun."""
    return {"id": completion["id"], "type": "message", "role": "assistant", "model": completion["model"]}


def stop_reason(finish: Any) -> Any:
    """Why a message ended, in Anthropic's words; in the upstream's own where Anthropic has none for it."""
    return STOP_REASONS.get(finish, finish)


def usage(used: Mapping[str, Any]) -> Object:
    """Anthropic counts what came out of the cache beside the input, the chat wire within it."""
    details = used.get("prompt_tokens_details") or {}
    cached = details.get("cached_tokens") or used.get("cached_tokens") or 0
    return {
        "input_tokens": used.get("prompt_tokens", 0) - cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": cached,
        "output_tokens": used.get("completion_tokens", 0),
    }


def error(body: bytes) -> Object:
    """An error in Anthropic's shape: the upstream's own type and message, which tell its three 429 apart."""
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    inner = told.get("error") if isinstance(told, dict) else None
    if not isinstance(inner, dict):
        return {"type": "error", "error": {"type": "api_error", "message": body[:SHOWN].decode("utf-8", "replace")}}
    given = {"type": inner.get("type") or "api_error", "message": inner.get("message") or ""}
    return {"type": "error", "error": given}
