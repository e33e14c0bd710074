"""Messages: the grammar of the stream on /v1/messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.judge.arrivals import shown
from kimi_conformance.judge.check import Check, Flaw, check
from kimi_conformance.judge.relayed import got, relayed
from kimi_conformance.judge.stream_life import incremental, truncation_visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kimi_conformance.contract.trip import Play
    from kimi_conformance.oracle import World

DELTAS: Final = {
    "text": ("citations_delta", "text_delta"),
    "thinking": ("signature_delta", "thinking_delta"),
    "tool_use": ("input_json_delta",),
}
"""What may change a block of each type."""
KNOWN: Final = frozenset(
    {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "ping",
        "error",
    }
)
"""The events that clients read. Anthropic may add others, and bids clients to skip what they do not know."""


def streams(judged: Callable[[Sight], Iterable[Flaw]]) -> Check:
    """A check of the client's side of each stream whose upstream answered."""

    def of_each(play: Play, _world: World) -> Iterator[Flaw]:
        for answer in relayed(play.trips):
            if isinstance(answer, Flaw):
                yield answer
                continue
            sight = Sight(answer.trip.client)
            if sight.messages.events:
                yield from judged(sight)
            else:
                message = "the client got no event of a message stream"
                yield Flaw("events", got(answer.trip), "client response", message)

    return of_each


def begins(s: Sight) -> Iterator[Flaw]:
    """`message_start` first, with all that a message begins with."""
    kinds = (data.get("type") for _, _, data in s.messages.events)
    first = next((kind for kind in kinds if kind != "ping"), ABSENT)
    if first != "message_start":
        yield Flaw("message_start", shown(first), "client response, its first event", "the message does not begin")
        return
    message = s.messages.message or {}
    usage = message.get("usage")
    wanted = {
        "id": isinstance(message.get("id"), str) and bool(message.get("id")),
        "type": message.get("type") == "message",
        "role": message.get("role") == "assistant",
        "content": message.get("content") == [],
        "model": isinstance(message.get("model"), str),
        "usage": isinstance(usage, dict) and {"input_tokens", "output_tokens"} <= {*usage},
    }
    for member, right in wanted.items():
        if not right:
            where = f"client response, message_start, /message/{member}"
            yield Flaw(
                "as a message begins", shown(message.get(member)), where, f"message_start has no right `{member}`"
            )


def blocks_in_order(s: Sight) -> Iterator[Flaw]:
    """Each block is begun, changed by its own kind of delta, and ended; the next one begins behind it."""
    living: dict[str, str] = {}
    begun, ended = 0, False
    for number, _, data in s.messages.events:
        match data.get("type"):
            case "content_block_start":
                yield from _begins(data, number, begun, living)
                if ended:
                    yield Flaw("message_stop", "a block", _at(number), "a block begins after message_delta")
                begun += 1
            case "content_block_delta" | "content_block_stop":
                yield from _goes_on(data, number, living)
            case "message_delta":
                ended = True
                for index in living:
                    message = f"message_delta while block {index} is open"
                    yield Flaw("content_block_stop", "message_delta", _at(number), message)
    for index in () if ended else living:
        yield Flaw("content_block_stop", "none", "client response, its end", f"block {index} never ends")


def _begins(data: dict[str, Any], number: int, begun: int, living: dict[str, str]) -> Iterator[Flaw]:
    """A block begins: `living` are those that are open, by index, with their types."""
    index, block = data.get("index"), data.get("content_block")
    if index != begun:
        yield Flaw(f"the index {begun}", shown(index), _at(number), f"block {begun} has the index {index}")
    for other in living:
        message = f"block {index} begins while block {other} is open; their indices tell them apart"
        yield Flaw("content_block_stop", "content_block_start", _at(number), message, Verdict.WARN)
    living[shown(index)] = str(block.get("type")) if isinstance(block, dict) else ""


def _goes_on(data: dict[str, Any], number: int, living: dict[str, str]) -> Iterator[Flaw]:
    kind, index = data["type"], shown(data.get("index"))
    if index not in living:
        yield Flaw("an open block", f"block {index}", _at(number), f"{kind} of block {index}, which is not open")
    elif kind == "content_block_delta":
        yield from _fits(living[index], data, number)
    else:
        del living[index]


