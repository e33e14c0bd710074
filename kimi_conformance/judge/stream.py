"""Stream: the events of the upstream reach the client, all of them, in order, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.fold import DONE, fold
from kimi_conformance.judge.api.messages_fold import fold_messages
from kimi_conformance.judge.arrivals import shown_apart
from kimi_conformance.judge.changes import changes
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.meaning import meaning_of_stream
from kimi_conformance.judge.relayed import unread
from kimi_conformance.judge.streamed import (
    Streamed,
    aligned,
    is_bare_usage,
    is_ping,
    place_of,
    shown_event,
    streamed,
    value_of,
)
from kimi_conformance.sse import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.oracle import World
    from kimi_conformance.sse import Event


@check(
    "router.stream.events-equal-in-order",
    "router.stream.utf8-across-packets",
    "router.stream.line-separators-kept",
    "router.stream.any-packet-split-same-events",
    "router.stream.comments-tolerated",
)
def events_kept(play: Play, _world: World) -> Iterator[Flaw]:
    """The client's events are the upstream's, in their order; where the router translates, they say the same."""
    for both in streamed(play.trips):
        if isinstance(both, Flaw):
            yield both
            continue
        for notice in both.seen.notices:
            if notice.kind in (NoticeKind.INVALID_UTF8, NoticeKind.UNFINISHED):
                where = f"client stream, byte {notice.offset}"
                yield Flaw("whole events in UTF-8", notice.message, where, f"the client's stream: {notice.message}")
        if both.answer.translated:
            yield from _same_meaning(both)
        else:
            yield from _same_events(both)


@check("router.stream.done-once-and-last")
def done_once_and_last(play: Play, _world: World) -> Iterator[Flaw]:
    """The client's stream has one end, in the words of its surface, and nothing follows it."""
    for both in streamed(play.trips):
        if isinstance(both, Flaw):
            yield both
            continue
        chat = both.answer.trip.ask.surface == "chat"
        name = "[DONE]" if chat else "message_stop"
        events = [event for event in both.seen.events if chat or not is_ping(event)]
        ends = [at for at, event in enumerate(events) if _ends(event, chat=chat)]
        if len(ends) != 1:
            last = shown_event(events[-1]) if events else "no event"
            message = f"the stream has {len(ends)} times {name}"
            yield Flaw(f"{name} once", f"{len(ends)} times; the last event is {last}", "client stream", message)
        for event in events[ends[0] + 1 :] if ends else ():
            if not _ends(event, chat=chat):
                # Clients of /v1/messages stop at message_stop, and those that read on ignore what they do not know.
                verdict = Verdict.WARN if not chat and event.data == DONE else Verdict.FAIL
                message = f"an event follows {name}"
                yield Flaw(f"nothing after {name}", shown_event(event), place_of(event), message, verdict)


@check("router.stream.usage-kept")
def usage_kept(play: Play, _world: World) -> Iterator[Flaw]:
    """Every counter that the upstream streamed reaches the client where it stood."""
    for both in streamed(play.trips):
        if isinstance(both, Flaw):
            yield both
        elif both.answer.translated:
            yield from _same_meaning(both, only="usage")
        elif both.answer.wire == "chat":
            yield from _chat_usage(both)
        else:
            yield from _messages_usage(both)


@check("router.stream.fragments-rejoin")
def fragments_rejoin(play: Play, _world: World) -> Iterator[Flaw]:
    """The fragments of every call join, by their index, to what the upstream called."""
    for both in streamed(play.trips):
        if isinstance(both, Flaw):
            yield both
        elif both.answer.translated:
            yield from _same_meaning(both, only="calls")
        elif sent := _calls(both.sent.events, both.answer.wire):
            seen = _calls(both.seen.events, both.answer.wire)
            yield from changes(both.answer.trip, sent, seen, at="/calls", place="client stream, joined:")
        else:
            yield unread("the upstream's stream has no calls")


def _same_events(both: Streamed) -> Iterator[Flaw]:
    trip = both.answer.trip
    sent, seen = (_meant_for(trip, events) for events in (both.sent.events, both.seen.events))
    for upstream, client in aligned(sent, seen):
        if len(upstream) == len(client):
            for one, other in zip(upstream, client, strict=True):
                yield from _same_event(trip, one, other)
            continue
        if not upstream:
            # A chunk without choices says nothing new; any other event says what the upstream never said.
            harmless = all(_says_nothing(event) for event in client)
            verdict = Verdict.WARN if harmless else Verdict.FAIL
            message = f"{_count(client)} that the upstream never sent"
            yield Flaw("no such event", shown_event(client[0]), place_of(client[0]), message, verdict)
        elif not client:
            first = upstream[0]
            message = f"{_count(upstream)} of the upstream's never reached the client"
            yield Flaw(shown_event(first), "no such event", f"upstream stream, event {first.index}", message)
        else:
            message = f"{_count(upstream)} of the upstream's became {_count(client)}"
            yield Flaw(shown_event(upstream[0]), shown_event(client[0]), place_of(client[0]), message)


