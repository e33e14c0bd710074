"""Whole messages of the Anthropic face that are not what they should be."""

from __future__ import annotations

from typing import Final

from kimi_conformance.faults.wire.edit import change, drop, put
from kimi_conformance.faults.wire.whole import answer
from kimi_conformance.faults.wire.wire_fault import wire

SHAPE: Final = "api.messages.shape"
STOP: Final = "api.messages.stop-reason"
FITS: Final = "api.messages.tool-use-fits-stop"
SPLIT: Final = "api.messages.usage-split"
HMM: Final = {"type": "thinking", "thinking": "Hm.", "signature": ""}

FAULTS: Final = (
    wire("message-id-missing", "A message has no id.", answer(drop("id")), SHAPE, on="message"),
    wire(
        "message-of-chat",
        "A message calls itself a chat completion.",
        answer(put("type", "chat.completion")),
        SHAPE,
        on="message",
    ),
    wire("message-role-missing", "A whole message has no role.", answer(drop("role")), SHAPE, on="message"),
    wire(
        "message-content-string",
        "The content of a message is a string.",
        answer(put("content", "Mare")),
        SHAPE,
        on="message",
    ),
    wire(
        "message-block-unknown",
        "A block has a type of OpenAI's.",
        answer(put("content/1/type", "output_text")),
        SHAPE,
        on="message",
    ),
    wire("message-usage-missing", "A message has no usage.", answer(drop("usage")), SHAPE, on="message"),
    wire(
        "message-usage-in-openais-words",
        "The counters of a message have OpenAI's names only.",
        answer(drop("usage/input_tokens", "usage/output_tokens")),
        SHAPE,
        on="message",
    ),
    wire(
        "message-model-substituted",
        "Another model answers on the Anthropic face.",
        answer(put("model", "kimi-k2.6")),
        "api.messages.model-echoed",
        on="message",
    ),
    wire(
        "message-model-of-anthropic",
        "A message claims to be of the model that a client asked a router for.",
        answer(put("model", "claude-sonnet")),
        "api.messages.model-echoed",
        on="message",
    ),
    wire(
        "message-stop-unknown",
        "A message stops for a reason of OpenAI's.",
        answer(put("stop_reason", "stop")),
        STOP,
        on="message",
    ),
    wire(
        "message-stop-null",
        "A whole message does not say why it stopped.",
        answer(put("stop_reason", None)),
        STOP,
        on="message",
    ),
    wire(
        "message-stop-with-tools",
        "A message with a call ends its turn.",
        answer(put("stop_reason", "end_turn")),
        FITS,
        on="message-tools",
    ),
    wire(
        "message-tools-without-use",
        "A message stops for a call that is not there.",
        answer(put("stop_reason", "tool_use")),
        FITS,
        on="message",
    ),
    wire(
        "message-input-string",
        "The input of a call is a string.",
        answer(put("content/1/input", '{"city":"Paris"}')),
        SHAPE,
        on="message-tools",
    ),
    wire(
        "message-tool-id-missing",
        "The call of a message has no id.",
        answer(drop("content/1/id")),
        SHAPE,
        on="message-tools",
    ),
    wire(
        "message-usage-split-wrong",
        "The input counts what came from the cache, too.",
        answer(put("usage/input_tokens", 88)),
        SPLIT,
        on="message",
    ),
    wire(
        "message-usage-wrong-total",
        "The total of a message is not the sum.",
        answer(change("usage/total_tokens", lambda found: found + 1)),
        SPLIT,
        on="message",
    ),
    wire(
        "message-thinks-on",
        "A message reasons although it was told not to.",
        answer(change("content", lambda found: [HMM, *found])),
        "api.messages.thinking-disabled-honoured",
        on="taken/message-not-thinking",
    ),
    wire(
        "message-signed",
        "The reasoning of a message is signed.",
        answer(put("content/0/signature", "c2ln")),
        "api.messages.no-signature",
        on="message",
    ),
)
