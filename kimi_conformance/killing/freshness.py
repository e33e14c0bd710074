"""Whether a kill matrix is that of today's sources, and if not: what is stale in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.wire import WIRE
from kimi_conformance.killing.cells import SUBJECTS, router_matrix, stale, valid_cells
from kimi_conformance.killing.setting import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kimi_conformance.contract.kill_matrix import KillMatrix
    from kimi_conformance.killing.state import State

MOST: Final = 8
"""So many names stand in a sentence."""


def staleness(matrix: KillMatrix, now: State, wire: str) -> list[str]:
    """What is stale in a matrix, a sentence each. `wire` is the digest of all that the wire's half is made by."""
    found = [*_router(matrix, now), *_wire(matrix, wire)]
    cells = valid_cells(matrix.router, now)
    if not found and not stale(cells) and router_matrix(cells, now) != matrix.router:
        found.append("a fault says something else, or cases stand in another order: nothing is to be played for that")
    return found


def _router(matrix: KillMatrix, now: State) -> Iterator[str]:
    router = matrix.router
    if router.day != DAY:
        yield f"it was played for {router.day}, and the day is {DAY}: everything is stale"
    elif router.common != now.common:
        yield "what plays the cases (stand-ins, reference router, oracle, profiles) has changed: everything is stale"
    areas = [area for area, digest in now.areas.items() if router.areas.get(area) != digest]
    if areas:
        yield f"cases or checks have changed in {_listed(areas)}"
    rows = {row.subject: row.digest for row in (*router.controls, *router.faults)}
    new = [subject for subject in SUBJECTS if subject not in rows]
    changed = [subject for subject in SUBJECTS if subject in rows and rows[subject] != now.rows[subject]]
    gone = [subject for subject in rows if subject not in SUBJECTS]
    for title, subjects in (("new", new), ("changed", changed), ("gone", gone)):
        if subjects:
            yield f"faults that are {title}: {_listed(subjects)}"


def _wire(matrix: KillMatrix, wire: str) -> Iterator[str]:
    rows = {row.subject for row in matrix.wire.faults}
    if odd := [*(WIRE.keys() - rows), *(rows - WIRE.keys())]:
        yield f"faults of the wire that are new or gone: {_listed(sorted(odd))}"
    elif matrix.wire.digest != wire:
        yield "what harms or judges the wire has changed"


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - MOST
    return ", ".join(names) if rest <= 1 else f"{', '.join(names[:MOST])} and {rest} more"
