"""Reasoning that is lost, that stands elsewhere, or that nobody wanted."""

from __future__ import annotations

from typing import Any, Final

from kimi_conformance.faults.wire.edit import both, change, drop, put, rename
from kimi_conformance.faults.wire.pieces import each_chunk, swapped
from kimi_conformance.faults.wire.whole import answer
from kimi_conformance.faults.wire.wire_fault import wire

ITS_PLACE: Final = "api.thinking.reasoning-in-its-member"
OFF: Final = "api.thinking.disabled-is-honoured"
MESSAGE: Final = "choices/0/message"
DELTA: Final = "choices/0/delta"
REASONING: Final = rb'"reasoning_content":"'


def _inlined(message: dict[str, Any]) -> dict[str, Any]:
    thought = message["reasoning_content"]
    rest = {name: value for name, value in message.items() if name != "reasoning_content"}
    return {**rest, "content": f"<think>{thought}</think>{message['content']}"}


FAULTS: Final = (
    wire(
        "reasoning-dropped",
        "The reasoning is counted, and not there.",
        answer(drop(f"{MESSAGE}/reasoning_content")),
        ITS_PLACE,
        on="chat",
    ),
    wire(
        "reasoning-inlined",
        "The reasoning stands in the content.",
        answer(change(MESSAGE, _inlined)),
        ITS_PLACE,
        on="chat",
    ),
    wire(
        "reasoning-renamed",
        "The reasoning stands where OpenRouter puts it.",
        answer(rename(f"{MESSAGE}/reasoning_content", "reasoning")),
        ITS_PLACE,
        on="chat",
    ),
    wire(
        "reasoning-twice",
        "The reasoning stands under two names.",
        answer(put(f"{MESSAGE}/reasoning", "Hm.")),
        ITS_PLACE,
        on="chat",
    ),
    wire(
        "thinking-not-disabled",
        "It reasons although it was told not to.",
        answer(put(f"{MESSAGE}/reasoning_content", "Hm.")),
        OFF,
        on="taken/not-thinking",
    ),
    wire(
        "thinking-counted",
        "Reasoning is counted although it was turned off.",
        answer(put("usage/completion_tokens_details/reasoning_tokens", 9)),
        OFF,
        on="taken/not-thinking",
    ),
    wire(
        "stream-reasoning-dropped",
        "The reasoning of a stream is counted, and not there.",
        each_chunk(drop(f"{DELTA}/reasoning_content")),
        ITS_PLACE,
        on="stream*",
    ),
    wire(
        "stream-reasoning-renamed",
        "The reasoning of a stream stands under another name.",
        each_chunk(rename(f"{DELTA}/reasoning_content", "reasoning")),
        ITS_PLACE,
        on="stream*",
    ),
    wire(
        "stream-reasoning-inlined",
        "The reasoning of a stream is content, in <think>.",
        each_chunk(
            both(
                rename(f"{DELTA}/reasoning_content", "content"),
                change(f"{DELTA}/content", lambda text: f"<think>{text}</think>"),
            )
        ),
        ITS_PLACE,
        on="stream*",
    ),
    wire(
        "stream-reasoning-late",
        "A piece of the reasoning comes after the content has begun.",
        swapped(REASONING, rb'"content":"[^"]'),
        "api.stream.reasoning-before-content",
        on="stream",
    ),
    wire(
        "stream-reasoning-after-call",
        "A piece of the reasoning comes after a call has begun.",
        swapped(REASONING, rb'"tool_calls"'),
        "api.stream.reasoning-before-content",
        on="stream-asked-tools",
    ),
)
