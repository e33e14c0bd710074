"""The messages: roles, emptiness, images, answers to calls, reasoning sent back, length (facts, section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.serve.asking import calls, member, objects
from kimi_conformance.serve.invalid import invalid, invalid_request
from kimi_conformance.serve.tokens import prompt_tokens

if TYPE_CHECKING:
    from kimi_conformance.serve.asking import Asked
    from kimi_conformance.upstream.kimi_wire import Problem

ROLES: Final = ("system", "user", "assistant", "tool")
WANT_REASONING: Final = ("k2.5", "k2.6")
"""Families that refuse a tool call that came back without its reasoning; kimi-k3 takes it (facts, section 5)."""
OWN_SCHEMES: Final = ("data:", "ms://")


def roles(asked: Asked) -> Problem | None:
    """Each message is an object with a role; both texts are modelled."""
    for index, message in enumerate(asked.body.get("messages") or ()):
        if not isinstance(message, dict):
            return invalid_request(f"the message at position {index} must be an object")
        if message.get("role") not in ROLES:
            return invalid_request(f"the message at position {index} has an unknown role")
    return None


def empty_assistant(asked: Asked) -> Problem | None:
    """An assistant message has content or calls (evidence 051). An empty partial one is let pass: modelled."""
    for index, message in enumerate(asked.messages):
        empty = not message.get("content") and not calls(message) and message.get("partial") is not True
        if message.get("role") == "assistant" and empty:
            return invalid_request(f"the message at position {index} with role 'assistant' must not be empty")
    return None


def empty_text(asked: Asked) -> Problem | None:
    """The coding host refuses an empty part of text."""
    parts = [part for message in asked.messages for part in objects(message.get("content"))]
    if asked.coding and any(part.get("type") == "text" and not part.get("text") for part in parts):
        return invalid("text content is empty")
    return None


def images(asked: Asked) -> Problem | None:
    """Images and videos come inline or as a file, never from the net; the text is the coding host's."""
    for part in (part for message in asked.messages for part in objects(message.get("content"))):
        kind = part.get("type")
        if kind not in ("image_url", "video_url"):
            continue
        given = part.get(kind)
        url = member(given, "url") if isinstance(given, dict) else given
        if not isinstance(url, str) or not url.startswith(OWN_SCHEMES):
            return invalid_request("unsupported image url")
    return None


def partial(asked: Asked) -> Problem | None:
    """Partial mode is documented for the last message alone, and not with json_object; the texts are modelled."""
    if any(message.get("partial") is True for message in asked.messages[:-1]):
        return invalid_request("partial is allowed in the last message only")
    if asked.last.get("partial") is not True:
        return None
    if asked.last.get("role") != "assistant":
        return invalid_request("partial is allowed in an assistant message only")
    if member(asked.body.get("response_format"), "type") == "json_object":
        return invalid_request("partial mode cannot be used with response_format json_object")
    return None


def answered_calls(asked: Asked) -> Problem | None:
    """A tool message answers a call, and every call is answered. The second text is a vendor's test string."""
    open_: list[str] = []
    known: set[str] = set()
    for message in asked.messages:
        role = message.get("role")
        if role == "tool":
            id_ = message.get("tool_call_id")
            if not isinstance(id_, str) or id_ not in known:
                return invalid_request(f"tool_call_id {id_ if isinstance(id_, str) else ''} is not found")
            open_ = [other for other in open_ if other != id_]
        elif open_:
            break
        elif role == "assistant":
            open_ = [call["id"] for call in calls(message) if isinstance(call.get("id"), str)]
            known.update(open_)
    if not open_:
        return None
    return invalid_request(
        'An assistant message with "tool_calls" must be followed by tool messages responding to each "tool_call_id". '
        f"The following tool_call_ids did not have response messages: {', '.join(open_)}"
    )


def reasoning_sent_back(asked: Asked) -> Problem | None:
    """While it thinks, a K2.5 or K2.6 wants the reasoning of its calls back (evidence 045)."""
    if not asked.thinks or asked.model.family not in WANT_REASONING:
        return None
    for index, message in enumerate(asked.messages):
        if calls(message) and not isinstance(message.get("reasoning_content"), str):
            missing = "thinking is enabled but reasoning_content is missing in assistant tool call message"
            return invalid(f"{missing} at index {index}")
    return None


def context(asked: Asked) -> Problem | None:
    """The prompt fits the context. Whether the budget counts too is not published: here it does not."""
    limit, needed = asked.model.context, prompt_tokens(asked)
    if limit is None or needed <= limit:
        return None
    return exceeded(limit, needed)


def exceeded(limit: int, needed: int) -> Problem:
    """What a prompt of `needed` tokens is told, where `limit` are allowed."""
    return invalid_request(f"Your request exceeded model token limit: {limit} (requested: {needed})")


def said_nothing(body: dict[str, Any]) -> Problem | None:
    """There are messages (evidence 010)."""
    said = body.get("messages")
    return None if isinstance(said, list) and said else invalid_request("messages must not be empty")
