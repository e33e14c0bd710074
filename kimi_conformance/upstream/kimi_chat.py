"""Kimi's chat wire: completions and chunks with the members that were observed, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.upstream.reply import deltas, tool_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.upstream.reply import Reply, Usage

FINGERPRINT = "fpv0_25844b67"


def usage(used: Usage) -> dict[str, Any]:
    """Usage; the cache counters come together and only on a hit, the reasoning counter only after reasoning."""
    counted: dict[str, Any] = {
        "prompt_tokens": used.prompt,
        "completion_tokens": used.completion,
        "total_tokens": used.total,
    }
    if used.cached:
        counted["cached_tokens"] = used.cached
    if used.reasoning:
        counted["completion_tokens_details"] = {"reasoning_tokens": used.reasoning}
    if used.cached:
        counted["prompt_tokens_details"] = {"cached_tokens": used.cached}
    return counted


def completion(reply: Reply, model: str) -> dict[str, Any]:
    """A whole answer (evidence 001, 005, 101)."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if reply.tool_calls:
        message["tool_calls"] = tool_calls(reply)
    return {
        "id": reply.chat_id,
        "object": "chat.completion",
        "created": reply.created,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish}],
        "usage": usage(reply.usage),
    }


def chunks(reply: Reply, model: str, *, include_usage: bool) -> Iterator[dict[str, Any]]:
    """A streamed answer (evidence 004): usage inside the last choice, and once more by itself where it is asked for."""
    base = {"id": reply.chat_id, "object": "chat.completion.chunk", "created": reply.created, "model": model}
    stamp = {"system_fingerprint": FINGERPRINT}
    for delta in deltas(reply):
        yield {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None}], **stamp}
    used = usage(reply.usage)
    yield {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": reply.finish, "usage": used}], **stamp}
    if include_usage:
        yield {**base, "choices": [], "usage": used}
