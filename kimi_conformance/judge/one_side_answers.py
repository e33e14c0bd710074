"""Answers and streams as the client alone sees them.

A requirement whose sentence is about the client's own answer is told. What an upstream may have caused (a stream
without its end, an error in it, JSON where a stream was asked for) is held against nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.judge.check import Check, Flaw, client_alone
from kimi_conformance.judge.events import broken
from kimi_conformance.judge.messages_answer import as_asked
from kimi_conformance.judge.messages_stream import begins, blocks_in_order, ends, names
from kimi_conformance.judge.one_side import read_as, unseen, unserved
from kimi_conformance.judge.relayed import media_type, shown_bytes
from kimi_conformance.judge.response import UTF8, charset_of
from kimi_conformance.judge.stream import is_end, one_end
from kimi_conformance.judge.stream_life import errors_in
from kimi_conformance.judge.streamed import STREAM, reading_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.oracle import World
    from kimi_conformance.sse import Reading


@dataclass(frozen=True, slots=True)
class Heard:
    """A stream that reached its client with an end, and no error in it."""

    trip: Trip
    reading: Reading


def heard(trips: Iterable[Trip]) -> Iterator[Heard | Flaw]:
    """Each stream that its client could take for whole, or why nothing can be said of it."""
    for trip in trips:
        if flaw := unserved(trip):
            yield flaw
            continue
        response = trip.client.response
        assert response is not None
        if media_type(response.header("content-type")) != STREAM:
            yield unseen(f"a stream was asked for; the client got none: {shown_bytes(response.body)}")
            continue
        reading = reading_of(response)
        if isinstance(reading, Flaw):
            yield replace(reading, verdict=Verdict.NOT_OBSERVED)
        elif errors_in(reading.events):
            yield unseen("there is an error in the stream, which may be the upstream's")
        elif not any(is_end(event, trip.ask.surface) for event in reading.events):
            yield unseen("the stream has no end; it may have been cut before it came to the router")
        else:
            yield Heard(trip, reading)


@client_alone("router.stream.done-once-and-last", says="tells")
def done_once_and_last(play: Play, _world: World) -> Iterator[Flaw]:
    """The stream has one end, in the words of its surface, and nothing follows it."""
    for stream in heard(play.trips):
        yield from [stream] if isinstance(stream, Flaw) else one_end(stream.reading.events, stream.trip.ask.surface)


@client_alone("router.stream.events-equal-in-order", says="fails")
def whole_events(play: Play, _world: World) -> Iterator[Flaw]:
    """The stream is UTF-8 and ends with a whole event. Who broke it was not seen, so that it is a warning."""
    for stream in heard(play.trips):
        if isinstance(stream, Flaw):
            yield stream
        else:
            yield from (replace(flaw, verdict=Verdict.WARN) for _, flaw in broken(stream.reading))


@client_alone("router.response.content-type-kept", says="tells")
def content_type_kept(play: Play, _world: World) -> Iterator[Flaw]:
    """What reads as JSON is called application/json, what reads as a stream text/event-stream, in UTF-8."""
    for trip in play.trips:
        if flaw := unserved(trip):
            yield flaw
            continue
        kind = (trip.client.response and trip.client.response.header("content-type")) or "no type"
        where, read = "client response content-type", str(read_as(trip))
        if media_type(kind) != read:
            yield Flaw(read, kind, where, f"what reads as {read} reaches the client as {kind}")
        elif charset_of(kind) not in UTF8:
            yield Flaw("charset=utf-8, or none", kind, where, f"JSON and event streams are UTF-8, not {kind}")
        elif trip.ask.stream and read != STREAM:
            yield unseen("a stream was asked for, and the client got none")


def messages(judged: Callable[[Sight], Iterable[Flaw]]) -> Check:
    """A check of each stream of /v1/messages that its client could take for whole."""

    def of_each(play: Play, _world: World) -> Iterator[Flaw]:
        for stream in heard(play.trips):
            yield from [stream] if isinstance(stream, Flaw) else judged(Sight(stream.trip.client))

    return of_each


@client_alone("router.messages.answer-shape", says="tells")
def answer_shape(play: Play, _world: World) -> Iterator[Flaw]:
    """A message in Anthropic's form, or a stream where one was asked for."""
    for trip in play.trips:
        if flaw := unserved(trip):
            yield flaw
        elif trip.ask.stream and read_as(trip) != STREAM:
            yield unseen("a stream was asked for, and the client got none")
        else:
            yield from as_asked(trip)


client_alone("router.messages.stream-begins", says="tells")(messages(begins))
client_alone("router.messages.stream-blocks-in-order", says="tells")(messages(blocks_in_order))
client_alone("router.messages.stream-ends", says="tells")(messages(ends))
client_alone("router.messages.stream-event-names", says="tells")(messages(names))
