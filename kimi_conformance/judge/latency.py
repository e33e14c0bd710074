"""Latency: what a call through the router takes more than one straight to the upstream."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from kimi_conformance.contract.trip import outcome
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.check import Flaw, check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.oracle import World


@check("router.latency.adds-little")
def adds_little(play: Play, world: World) -> Iterator[Flaw]:
    """The median over pairs of a direct call and a routed one, made right after one another."""
    direct = [trip for trip in play.trips if trip.ask.direct]
    routed = [trip for trip in play.trips if not trip.ask.direct]
    unserved = [trip for trip in play.trips if outcome(trip) != "served"]
    if unserved or not direct or len(direct) != len(routed):
        fate = unserved[0].client.error or f"status {unserved[0].client.status}" if unserved else "no pairs"
        message = f"not all calls were served, so that their times say nothing: {fate}"
        yield Flaw("served calls", fate, "client response", message, Verdict.NOT_OBSERVED)
        return
    straight = median(_took(trip) for trip in direct)
    added = median(_took(through) - _took(by) for through, by in zip(routed, direct, strict=True))
    most = world.profile.limits.overhead_ms
    seen = f"{added:.1f} ms, the median of {len(routed)}; straight to the upstream a call takes {straight:.1f} ms"
    within = added <= most
    verdict = Verdict.PASS if within else Verdict.WARN
    yield Flaw(f"at most {most:g} ms", seen, "client", f"the router adds {seen}", verdict)


def _took(trip: Trip) -> float:
    """From the client's first byte to the last of its answer, in milliseconds."""
    return trip.client.end_ms - trip.client.start_ms
