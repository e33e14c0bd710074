"""A play on one timeline: what the client, the upstreams, the ledger and the webhook saw, in milliseconds."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from kimi_conformance.contract.result import Moment
from kimi_conformance.judge.words import times_of
from kimi_conformance.reporting.legible import body_text, clipped, head_text, size, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kimi_conformance.contract.trip import Arrival, Play, Row, Stray, Trip
    from kimi_conformance.exchange import Exchange, Request, Response

    Redact = Callable[[str], str]

TRIPS: Final = 12
"""So many trips of a case are told one by one, and so many strays."""
SHORT_TRIPS: Final = 2
MIN_WORDS: Final = 2
MAX_WORDS: Final = 8
PER_TRIP: Final = 8
"""So many arrivals and so many ledger rows of one trip are told."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A moment to be, with the run's time. `detail` is made only where it is wanted."""

    t_ms: float
    leg: str
    what: str
    detail: Callable[[Redact], str] | None = None


def timeline(play: Play, redact: Redact, *, short: bool = False) -> tuple[Moment, ...]:
    """What happened in `play`, in order; `t_ms` counts from its first client request.

    `detail` holds head and body, redacted and shortened. The first `TRIPS` are told, the others counted. `short`
    leaves out the details and all but `SHORT_TRIPS` trips: enough for a case that passed, and cheap.
    """
    told = play.trips[: SHORT_TRIPS if short else TRIPS]
    of = len(play.trips)
    seen = [
        *(moment for number, trip in enumerate(told, 1) for moment in _numbered(trip, number, of, short=short)),
        *_left_out(play.trips[len(told) :]),
        *_strays(play.strays),
        *_ended(play),
    ]
    begin = min((trip.client.start_ms for trip in play.trips), default=0.0)
    return tuple(
        Moment(
            t_ms=round(moment.t_ms - begin, 1),
            leg=moment.leg,
            what=clipped(visible(redact(moment.what)).replace("\n", " ")),
            detail=moment.detail(redact) if moment.detail and not short else "",
        )
        for moment in sorted(seen, key=lambda moment: moment.t_ms)
    )


def _numbered(trip: Trip, number: int, of: int, *, short: bool) -> Iterator[_Seen]:
    """The moments of a trip, which say its number where there are several."""
    moments = _decision(trip) if trip.decision else chain(_wire(trip), _aside(trip, short=short))
    return moments if of == 1 else (replace(moment, what=f"#{number} {moment.what}") for moment in moments)


def _wire(trip: Trip) -> Iterator[_Seen]:
    yield _Seen(trip.client.start_ms, "client", f"sends {_line(trip.sent)}", partial(_request, trip.sent))
    yield from _answer(trip.client)
    for arrival in trip.arrivals[:PER_TRIP]:
        yield from _arrival(arrival)
    yield from _words(trip)
    for more in trip.arrivals[PER_TRIP : PER_TRIP + 1]:
        count = len(trip.arrivals) - PER_TRIP
        yield _Seen(more.t_ms, f"upstream {more.upstream}", f"gets the first of {count} more upstream requests")
    for row in trip.rows[:PER_TRIP]:
        yield _Seen(row.t_ms, "ledger", "gets a row", partial(_row, row))
    for late in trip.rows[PER_TRIP : PER_TRIP + 1]:
        yield _Seen(late.t_ms, "ledger", f"gets the first of {len(trip.rows) - PER_TRIP} more rows")


def _aside(trip: Trip, *, short: bool) -> Iterator[_Seen]:
    """What came to the ledger and to the webhook; in `short` only what was not taken: rows speak for themselves."""
    told = [arrival for arrival in trip.side if not short or (arrival.exchange.status or 0) not in range(200, 300)]
    for arrival in told[:PER_TRIP]:
        yield from _arrival(arrival)
    for more in told[PER_TRIP : PER_TRIP + 1]:
        what = f"gets the first of {len(told) - PER_TRIP} more requests"
        yield _Seen(more.t_ms, f"upstream {more.upstream}", what)


def _words(trip: Trip) -> Iterator[_Seen]:
    """When each word of a stream was sent, and when it was seen, where there are few: what a wait can be read from."""
    for arrival in trip.arrivals[-1:] if trip.ask.stream else ():
        sent = times_of(arrival.exchange.response, trip.mark) if arrival.exchange.response else {}
        seen = times_of(trip.client.response, trip.mark) if trip.client.response else {}
        if MIN_WORDS <= len(sent) <= MAX_WORDS:
            for word, t_ms in sent.items():
                yield _Seen(t_ms, f"upstream {arrival.upstream}", f"sends word {word}")
            for word, t_ms in seen.items():
                yield _Seen(t_ms, "client", f"sees word {word}")


