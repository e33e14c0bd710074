"""The Anthropic wire, as far as Kimi's face and Anthropic's own service share it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kimi_conformance.upstream.reply import pieces
from kimi_conformance.upstream.script import compact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.upstream.reply import Reply
    from kimi_conformance.upstream.script import Event

STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}


def message(reply: Reply, model: str, *, id_: str, signature: str, usage: dict[str, Any]) -> dict[str, Any]:
    """A whole answer. Raises `ValueError` where the arguments of a call are not JSON: this wire has objects there."""
    content: list[dict[str, Any]] = []
    if reply.reasoning:
        content.append({"type": "thinking", "thinking": reply.reasoning, "signature": signature})
    if reply.text:
        content.append({"type": "text", "text": reply.text})
    content += [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments)}
        for call in reply.tool_calls
    ]
    return {**_frame(model, id_), "content": content, **_stop(reply), "usage": usage}


def events(
    reply: Reply,
    model: str,
    *,
    id_: str,
    signature: str,
    ping: bool,
    started: dict[str, Any],
    ended: dict[str, Any],
) -> Iterator[Event]:
    """A streamed answer as named events (evidence 077). A signature of "" is never streamed, as Kimi never does."""
    opening = {**_frame(model, id_), "stop_reason": None, "stop_sequence": None, "usage": started}
    yield _event({"type": "message_start", "message": opening})
    for index, (block, changes) in enumerate(_blocks(reply, signature)):
        yield _event({"type": "content_block_start", "index": index, "content_block": block})
        if ping and not index:
            yield _event({"type": "ping"})
        for change in changes:
            yield _event({"type": "content_block_delta", "index": index, "delta": change})
        yield _event({"type": "content_block_stop", "index": index})
    yield _event({"type": "message_delta", "delta": _stop(reply), "usage": ended})
    yield _event({"type": "message_stop"})


def _blocks(reply: Reply, signature: str) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each content block as it starts, and what is then added to it."""
    if reply.reasoning:
        thoughts = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(reply.reasoning)]
        signed = [{"type": "signature_delta", "signature": signature}] if signature else []
        yield {"type": "thinking", "thinking": "", "signature": ""}, thoughts + signed
    if reply.text:
        yield {"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in pieces(reply.text)]
    for call in reply.tool_calls:
        changes = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(call.arguments)]
        yield {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}, changes


def _frame(model: str, id_: str) -> dict[str, Any]:
    return {"id": id_, "type": "message", "role": "assistant", "content": [], "model": model}


def _stop(reply: Reply) -> dict[str, Any]:
    return {"stop_reason": STOP_REASONS.get(reply.finish, reply.finish), "stop_sequence": None}


def _event(data: dict[str, Any]) -> Event:
    return data["type"], compact(data).decode()
