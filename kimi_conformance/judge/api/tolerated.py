"""Chat requests that Kimi was seen to take, though nothing promises that: tried one by one, in plain requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.acceptance import acceptance
from kimi_conformance.judge.api.hosts_known import on_coding
from kimi_conformance.judge.api.known_good import plain_messages, sound
from kimi_conformance.judge.api.places import calls
from kimi_conformance.judge.api.refusal import broken, model_of

if TYPE_CHECKING:
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight

PLAIN: Final = frozenset({"model", "messages", "max_tokens", "max_completion_tokens", "stream", "stream_options"})


def _of(s: Sight, c: Contract, family: str, *members: str, tried: str | None = None) -> bool:
    """Whether a chat request to a model of `family` has nothing in it but what is plain, and these members.

    All of them but `tried` keep the rules that we know.
    """
    model = model_of(s, c)
    if s.face != "chat" or on_coding(s) or model is None or model.family != family:
        return False
    return s.asked.keys() <= PLAIN.union(members) and not broken(s, c) and sound(s, model, but=tried)


def _predicted(s: Sight, c: Contract) -> bool:
    given: Any = s.asked.get("prediction")
    fine = isinstance(given, dict) and given.get("type") == "content" and isinstance(given.get("content"), str)
    return fine and _of(s, c, "k3", "prediction") and plain_messages(s.asked.get("messages"))


def _kept(s: Sight, c: Contract) -> bool:
    all_of_it = s.asked.get("thinking") == {"type": "enabled", "keep": "all"}
    return all_of_it and _of(s, c, "k2.6", "thinking", tried="thinking") and plain_messages(s.asked.get("messages"))


def _reasoning_left_out(s: Sight, c: Contract) -> bool:
    """The history has calls, all of them answered, and none with the reasoning before it."""
    said = s.asked.get("messages")
    history = said if isinstance(said, list) and all(_turn(each) for each in said) else []
    turns = [each for each in history if calls(each)]
    made = [call["id"] for turn in turns for call in calls(turn)]
    told = [each.get("tool_call_id") for each in history if each["role"] == "tool"]
    silent = bool(turns) and not any("reasoning_content" in turn for turn in turns)
    return silent and made == told and _of(s, c, "k3", "tools", "reasoning_effort")


def _turn(said: Any) -> bool:
    """Whether a message has the form of one: a text of somebody, calls of the assistant, or what a tool told."""
    if not isinstance(said, dict):
        return False
    text = isinstance(said.get("content"), str)
    match said.get("role"):
        case "system" | "user":
            return text and bool(said["content"].strip()) and "tool_calls" not in said
        case "tool":
            return text and "tool_calls" not in said
        case "assistant":
            return (text or said.get("content") is None) and all(_call(each) for each in calls(said))
    return False


def _call(made: Any) -> bool:
    function = made.get("function") if isinstance(made, dict) else None
    named = isinstance(function, dict) and all(isinstance(function.get(name), str) for name in ("name", "arguments"))
    return named and isinstance(made.get("id"), str) and made.get("type") == "function"


acceptance("api.chat.prediction-accepted", _predicted)
acceptance("api.thinking.keep", _kept)
acceptance("api.thinking.reasoning-may-be-left-out", _reasoning_left_out)
