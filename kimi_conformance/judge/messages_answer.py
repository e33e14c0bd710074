"""Messages: what the upstream said comes back to a client of /v1/messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.judge.arrivals import shown, shown_apart
from kimi_conformance.judge.check import Flaw
from kimi_conformance.judge.json_diff import differences
from kimi_conformance.judge.messages_said import Answered, Object, Said, told
from kimi_conformance.oracle import Routed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.oracle import World

STOP_REASONS: Final = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}
"""What Kimi's own Anthropic face says for the finish reasons of its chat face."""
ILLEGAL: Final = re.compile(r"[^a-zA-Z0-9_-]")
LATER: Final = frozenset({"end_turn", "tool_use", "pause_turn"})
"""Reasons after which a client goes on as if nothing had happened."""


@told("router.messages.text-returned")
def text_returned(of: Answered, _world: World) -> Iterator[Flaw]:
    """The text, to the character; blocks of nothing beside it are harmless."""
    if of.told.text != of.said.text:
        said, seen = shown_apart(of.said.text, of.told.text)
        yield Flaw(said, seen, "client response, text", "the text is not what the upstream said")


@told("router.messages.reasoning-becomes-thinking")
def reasoning_becomes_thinking(of: Answered, _world: World) -> Iterator[Flaw]:
    """The reasoning, to the character, in blocks of thinking."""
    if of.told.thinking != of.said.thinking:
        said, seen = shown_apart(of.said.thinking, of.told.thinking)
        yield Flaw(said, seen, "client response, thinking", "the reasoning is not what the upstream said")


@told("router.messages.tool-calls-become-tool-use")
def tool_calls_become_tool_use(of: Answered, _world: World) -> Iterator[Flaw]:
    """Each call with its id, its name and its input, in order."""
    names = [[(call.id, call.name) for call in calls] for calls in (of.said.calls, of.told.calls)]
    alike = len(names[0]) == len(names[1]) and all(
        made.name == seen.name and seen.id in _ids(made.id)
        for made, seen in zip(of.said.calls, of.told.calls, strict=True)
    )
    if not alike:
        yield Flaw(shown(names[0]), shown(names[1]), "client response, tool_use", "the calls are not the upstream's")
        return
    for made, seen in zip(of.said.calls, of.told.calls, strict=True):
        for difference in differences(made.input, seen.input):
            was, now = shown_apart(difference.sent, difference.seen)
            verdict = Verdict.WARN if difference.widened else Verdict.FAIL
            where = f"client response, tool_use, /input{difference.at}"
            yield Flaw(was, now, where, f"{made.id} has another input", verdict)


def _ids(id_: Any) -> tuple[Any, ...]:
    """The ids under which a call may come back: Anthropic allows no other characters, and Kimi's ids may have some."""
    return (id_, *(ILLEGAL.sub(other, id_) for other in ("_", "-", ""))) if isinstance(id_, str) else (id_,)


@told("router.messages.stop-reason-translated")
def stop_reason_translated(of: Answered, _world: World) -> Iterator[Flaw]:
    """Why it ended, in Anthropic's words."""
    wanted = of.said.stop if of.said.on_messages else STOP_REASONS.get(of.said.stop, of.said.stop)
    if of.told.stop == wanted:
        return
    # Nobody has written down which word stands for a filter; that the answer is whole must not be said.
    vague = of.said.stop == "content_filter" and isinstance(of.told.stop, str) and of.told.stop not in LATER
    message = f"the upstream ended with {of.said.stop}"
    verdict = Verdict.WARN if vague else Verdict.FAIL
    yield Flaw(shown(wanted), shown(of.told.stop), "client response /stop_reason", message, verdict)


