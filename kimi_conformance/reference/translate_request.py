"""A request of Anthropic's messages wire, said on the chat wire."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Object = dict[str, Any]

CHOICES: Final = {"auto": "auto", "any": "required", "none": "none"}
OTHERWISE: Final = frozenset({"system", "messages", "tools", "tool_choice", "stop_sequences", "thinking", "metadata"})
"""Members that the chat wire says in another way, or not at all; all others go out as they are."""
UNKNOWN: Final = frozenset({"top_k"})


def chat_members(members: Mapping[str, Any]) -> Object:
    """The same request for /chat/completions. Raises `ValueError` where it is no messages request."""
    chat = {name: value for name, value in members.items() if name not in OTHERWISE | UNKNOWN}
    chat["messages"] = [*_system(members.get("system")), *_conversation(members.get("messages"))]
    if members.get("stop_sequences"):
        chat["stop"] = members["stop_sequences"]
    if members.get("tools"):
        chat["tools"] = [_tool(tool) for tool in members["tools"]]
    if "tool_choice" in members:
        chat["tool_choice"] = _choice(members["tool_choice"])
    if isinstance(members.get("thinking"), dict):
        chat["thinking"] = {"type": members["thinking"].get("type")}
    if members.get("stream") is True:
        chat["stream_options"] = {"include_usage": True}
    return chat


def _system(system: Any) -> list[Object]:
    return [{"role": "system", "content": _content(system)}] if system else []


def _conversation(messages: Any) -> Iterator[Object]:
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise ValueError("messages must be a list of objects")
    for message in messages:
        if message.get("role") not in ("user", "assistant"):
            raise ValueError("a message must have the role user or assistant")
        blocks = _blocks(message.get("content"))
        yield from _answered(blocks) if message["role"] == "assistant" else _asked(blocks)


def _asked(blocks: list[Object]) -> Iterator[Object]:
    """Results first: they must follow their calls."""
    for block in blocks:
        if block.get("type") == "tool_result":
            result = _content(block.get("content", ""))
            yield {"role": "tool", "tool_call_id": block.get("tool_use_id"), "content": result}
    rest = [block for block in blocks if block.get("type") != "tool_result"]
    if rest:
        yield {"role": "user", "content": _content(rest)}


def _answered(blocks: list[Object]) -> Iterator[Object]:
    texts = [block for block in blocks if block.get("type") == "text"]
    thoughts = [block["thinking"] for block in blocks if block.get("type") == "thinking"]
    calls = [_call(block) for block in blocks if block.get("type") == "tool_use"]
    yield {
        "role": "assistant",
        "content": _content(texts) if texts else "",
        **({"reasoning_content": "".join(thoughts)} if thoughts else {}),
        **({"tool_calls": calls} if calls else {}),
    }


def _call(block: Object) -> Object:
    arguments = json.dumps(block.get("input", {}), ensure_ascii=False)
    return {"id": block.get("id"), "type": "function", "function": {"name": block.get("name"), "arguments": arguments}}


def _content(content: Any) -> Any:
    """A plain text where there is one block of text, else parts."""
    parts = [_part(block) for block in _blocks(content)]
    if len(parts) == 1 and parts[0]["type"] == "text":
        return parts[0]["text"]
    return parts or ""


def _part(block: Object) -> Object:
    match block:
        case {"type": "text", "text": text}:
            return {"type": "text", "text": text}
        case {"type": "image", "source": {"type": "base64", "media_type": kind, "data": data}}:
            return {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}}
        case {"type": "image", "source": {"type": "url", "url": url}}:
            return {"type": "image_url", "image_url": {"url": url}}
    raise ValueError(f"a content block of type {block.get('type')!r} has no place on the chat wire")


def _blocks(content: Any) -> list[Object]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        raise ValueError("content must be a text or a list of blocks")
    return content


def _tool(tool: Object) -> Object:
    function = {"name": tool.get("name"), "parameters": tool.get("input_schema", {})}
    described = {"description": tool["description"]} if "description" in tool else {}
    return {"type": "function", "function": {**function, **described}}


def _choice(choice: Any) -> Any:
    kind = choice.get("type") if isinstance(choice, dict) else None
    if kind == "tool":
        return {"type": "function", "function": {"name": choice.get("name")}}
    if kind not in CHOICES:
        raise ValueError("tool_choice must be auto, any, tool or none")
    return CHOICES[kind]
