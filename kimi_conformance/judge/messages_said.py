"""Messages: what an upstream said, on whichever wire, and what the client was told of it on /v1/messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.judge.arrivals import FACES, face
from kimi_conformance.judge.check import Check, Flaw, check
from kimi_conformance.judge.meaning import message_of, parsed
from kimi_conformance.judge.relayed import relayed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.exchange import Exchange
    from kimi_conformance.oracle import World

Object: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool. `input` is JSON; None where what stands in its place is no object."""

    id: Any
    name: Any
    input: Any


@dataclass(frozen=True, slots=True)
class Said:
    """An answer. `stop` in the words of its own wire; `used` its counters as they stand there."""

    on_messages: bool
    text: str
    thinking: str
    calls: tuple[Call, ...]
    stop: Any
    used: Object
    model: Any


@dataclass(frozen=True, slots=True)
class Answered:
    """A trip that was answered: what the upstream said, and what the client was told."""

    trip: Trip
    said: Said
    told: Said


Telling: TypeAlias = "Callable[[Answered, World], Iterable[Flaw]]"


def told(*requirements: str) -> Callable[[Telling], Telling]:
    """Register what must be true of every answer that reached its client."""

    def register(telling: Telling) -> Telling:
        check(*requirements)(_of_answers(telling))
        return telling

    return register


def _of_answers(telling: Telling) -> Check:
    def judged(play: Play, world: World) -> Iterator[Flaw]:
        for answer in relayed(play.trips):
            if isinstance(answer, Flaw):
                yield answer
                continue
            said, seen = upstream_said(answer.arrival.exchange), client_told(answer.trip.client)
            yield from telling(Answered(answer.trip, said, seen), world)

    return judged


def upstream_said(exchange: Exchange) -> Said:
    """What an upstream's answer says, by the face that was asked; of one that is none, nothing."""
    if face(exchange.request.url) == FACES["messages"]:
        return client_told(exchange)
    sight = Sight(exchange)
    return _completion(sight.stream.whole() if sight.streamed else sight.answer)


def client_told(exchange: Exchange) -> Said:
    """What an answer on the messages wire says; one that is none says nothing."""
    sight = Sight(exchange)
    return _message(message_of(sight.messages) if sight.streamed else sight.answer)


def _message(message: Object) -> Said:
    content = message.get("content")
    blocks = [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
    calls = [block for block in blocks if block.get("type") == "tool_use"]
    return Said(
        on_messages=True,
        text="".join(str(block.get("text") or "") for block in blocks if block.get("type") == "text"),
        thinking="".join(str(block.get("thinking") or "") for block in blocks if block.get("type") == "thinking"),
        calls=tuple(Call(block.get("id"), block.get("name"), _object(block.get("input"))) for block in calls),
        stop=message.get("stop_reason"),
        used=_object(message.get("usage")) or {},
        model=message.get("model"),
    )


def _completion(whole: Object) -> Said:
    choices = whole.get("choices")
    choice = _object(choices[0]) or {} if isinstance(choices, list) and choices else {}
    message = _object(choice.get("message")) or {}
    calls = [call["function"] | {"id": call["id"]} for call in message.get("tool_calls") or ()]
    return Said(
        on_messages=False,
        text=message.get("content") or "",
        thinking=message.get("reasoning_content") or "",
        calls=tuple(Call(call["id"], call["name"], _object(parsed(call["arguments"]))) for call in calls),
        stop=choice.get("finish_reason"),
        used=_object(whole.get("usage")) or {},
        model=whole.get("model"),
    )


def _object(value: Any) -> Any:
    return value if isinstance(value, dict) else None
