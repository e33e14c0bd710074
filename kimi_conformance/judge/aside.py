"""Secrets where no key belongs: in the rows of a ledger, in the alerts of a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.canaries import found, needles
from kimi_conformance.judge.check import Flaw, check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.oracle import World


@check("router.ledger.no-secret-in-row")
def no_secret_in_row(play: Play, world: World) -> Iterator[Flaw]:
    """No key stands in what was sent to the ledger, or in what it holds."""
    ledger = world.profile.ledger
    name = ledger.postgrest.upstream if ledger and ledger.postgrest else None
    yield from _without_keys(play, world, name, "row")


@check("router.alert.no-secret-in-alert")
def no_secret_in_alert(play: Play, world: World) -> Iterator[Flaw]:
    """No key stands in what was sent to the webhook."""
    name = world.profile.alerts.upstream if world.profile.alerts else None
    yield from _without_keys(play, world, name, "alert")


def _without_keys(play: Play, world: World, upstream: str | None, what: str) -> Iterator[Flaw]:
    wanted = needles(world.secrets)
    written = [(trip, text) for trip in play.trips for text in _texts(trip, upstream, rows=what == "row")]
    if not written or not wanted:
        message = f"no {what} was seen, so that nothing can be said of what stands in them"
        yield Flaw(f"a {what}", "none", what, message, Verdict.NOT_OBSERVED)
    for needle in dict.fromkeys(needle for _, text in written for needle in found(wanted, text)):
        message = f"a key is written down where others read it: secret {needle.name} ({needle.encoding})"
        yield Flaw("no key", f"secret {needle.name}, {needle.encoding}", what, message)


def _texts(trip: Trip, upstream: str | None, *, rows: bool) -> Iterator[bytes]:
    """The bodies that went to an upstream, and the rows; its own key rides in the head of a request, as it must."""
    yield from (arrival.exchange.request.body for arrival in trip.side if arrival.upstream == upstream)
    if rows:
        yield from (repr(dict(row.values)).encode() for row in trip.rows)
