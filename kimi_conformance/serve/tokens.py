"""Tokens, counted after a rule of our own: comparable with each other, not with Kimi's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.serve.asking import member, objects, text
from kimi_conformance.upstream.script import compact

if TYPE_CHECKING:
    from kimi_conformance.serve.asking import Asked

_TOKEN: Final = re.compile(r"[\x00-\x7f]{1,4}|[^\x00-\x7f]", re.DOTALL)

HIDDEN, HIDDEN_THINKING, JSON_MODE, PICTURE, MESSAGE = 15, 80, 47, 9, 3
"""What a prompt has besides its words, as large as seen on kimi-k3 (facts, section 6)."""


def tokens(words: str) -> list[str]:
    """The tokens of a text: four characters of ASCII, or one of any other."""
    return _TOKEN.findall(words)


def count(words: str) -> int:
    """How many tokens a text has."""
    return sum(1 for _ in _TOKEN.finditer(words))


def messages_tokens(messages: list[dict[str, Any]]) -> int:
    """The tokens of messages, their calls and pictures included."""
    return sum(_message(message) for message in messages)


def prompt_tokens(asked: Asked) -> int:
    """The tokens of a prompt, with what the model is told besides."""
    hidden = HIDDEN_THINKING if asked.thinks else HIDDEN
    json_mode = JSON_MODE if member(asked.body.get("response_format"), "type") == "json_object" else 0
    tools = count(compact(asked.functions).decode("utf-8", "replace")) if asked.functions else 0
    return hidden + json_mode + tools + messages_tokens(asked.messages)


def _message(message: dict[str, Any]) -> int:
    pictures = sum(part.get("type") in ("image_url", "video_url") for part in objects(message.get("content")))
    reasoning = message.get("reasoning_content")
    called = "".join(str(member(call.get("function"), "arguments")) for call in objects(message.get("tool_calls")))
    words = text(message.get("content")) + (reasoning if isinstance(reasoning, str) else "") + called
    return MESSAGE + PICTURE * pictures + count(words)
