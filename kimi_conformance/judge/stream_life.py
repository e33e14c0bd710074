"""A stream while it lives: word by word, beside others, broken off by either end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.scene import serial_of
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.fold import fold
from kimi_conformance.judge.api.messages_fold import fold_messages
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.meaning import meaning_of_stream
from kimi_conformance.judge.relayed import got, relayed, succeeds, unread
from kimi_conformance.judge.streamed import Streamed, place_of, streamed, value_of
from kimi_conformance.judge.words import WORD, own_words, times_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kimi_conformance.contract.reach import Surface
    from kimi_conformance.contract.trip import Play
    from kimi_conformance.exchange import Response
    from kimi_conformance.oracle import World
    from kimi_conformance.sse import Event

NEVER: Final = float("inf")
HUNG_UP: Final = "closed: the router hung up"
FINISHES: Final = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})
STOP_REASONS: Final = frozenset({"end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal"})
"""A finish by another word, such as `error`, tells that something went wrong."""
LEFT: Final = "closed: this side gave up"


@check("router.stream.incremental")
def incremental(play: Play, _world: World) -> Iterator[Flaw]:
    """The client has seen each word before the upstream, which waits for that, sends the next."""
    for both in streamed(play.trips, cut=True):
        if isinstance(both, Flaw):
            yield both
            continue
        trip = both.answer.trip
        sent, seen = times_of(both.answer.upstream, trip.mark), times_of(both.answer.client, trip.mark)
        said = own_words(meaning_of_stream(both.seen.events, trip.ask.surface).text, trip.mark)
        # A word that came in several events has no time, and is held against nobody.
        timed = {word: until for word, until in _waits(both, sent) if word in seen or word not in said}
        held = next((word for word in timed if seen.get(word, NEVER) > timed[word]), None)
        if held is not None:
            begin = _begin(play)
            at = seen[held] - begin if held in seen else None
            yield _held_back(held, sent[held] - begin, timed[held] - begin, at)
        elif not timed:
            yield unread(f"no word of the stream could be timed; {got(trip)}")


def _waits(both: Streamed, sent: Mapping[int, float]) -> Iterator[tuple[int, float]]:
    """Each word for which the upstream waited, and when it ended that: with the next word, or as the router left."""
    broken = both.answer.arrival.exchange
    for word in sorted(sent):
        if word + 1 in sent:
            yield word, sent[word + 1]
        elif (broken.error or "").startswith(HUNG_UP):
            yield word, broken.end_ms


def _held_back(word: int, sent: float, until: float, seen: float | None) -> Flaw:
    actual = "never at the client" if seen is None else f"at the client at {seen:.1f} ms"
    message = (
        f"word {word} was held back: sent at {sent:.1f} ms, it had not reached the client when the upstream ended its "
        f"wait for that, {until - sent:.0f} ms later"
    )
    return Flaw(f"word {word} at the client before {until:.1f} ms", actual, "client stream", message)


@check("router.stream.no-cross-talk")
def no_cross_talk(play: Play, _world: World) -> Iterator[Flaw]:
    """Every stream has its own words, all of them in order, and none of another's."""
    serials = {serial_of(trip.mark): number for number, trip in enumerate(play.trips, 1)}
    for both in streamed(play.trips):
        if isinstance(both, Flaw):
            yield both
            continue
        trip = both.answer.trip
        own = serial_of(trip.mark)
        for found in WORD.finditer(both.answer.client.body):
            other = serials.get(found[1].decode(), serials[own])
            if other != serials[own]:
                message = f"stream #{serials[own]} has a word of stream #{other}"
                where = f"client stream #{serials[own]}, byte {found.start()}"
                yield Flaw("words of its own only", found[0].decode(), where, message)
                break
        sent, seen = (
            own_words(meaning_of_stream(reading.events, surface).text, trip.mark)
            for reading, surface in ((both.sent, both.answer.wire), (both.seen, trip.ask.surface))
        )
        if sent != seen:
            message = f"stream #{serials[own]} has other words than its upstream sent"
            yield Flaw(_listed(sent), _listed(seen), f"client stream #{serials[own]}", message)


@check("router.stream.truncation-visible")
def truncation_visible(play: Play, _world: World) -> Iterator[Flaw]:
    """A client whose stream was cut is not told that it is whole."""
    for trip, both in zip(play.trips, streamed(play.trips, cut=True), strict=True):
        if isinstance(both, Flaw):
            if not (trip.client.error and any(arrival.exchange.response for arrival in trip.arrivals)):
                yield both  # else the client got nothing but an error, which tells enough
            continue
        if trip.client.error or not succeeds(both.answer.client) or errors_in(both.seen.events):
            continue
        if _finish(both.sent.events, both.answer.wire) is not None:
            yield unread("the upstream's stream came to its end")
        elif end := _whole_end(both.seen.events, trip.ask.surface):
            cut = both.answer.arrival.exchange.error or "it ended early, without a finish"
            message = f"the upstream's stream was cut ({cut}), and the client is told that it is whole"
            yield Flaw("an error, or no end", end, "client stream", message)