@told("router.messages.usage-translated")
def usage_translated(of: Answered, _world: World) -> Iterator[Flaw]:
    """The tokens of the answer, and those of the prompt: with and without what came from the cache."""
    where = "client response /usage"
    used = _counted(of.said)
    if None in used:
        yield Flaw("counters", shown(of.said.used), "upstream response", "nobody counted", Verdict.NOT_OBSERVED)
        return
    prompt, cached, written = used
    counted, read, answered = _counted(of.told)
    if answered != written:
        seen = shown(of.told.used.get("output_tokens"))
        yield Flaw(str(written), seen, f"{where}/output_tokens", "the tokens of the answer are not the upstream's")
    if (counted, read) == (prompt, cached):
        return
    expected = f"{prompt - cached} input_tokens and {cached} cache_read_input_tokens"
    inclusive = of.told.used.get("input_tokens") == prompt
    message = "what came from the cache is counted among the input" if inclusive else "the prompt's tokens are others"
    verdict = Verdict.WARN if inclusive else Verdict.FAIL
    yield Flaw(expected, shown(of.told.used), where, message, verdict)


def _counted(said: Said) -> tuple[Any, Any, Any]:
    """Tokens of the whole prompt, those of it from the cache, those of the answer; None where nobody counted."""
    used = said.used
    if said.on_messages:
        cached, made = (_number(used, f"cache_{what}_input_tokens") or 0 for what in ("read", "creation"))
        plain = _number(used, "input_tokens")
        return None if plain is None else plain + cached + made, cached, _number(used, "output_tokens")
    details = used.get("prompt_tokens_details")
    inner = _number(details, "cached_tokens") if isinstance(details, dict) else None
    cached = inner or _number(used, "cached_tokens") or 0
    return _number(used, "prompt_tokens"), cached, _number(used, "completion_tokens")


def _number(used: Object, name: str) -> Any:
    value = used.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


@told("router.messages.model-named")
def model_named(of: Answered, world: World) -> Iterator[Flaw]:
    """The model that was asked for, or the name that the upstream knows it by."""
    expected = world.expect(of.trip.ask)
    outside = expected.model if isinstance(expected, Routed) else None
    if of.told.model not in (of.trip.ask.model.value, outside, of.said.model):
        wanted = f"{shown(of.trip.ask.model.value)} or {shown(of.said.model)}"
        yield Flaw(wanted, shown(of.told.model), "client response /model", "the answer names another model")


@told("router.messages.answer-shape")
def answer_shape(of: Answered, _world: World) -> Iterator[Flaw]:
    """A stream where one was asked for, else a message in Anthropic's form."""
    yield from as_asked(of.trip)


def as_asked(trip: Trip) -> Iterator[Flaw]:
    """The flaws of an answer on /v1/messages that has not the form in which it was asked for."""
    response = trip.client.response
    kind = (response.header("content-type") or "none") if response else "none"
    wanted = "text/event-stream" if trip.ask.stream else "application/json"
    if kind.split(";")[0].strip().lower() != wanted:
        yield Flaw(wanted, kind, "client response content-type", "the answer comes in another form than was asked for")
        return
    if not trip.ask.stream:
        yield from _form(Sight(trip.client).answer)


def _form(found: Object) -> Iterator[Flaw]:
    usage = found.get("usage")
    content = found.get("content")
    rules: dict[str, tuple[bool, str]] = {
        "id": (isinstance(found.get("id"), str) and bool(found.get("id")), "a text"),
        "type": (found.get("type") == "message", "message"),
        "role": (found.get("role") == "assistant", "assistant"),
        "model": (isinstance(found.get("model"), str), "a text"),
        "content": (isinstance(content, list) and all(_is_block(block) for block in content), "a list of blocks"),
        "stop_reason": (isinstance(found.get("stop_reason"), str), "a text"),
        "usage": (isinstance(usage, dict) and {"input_tokens", "output_tokens"} <= {*usage}, "both counters"),
    }
    for member, (right, wanted) in rules.items():
        if not right:
            message = f"`{member}` has not the form of Anthropic's message"
            yield Flaw(wanted, shown(found.get(member)), f"client response /{member}", message)


def _is_block(block: Any) -> bool:
    """Whether it is a block that a client can read; types that nobody here knows are Anthropic's to add."""
    match block:
        case {"type": "text"}:
            return isinstance(block.get("text"), str)
        case {"type": "thinking"}:
            return isinstance(block.get("thinking"), str)
        case {"type": "tool_use"}:
            called = isinstance(block.get("id"), str) and isinstance(block.get("name"), str)
            return called and isinstance(block.get("input"), dict)
        case {"type": str()}:
            return True
    return False
