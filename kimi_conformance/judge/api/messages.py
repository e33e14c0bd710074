"""The Anthropic face: messages, whole ones and streams."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.fitting import misfits
from kimi_conformance.judge.api.hosts_known import elsewhere, on_coding
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import answered, count, event, shown
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

MESSAGE: Final = "message"
EVENTS: Final = "message.events"
CUT: Final = ("max_tokens", "refusal")
"""Why a message ends before it is whole."""
REASONS: Final = ("end_turn", "max_tokens", "tool_use", "stop_sequence", "refusal")


def _started(s: Sight, _c: Contract) -> bool:
    return bool(s.reading.events)


def _whole(s: Sight, _c: Contract) -> bool:
    return bool(s.reading.events if s.streamed else s.answer) and not s.partial


def blocks(s: Sight) -> Iterator[tuple[str, dict[str, Any], str | None]]:
    """Each block with its place; in a stream as it began, with the text of its pieces."""
    if s.streamed:
        for block in s.messages.blocks:
            yield event(s, block.first, "/content_block"), block.start, block.text
        return
    content = s.answer.get("content")
    for index, each in enumerate(content if isinstance(content, list) else ()):
        if isinstance(each, dict):
            yield f"response /content/{index}", each, None


def stop_reason(s: Sight) -> Any:
    """Why the message ended; None where nothing says so."""
    return s.messages.stop_reason if s.streamed else s.answer.get("stop_reason")


def _usages(s: Sight) -> Iterator[tuple[str, dict[str, Any]]]:
    if s.streamed:
        found = [(event(s, number, "usage"), used) for number, used in s.messages.usages]
    else:
        found = [("response /usage", s.answer.get("usage"))]
    yield from ((at, used) for at, used in found if isinstance(used, dict))


@law("api.messages.shape", MESSAGE)
def shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """A whole message has the shape of one."""
    yield from misfits(s, c, "message")


@law("api.messages.stream-shape", EVENTS)
def stream_shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """Each event has the shape of its type."""
    if not s.reading.events and not s.partial:
        yield Flaw("at least one event", answered(s), "response body", "the stream has no event in it")
    stream = s.messages
    for number in stream.broken:
        text = s.reading.events[number].data[:120].decode("utf-8", "backslashreplace")
        yield Flaw("a JSON object", text, event(s, number), "the data of an event is no JSON object")
    for number, _, data in stream.events:
        if not c.schemas.valid("message.events", data):
            for error in c.schemas.errors("message.events", data):
                yield Flaw(error.expected, error.actual, event(s, number, error.at), error.message)


@law("api.messages.event-order", EVENTS, when=_started)
def event_order(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A message begins, block follows block, the message ends."""
    stream = s.messages
    for number, what in stream.odd:
        yield Flaw("events in their order", what, event(s, number), f"out of order: {what}")
    if not s.partial and not stream.stopped:
        ended = f": {s.exchange.error}" if s.exchange.error else ""
        yield Flaw("message_stop", "none", "response, its end", f"the stream ends without message_stop{ended}")


