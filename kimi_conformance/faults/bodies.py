"""Ways to harm a body on its way out: as a whole, message by message, tool by tool."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Call, Routed

Object = dict[str, Any]


def body(change: Callable[[Object], Object]) -> Apply:
    """The body goes out changed, and written anew."""
    return body_of_call(lambda _, members: change(members))


def chat_body(change: Callable[[Object], Object]) -> Apply:
    """The same on /v1/chat/completions only."""
    return body_of_call(lambda call, members: change(members) if call.surface == "chat" else members)


def body_of_call(change: Callable[[Call, Object], Object]) -> Apply:
    """The same, by what the call is."""

    def apply(steps: Steps) -> Steps:
        def forward_body(call: Call, decision: Routed) -> bytes:
            return json.dumps(change(call, json.loads(steps.forward_body(call, decision)))).encode()

        return replace(steps, forward_body=forward_body)

    return apply


def value_of(member: str) -> Callable[[Callable[[Any], Any]], Apply]:
    """A member of the body, where it is there, has another value."""

    def how(change: Callable[[Any], Any]) -> Apply:
        return body(lambda members: {**members, member: change(members[member])} if member in members else members)

    return how


def each_message(change: Callable[[Object], Object]) -> Apply:
    """Every message goes out changed."""
    return body(lambda members: {**members, "messages": [change(message) for message in members["messages"]]})


def each_text(change: Callable[[str], str]) -> Apply:
    """Every message that is a plain text goes out changed."""

    def changed(message: Object) -> Object:
        text = message.get("content")
        return {**message, "content": change(text)} if isinstance(text, str) else message

    return each_message(changed)


def each_call(change: Callable[[Object], Object]) -> Apply:
    """Every tool call of the history goes out changed."""

    def changed(message: Object) -> Object:
        calls = message.get("tool_calls")
        return {**message, "tool_calls": [change(call) for call in calls]} if calls else message

    return each_message(changed)


def each_arguments(change: Callable[[str], Any]) -> Apply:
    """The arguments of every tool call go out changed."""

    def changed(call: Object) -> Object:
        function = call["function"]
        return {**call, "function": {**function, "arguments": change(function["arguments"])}}

    return each_call(changed)


def each_function(change: Callable[[Object], Object]) -> Apply:
    """Every function among the tools goes out changed."""

    def changed(tool: Object) -> Object:
        return {**tool, "function": change(tool["function"])} if "function" in tool else tool

    return body(
        lambda members: {**members, "tools": list(map(changed, members["tools"]))} if "tools" in members else members
    )


def without(members: Object, *names: str) -> Object:
    """The members that are not named."""
    return {name: value for name, value in members.items() if name not in names}
