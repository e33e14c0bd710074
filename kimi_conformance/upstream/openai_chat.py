"""The chat wire as OpenAI-compatible services speak it; reasoning goes where most of them put it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.upstream.reply import deltas, tool_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.upstream.reply import Reply, Usage

FINGERPRINT = "fp_50cad350e4"


def usage(used: Usage) -> dict[str, Any]:
    """Usage; the details are always there, unlike Kimi's."""
    return {
        "prompt_tokens": used.prompt,
        "completion_tokens": used.completion,
        "total_tokens": used.total,
        "prompt_tokens_details": {"cached_tokens": used.cached},
        "completion_tokens_details": {"reasoning_tokens": used.reasoning},
    }


def completion(reply: Reply, model: str) -> dict[str, Any]:
    """A whole answer: `content` is null beside calls that stand alone, and calls have no `index`."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if reply.tool_calls:
        message["tool_calls"] = [
            {name: value for name, value in call.items() if name != "index"} for call in tool_calls(reply)
        ]
    return {
        "id": reply.chat_id,
        "object": "chat.completion",
        "created": reply.created,
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish}],
        "usage": usage(reply.usage),
        "system_fingerprint": FINGERPRINT,
    }


def chunks(reply: Reply, model: str, *, include_usage: bool) -> Iterator[dict[str, Any]]:
    """A streamed answer: usage only where asked for, in a chunk without choices, and null in all before it."""
    base: dict[str, Any] = {
        "id": reply.chat_id,
        "object": "chat.completion.chunk",
        "created": reply.created,
        "model": model,
        "system_fingerprint": FINGERPRINT,
    }
    unused = {"usage": None} if include_usage else {}
    for delta in deltas(reply):
        yield {**base, "choices": [_choice(delta, None)], **unused}
    yield {**base, "choices": [_choice({}, reply.finish)], **unused}
    if include_usage:
        yield {**base, "choices": [], "usage": usage(reply.usage)}


def _choice(delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
