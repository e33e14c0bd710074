"""Chat requests that Kimi was seen to take, though nothing promises that: tried one by one, in plain requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.acceptance import acceptance
from kimi_conformance.judge.api.hosts_known import on_coding
from kimi_conformance.judge.api.known_good import plain_messages
from kimi_conformance.judge.api.places import calls
from kimi_conformance.judge.api.refusal import broken, model_of

if TYPE_CHECKING:
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight

PLAIN: Final = frozenset({"model", "messages", "max_tokens", "max_completion_tokens", "stream", "stream_options"})


def _of(s: Sight, c: Contract, family: str, *members: str) -> bool:
    """Whether a chat request to a model of `family` has nothing in it but what is plain, and these members."""
    model = model_of(s, c)
    fits = s.face == "chat" and not on_coding(s) and model is not None and model.family == family
    return fits and s.asked.keys() <= PLAIN.union(members) and not broken(s, c)


def _predicted(s: Sight, c: Contract) -> bool:
    given: Any = s.asked.get("prediction")
    fine = isinstance(given, dict) and given.get("type") == "content" and isinstance(given.get("content"), str)
    return fine and _of(s, c, "k3", "prediction") and plain_messages(s.asked.get("messages"))


def _kept(s: Sight, c: Contract) -> bool:
    all_of_it = s.asked.get("thinking") == {"type": "enabled", "keep": "all"}
    return all_of_it and _of(s, c, "k2.6", "thinking") and plain_messages(s.asked.get("messages"))


def _reasoning_left_out(s: Sight, c: Contract) -> bool:
    """The history has calls, all of them answered, and none with the reasoning before it."""
    said = s.asked.get("messages")
    history = [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []
    turns = [each for each in history if each.get("role") == "assistant" and calls(each)]
    made = [call.get("id") for turn in turns for call in calls(turn) if isinstance(call, dict)]
    told = [each.get("tool_call_id") for each in history if each.get("role") == "tool"]
    silent = bool(turns) and not any("reasoning_content" in turn for turn in turns)
    return silent and made == told and _of(s, c, "k3", "tools", "reasoning_effort")


acceptance("api.chat.prediction-accepted", _predicted)
acceptance("api.thinking.keep", _kept)
acceptance("api.thinking.reasoning-may-be-left-out", _reasoning_left_out)