def _decision(trip: Trip) -> Iterator[_Seen]:
    yield _Seen(trip.client.start_ms, "client", "asks for a decision", partial(body_text, trip.sent.body))
    decided = trip.decision
    if decided is None or trip.client.error:
        said = f"no decision: {trip.client.error}"
    elif decided.refusal is not None:
        said = f"refuses: {decided.refusal}"
    else:
        said = f"decides for route {decided.route}" + (f", tier {decided.tier}" if decided.tier is not None else "")
    yield _Seen(trip.client.end_ms, "router", said)


def _answer(client: Exchange) -> Iterator[_Seen]:
    """What came back to the client: the head, the body, and the error that cut it short or stood in for it."""
    response = client.response
    if response:
        yield _Seen(response.t_ms, "client", f"gets {_kind(response)}", partial(_head, response))
        for piece in response.pieces[:1]:
            yield _Seen(piece.t_ms, "client", f"gets {_pieces(response)}", partial(_body, response))
    if client.error:
        yield _Seen(client.end_ms, "client", client.error)


def _arrival(arrival: Arrival, remark: str = "") -> Iterator[_Seen]:
    """A request at an upstream, and what the stand-in there answered."""
    leg, exchange = f"upstream {arrival.upstream}", arrival.exchange
    request, response = exchange.request, exchange.response
    yield _Seen(arrival.t_ms, leg, f"gets {_line(request)}{remark}", partial(_request, request))
    if len(arrival.attempts) > 1:
        tried = ", ".join(f"{one.option} ({one.key or one.provider}): {one.status}" for one in arrival.attempts)
        yield _Seen(arrival.t_ms, leg, f"tries {tried}")
    if response:
        what = f"answers {_kind(response)}, {_pieces(response)}"
        yield _Seen(response.t_ms, leg, what, partial(_response, response))
    if exchange.error:
        yield _Seen(exchange.end_ms, leg, exchange.error)


def _strays(strays: Sequence[Stray]) -> Iterator[_Seen]:
    for stray in strays[:TRIPS]:
        others = f" and {len(stray.beside) - 1} more" if len(stray.beside) > 1 else ""
        beside = f", beside {stray.beside[0]}{others}" if stray.beside else ""
        yield from _arrival(stray.arrival, f", which belongs to no request of the suite's{beside}")
    for more in strays[TRIPS : TRIPS + 1]:
        what = f"gets the first of {len(strays) - TRIPS} more that belong to no request"
        yield _Seen(more.arrival.t_ms, f"upstream {more.arrival.upstream}", what)


def _left_out(trips: Sequence[Trip]) -> Iterator[_Seen]:
    """One line for all the trips that are not told."""
    if trips:
        fates = Counter(_fate(trip) for trip in trips)
        counted = ", ".join(f"{count} x {fate}" for fate, count in fates.most_common(5))
        calls = sum(len(trip.arrivals) for trip in trips)
        what = f"{len(trips)} more requests: {counted}; they made {calls} upstream requests"
        yield _Seen(min(trip.client.start_ms for trip in trips), "client", what)


def _ended(play: Play) -> Iterator[_Seen]:
    if play.ended:
        at = max((trip.client.end_ms for trip in play.trips), default=0.0)
        yield _Seen(at, "router", f"its process ended: {play.ended}")


def _fate(trip: Trip) -> str:
    if trip.client.error:
        return trip.client.error.split(":", 1)[0]
    return "decided" if trip.decision else f"status {trip.client.status}"


def _line(request: Request) -> str:
    parts = urlsplit(request.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return f"{request.method} {path or '/'}" + (f", {size(len(request.body))}" if request.body else "")


def _kind(response: Response) -> str:
    kind = response.header("content-type")
    return f"{response.status}" + (f" {kind.split(';')[0]}" if kind else "")


def _pieces(response: Response) -> str:
    pieces = response.pieces
    total = size(sum(len(piece.data) for piece in pieces))
    if len(pieces) < 2:  # noqa: PLR2004 - one piece has no last
        return total
    return f"{total} in {len(pieces):,} pieces, the last {pieces[-1].t_ms - pieces[0].t_ms:.1f} ms after the first"


def _request(request: Request, redact: Redact) -> str:
    head = head_text(f"{request.method} {request.url}", request.headers, redact)
    return f"{head}\n\n{body_text(request.body, redact)}" if request.body else head


def _head(response: Response, redact: Redact) -> str:
    return head_text(f"{response.status}", response.headers, redact)


def _body(response: Response, redact: Redact) -> str:
    return body_text(response.body, redact)


def _response(response: Response, redact: Redact) -> str:
    return f"{_head(response, redact)}\n\n{_body(response, redact)}".rstrip()


def _row(row: Row, redact: Redact) -> str:
    return clipped(visible(redact(json.dumps(row.values, ensure_ascii=False, default=str))))
