"""Observations that somebody published, in the form of `evidence/`: one JSON document each."""

from __future__ import annotations

import json
from typing import Any, Final

from kimi_conformance.exchange import Exchange, Piece, Request, Response, first
from kimi_conformance.judge.api.shapes import face_of, served_shape
from kimi_conformance.judge.api.sight import HTTP_OK, Sight
from kimi_conformance.traffic.encodings import pairs
from kimi_conformance.traffic.found import Odd
from kimi_conformance.traffic.known import day_of_response, host_of, split
from kimi_conformance.traffic.loose import Loose, parsed

UNJUDGED: Final = {
    "fragment": "its source shows only pieces of it",
    "authenticity": "its source may have changed it",
}
"""Doubts with which nothing can be said."""
SHORTENED: Final = "text-shortened"
PRESUMED: Final = "host-or-path-presumed"
UNKNOWN: Final = 0
KEYS: Final = ("authorization", "x-api-key")


class Asked(Loose):
    """A request, as far as the source shows it."""

    method: str
    path: str
    headers: dict[str, Any] | None = None
    body: Any = None


class Answered(Loose):
    """A response: `body`, or the data of its events in `sse`, with their names in `sse_events`."""

    status: int | None = None
    headers: dict[str, Any] | None = None
    body: Any = None
    sse: tuple[str, ...] | None = None
    sse_events: tuple[str, ...] = ()
    quoted: Any = None


class Observation(Loose):
    """One observation."""

    host: str
    request: Asked
    response: Answered
    complete: bool = True
    doubts: tuple[str, ...] = ()


def evidence_sight(document: Any) -> Sight:
    """What an observation shows. Raises `Odd` where it is none, or too little of one to be judged."""
    seen = parsed(Observation, document, "exchange")
    for doubt in filter(UNJUDGED.__contains__, seen.doubts):
        raise Odd(f"{UNJUDGED[doubt]} ({doubt})")
    answered, url = seen.response, f"https://{seen.host}{seen.request.path}"
    if answered.sse is None and answered.body is None:
        raise Odd(UNJUDGED["fragment"] if answered.quoted is not None else "its source shows no body")
    body = _json(answered.body) if answered.sse is None else _events(answered.sse, answered.sse_events)
    response = Response(answered.status or UNKNOWN, pairs(answered.headers), (Piece(0.0, body),))
    headers = pairs(seen.request.headers)
    request = Request(seen.request.method, url, headers, _json(seen.request.body))
    bare = answered.sse is not None and not answered.headers and response.status in HTTP_OK
    return Sight(
        Exchange(request, response),
        day_of_response(response),
        None if PRESUMED in seen.doubts else host_of(url),
        "none" if headers and not any(first(headers, name) for name in KEYS) else "unknown",
        partial=not seen.complete or SHORTENED in seen.doubts,
        # Without headers nothing but the document itself says that this is a stream.
        given=served_shape(face_of(split(url).path), request.method, streamed=True) if bare else None,
    )


def _json(value: Any) -> bytes:
    return b"" if value is None else json.dumps(value, separators=(",", ":")).encode()


def _events(data: tuple[str, ...], names: tuple[str, ...]) -> bytes:
    """The stream, framed as the platform does."""
    begins = [f"event: {name}\n" for name in names] if len(names) == len(data) else [""] * len(data)
    return "".join(f"{begin}data: {each}\n\n" for begin, each in zip(begins, data, strict=True)).encode()
