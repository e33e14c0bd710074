"""A request of the Anthropic face in the words of the chat wire, so that both faces have one set of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.serve.asking import member, objects, text
from kimi_conformance.upstream.script import compact

if TYPE_CHECKING:
    from collections.abc import Iterator

CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def as_chat(body: dict[str, Any]) -> dict[str, Any]:
    """The body that asks the chat wire for the same. Members that are of the wrong type stay, to be refused."""
    said = body.get("messages")
    chat = {
        "model": body.get("model"),
        "messages": said if not isinstance(said, list) else [*_system(body), *_messages(said)],
        "max_tokens": body.get("max_tokens"),
        "stop": body.get("stop_sequences"),
        "stream": body.get("stream"),
        "thinking": body.get("thinking"),
        "tools": _tools(body.get("tools")),
        "tool_choice": _choice(body.get("tool_choice")),
        "response_format": _format(body.get("output_config")),
    }
    return {name: value for name, value in chat.items() if value is not None}


def _system(body: dict[str, Any]) -> list[dict[str, Any]]:
    words = text(body.get("system"))
    return [{"role": "system", "content": words}] if words and body.get("messages") else []


def _messages(said: list[Any]) -> Iterator[Any]:
    for message in said:
        if not isinstance(message, dict):
            yield message
        elif message.get("role") == "assistant":
            yield _assistant(message)
        else:
            yield from _user(message)


def _assistant(message: dict[str, Any]) -> dict[str, Any]:
    blocks = objects(message.get("content"))
    used = [block for block in blocks if block.get("type") == "tool_use"]
    thoughts = [block["thinking"] for block in blocks if isinstance(block.get("thinking"), str)]
    return {
        "role": "assistant",
        "content": text(message.get("content")),
        **({"reasoning_content": "".join(thoughts)} if thoughts else {}),
        **({"tool_calls": [_call(block) for block in used]} if used else {}),
    }


def _call(block: dict[str, Any]) -> dict[str, Any]:
    arguments = compact(block.get("input") or {}).decode("utf-8", "replace")
    return {
        "id": block.get("id"),
        "type": "function",
        "function": {"name": block.get("name"), "arguments": arguments},
    }


def _user(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Results of tools are messages of their own; what stands beside them follows."""
    blocks = objects(message.get("content"))
    for block in blocks:
        if block.get("type") == "tool_result":
            answered = {"tool_call_id": block.get("tool_use_id"), "content": text(block.get("content"))}
            yield {"role": "tool", **answered}
    rest = [_part(block) for block in blocks if block.get("type") != "tool_result"]
    if rest or not blocks:
        yield {"role": message.get("role"), "content": rest or message.get("content")}


def _part(block: dict[str, Any]) -> dict[str, Any]:
    source = block.get("source")
    if block.get("type") != "image" or not isinstance(source, dict):
        return block
    url = source.get("url") if source.get("type") == "url" else f"data:{source.get('media_type')};base64,"
    return {"type": "image_url", "image_url": {"url": url}}


def _tools(tools: Any) -> Any:
    if not isinstance(tools, list):
        return tools
    return [_tool(tool) if isinstance(tool, dict) else tool for tool in tools]


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    function = {"name": tool.get("name"), "parameters": tool.get("input_schema")}
    return {"type": "function", "function": function}


def _choice(choice: Any) -> Any:
    kind = member(choice, "type")
    if kind == "tool":
        return {"type": "function", "function": {"name": member(choice, "name")}}
    return CHOICES.get(kind, choice) if isinstance(kind, str) else choice


def _format(config: Any) -> dict[str, Any] | None:
    format_ = member(config, "format")
    if member(format_, "type") != "json_schema":
        return None
    return {"type": "json_schema", "json_schema": {"name": "output", "schema": member(format_, "schema")}}
