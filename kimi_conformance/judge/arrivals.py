"""What arrived at the upstreams, read for the checks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Arrival, Play, Trip

FACES: Final = ("/chat/completions", "/v1/messages")
"""How the paths of the two completion surfaces end, whatever stands before."""

LONGEST: Final = 160


def pairs(play: Play) -> Iterator[tuple[Trip, Arrival]]:
    """Every arrival with its trip."""
    return ((trip, arrival) for trip in play.trips for arrival in trip.arrivals)


def must_arrive(play: Play) -> Iterator[Flaw]:
    """A flaw for each trip that reached no upstream: nothing can be said of a request that nobody saw."""
    for trip in play.trips:
        if not trip.arrivals:
            answer = f"status {trip.client.status}" if trip.client.status else str(trip.client.error)
            yield Flaw("an upstream request", f"none; the client got {answer}", "upstream", "no upstream was called")


def body_of(arrival: Arrival) -> dict[str, Any] | Flaw:
    """The JSON object that the upstream got, or the flaw that it got none."""
    try:
        body = json.loads(arrival.exchange.request.body)
    except ValueError as error:
        return Flaw("a JSON body", str(error), "upstream request", "the upstream got a body that is no JSON")
    if not isinstance(body, dict):
        return Flaw("a JSON object", shown(body), "upstream request", "the upstream got no JSON object")
    return body


def comparable(trip: Trip, arrival: Arrival) -> dict[str, Any] | Flaw:
    """The body at the upstream, where its members can be compared with the client's one by one."""
    if face(trip.sent.url) != face(arrival.exchange.request.url):
        message = "the router translates this surface into another: members cannot be compared one by one"
        return Flaw(
            "the client's surface", arrival.exchange.request.url, "upstream path", message, Verdict.NOT_OBSERVED
        )
    return body_of(arrival)


def face(url: str) -> str | None:
    """Which completion surface a URL's path belongs to."""
    path = path_of(url)
    return next((known for known in FACES if path.endswith(known)), None)


def path_of(url: str) -> str:
    """A URL's path, without its query."""
    return url.split("?", 1)[0]


def shown(value: Any) -> str:
    """A JSON value as a finding shows it: ASCII, so that look-alikes and blanks are seen, and not too long."""
    if value is ABSENT:
        return "absent"
    text = json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"
