"""What became of the events of a stream on their way to the client, each sort of damage told once."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, TypeAlias

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import shown_apart
from kimi_conformance.judge.changes import flaw_of, noteworthy
from kimi_conformance.judge.check import Flaw
from kimi_conformance.judge.meaning import meaning_of_stream
from kimi_conformance.judge.streamed import Streamed, is_bare_usage, is_ping, place_of, shown_event, value_of
from kimi_conformance.sse import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.sse import Event, Reading

Sort: TypeAlias = "tuple[str, str]"
"""What sort of damage it is: what happened, and to what, without the event in which it did."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One sort of damage: where it was first met, and how often it was."""

    flaw: Flaw
    times: int = 1

    def told(self) -> Flaw:
        """The flaw, which says how often it was met."""
        if self.times == 1:
            return self.flaw
        return replace(self.flaw, message=f"{self.flaw.message} (and {self.times - 1} times more)")


def damage(both: Streamed) -> dict[Sort, Damage]:
    """All damage that a stream took; where the router translates, what its meaning took, which is only warned of."""
    found: dict[Sort, Damage] = {}
    for sort, flaw in _all(both):
        known = found.get(sort)
        found[sort] = replace(known, times=known.times + 1) if known else Damage(flaw)
    return found


def meant_for(trip: Trip, events: Iterable[Event]) -> list[Event]:
    """The events that this client is to get.

    Pings come and go, and counters in a chunk of their own are for those who asked for them: a router that asks for
    them itself may keep them.
    """
    options = trip.ask.members.get("stream_options")
    asked = isinstance(options, dict) and options.get("include_usage") is True
    return [event for event in events if not is_ping(event) and (asked or not is_bare_usage(event))]


def meaning_lost(both: Streamed, only: str = "") -> Iterator[tuple[Sort, Flaw]]:
    """What a translated stream does not say any more."""
    one = meaning_of_stream(both.sent.events, both.answer.wire)
    other = meaning_of_stream(both.seen.events, both.answer.trip.ask.surface)
    for name in one.unlike(other):
        if name == (only or name):
            said = shown_apart(getattr(one, name), getattr(other, name))
            message = f"the router translates the stream, and its {name} is not the same afterwards"
            yield ("meaning", name), Flaw(*said, f"client stream, joined: {name}", message, Verdict.WARN)


def broken(seen: Reading) -> Iterator[tuple[Sort, Flaw]]:
    """What of a client's stream is no UTF-8, or no whole event."""
    for notice in seen.notices:
        if notice.kind in (NoticeKind.INVALID_UTF8, NoticeKind.UNFINISHED):
            where = f"client stream, byte {notice.offset}"
            flaw = Flaw("whole events in UTF-8", notice.message, where, f"the client's stream: {notice.message}")
            yield ("notice", notice.kind), flaw


def _all(both: Streamed) -> Iterator[tuple[Sort, Flaw]]:
    yield from broken(both.seen)
    if both.answer.translated:
        yield from meaning_lost(both)
        return
    trip = both.answer.trip
    sent, seen = (meant_for(trip, events) for events in (both.sent.events, both.seen.events))
    for upstream, client in _parted(sent, seen):
        if len(upstream) == len(client):
            for one, other in zip(upstream, client, strict=True):
                yield from _of_event(trip, one, other)
        elif upstream and client:
            message = f"{_count(upstream)} of the upstream's became {_count(client)}"
            flaw = Flaw(shown_event(upstream[0]), shown_event(client[0]), place_of(client[0]), message)
            yield ("became others", _shape(upstream[0])), flaw
        else:
            yield from _lost(upstream)
            yield from _new(client)


def _lost(upstream: Iterable[Event]) -> Iterator[tuple[Sort, Flaw]]:
    for event in upstream:
        where = f"upstream stream, event {event.index} at byte {event.offset}"
        message = "an event of the upstream's never reached the client"
        yield ("lost", _shape(event)), Flaw(shown_event(event), "no such event", where, message)


def _new(client: Iterable[Event]) -> Iterator[tuple[Sort, Flaw]]:
    for event in client:
        # A chunk that adds nothing does no harm; any other event says what the upstream never said.
        verdict = Verdict.WARN if _says_nothing(event) else Verdict.FAIL
        message = "the client got an event that the upstream never sent"
        yield ("new", _shape(event)), Flaw("no such event", shown_event(event), place_of(event), message, verdict)


def _of_event(trip: Trip, one: Event, other: Event) -> Iterator[tuple[Sort, Flaw]]:
    place = place_of(other)
    if one.type != other.type:
        flaw = Flaw(one.type, other.type, place, f"event {one.type} became event {other.type}")
        yield ("renamed", one.type), flaw
    sent, seen = value_of(one), value_of(other)
    if isinstance(sent, dict) and isinstance(seen, dict):
        for difference in noteworthy(trip, sent, seen):
            how = "new" if difference.sent is ABSENT else "lost" if difference.seen is ABSENT else "changed"
            yield (how, difference.at), flaw_of(difference, f"{place},")
    elif sent != seen:
        texts = (event.data.decode("utf-8", "backslashreplace") for event in (one, other))
        message = "the event's data was JSON, and is none any more" if isinstance(sent, dict) else "other data came"
        yield ("replaced", _shape(one)), Flaw(*shown_apart(*texts), place, message)


def _parted(sent: Sequence[Event], seen: Sequence[Event]) -> Iterator[tuple[list[Event], list[Event]]]:
    """The events of two streams side by side: those that say the same one by one, and where they part all of them."""
    matcher = SequenceMatcher(None, [*map(_core, sent)], [*map(_core, seen)], autojunk=False)
    for how, start, end, from_, to in matcher.get_opcodes():
        if how == "equal":
            yield from (([sent[at]], [seen[at - start + from_]]) for at in range(start, end))
        else:
            yield list(sent[start:end]), list(seen[from_:to])


def _core(event: Event) -> str:
    """What an event says, without what every event of a stream says: who has lost that has not lost the event."""
    value = value_of(event)
    if isinstance(value, dict) and isinstance(value.get("choices"), list):
        choices = value["choices"] or ["none", value.get("usage")]
        value = [_said(choice) for choice in choices]
    return json.dumps(value, sort_keys=True)


def _said(choice: Any) -> Any:
    if not isinstance(choice, dict):
        return choice
    delta = choice.get("delta")
    said = {name: value for name, value in delta.items() if value is not None} if isinstance(delta, dict) else delta
    return [choice.get("index"), said, choice.get("finish_reason")]


def _shape(event: Event) -> str:
    """The members that an event has, without their values."""
    value = value_of(event)
    return f"{event.type}: {' '.join(_pointers(value))}" if isinstance(value, dict) else str(value)


def _pointers(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name in sorted(value):
            yield from _pointers(value[name], f"{at}/{name}")
    elif isinstance(value, list):
        for one in value:
            yield from _pointers(one, f"{at}/*")
    elif value is not None:
        yield at


def _says_nothing(event: Event) -> bool:
    value = value_of(event)
    if not isinstance(value, dict) or "error" in value:
        return False
    choices = value.get("choices")
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        return False
    return not any(choice.get("finish_reason") or _adds(choice.get("delta")) for choice in choices)


def _adds(delta: Any) -> bool:
    """Whether a delta says anything but whose it is: some routers keep a connection with chunks that do not."""
    return not isinstance(delta, dict) or any(value for name, value in delta.items() if name != "role")


def _count(events: list[Event]) -> str:
    return "one event" if len(events) == 1 else f"{len(events)} events"
