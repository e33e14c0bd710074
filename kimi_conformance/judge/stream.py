"""Stream: the events of the upstream reach the client, all of them, in order, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.fold import DONE, fold
from kimi_conformance.judge.api.messages_fold import fold_messages
from kimi_conformance.judge.arrivals import shown_apart
from kimi_conformance.judge.changes import changes
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.events import damage, meaning_lost, meant_for
from kimi_conformance.judge.relayed import unread
from kimi_conformance.judge.streamed import Streamed, is_ping, place_of, shown_event, streamed, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.contract.reach import Surface
    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.oracle import World
    from kimi_conformance.sse import Event


@check("router.stream.events-equal-in-order")
def events_equal_in_order(play: Play, _world: World) -> Iterator[Flaw]:
    """The client's events are the upstream's, in their order; where the router translates, they say the same."""
    for both in streamed(play.trips):
        if isinstance(both, Flaw):
            yield both
        else:
            yield from (one.told() for one in damage(both).values())


@check(
    "router.stream.utf8-across-packets",
    "router.stream.line-separators-kept",
    "router.stream.any-packet-split-same-events",
    "router.stream.comments-tolerated",
)
def no_more_damage_than_its_twin(play: Play, _world: World) -> Iterator[Flaw]:
    """The odd stream comes through as the plain one before it did: what befalls both is of another requirement."""
    plain, odd = streamed(play.trips)
    if isinstance(plain, Flaw):
        yield unread(f"the plain stream could not be seen: {plain.message}")
    elif isinstance(odd, Flaw):
        yield odd
    else:
        usual = damage(plain)
        yield from (one.told() for sort, one in damage(odd).items() if sort not in usual)


@check("router.stream.done-once-and-last")
def done_once_and_last(play: Play, _world: World) -> Iterator[Flaw]:
    """The client's stream has one end, in the words of its surface, and nothing follows it."""
    for both in streamed(play.trips):
        if isinstance(both, Flaw):
            yield both
        else:
            yield from one_end(both.seen.events, both.answer.trip.ask.surface)


def one_end(every: Iterable[Event], surface: Surface) -> Iterator[Flaw]:
    """The flaws of a client's stream that does not end once, or goes on behind its end."""
    chat = surface == "chat"
    name = "[DONE]" if chat else "message_stop"
    events = [event for event in every if chat or not is_ping(event)]
    ends = [at for at, event in enumerate(events) if is_end(event, surface)]
    if len(ends) != 1:
        last = shown_event(events[-1]) if events else "no event"
        message = f"the stream has {len(ends)} times {name}"
        yield Flaw(f"{name} once", f"{len(ends)} times; the last event is {last}", "client stream", message)
    for event in events[ends[0] + 1 :] if ends else ():
        if not is_end(event, surface):
            # Clients of /v1/messages stop at message_stop, and those that read on ignore what they do not know.
            verdict = Verdict.WARN if event.data == DONE else Verdict.FAIL
            message = f"an event follows {name}"
            yield Flaw(f"nothing after {name}", shown_event(event), place_of(event), message, verdict)


@check("router.stream.usage-kept")
def usage_kept(play: Play, _world: World) -> Iterator[Flaw]:
    """Every counter that the upstream streamed reaches the client where it stood."""
    for both in streamed(play.trips):
        if isinstance(both, Flaw):
            yield both
        elif both.answer.translated:
            yield from (flaw for _, flaw in meaning_lost(both, "usage"))
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
            yield from (flaw for _, flaw in meaning_lost(both, "calls"))
        elif sent := _calls(both.sent.events, both.answer.wire):
            seen = _calls(both.seen.events, both.answer.wire)
            yield from changes(both.answer.trip, sent, seen, at="/calls", place="client stream, joined:")
        else:
            yield unread("the upstream's stream has no calls")


def _chat_usage(both: Streamed) -> Iterator[Flaw]:
    trip = both.answer.trip
    sent, seen = (fold(meant_for(trip, events)) for events in (both.sent.events, both.seen.events))
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


def is_end(event: Event, surface: Surface) -> bool:
    """Whether an event is the end of its stream, in the words of its surface."""
    if surface == "chat":
        return event.data == DONE
    value = value_of(event)
    return isinstance(value, dict) and value.get("type") == "message_stop"
