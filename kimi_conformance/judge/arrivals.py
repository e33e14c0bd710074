"""What arrived at the upstreams, read for the checks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from kimi_conformance.contract.trip import ABSENT, LOOKUP
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.check import Flaw
from kimi_conformance.judge.cooldown import unasked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.contract.reach import Surface
    from kimi_conformance.contract.trip import Arrival, Play, Trip
    from kimi_conformance.exchange import Request

FACES: Final[dict[Surface, str]] = {"chat": "/chat/completions", "messages": "/v1/messages"}
"""How the path of each completion surface ends at an upstream, whatever stands before."""

LONGEST: Final = 160


def pairs(play: Play) -> Iterator[tuple[Trip, Arrival]]:
    """Every arrival with its trip."""
    return ((trip, arrival) for trip in play.trips for arrival in trip.arrivals)


def must_arrive(trips: Iterable[Trip], verdict: Verdict = Verdict.FAIL) -> Iterator[Flaw]:
    """A flaw for each trip that reached no upstream: nothing can be said of a request that nobody saw."""
    for trip in trips:
        if not trip.arrivals:
            answer = f"status {trip.client.status}" if trip.client.status else str(trip.client.error)
            actual = f"none; the client got {answer}"
            yield Flaw("an upstream request", actual, "upstream", unasked(trip), verdict)


def body_of(arrival: Arrival) -> dict[str, Any] | Flaw:
    """The JSON object that the upstream got, or the flaw that it got none."""
    try:
        # Decoded first: json.loads would forgive bytes their byte order mark (RFC 8259, 8.1 forbids to send one).
        body = json.loads(arrival.exchange.request.body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        return Flaw("a JSON body", str(error), "upstream request", "the upstream got a body that is no JSON")
    if not isinstance(body, dict):
        return Flaw("a JSON object", shown(body), "upstream request", "the upstream got no JSON object")
    return body


def comparable(trip: Trip, arrival: Arrival) -> dict[str, Any] | Flaw:
    """The body at the upstream, where its members can be compared with the client's one by one."""
    if face(arrival.exchange.request.url) != FACES[trip.ask.surface]:
        message = "the router translates this surface into another: members cannot be compared one by one"
        return Flaw(
            "the client's surface", arrival.exchange.request.url, "upstream path", message, Verdict.NOT_OBSERVED
        )
    return body_of(arrival)


def face(url: str) -> str | None:
    """Which completion surface of an upstream a URL's path belongs to: how it ends."""
    path = path_of(url)
    return next((known for known in FACES.values() if path.endswith(known)), None)


def path_of(url: str) -> str:
    """The path of a URL, or of a request's target."""
    return urlsplit(url).path


def in_short(request: Request) -> str:
    """A request in short, as a finding tells it."""
    match request.method:
        case "CONNECT":
            return request.method
        case method if method == LOOKUP:
            return "name looked up"
        case method:
            return f"{method} {path_of(request.url)}"


def shown(value: Any) -> str:
    """A JSON value as a finding shows it: ASCII, so that look-alikes and blanks are seen, and not too long."""
    text = _text(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def shown_apart(sent: Any, seen: Any) -> tuple[str, str]:
    """Two JSON values that differ, as a finding shows them: long ones from a little before where they part."""
    texts = _text(sent), _text(seen)
    apart = next((at for at, (one, other) in enumerate(zip(*texts, strict=False)) if one != other), 0)
    if apart < LONGEST // 2:
        return shown(sent), shown(seen)
    start = apart - LONGEST // 4
    one, other = (f"…{text[start : start + LONGEST]}… (from character {start} of {len(text)})" for text in texts)
    return one, other


def _text(value: Any) -> str:
    return "absent" if value is ABSENT else json.dumps(value)