def _fits(kind: str, data: dict[str, Any], number: int) -> Iterator[Flaw]:
    delta = data.get("delta")
    told = str(delta.get("type")) if isinstance(delta, dict) else "nothing"
    if kind in DELTAS and told not in DELTAS[kind]:
        wanted = " or ".join(DELTAS[kind])
        yield Flaw(wanted, told, _at(number), f"a block of {kind} is changed by {told}")


def inputs_join(s: Sight) -> Iterator[Flaw]:
    """The input of a call comes in pieces that join to a JSON object, and is empty when its block begins."""
    for block in s.messages.blocks:
        if block.kind != "tool_use":
            continue
        begun = block.start.get("input")
        if begun:
            message = "the input stands in content_block_start, where clients do not look for it"
            yield Flaw("{}, then input_json_delta", shown(begun), _at(block.first), message)
        if block.text and not _is_object(block.text):
            yield Flaw("a JSON object", shown(block.text), _at(block.first), "the pieces of an input join to no object")


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def ends(s: Sight) -> Iterator[Flaw]:
    """`message_delta` with why it ended and what was used; `message_stop`; nothing more."""
    stream = s.messages
    reasons = dict.fromkeys(
        shown(data["delta"]["stop_reason"])
        for _, data in stream.deltas
        if isinstance(data.get("delta"), dict) and data["delta"].get("stop_reason") is not None
    )
    if len(reasons) != 1:
        seen = " and ".join(reasons) or "none"
        yield Flaw(
            "one stop_reason in message_delta", seen, "client response", "why the message ended is not said once"
        )
    if not any(isinstance(data.get("usage"), dict) and "output_tokens" in data["usage"] for _, data in stream.deltas):
        yield Flaw("usage in message_delta", "none", "client response", "what was used is not said at the end")
    if not stream.stopped:
        yield Flaw("message_stop", "none", "client response, its end", "the stream ends without message_stop")
    yield from _after_the_end(s)
    yield from _out_of_place(s)


def _after_the_end(s: Sight) -> Iterator[Flaw]:
    """What follows `message_stop`, and a message that begins again; clients skip what they do not know."""
    started = stopped = False
    for number, name, data in s.messages.events:
        kind = data.get("type")
        if kind == "message_start" and started:
            yield Flaw("one message_start", "another", _at(number), "the message begins again")
        if stopped and kind not in ("ping", "error"):
            verdict = Verdict.FAIL if str(kind) in KNOWN else Verdict.WARN
            message = f"{kind or name} follows message_stop"
            yield Flaw("nothing after message_stop", shown(data), _at(number), message, verdict)
        started = started or kind == "message_start"
        stopped = stopped or kind == "message_stop"


def _out_of_place(s: Sight) -> Iterator[Flaw]:
    """What no stream of a healthy upstream has in it."""
    for number in s.messages.done:
        yield Flaw("nothing", "[DONE]", _at(number), "[DONE] is of the chat wire; message_stop ends this one")
    for number in s.messages.broken:
        yield Flaw("a JSON object", "no JSON", _at(number), "the data of an event is no JSON object")
    for number, _, data in s.messages.events:
        if data.get("type") == "error":
            yield Flaw(
                "no error", shown(data.get("error")), _at(number), "an error in the stream of a healthy upstream"
            )
    if s.reading.tail:
        tail = s.reading.tail[:80].decode("utf-8", "backslashreplace")
        yield Flaw("a blank line at the end", tail, "client response, its end", "the last event is not finished")


def names(s: Sight) -> Iterator[Flaw]:
    """The name of each event is the type in its data; of one that nobody knows, clients read neither."""
    for number, name, data in s.messages.events:
        kind = data.get("type")
        if name != kind:
            message = "the name of an event is not the type of its data"
            verdict = Verdict.FAIL if {str(kind), name} & KNOWN else Verdict.WARN
            yield Flaw(shown(kind), shown(name), _at(number), message, verdict)


def _at(number: int) -> str:
    return f"client response, event {number}"


check("router.messages.stream-begins")(streams(begins))
check("router.messages.stream-blocks-in-order")(streams(blocks_in_order))
check("router.messages.stream-inputs-join")(streams(inputs_join))
check("router.messages.stream-ends")(streams(ends))
check("router.messages.stream-event-names")(streams(names))
check("router.messages.stream-incremental")(incremental)
check("router.messages.stream-cut-shown")(truncation_visible)
