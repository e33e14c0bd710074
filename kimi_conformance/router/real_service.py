"""What a real service may do that says nothing of the router: a verdict on it would be a false accusation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.router.meter import BROKEN, TOO_MANY, UNPAID
from kimi_conformance.router.verdicts import Judged

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from kimi_conformance.contract.trip import Play
    from kimi_conformance.exchange import Exchange

BAD: Final = frozenset({Verdict.FAIL, Verdict.WARN})
OUT_OF_ORDER: Final = 500
UNAUTHORIZED: Final = frozenset({401, 403})
TROUBLED: Final = frozenset({TOO_MANY, *range(OUT_OF_ORDER, 600)})
KEY: Final = "the router does not take the client's key ({}): `client_headers:`, or --key-env, has it"
ILL: Final = "the client got {}, which may be an upstream's, and says nothing of the router"


def allowing(one: Judged, live: Mapping[str, str], *, one_sided: bool = False) -> Judged:
    """A verdict that allows for what the services in `live` (by upstream) did, and for calls that were not made.

    `one_sided`: nobody saw the upstreams, and the client's key is not ours.
    """
    if one.play is None:
        return one
    for error in (exchange.error or "" for exchange in _exchanges(one.play)):
        if error.startswith(UNPAID):
            return Judged(Verdict.NOT_OBSERVED, message=error.removeprefix(UNPAID), play=one.play)
        if error.startswith(BROKEN):
            return Judged(Verdict.INFRA_ERROR, message=error, play=one.play)
    if one.verdict in BAD and (busy := _busy(one.play, live)):
        return Judged(Verdict.NOT_OBSERVED, message=busy, play=one.play)
    if one.verdict in BAD and one_sided and (status := _status_in(one.play, UNAUTHORIZED)):
        return Judged(Verdict.NOT_OBSERVED, message=KEY.format(status), play=one.play)
    if one.verdict in BAD and one_sided and (status := _status_in(one.play, TROUBLED)):
        return Judged(Verdict.NOT_OBSERVED, message=ILL.format(status), play=one.play)
    return one


def _status_in(play: Play, wanted: Container[int | None]) -> int | None:
    """The first status of the client's that is one of `wanted`, if there is one."""
    return next((trip.client.status for trip in play.trips if trip.client.status in wanted), None)


def _exchanges(play: Play) -> Iterator[Exchange]:
    for trip in play.trips:
        yield trip.client
        yield from (arrival.exchange for arrival in trip.arrivals)


def _busy(play: Play, live: Mapping[str, str]) -> str | None:
    """That a service was busy or out of order, if it was."""
    for trip in play.trips:
        for arrival in trip.arrivals:
            status = arrival.exchange.status or 0
            if arrival.upstream in live and (status == TOO_MANY or status >= OUT_OF_ORDER):
                return f"{live[arrival.upstream]} answered {status}, which says nothing of the router"
    return None