def _same_event(trip: Trip, one: Event, other: Event) -> Iterator[Flaw]:
    place = place_of(other)
    if one.type != other.type:
        yield Flaw(one.type, other.type, place, f"event {one.type} became event {other.type}")
    sent, seen = value_of(one), value_of(other)
    if isinstance(sent, dict) and isinstance(seen, dict):
        yield from changes(trip, sent, seen, place=f"{place},")
    elif sent != seen:
        message = "another event stands in its place"
        yield Flaw(shown_event(one), shown_event(other), place, message)


def _meant_for(trip: Trip, events: Iterable[Event]) -> list[Event]:
    """The events that this client is to get.

    Pings come and go, and counters in a chunk of their own are for those who asked for them: a router that asks for
    them itself may keep them.
    """
    options = trip.ask.members.get("stream_options")
    asked = isinstance(options, dict) and options.get("include_usage") is True
    return [event for event in events if not is_ping(event) and (asked or not is_bare_usage(event))]


def _same_meaning(both: Streamed, only: str = "") -> Iterator[Flaw]:
    surface = both.answer.trip.ask.surface
    one = meaning_of_stream(both.sent.events, both.answer.wire)
    other = meaning_of_stream(both.seen.events, surface)
    for name in one.unlike(other):
        if name == (only or name):
            said = shown_apart(getattr(one, name), getattr(other, name))
            message = f"the router translates the stream, and its {name} is not the same afterwards"
            yield Flaw(*said, f"client stream, joined: {name}", message, Verdict.WARN)


def _chat_usage(both: Streamed) -> Iterator[Flaw]:
    trip = both.answer.trip
    sent, seen = (fold(_meant_for(trip, events)) for events in (both.sent.events, both.seen.events))
    if not sent.all_usages:
        yield unread("the upstream's stream has no usage")
    kept = _said(seen.all_usages)
    for index, choice in sent.choices.items():
        there = _said(seen.choices[index].usages) if index in seen.choices else []
        yield from _each_usage(trip, _said(choice.usages), there, f"/choices/{index}/usage", kept)
    yield from _each_usage(trip, _said(sent.usages), _said(seen.usages), "/usage", kept)


def _messages_usage(both: Streamed) -> Iterator[Flaw]:
    sent, seen = ([said for _, said in fold_messages(events).usages] for events in (both.sent.events, both.seen.events))
    if not sent:
        yield unread("the upstream's stream has no usage")
    yield from _each_usage(both.answer.trip, sent, seen, "/usage", seen)


def _said(usages: Iterable[tuple[int, Any]]) -> list[Any]:
    return [said for _, said in usages]


def _each_usage(trip: Trip, sent: list[Any], seen: list[Any], at: str, kept: list[Any]) -> Iterator[Flaw]:
    """Each usage of one place; one that is lost there, but stands elsewhere, is only warned of."""
    place = "client stream, joined:"
    for number, said in enumerate(sent):
        if number < len(seen):
            yield from changes(trip, said, seen[number], at=at, place=place)
            continue
        elsewhere = said in kept
        verdict = Verdict.WARN if elsewhere else Verdict.FAIL
        lost = f"the counters in {at} were lost" + (", and stand elsewhere" if elsewhere else "")
        yield Flaw(shown_apart(said, None)[0], "absent", f"{place} {at}", lost, verdict)


def _calls(events: Iterable[Event], wire: str) -> list[Any]:
    if wire == "messages":
        blocks = [block for block in fold_messages(events).blocks if block.kind == "tool_use"]
        return [{**block.start, "input": block.text} for block in blocks]
    return [call.whole(index) for choice in fold(events).choices.values() for index, call in choice.calls.items()]


def _ends(event: Event, *, chat: bool) -> bool:
    if chat:
        return event.data == DONE
    value = value_of(event)
    return isinstance(value, dict) and value.get("type") == "message_stop"


def _says_nothing(event: Event) -> bool:
    value = value_of(event)
    if not isinstance(value, dict) or "error" in value:
        return False
    choices = value.get("choices")
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        return False
    return not any(choice.get("delta") or choice.get("finish_reason") for choice in choices)


def _count(events: list[Event]) -> str:
    return "one event" if len(events) == 1 else f"{len(events)} events"
