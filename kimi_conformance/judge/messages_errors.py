"""Messages: an error of the upstream comes back as one, in Anthropic's shape."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.judge.arrivals import FACES, face, must_arrive, shown
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.relayed import got, succeeds, unread
from kimi_conformance.judge.stream_life import errors_in
from kimi_conformance.judge.streamed import streamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.exchange import Exchange
    from kimi_conformance.oracle import World

SERVER: Final = 500
REFUSED: Final = 400
OVERLOADED: Final = 529
"""Anthropic's own status for what Kimi says with a 429 of the type engine_overloaded_error."""


def _refused(play: Play) -> Iterator[tuple[Trip, tuple[Exchange, ...]]]:
    """Each trip whose every attempt was answered with an error, and those: a router may show the first or the last."""
    for trip in play.trips:
        answers = tuple(arrival.exchange for arrival in trip.arrivals)
        if answers and all((exchange.status or 0) >= REFUSED for exchange in answers):
            yield trip, answers


@check("router.messages.error-status-kept")
def error_status_kept(play: Play, _world: World) -> Iterator[Flaw]:
    """The client gets the upstream's status; for an error of a server, one of its like."""
    yield from must_arrive(play.trips, Verdict.NOT_OBSERVED)
    for trip, answers in _refused(play):
        due, seen = {exchange.status or 0 for exchange in answers}, trip.client.status or 0
        overloaded = any("overloaded" in str(Sight(exchange).error.get("type")) for exchange in answers)
        alike = (seen >= SERVER and max(due) >= SERVER) or (overloaded and seen == OVERLOADED)
        if seen not in due and not alike:
            wanted, actual = " or ".join(map(str, sorted(due))), str(seen or trip.client.error)
            yield Flaw(wanted, actual, "client response", f"the upstream's {wanted} became {actual}")


@check("router.messages.error-shape")
def error_shape(play: Play, _world: World) -> Iterator[Flaw]:
    """An error in Anthropic's shape; or the very body of an upstream that was asked on its Anthropic face."""
    yield from must_arrive(play.trips, Verdict.NOT_OBSERVED)
    for trip, answers in _refused(play):
        client = trip.client.response
        if client is None:
            yield Flaw("an error", str(trip.client.error), "client response", "the client got no answer")
            continue
        alike = [exchange.response for exchange in answers if face(exchange.request.url) == FACES["messages"]]
        if any(upstream and client.body == upstream.body for upstream in alike):
            continue
        body = Sight(trip.client).answer
        error = body.get("error")
        inner = error if isinstance(error, dict) else {}
        texts = all(isinstance(inner.get(name), str) and inner[name] for name in ("type", "message"))
        if body.get("type") != "error" or not texts:
            wanted = '{"type": "error", "error": {"type": …, "message": …}}'
            yield Flaw(wanted, got(trip), "client response", "the error has not Anthropic's shape")


@check("router.messages.error-message-kept")
def error_message_kept(play: Play, _world: World) -> Iterator[Flaw]:
    """What the upstream says is wrong can be read in what the client gets."""
    yield from must_arrive(play.trips, Verdict.NOT_OBSERVED)
    for trip, answers in _refused(play):
        said = [Sight(exchange).error.get("message") for exchange in answers]
        due = [message for message in said if isinstance(message, str)]
        texts = list(_texts(Sight(trip.client).body))
        if not due:
            yield Flaw("a message", shown(said), "upstream response", "the upstream says nothing", Verdict.NOT_OBSERVED)
        elif not any(message in text for message in due for text in texts):
            message = "what the upstream says is wrong is not to be found"
            yield Flaw(due[0], got(trip), "client response", message)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value; one that is JSON itself as it reads."""
    match value:
        case str():
            yield value
            yield from _texts(_parsed(value))
        case dict():
            yield from (text for inner in value.values() for text in _texts(inner))
        case list():
            yield from (text for inner in value for text in _texts(inner))


def _parsed(text: str) -> Any:
    """What is JSON within a text, of objects only."""
    start = text.find("{")
    try:
        return json.JSONDecoder().raw_decode(text[start:])[0] if start >= 0 else None
    except (ValueError, RecursionError):
        return None


@check("router.messages.rate-limits-told-apart")
def rate_limits_told_apart(play: Play, _world: World) -> Iterator[Flaw]:
    """No two of the errors that the upstream tells apart look alike to the client."""
    yield from must_arrive(play.trips, Verdict.NOT_OBSERVED)
    told: dict[str, str] = {}
    for trip, answers in _refused(play):
        error = Sight(trip.client).error
        due = shown(Sight(answers[0]).error)
        seen = shown([trip.client.status, error.get("type"), error.get("message")])
        if told.setdefault(seen, due) != due:
            yield Flaw(f"told apart from {told[seen]}", seen, "client response", f"{due} looks like another error")


@check("router.messages.stream-error-told")
def stream_error_told(play: Play, _world: World) -> Iterator[Flaw]:
    """What the upstream says is wrong, in the midst of its stream, can be read in what the client gets."""
    for both in streamed(play.trips, cut=True):
        if isinstance(both, Flaw):
            yield both
            continue
        said = [error.get("message") for error in errors_in(both.sent.events)]
        if not said:
            yield unread("the upstream's stream has no error")
            continue
        trip, seen = both.answer.trip, errors_in(both.seen.events)
        if any(str(said[0]) in text for text in _texts([*seen, Sight(trip.client).error])):
            continue
        told = bool(seen or trip.client.error) or not succeeds(both.answer.client)
        message = "the client hears of an error, but not of this one" if told else "the upstream's error was swallowed"
        actual = shown(seen) if seen else got(trip)
        yield Flaw(str(said[0]), actual, "client stream", message, Verdict.WARN if told else Verdict.FAIL)
