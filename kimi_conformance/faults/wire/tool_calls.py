"""Tool calls that cannot be made, cannot be told apart, or are not there."""

from __future__ import annotations

import json
from typing import Any, Final

from kimi_conformance.faults.wire.edit import both, change, drop, put
from kimi_conformance.faults.wire.whole import answer
from kimi_conformance.faults.wire.wire_fault import wire

CALLS: Final = "choices/0/message/tool_calls"
ARGUMENTS: Final = f"{CALLS}/*/function/arguments"
NAME: Final = f"{CALLS}/*/function/name"
SHAPE: Final = "api.tools.call-shape"
JSON: Final = "api.tools.arguments-are-json"
UNCALLED: Final = both(drop(CALLS), put("choices/0/finish_reason", "stop"), put("choices/0/message/content", "18 °C"))


def _named_by_function(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**call, "id": "functions.get_weather"} for call in calls]


FAULTS: Final = (
    wire(
        "args-invalid-json",
        "Arguments lose their last brace.",
        answer(change(ARGUMENTS, lambda text: text[:-1])),
        JSON,
        on="chat-tools",
    ),
    wire(
        "args-object",
        "Arguments are an object, not a string.",
        answer(change(ARGUMENTS, json.loads)),
        JSON,
        "api.chat.shape",
        on="chat-tools",
    ),
    wire(
        "args-list", "Arguments are a list.", answer(change(ARGUMENTS, lambda text: f"[{text}]")), JSON, on="chat-tools"
    ),
    wire("args-empty", "Arguments are an empty string.", answer(put(ARGUMENTS, "")), JSON, on="chat-tools"),
    wire(
        "args-twice-encoded",
        "Arguments are JSON in JSON in a string.",
        answer(change(ARGUMENTS, json.dumps)),
        JSON,
        on="chat-tools",
    ),
    wire(
        "args-python",
        "Arguments are written as Python writes them.",
        answer(change(ARGUMENTS, lambda text: text.replace('"', "'"))),
        JSON,
        on="chat-tools",
    ),
    wire(
        "tool-id-missing", "A call has no id.", answer(drop(f"{CALLS}/*/id")), SHAPE, "api.chat.shape", on="chat-tools"
    ),
    wire("tool-id-empty", "The id of a call is empty.", answer(put(f"{CALLS}/*/id", "")), SHAPE, on="chat-tools"),
    wire(
        "tool-id-long",
        "The id of a call is longer than clients take.",
        answer(put(f"{CALLS}/*/id", "call_" * 20)),
        SHAPE,
        on="chat-tools",
    ),
    wire(
        "tool-ids-equal",
        "Two calls have one id.",
        answer(change(CALLS, _named_by_function)),
        "api.tools.ids-unique",
        on="chat-two-calls",
    ),
    wire("tool-type-missing", "A call has no type.", answer(drop(f"{CALLS}/*/type")), SHAPE, on="chat-tools"),
    wire(
        "tool-type-other",
        "A call is of Anthropic's type.",
        answer(put(f"{CALLS}/*/type", "tool_use")),
        SHAPE,
        on="chat-tools",
    ),
    wire("tool-name-empty", "The name of a call is empty.", answer(put(NAME, "")), SHAPE, on="chat-tools"),
    wire("tool-name-missing", "A call does not say of what.", answer(drop(NAME)), SHAPE, on="chat-tools"),
    wire(
        "tool-name-mangled",
        "The name of a function is put in order.",
        answer(change(NAME, lambda name: name.replace("_", "-"))),
        "api.tools.name-is-declared",
        on="chat-tools",
    ),
    wire(
        "tool-name-prefixed",
        "The name of a function has a prefix.",
        answer(change(NAME, lambda name: f"functions.{name}")),
        "api.tools.name-is-declared",
        on="chat-two-calls",
    ),
    wire(
        "tool-index-outside-missing",
        "The call of a whole answer has no index.",
        answer(drop(f"{CALLS}/*/index")),
        "api.tools.index-outside-streams",
        on="chat-tools",
    ),
    wire(
        "tool-index-outside-all-zero",
        "All calls of a whole answer have the index 0.",
        answer(put(f"{CALLS}/*/index", 0)),
        "api.tools.parallel-calls",
        "api.tools.index-outside-streams",
        on="chat-two-calls",
    ),
    wire(
        "tool-calls-null",
        "Tool calls are announced, and null.",
        answer(put(CALLS, None)),
        "api.chat.finish-fits-content",
        on="chat-tools",
    ),
    wire(
        "tool-calls-swapped",
        "The calls of an answer change places.",
        answer(change(CALLS, lambda calls: calls[::-1])),
        "api.tools.parallel-calls",
        on="chat-two-calls",
    ),
    wire(
        "required-ignored",
        "A call that was required is not there.",
        answer(UNCALLED),
        "api.tools.required-is-obeyed",
        on="chat-required",
    ),
    wire(
        "named-ignored",
        "The function that was named is not called.",
        answer(UNCALLED),
        "api.tools.named-works-without-thinking",
        on="taken/named",
    ),
    wire(
        "named-another",
        "Another function is called than was named.",
        answer(put(NAME, "get_time")),
        "api.tools.named-works-without-thinking",
        on="taken/named",
    ),
)
