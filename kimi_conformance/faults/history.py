"""Faults of a router that tidies conversations."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.bodies import (
    body,
    chat_body,
    each_arguments,
    each_call,
    each_message,
    each_text,
    without,
)
from kimi_conformance.faults.fault import fault

if TYPE_CHECKING:
    from kimi_conformance.faults.bodies import Object

KEPT: Final = "router.request.history-kept"
SYSTEM_KEPT: Final = "router.request.system-prompt-kept"


@fault("request.reasoning-stripped", each_message, KEPT)
def reasoning_stripped(message: Object) -> Object:
    """`reasoning_content` is taken out of the history."""
    return without(message, "reasoning_content")


@fault("request.partial-stripped", each_message, KEPT)
def partial_stripped(message: Object) -> Object:
    """`partial` is taken out of the last message."""
    return without(message, "partial")


@fault("request.name-stripped", each_message, KEPT)
def name_stripped(message: Object) -> Object:
    """The names of those who speak are taken out."""
    return without(message, "name")


@fault("request.call-ids-rewritten", each_call, KEPT)
def call_ids_rewritten(call: Object) -> Object:
    """Tool calls get ids in OpenAI's form."""
    return {**call, "id": "call_" + re.sub(r"\W", "", call["id"])}


@fault("request.call-ids-sanitised", each_message, KEPT)
def call_ids_sanitised(message: Object) -> Object:
    """The ids of tool calls lose the characters that OpenAI's have not, in calls and results alike."""
    calls = [{**call, "id": re.sub(r"\W", "_", call["id"])} for call in message.get("tool_calls", ())]
    result = message.get("tool_call_id")
    named = {"tool_call_id": re.sub(r"\W", "_", result)} if result else {}
    return {**message, **({"tool_calls": calls} if calls else {}), **named}


@fault("request.arguments-parsed", each_arguments, KEPT)
def arguments_parsed(arguments: str) -> Any:
    """The arguments of tool calls go out as objects."""
    return json.loads(arguments)


@fault("request.arguments-rewritten", each_arguments, KEPT)
def arguments_rewritten(arguments: str) -> str:
    """The arguments of tool calls are parsed and written anew."""
    return json.dumps(json.loads(arguments))


@fault("request.text-composed", each_text, KEPT)
def text_composed(text: str) -> str:
    """Texts go out in Unicode's form NFC."""
    return unicodedata.normalize("NFC", text)


@fault("request.text-folded", each_text, KEPT)
def text_folded(text: str) -> str:
    """Texts go out in Unicode's form NFKC."""
    return unicodedata.normalize("NFKC", text)


@fault("request.line-separators-replaced", each_text, KEPT)
def line_separators_replaced(text: str) -> str:
    """U+2028 and U+2029 become line feeds."""
    return text.replace("\u2028", "\n").replace("\u2029", "\n")


@fault("request.text-trimmed", each_text, KEPT)
def text_trimmed(text: str) -> str:
    """Texts lose the blanks around them."""
    return text.strip()


@fault("request.text-escaped", each_text, KEPT)
def text_escaped(text: str) -> str:
    """Texts are escaped for HTML."""
    return html.escape(text, quote=False)


@fault("request.text-in-three-bytes", each_text, KEPT)
def text_in_three_bytes(text: str) -> str:
    """Characters beyond the first plane become question marks, as in a database that knows three bytes of UTF-8."""
    return re.sub(r"[^\u0000-\uffff]", "?", text)


@fault("request.parts-flattened", each_message, KEPT)
def parts_flattened(message: Object) -> Object:
    """Content in parts goes out as one text."""
    parts = message.get("content")
    if not isinstance(parts, list):
        return message
    return {**message, "content": "".join(part.get("text", "") for part in parts)}


@fault("request.null-content-emptied", each_message, KEPT)
def null_content_emptied(message: Object) -> Object:
    """Content that is null goes out as an empty text."""
    return {**message, "content": ""} if message.get("content") is None else message


@fault("request.empty-content-dropped", each_message, KEPT)
def empty_content_dropped(message: Object) -> Object:
    """Content that is an empty text does not go out."""
    return without(message, "content") if message.get("content") == "" else message


@fault("request.results-in-order-of-calls", chat_body, KEPT)
def results_in_order_of_calls(members: Object) -> Object:
    """Tool results are put into the order of their calls."""
    calls = [call["id"] for message in members["messages"] for call in message.get("tool_calls", ())]
    results = sorted(
        (m for m in members["messages"] if m["role"] == "tool"), key=lambda m: calls.index(m["tool_call_id"])
    )
    return {**members, "messages": [m for m in members["messages"] if m["role"] != "tool"] + results}


@fault("request.old-turns-dropped", chat_body, KEPT)
def old_turns_dropped(members: Object) -> Object:
    """Only the last two messages go out."""
    return {**members, "messages": members["messages"][-2:]}


@fault("request.empty-system-added", chat_body, KEPT)
def empty_system_added(members: Object) -> Object:
    """A conversation without system prompt gets an empty one."""
    messages = members["messages"]
    empty = [] if messages[0]["role"] == "system" else [{"role": "system", "content": ""}]
    return {**members, "messages": [*empty, *messages]}


@fault("request.own-system-added", chat_body, SYSTEM_KEPT, KEPT)
def own_system_added(members: Object) -> Object:
    """Every conversation begins with a system prompt of the router's own."""
    return {
        **members,
        "messages": [{"role": "system", "content": "You are a helpful assistant."}, *members["messages"]],
    }


@fault("request.system-doubled", chat_body, SYSTEM_KEPT)
def system_doubled(members: Object) -> Object:
    """The system prompt goes out twice."""
    twice = [m for message in members["messages"] for m in [message] * (2 if message["role"] == "system" else 1)]
    return {**members, "messages": twice}


@fault("request.system-to-user", each_message, SYSTEM_KEPT)
def system_to_user(message: Object) -> Object:
    """The system prompt goes out as a message of the user's."""
    return {**message, "role": "user"} if message["role"] == "system" else message


@fault("request.system-into-messages", body, SYSTEM_KEPT)
def system_into_messages(members: Object) -> Object:
    """On /v1/messages, too, the system prompt goes out as a message."""
    if "system" not in members:
        return members
    first = {"role": "system", "content": members["system"]}
    return {**without(members, "system"), "messages": [first, *members["messages"]]}
