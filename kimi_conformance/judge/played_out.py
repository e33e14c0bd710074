"""Whether what a case is about was played at all: a call that never took its route shows nothing of what happens there.

That it went elsewhere, or nowhere, is for the areas gate and request to say, once; else one wrong gate would accuse a
router of everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import PLAIN, REFUSED
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import must_arrive
from kimi_conformance.judge.check import Flaw
from kimi_conformance.judge.destination import routes_of
from kimi_conformance.oracle import Routed

if TYPE_CHECKING:
    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.trip import Play, Trip
    from kimi_conformance.oracle import World

REFUSES: Final = frozenset({"messages", "ledger"})
"""Areas in which a call that reached no upstream may be the very thing that does not hold."""


def not_played_out(requirement: Requirement, play: Play, world: World) -> tuple[Flaw, ...]:
    """Why `play` shows nothing of `requirement`, where none of the calls that it is about took its route."""
    if not requirement.needs_the_route or world.one_sided:
        return ()
    staged = [trip for trip in play.trips if trip.ask.scene != PLAIN and REFUSED not in trip.ask.scene.acts]
    if not staged:  # where nobody listens nothing can be seen: there the ordinary call beside it shows the route
        staged = [trip for trip in play.trips if trip.ask.scene == PLAIN]
    flaws = [_not_there(trip, world, may_refuse=requirement.area in REFUSES) for trip in staged]
    return tuple(flaw for flaw in flaws if flaw) if all(flaws) else ()


def _not_there(trip: Trip, world: World, *, may_refuse: bool) -> Flaw | None:
    expected = world.expect(trip.ask)
    if not isinstance(expected, Routed) or trip.ask.body is not None or trip.ask.stranger or trip.ask.direct:
        return None  # it must be refused, or does not go through the router
    taken = [routes_of(arrival, world.profile) for arrival in trip.arrivals]
    if any(expected.route in routes for routes in taken):
        return None
    if not taken:
        return None if may_refuse else next(must_arrive([trip], Verdict.NOT_OBSERVED))
    seen = " or ".join(sorted(taken[0])) or f"no route of the profile, at upstream {trip.arrivals[0].upstream}"
    message = f"the call took another route ({seen}), so nothing of this was played; the area gate says more"
    return Flaw(f"route {expected.route}", seen, "upstream request", message, Verdict.NOT_OBSERVED)
