"""Whole chat answers that are not what they should be."""

from __future__ import annotations

from typing import Final

from kimi_conformance.faults.wire.edit import both, change, drop, put
from kimi_conformance.faults.wire.whole import answer, entire, failing, header, page
from kimi_conformance.faults.wire.wire_fault import wire

SHAPE: Final = "api.chat.shape"
MESSAGE: Final = "choices/*/message"

FAULTS: Final = (
    wire("choices-empty", "An answer has no choice in it.", answer(put("choices", [])), SHAPE, on="chat"),
    wire("choices-missing", "An answer has no `choices`.", answer(drop("choices")), SHAPE, on="chat"),
    wire("id-missing", "An answer has no id.", answer(drop("id")), SHAPE, on="chat"),
    wire("id-empty", "The id of an answer is empty.", answer(put("id", "")), SHAPE, on="chat"),
    wire(
        "object-wrong",
        "A whole answer calls itself a chunk.",
        answer(put("object", "chat.completion.chunk")),
        SHAPE,
        on="chat",
    ),
    wire("created-as-text", "The time of creation is a string.", answer(change("created", str)), SHAPE, on="chat"),
    wire("index-missing", "A choice has no index.", answer(drop("choices/*/index")), SHAPE, on="chat"),
    wire("message-missing", "A choice has no message.", answer(drop(MESSAGE)), SHAPE, on="chat"),
    wire("role-missing", "A message has no role.", answer(drop(f"{MESSAGE}/role")), SHAPE, on="chat"),
    wire("role-user", "The answer is said to be the user's.", answer(put(f"{MESSAGE}/role", "user")), SHAPE, on="chat"),
    wire("answer-in-a-list", "The answer stands in a list.", entire(lambda found: [found]), SHAPE, on="chat"),
    wire(
        "model-substituted",
        "Another model answers, and says so.",
        answer(put("model", "kimi-k2.6")),
        "api.chat.model-echoed",
        on="chat",
    ),
    wire(
        "model-prefixed",
        "The model of the answer has a router's prefix.",
        answer(change("model", lambda name: f"moonshotai/{name}")),
        "api.chat.model-echoed",
        on="chat",
    ),
    wire(
        "content-null",
        "Content is null where there is nothing to say.",
        answer(put(f"{MESSAGE}/content", None)),
        "api.chat.content-is-string",
        on="chat-tools",
    ),
    wire(
        "content-missing",
        "A message has no content at all.",
        answer(drop(f"{MESSAGE}/content")),
        "api.chat.content-is-string",
        SHAPE,
        on="chat-tools",
    ),
    wire(
        "content-in-parts",
        "Content is a list of parts.",
        answer(change(f"{MESSAGE}/content", lambda text: [{"type": "text", "text": text}])),
        "api.chat.content-is-string",
        SHAPE,
        on="chat",
    ),
    wire(
        "finish-null",
        "A whole answer does not say why it ended.",
        answer(put("choices/*/finish_reason", None)),
        "api.chat.finish-reason",
        on="chat",
    ),
    wire(
        "finish-unknown",
        "An answer ends for a reason of Anthropic's.",
        answer(put("choices/*/finish_reason", "end_turn")),
        "api.chat.finish-reason",
        on="chat",
    ),
    wire(
        "finish-stop-with-tools",
        "An answer with tool calls ends with `stop`.",
        answer(put("choices/*/finish_reason", "stop")),
        "api.chat.finish-fits-content",
        on="chat-tools",
    ),
    wire(
        "finish-tools-without-calls",
        "An answer announces tool calls, and has none.",
        answer(put("choices/*/finish_reason", "tool_calls")),
        "api.chat.finish-fits-content",
        on="chat",
    ),
    wire(
        "fingerprint-in-whole-answer",
        "A whole answer has a fingerprint.",
        answer(put("system_fingerprint", "fpv0_25844b67")),
        "api.chat.fingerprint-only-in-streams",
        on="chat",
    ),
    wire(
        "fingerprint-null-in-whole-answer",
        "A whole answer has a fingerprint that is null, as other engines write it.",
        answer(put("system_fingerprint", None)),
        "api.chat.fingerprint-only-in-streams",
        on="chat*",
    ),
    wire(
        "budget-exceeded",
        "An answer is longer than its budget.",
        answer(both(put("usage/completion_tokens", 40), put("usage/total_tokens", 127))),
        "api.chat.budget-kept",
        on="chat-length",
    ),
    wire(
        "length-too-early",
        "An answer is cut for its length before its budget is used up.",
        answer(both(put("usage/completion_tokens", 30), put("usage/total_tokens", 117))),
        "api.chat.length-fills-budget",
        on="chat-length",
    ),
    wire(
        "second-bound-wins",
        "Of two bounds max_tokens holds.",
        answer(both(put("usage/completion_tokens", 16), put("usage/total_tokens", 103))),
        "api.chat.both-bounds-completion-wins",
        on="chat-cut-at-second-bound",
    ),
    wire(
        "error-200",
        "An error comes with 200.",
        failing(200, {"error": {"message": "Internal error", "type": "server_error"}}),
        "api.errors.not-with-200",
        SHAPE,
        on="chat",
    ),
    wire(
        "error-200-beside-answer",
        "An error stands beside an answer that was broken off, with 200.",
        answer(put("error", {"message": "upstream timeout", "type": "server_error"})),
        "api.errors.not-with-200",
        on="chat",
    ),
    wire(
        "error-200-of-anthropic",
        "An error in Anthropic's form comes with 200.",
        failing(200, {"type": "error", "error": {"type": "api_error", "message": "Internal error"}}),
        "api.errors.not-with-200",
        on="message",
    ),
    wire("html-200", "A page comes with 200.", page(200), SHAPE, on="chat"),
    wire(
        "json-as-text",
        "JSON calls itself text.",
        header("content-type", lambda _: "text/plain; charset=utf-8"),
        "api.headers.json-content-type",
        on="chat",
    ),
)
