"""What an answer says, whatever the wire: text, reasoning, calls, why it ended, counters."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.judge.api.fold import fold
from kimi_conformance.judge.api.messages_fold import fold_messages
from kimi_conformance.judge.json_diff import differences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kimi_conformance.contract.reach import Surface
    from kimi_conformance.judge.api.messages_fold import Block, Messages
    from kimi_conformance.sse import Event

FINISHES: Final = {"end_turn": "stop", "max_tokens": "length", "tool_use": "tool_calls", "refusal": "content_filter"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """The first choice of an answer. `calls` are names and arguments (as JSON, if they are), `usage` tokens in, out."""

    text: str
    reasoning: str
    calls: list[tuple[Any, Any]]
    finish: Any
    usage: tuple[Any, Any]

    def unlike(self, other: Meaning) -> list[str]:
        """The names of what differs."""
        return [
            field.name
            for field in fields(self)
            if [*differences(_plain(getattr(self, field.name)), _plain(getattr(other, field.name)))]
        ]


def meaning_of(body: dict[str, Any], surface: Surface) -> Meaning:
    """What a whole answer says."""
    return _of_message(body) if surface == "messages" else _of_completion(body)


def meaning_of_stream(events: Iterable[Event], surface: Surface) -> Meaning:
    """What a stream says, put together."""
    if surface == "chat":
        return _of_completion(fold(events).whole())
    return _of_message(message_of(fold_messages(events)))


def message_of(stream: Messages) -> dict[str, Any]:
    """The whole message that a stream on the messages wire comes to; of each counter the last word."""
    used = [said for _, said in stream.usages if isinstance(said, dict)]
    return {
        **(stream.message or {}),
        "content": [_whole(block) for block in stream.blocks],
        "stop_reason": stream.stop_reason,
        "usage": {name: value for said in used for name, value in said.items() if value is not None},
    }


def _of_completion(body: dict[str, Any]) -> Meaning:
    choices = body.get("choices")
    choice = _object(choices[0] if isinstance(choices, list) and choices else None)
    message = _object(choice.get("message"))
    calls = message.get("tool_calls")
    functions = [_object(_object(call).get("function")) for call in calls] if isinstance(calls, list) else []
    usage = _object(body.get("usage"))
    return Meaning(
        _text(message.get("content")),
        _text(message.get("reasoning_content") or message.get("reasoning")),
        [(function.get("name"), parsed(function.get("arguments"))) for function in functions],
        choice.get("finish_reason"),
        (usage.get("prompt_tokens"), usage.get("completion_tokens")),
    )


def _of_message(body: dict[str, Any]) -> Meaning:
    content = body.get("content")
    blocks = [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
    usage = _object(body.get("usage"))
    said = [usage.get(name) for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")]
    counted = [count for count in said if isinstance(count, int)]
    return Meaning(
        "".join(str(block.get("text", "")) for block in blocks if block.get("type") == "text"),
        "".join(str(block.get("thinking", "")) for block in blocks if block.get("type") == "thinking"),
        [(block.get("name"), block.get("input")) for block in blocks if block.get("type") == "tool_use"],
        FINISHES.get(str(body.get("stop_reason")), body.get("stop_reason")),
        (sum(counted) if counted else None, usage.get("output_tokens")),
    )


def _whole(block: Block) -> dict[str, Any]:
    if block.kind == "tool_use":
        return {**block.start, "input": parsed(block.text) if block.text else block.start.get("input", {})}
    name = "thinking" if block.kind == "thinking" else "text"
    return {**block.start, name: f"{block.start.get(name) or ''}{block.text}"}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def parsed(arguments: Any) -> Any:
    """Arguments as the JSON that they hold, where they do."""
    try:
        return json.loads(arguments)
    except (TypeError, ValueError, RecursionError):
        return arguments


def _plain(value: Any) -> Any:
    """Tuples as lists, None as nothing."""
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return ABSENT if value is None else value
