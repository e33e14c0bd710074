"""What nobody asked for: calls of a model that belong to no case, and those that are one too many for theirs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import PLAIN
from kimi_conformance.contract.trip import Play, Stray
from kimi_conformance.judge.check import ONCE
from kimi_conformance.router.traffic import QUIET_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kimi_conformance.contract.trip import Arrival, Trip
    from kimi_conformance.router.tally import Played

BUSY, OUT_OF_ORDER = 429, 500

BILLED: Final = re.compile(rb'"usage"|\[DONE\]|message_stop')
"""What an answer has that was served to its end."""


def with_strays(
    played: Mapping[str, Played], nobodys: Iterable[Arrival], doubled: Mapping[str, tuple[Stray, ...]]
) -> dict[str, Played]:
    """`played`, with what nobody asked for given to the first case of the requirement that forbids it.

    That is what belongs to no case (`nobodys`), and what is one too many in the cases of any other requirement. Where
    no case of that requirement was played, a call that is billed twice is held against the case that it was seen in.
    """
    plays = {name: one for name, one in played.items() if isinstance(one, Play)}
    owner = next((play for play in plays.values() if play.requirement == ONCE), None)
    if owner is None:
        return {**played, **{name: replace(plays[name], strays=strays) for name, strays in doubled.items() if strays}}
    elsewhere = [stray for name, strays in doubled.items() if plays[name].requirement != ONCE for stray in strays]
    strays = [Stray(arrival, in_flight(plays.values(), arrival.t_ms)) for arrival in nobodys]
    return {**played, owner.case: replace(owner, strays=(*strays, *elsewhere))}


def one_too_many(play: Play) -> tuple[Stray, ...]:
    """The calls in `play` that are one too many."""
    return tuple(Stray(arrival, (play.case,), doubled=True) for trip in play.trips for arrival in too_many(trip))


def too_many(trip: Trip) -> Sequence[Arrival]:
    """The arrivals of a trip that are one too many.

    Where an upstream is ill the router may try again, which other requirements judge; but a completion that came whole
    is billed, and the client wanted one. An error in an answer of success, or a page of HTML, is no completion.
    """
    if trip.ask.scene == PLAIN and not any(_ill(arrival) for arrival in trip.arrivals):
        return trip.arrivals[1:]
    return [arrival for arrival in trip.arrivals if _billed(arrival)][1:]


def _ill(arrival: Arrival) -> bool:
    """Whether the upstream was busy, out of order or not reached, as a real one may be without being told to."""
    status = arrival.exchange.status
    return arrival.exchange.error is not None or status is None or status == BUSY or status >= OUT_OF_ORDER


def _billed(arrival: Arrival) -> bool:
    """Whether the upstream answered with a completion, to the end."""
    answer = arrival.exchange.response
    if answer is None or arrival.exchange.error or not 200 <= answer.status < 300:  # noqa: PLR2004 - RFC 9110, 15.3
        return False
    return b'"error"' not in answer.body and BILLED.search(answer.body) is not None


def in_flight(plays: Iterable[Play], t_ms: float) -> tuple[str, ...]:
    """The cases with a client still waiting, or served within the last `QUIET_S`, at `t_ms`."""
    late = QUIET_S * 1000
    return tuple(
        play.case
        for play in plays
        if any(trip.client.start_ms <= t_ms <= trip.client.end_ms + late for trip in play.trips)
    )