@law("api.messages.event-names", EVENTS, when=_started)
def event_names(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The name of an event is the type of its data, and no `[DONE]` ends the stream."""
    stream = s.messages
    for number, name, data in stream.events:
        if name != data.get("type"):
            message = "the name of an event is not the type of its data"
            yield Flaw(shown(data.get("type")), shown(name), event(s, number), message)
    for number in stream.done:
        yield Flaw("message_stop as the last event", "[DONE]", event(s, number), "[DONE] stands in a message stream")


def _named(s: Sight, _c: Contract) -> bool:
    seen = s.messages.message if s.streamed else s.answer
    return isinstance(s.asked.get("model"), str) and bool(seen) and not on_coding(s) and not elsewhere(s)


@law("api.messages.model-echoed", MESSAGE, EVENTS, when=_named)
def model_echoed(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The message names the model that was asked for."""
    said = ((s.messages.message or {}) if s.streamed else s.answer).get("model")
    if said != s.asked["model"]:
        where = "response, message_start, /message/model" if s.streamed else "response /model"
        yield Flaw(s.asked["model"], shown(said), where, "another model answers")


def _ended(s: Sight, c: Contract) -> bool:
    """Where no delta of a stream's message_delta was kept, nobody knows why it ended."""
    deltas = [data for _, data in s.messages.deltas] if s.streamed else [{"delta": {}}]
    return _whole(s, c) and any("delta" in data for data in deltas)


@law("api.messages.stop-reason", MESSAGE, EVENTS, when=_ended)
def known_stop_reason(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A message says why it ended, in one of five words."""
    reason = stop_reason(s)
    if reason not in REASONS:
        where = "response, message_delta, /delta/stop_reason" if s.streamed else "response /stop_reason"
        yield Flaw(" or ".join(REASONS), shown(reason), where, "the stop_reason is none of those that are known")


@law("api.messages.tool-use-fits-stop", MESSAGE, EVENTS, when=_ended)
def tool_use_fits_stop(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Calls and `stop_reason: tool_use` come together; `max_tokens` and a refusal may cut a call."""
    reason = stop_reason(s)
    called = [at for at, block, _ in blocks(s) if block.get("type") == "tool_use"]
    if called and reason not in ("tool_use", *CUT):
        yield Flaw("tool_use", shown(reason), called[0], "a tool is used, and the message ends for another reason")
    if not called and reason == "tool_use":
        yield Flaw("a tool_use block", "none", "response", "the use of a tool is announced, and not there")


def _uses(s: Sight, c: Contract) -> bool:
    tools = any(block.get("type") == "tool_use" for _, block, _ in blocks(s))
    return tools and _whole(s, c) and stop_reason(s) not in CUT


@law("api.messages.tool-input-joins", EVENTS, when=_uses)
def tool_input_joins(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The pieces of an input join to a JSON object; without any piece it is what the block began with."""
    for at, block, text in blocks(s):
        if block.get("type") == "tool_use" and text and not _is_object(text):
            yield Flaw("a JSON object", shown(text), at, "the pieces of an input join to no JSON object")


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _split(s: Sight, _c: Contract) -> bool:
    return any(count(used, name) is not None for _, used in _usages(s) for name in ("prompt_tokens", "total_tokens"))


@law("api.messages.usage-split", MESSAGE, EVENTS, when=_split)
def usage_split(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Anthropic's three counters of the prompt come to OpenAI's one, and OpenAI's total is a sum."""
    for at, used in _usages(s):
        prompt, completion, total = (count(used, f"{part}_tokens") for part in ("prompt", "completion", "total"))
        fresh = count(used, "input_tokens")
        cached = [count(used, f"cache_{part}_input_tokens") or 0 for part in ("read", "creation")]
        if prompt is not None and fresh is not None and fresh + sum(cached) != prompt:
            seen = f"{fresh} + {cached[0]} + {cached[1]}"
            yield Flaw(str(prompt), seen, f"{at}/input_tokens", "the parts of the prompt do not come to prompt_tokens")
        if None not in (prompt, completion, total) and total != (prompt or 0) + (completion or 0):
            message = "the total is not the sum"
            yield Flaw("prompt_tokens + completion_tokens", str(total), f"{at}/total_tokens", message)


@law("api.messages.usage-in-message-delta", EVENTS, when=_whole)
def usage_in_message_delta(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The end of a stream says what was used."""
    deltas = s.messages.deltas
    if not deltas:
        yield Flaw("message_delta with usage", "none", "response", "the stream has no message_delta")
    for number, data in deltas[-1:]:
        tokens = count(data, "usage", "output_tokens")
        if tokens is None or (tokens <= 0 and stop_reason(s) != "refusal"):
            where = event(s, number, "/usage/output_tokens")
            yield Flaw("more than 0", shown(tokens), where, "message_delta does not say what was used")


def _thought(s: Sight, _c: Contract) -> bool:
    return _started(s, _c) if s.streamed else any(blocks(s))


@law("api.messages.no-signature", MESSAGE, EVENTS, when=_thought)
def no_signature(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Reasoning is not signed, and no ping comes."""
    for at, block, _ in blocks(s):
        if block.get("type") == "thinking" and block.get("signature"):
            yield Flaw("none, or empty", shown(block["signature"]), f"{at}/signature", "reasoning is signed")
    for number, _, data in s.messages.events if s.streamed else ():
        delta = data.get("delta")
        signed = isinstance(delta, dict) and delta.get("type") == "signature_delta"
        if signed or data.get("type") == "ping":
            yield Flaw(
                "neither signature_delta nor ping", shown(data), event(s, number), "an event that Kimi never sent"
            )
