"""A row of the ledger against the call that it is about, column by column."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.scene import REFUSED
from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import body_of, shown
from kimi_conformance.judge.check import Flaw
from kimi_conformance.judge.destination import at_pointer, routes_of
from kimi_conformance.judge.failing import route_of
from kimi_conformance.oracle import own_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kimi_conformance.contract.trip import Row, Trip
    from kimi_conformance.oracle import World

GOOD: Final = frozenset({"ok", "success", "succeeded", "successful", "completed", "done", "true"})
BAD: Final = frozenset({"error", "fail", "failed", "failure", "timeout", "cancelled", "canceled", "aborted", "false"})
"""How a status is told in words."""


def untrue(trip: Trip, row: Row, world: World) -> Iterator[Flaw]:
    """What a row says that was not so. It is a row of this trip's, by its trace id."""
    ledger = world.profile.ledger
    for column, pointer in (ledger.columns if ledger else {}).items():
        where = f"ledger row {pointer}"
        yield from COLUMNS[column](trip, cell(row, pointer), where, world)


def cell(row: Row, pointer: str) -> Any:
    """What a row has in a column; `ABSENT` where it has no such column."""
    try:
        return at_pointer(row.values, pointer)
    except LookupError:
        return ABSENT


def _trace(trip: Trip, seen: Any, where: str, _world: World) -> Iterator[Flaw]:
    if seen != trip.mark:
        yield Flaw(trip.mark, shown(seen), where, f"the row has another trace id: {shown(seen)}")


def _model(trip: Trip, seen: Any, where: str, world: World) -> Iterator[Flaw]:
    """The name as it was asked for, as it went out, or as the answer has it: which of them, no profile says."""
    asked = trip.ask.model.value
    if not isinstance(asked, str) or not asked:
        return  # what a router calls a call that names no model is its own affair
    names = {asked, own_name(world.profile, asked), *_names_upstream(trip)}
    if seen not in names:
        wanted = " or ".join(sorted(names))
        yield Flaw(wanted, shown(seen), where, f"the row names the model {shown(seen)}, not {wanted}")


def _names_upstream(trip: Trip) -> Iterator[str]:
    for arrival in trip.arrivals:
        body = body_of(arrival)
        if not isinstance(body, Flaw) and isinstance(name := body.get("model"), str):
            yield name


def _agent(trip: Trip, seen: Any, where: str, world: World) -> Iterator[Flaw]:
    """The agent's exact id. A call of nobody may be written down under any word but the id of a plan agent."""
    asked = trip.ask.agent.value
    if asked is ABSENT:
        if seen in world.profile.policy.plan_agents:
            message = f"the call was nobody's, and the row says {shown(seen)}"
            yield Flaw("no agent", shown(seen), where, message)
    elif seen != asked:
        yield Flaw(shown(asked), shown(seen), where, f"the row names the agent {shown(seen)}, not {shown(asked)}")


def _status(trip: Trip, seen: Any, where: str, _world: World) -> Iterator[Flaw]:
    """The status that the client got, or that the last upstream gave. A failure is never told as a success.

    A client that left, or whose answer was cut after its head, has a status, and yet the call has failed: both are so.
    """
    got, number, good = trip.client.status, _number(seen), _good(seen)
    if trip.ask.hangs_up:
        return
    if good is None:
        message = f"the row says {shown(seen)}: whether that is a success is not known here"
        yield Flaw("a status", shown(seen), where, message, Verdict.NOT_OBSERVED)
    elif got is None or got >= 400:  # noqa: PLR2004 - RFC 9110, 15.5 and 15.6
        if good:
            message = f"a call that failed is written down as a success ({shown(seen)})"
            yield Flaw(str(got or trip.client.error), shown(seen), where, message)
        elif number is not None and got is not None and number not in {got, *_statuses(trip)}:
            message = f"the client got {got}, and the row says {shown(seen)}"
            yield Flaw(str(got), shown(seen), where, message)
    elif trip.client.error is None and not (good and number in {None, got, *_statuses(trip)}):
        yield Flaw(str(got), shown(seen), where, f"the client got {got}, and the row says {shown(seen)}")


def _statuses(trip: Trip) -> Iterator[int]:
    """The status of the last upstream answer: the one that the client's was made of."""
    yield from (arrival.exchange.status for arrival in trip.arrivals[-1:] if arrival.exchange.status)


def _number(seen: Any) -> float | None:
    if isinstance(seen, str) and seen.isascii() and seen.isdecimal():
        return int(seen)
    return seen if isinstance(seen, int | float) and not isinstance(seen, bool) else None


def _good(seen: Any) -> bool | None:
    """Whether a status tells a success; None where it tells nothing that is known."""
    number = _number(seen)
    if number is not None:
        return 200 <= number < 300  # noqa: PLR2004 - RFC 9110, 15.3
    word = str(seen).lower()
    return None if word not in GOOD | BAD else word in GOOD


def _tier(trip: Trip, seen: Any, where: str, world: World) -> Iterator[Flaw]:
    """The tier of the route that was expected, or of one that the call was seen to take."""
    taken = {route for arrival in trip.arrivals for route in routes_of(arrival, world.profile)}
    due = {route_of(trip, world).tier, *(world.profile.routes[route].tier for route in taken)}
    if None not in due and seen not in due:
        wanted = " or ".join(sorted(str(tier) for tier in due))
        yield Flaw(wanted, shown(seen), where, f"the row names the tier {shown(seen)}, not {wanted}")


def _attempts(trip: Trip, seen: Any, where: str, world: World) -> Iterator[Flaw]:
    """As many as there were upstream requests: in all, or to one destination where the call took several."""
    if REFUSED in trip.ask.scene.acts or not trip.arrivals:
        return  # a request that nobody took cannot be counted
    by_route = Counter(routes_of(arrival, world.profile) for arrival in trip.arrivals)
    due = {len(trip.arrivals), *by_route.values()}
    if _number(seen) not in due:
        wanted = " or ".join(str(count) for count in sorted(due))
        message = f"{len(trip.arrivals)} upstream requests, and the row says {shown(seen)} attempts"
        yield Flaw(wanted, shown(seen), where, message)


COLUMNS: Final[dict[str, Callable[[Trip, Any, str, World], Iterator[Flaw]]]] = {
    "trace": _trace,
    "model": _model,
    "agent": _agent,
    "status": _status,
    "tier": _tier,
    "attempts": _attempts,
}
