"""What a chat request asks for, read without trust: any member may have any type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kimi_conformance.contract.catalogue import Model

CALLABLE = "function"


@dataclass(frozen=True, slots=True)
class Asked:
    """A chat request to `model`. `sampling`: whether this face has sampling parameters. `coding`: the coding host."""

    body: dict[str, Any]
    model: Model
    coding: bool = False
    sampling: bool = True

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages."""
        return objects(self.body.get("messages"))

    @property
    def last(self) -> dict[str, Any]:
        """The last message."""
        return (self.messages or [{}])[-1]

    @property
    def disables(self) -> bool:
        """Whether thinking is to be off."""
        return bool(member(self.body.get("thinking"), "type") == "disabled")

    @property
    def thinks(self) -> bool:
        """Whether the model thinks. Where nobody knows whether it can be disabled it can: modelled."""
        return self.model.capabilities.reasoning is True and not self.disables

    @property
    def functions(self) -> list[dict[str, Any]]:
        """The functions that can be called, those of system messages included."""
        tools = objects(self.body.get("tools")) + dynamic_tools(self.messages)
        return [tool["function"] for tool in tools if is_function(tool)]

    @property
    def said(self) -> str:
        """The text of the last message of the user."""
        return next((text(said.get("content")) for said in reversed(self.messages) if said.get("role") == "user"), "")


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; none, where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def member(value: Any, name: str) -> Any:
    """The member of an object; None, where it is no object."""
    return value.get(name) if isinstance(value, dict) else None


def text(content: Any) -> str:
    """The text of a message's content, which is a string or a list of parts."""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in objects(content) if isinstance(part.get("text"), str))


def dynamic_tools(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tools that stand in messages."""
    return [tool for message in messages for tool in objects(message.get("tools"))]


def is_function(tool: dict[str, Any]) -> bool:
    """Whether a tool is a function that can be called."""
    return tool.get("type") == CALLABLE and isinstance(member(tool.get("function"), "name"), str)


def calls(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The tool calls of a message."""
    return objects(message.get("tool_calls"))
