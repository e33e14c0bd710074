"""An answer from both sides: as it left the upstream, and as it reached the client."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import FACES, face
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.contract.reach import Surface
    from kimi_conformance.contract.trip import Arrival, Trip
    from kimi_conformance.exchange import Response

SHOWN_BYTES: Final = 160
ANY_WINDOW: Final = zlib.MAX_WBITS | 32
"""Both gzip and zlib (which HTTP calls deflate), told apart by zlib itself."""
WIRES: Final[dict[str, Surface]] = {path: surface for surface, path in FACES.items()}


@dataclass(frozen=True, slots=True)
class Relayed:
    """The answer of `arrival`, which is the last of its trip, and what the client got of it."""

    trip: Trip
    arrival: Arrival
    upstream: Response
    client: Response

    @property
    def wire(self) -> Surface:
        """The wire on which the upstream answered."""
        return WIRES.get(face(self.arrival.exchange.request.url) or "", self.trip.ask.surface)

    @property
    def translated(self) -> bool:
        """Whether the client speaks another wire than the upstream: then nothing can be compared member by member."""
        return self.wire != self.trip.ask.surface


@dataclass(frozen=True, slots=True)
class Bodies:
    """An answer that is one JSON object: as the upstream `sent` it, and as the client has `seen` it."""

    answer: Relayed
    sent: dict[str, Any]
    seen: dict[str, Any]


def relayed(trips: Iterable[Trip], *, cut: bool = False) -> Iterator[Relayed | Flaw]:
    """The answer of each trip, or why there is none to look at.

    An answer of success that does not reach its client whole is a failure, but for `cut`: there the client's may be
    cut or an error.
    """
    for trip in trips:
        if not trip.arrivals:
            yield _nothing(f"no upstream was called; {got(trip)}")
            continue
        arrival = trip.arrivals[-1]
        upstream, client = arrival.exchange.response, trip.client.response
        if upstream is None:
            yield _nothing(f"the upstream gave no answer ({arrival.exchange.error})")
        elif not succeeds(upstream):
            yield _nothing(f"the upstream refused what reached it with {upstream.status}: {shown_bytes(upstream.body)}")
        elif client is None or (not cut and (trip.client.error or not succeeds(client))):
            yield Flaw(
                f"the upstream's answer, {upstream.status}",
                got(trip),
                "client response",
                "the upstream's answer did not reach the client",
                Verdict.NOT_OBSERVED if cut else Verdict.FAIL,
            )
        else:
            yield Relayed(trip, arrival, upstream, client)


def bodies(trips: Iterable[Trip]) -> Iterator[Bodies | Flaw]:
    """The JSON of each answer on both sides, or why there is none to look at."""
    for answer in relayed(trips):
        if isinstance(answer, Flaw):
            yield answer
            continue
        if media_type(answer.upstream.header("content-type")) != "application/json":
            yield unread("the upstream was asked for a stream, and answered with one")
            continue
        sent, seen = json_of(answer.upstream), json_of(answer.client)
        if isinstance(sent, Flaw):
            yield unread(f"the upstream's own answer is no JSON object: {sent.message}")
        else:
            yield seen if isinstance(seen, Flaw) else Bodies(answer, sent, seen)


def media_type(value: str | None) -> str:
    """The media type of a Content-Type, without its parameters."""
    return (value or "").split(";", 1)[0].strip().lower()


def succeeds(response: Response) -> bool:
    """Whether it is an answer of success (RFC 9110, 15.3)."""
    return 200 <= response.status < 300  # noqa: PLR2004 - RFC 9110, 15.3


def got(trip: Trip) -> str:
    """What the client got, in a line."""
    response, error = trip.client.response, trip.client.error
    if response is None:
        return f"the client got no answer: {error}"
    cut = f", cut short: {error}" if error else ""
    return f"the client got {response.status}: {shown_bytes(response.body)}{cut}"


def shown_bytes(data: bytes) -> str:
    """Some bytes as a finding shows them."""
    text = data[:SHOWN_BYTES].decode("utf-8", "backslashreplace")
    return text if len(data) <= SHOWN_BYTES else f"{text}… ({len(data)} bytes)"


def unread(message: str) -> Flaw:
    """Says that this run could not see it."""
    return Flaw("an answer to compare", message, "upstream response", message, Verdict.NOT_OBSERVED)


def coding_of(response: Response) -> str:
    """The coding of the content; `identity` where there is none."""
    return (response.header("content-encoding") or "identity").strip().lower()


def decoded(response: Response) -> bytes | Flaw:
    """The content without its coding, or why it cannot be had."""
    coding = coding_of(response)
    if coding == "identity":
        return response.body
    where = "client response content-encoding"
    if coding not in ("gzip", "x-gzip", "deflate"):
        return Flaw("gzip, deflate or no coding", coding, where, f"nothing here reads {coding}", Verdict.NOT_OBSERVED)
    machine = zlib.decompressobj(ANY_WINDOW)
    try:
        data = machine.decompress(response.body)
    except zlib.error as error:
        begins = shown_bytes(response.body[:24])
        message = f"Content-Encoding says {coding}, and the body is not: {error}"
        return Flaw(f"a body in {coding}", f"it begins {begins}", where, message)
    if not machine.eof:
        return Flaw(f"a whole body in {coding}", "cut short", where, f"the {coding} of the body is cut short")
    return data


def json_of(response: Response) -> dict[str, Any] | Flaw:
    """The JSON object in an answer that reached the client, or the flaw that there is none."""
    data = decoded(response)
    if isinstance(data, Flaw):
        return data
    try:
        body = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        message = "gzip without a Content-Encoding that says so" if data.startswith(b"\x1f\x8b") else str(error)
        return Flaw("a JSON body", shown_bytes(data), "client response", f"the client's body is no JSON: {message}")
    if not isinstance(body, dict):
        return Flaw("a JSON object", shown_bytes(data), "client response", "the client got no JSON object")
    return body


def _nothing(why: str) -> Flaw:
    message = f"there is no upstream answer to compare with: {why}"
    return Flaw("an answer of the upstream", why, "upstream", message, Verdict.NOT_OBSERVED)