@check("router.stream.error-event-kept")
def error_event_kept(play: Play, _world: World) -> Iterator[Flaw]:
    """The error in the midst of the upstream's stream reaches the client, as an event with its type and message."""
    for both in streamed(play.trips, cut=True):
        if isinstance(both, Flaw):
            yield both
            continue
        sent, seen = errors_in(both.sent.events), errors_in(both.seen.events)
        if not sent:
            yield unread("the upstream's stream has no error")
            continue
        said = {name: sent[0].get(name) for name in ("type", "message")}
        if any(all(error.get(name) == value for name, value in said.items()) for error in seen):
            continue
        told = bool(both.answer.trip.client.error) or not succeeds(both.answer.client) or bool(seen)
        actual = f"{seen[0]}" if seen else got(both.answer.trip)
        message = "the client hears of an error, but not of this one" if told else "the upstream's error was swallowed"
        yield Flaw(str(said), actual, "client stream", message, Verdict.WARN if told else Verdict.FAIL)


@check("router.stream.cancel-reaches-upstream")
def cancel_reaches_upstream(play: Play, _world: World) -> Iterator[Flaw]:
    """A client that leaves ends the upstream's work, too."""
    for trip in play.trips:
        if not trip.arrivals:
            yield unread(f"no upstream was called; {got(trip)}")
            continue
        upstream = trip.arrivals[-1].exchange
        if trip.client.error != LEFT:
            yield unread(f"the client saw no word at which it could leave; {got(trip)}")
        elif not (upstream.error or "").startswith(HUNG_UP):
            late = upstream.end_ms - trip.client.end_ms
            read_on = sum(len(piece.data) for piece in _after(upstream.response, trip.client.end_ms))
            if late <= 0 and not read_on:
                yield unread("the upstream's stream was over before its client saw a word at which it could leave")
                continue
            message = f"the client left, and the router read on to the end: {late:.0f} ms, {read_on} bytes"
            expected = "the router hangs up soon after its client"
            yield Flaw(expected, upstream.error or "it read the whole stream", "upstream connection", message)


@check("router.stream.no-retry-after-first-byte")
def no_retry_after_first_byte(play: Play, _world: World) -> Iterator[Flaw]:
    """Once the client has seen a word, a stream that breaks is not begun anew, here or elsewhere."""
    for trip in play.trips:
        first = next(iter(relayed([trip], cut=True)))
        if isinstance(first, Flaw):
            yield first
            continue
        broke = trip.arrivals[0].exchange
        seen = times_of(first.client, trip.mark)
        if 0 not in seen or seen[0] > broke.end_ms:
            if len(trip.arrivals) == 1:
                yield unread("the client had seen no word when the stream broke")
            else:
                message = "the stream was begun anew before the client had seen a word of it"
                yield Flaw("one call", f"{len(trip.arrivals)} calls", "upstream", message, Verdict.WARN)
        elif len(trip.arrivals) > 1:
            begin = _begin(play)
            calls = ", ".join(f"{one.upstream} at {one.t_ms - begin:.0f} ms" for one in trip.arrivals)
            message = f"the client saw a word at {seen[0] - begin:.0f} ms, the stream broke, and it was begun anew"
            yield Flaw("one call of a model", calls, "upstream", message)


def _begin(play: Play) -> float:
    """When the timeline of this play begins: its times are told as those of a timeline are."""
    return min((trip.client.start_ms for trip in play.trips), default=0.0)


def _listed(words: list[int]) -> str:
    return f"{len(words)} words: {', '.join(map(str, words))}" if words else "no words"


def _after(response: Response | None, t_ms: float) -> Iterable[Any]:
    return (piece for piece in (response.pieces if response else ()) if piece.t_ms > t_ms)


def errors_in(events: Iterable[Event]) -> list[dict[str, Any]]:
    """The errors among events, each as an object, whatever its wire."""
    found = []
    for event in events:
        value = value_of(event)
        if isinstance(value, dict) and value.get("error"):
            error = value["error"]
            found.append(error if isinstance(error, dict) else {"message": error})
        elif event.type == "error":
            found.append({"message": value})
    return found


def _finish(events: Iterable[Event], wire: Surface) -> Any:
    """Why the stream says that it ended; None where it does not say."""
    if wire == "messages":
        folded = fold_messages(events)
        return folded.stop_reason if folded.stopped else None
    return next((choice.finish for choice in fold(events).choices.values() if choice.finish), None)


def _whole_end(events: tuple[Event, ...], surface: Surface) -> str:
    """What tells a client that its stream is whole; empty where nothing does."""
    if surface == "messages":
        folded = fold_messages(events)
        whole = folded.stopped and str(folded.stop_reason) in STOP_REASONS
        return f"message_stop, stop_reason {folded.stop_reason}" if whole else ""
    stream = fold(events)
    finishes = [choice.finish for choice in stream.choices.values() if str(choice.finish) in FINISHES]
    if not (stream.done and finishes):
        return ""
    return f"finish_reason {finishes[0]} and [DONE] ({place_of(events[stream.done[0]])})"
