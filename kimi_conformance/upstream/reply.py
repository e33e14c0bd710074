"""What an answer says, whatever the wire it is said on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 12
"""How many characters a streamed piece of text has."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a function; `arguments` is the text of a JSON object."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens: `prompt` includes `cached`, `completion` includes `reasoning`."""

    prompt: int = 93
    completion: int = 54
    reasoning: int = 38
    cached: int = 0

    @property
    def total(self) -> int:
        """All tokens."""
        return self.prompt + self.completion


@dataclass(frozen=True, slots=True)
class Reply:
    """The content of an answer. `id` None: a fresh one in the form of the wire; `finish_reason` None: by content."""

    text: str = "The stand-in has heard you."
    reasoning: str = "Somebody asks; an answer of the right shape is due."
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage = Usage()
    finish_reason: str | None = None
    id: str | None = None
    created: int = 1788269279

    @property
    def finish(self) -> str:
        """The finish reason in the words of the chat wire."""
        return self.finish_reason or ("tool_calls" if self.tool_calls else "stop")

    @property
    def chat_id(self) -> str:
        """The id on the chat wire: the time in hex and 16 hex digits more, as seen on api.moonshot.ai."""
        return self.id or f"chatcmpl-{self.created:08x}{secrets.token_hex(8)}"


DEFAULT = Reply()


def pieces(text: str) -> list[str]:
    """The text as a stream cuts it: between characters, never within one."""
    return [text[at : at + PIECE] for at in range(0, len(text), PIECE)]


def tool_calls(reply: Reply) -> list[dict[str, Any]]:
    """The calls of a chat message, with the `index` that Kimi gives outside streams too (evidence 005)."""
    return [
        {
            "index": index,
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for index, call in enumerate(reply.tool_calls)
    ]


def deltas(reply: Reply) -> Iterator[dict[str, Any]]:
    """The deltas of a chat stream in order: role, reasoning, content, calls in fragments (evidence 004, 070)."""
    yield {"role": "assistant", "content": ""}
    for piece in pieces(reply.reasoning):
        yield {"reasoning_content": piece}
    for piece in pieces(reply.text):
        yield {"content": piece}
    for call in tool_calls(reply):
        arguments = call["function"]["arguments"]
        yield {"tool_calls": [{**call, "function": {"name": call["function"]["name"], "arguments": ""}}]}
        for piece in pieces(arguments):
            yield {"tool_calls": [{"index": call["index"], "function": {"arguments": piece}}]}
