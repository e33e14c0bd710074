"""The committed kill matrix: it is that of today's sources, it has no gap, and its page is what it renders to.

It takes long to play anew, so that here digests are compared; `kimi-conformance kill-matrix` plays what is stale. Of
the wire, what faults are made for is computed anew. Each of these looks is broken below, and sees it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.ranges import numbers
from kimi_conformance.faults import FAULTS
from kimi_conformance.faults.wire import WIRE
from kimi_conformance.killing.freshness import staleness
from kimi_conformance.killing.specimens import load_specimens
from kimi_conformance.killing.state import state, wire_digest
from kimi_conformance.killing.wire import wire_row
from kimi_conformance.registry.contracts import requirements
from kimi_conformance.registry.home import data_root
from kimi_conformance.reporting.kill_figures import gaps, router_side, wire_side
from kimi_conformance.reporting.kill_file import read_matrix
from kimi_conformance.reporting.kill_page import kill_page

if TYPE_CHECKING:
    from kimi_conformance.contract.kill_matrix import KillMatrix, RouterRow, WireRow

FILE = data_root() / "reports" / "kill-matrix.json"
MATRIX = read_matrix(FILE)

# Not at once: every worker imports this file, and one of them runs it.
specimens = cache(load_specimens)
now = cache(state)


@cache
def digest() -> str:
    """That of the wire, of today's sources."""
    return wire_digest(specimens().text())


def test_it_is_that_of_today() -> None:
    assert staleness(MATRIX, now(), digest()) == []


def test_it_has_no_gap() -> None:
    assert gaps(MATRIX) == []


def test_its_page_is_what_it_renders_to() -> None:
    assert FILE.with_suffix(".md").read_text("utf-8") == kill_page(MATRIX)


def test_every_fault_has_a_row_and_every_requirement_is_there() -> None:
    assert [row.subject for row in MATRIX.router.faults] == [*FAULTS]
    assert [row.subject for row in MATRIX.wire.faults] == [*WIRE]
    assert [*router_side(MATRIX.router).killers] == [*requirements("router")]
    assert [*wire_side(MATRIX.wire).killers] == [name for name, one in requirements("api").items() if not one.excluded]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.subject) for row in MATRIX.wire.faults])
def test_a_fault_of_the_wire_is_noticed_as_it_says_where_it_is_made_for(row: WireRow) -> None:
    """This is computed, not compared: the digest may be trusted for what else the faults fit."""
    made_for = [MATRIX.wire.specimens[number] for number in numbers(row.on)]
    assert _seen(wire_row(WIRE[row.subject], specimens(), made_for), row.on) == _seen(row, row.on)


def _seen(row: WireRow, on: str) -> dict[str, set[int]]:
    """Who noticed a fault on some of the specimens."""
    where = set(numbers(on))
    seen = {name: where & set(numbers(text)) for name, text in row.noticed.items()}
    return {name: places for name, places in seen.items() if places}


# What makes it stale


@pytest.mark.parametrize(
    ("member", "other", "says"),
    [
        pytest.param("common", "other", "has changed: everything is stale", id="common"),
        pytest.param("areas", {"gate": "other"}, "have changed in gate", id="area"),
        pytest.param("rows", {"gate.none": "other"}, "that are changed: gate.none", id="row"),
        pytest.param("rows", {"control/reference": "x"}, "that are changed: control/reference", id="control"),
    ],
)
def test_a_change_of_the_sources_makes_it_stale(member: str, other: Any, says: str) -> None:
    digests = {**getattr(now(), member), **other} if isinstance(other, dict) else other
    (found,) = staleness(MATRIX, replace(now(), **{member: digests}), digest())
    assert says in found


def router(**members: Any) -> KillMatrix:
    """The matrix with another half for the router."""
    return MATRIX.model_copy(update={"router": MATRIX.router.model_copy(update=members)})


def wire(**members: Any) -> KillMatrix:
    """The matrix with another half for the wire."""
    return MATRIX.model_copy(update={"wire": MATRIX.wire.model_copy(update=members)})


def says_otherwise(row: RouterRow) -> RouterRow:
    """A row with another sentence."""
    return row.model_copy(update={"says": "Nothing is wrong."})


FIRST, *OTHERS = MATRIX.router.faults
WIRE_FIRST, *WIRE_OTHERS = MATRIX.wire.faults


@pytest.mark.parametrize(
    ("matrix", "says"),
    [
        pytest.param(router(faults=tuple(OTHERS)), f"that are new: {FIRST.subject}", id="fault-added"),
        pytest.param(router(controls=MATRIX.router.controls[1:]), "that are new: control/", id="control-added"),
        pytest.param(
            router(faults=(FIRST.model_copy(update={"subject": "gate.forgotten"}), *MATRIX.router.faults)),
            "that are gone: gate.forgotten",
            id="fault-removed",
        ),
        pytest.param(router(faults=(says_otherwise(FIRST), *OTHERS)), "says something else", id="sentence"),
        pytest.param(router(elsewhere=()), "says something else", id="elsewhere"),
        pytest.param(wire(digest="other"), "what harms or judges the wire has changed", id="wire"),
        pytest.param(wire(faults=tuple(WIRE_OTHERS)), f"new or gone: {WIRE_FIRST.subject}", id="wire-fault-added"),
    ],
)
def test_a_matrix_of_other_sources_is_stale(matrix: KillMatrix, says: str) -> None:
    (found,) = staleness(matrix, now(), digest())
    assert says in found


# What makes a gap


def only(fault: str, **words: str) -> KillMatrix:
    """The matrix with another row for a fault."""
    rows = [row.model_copy(update=words) if row.subject == fault else row for row in MATRIX.router.faults]
    return router(faults=tuple(rows))


def test_a_fault_that_nobody_noticed_is_a_gap() -> None:
    assert f"{FIRST.subject}: nobody noticed it" in gaps(only(FIRST.subject, fail="", warn=""))


def test_a_control_that_is_not_green_is_a_gap() -> None:
    first, *others = MATRIX.router.controls
    broken = router(controls=(first.model_copy(update={"fail": "0"}), *others))
    assert [gap for gap in gaps(broken) if gap.startswith(f"{first.subject}: ")]


def test_a_check_that_nothing_kills_any_more_is_a_gap() -> None:
    for side, half in ((router_side(MATRIX.router), router), (wire_side(MATRIX.wire), wire)):
        killed = {name: faults for name, faults in side.killers.items() if faults}
        requirement, killers = min(killed.items(), key=lambda each: len(each[1]))
        left = tuple(row for name, row in side.faults.items() if name not in killers)
        assert f"{requirement}: no fault kills it" in gaps(half(faults=left))


def test_a_fault_of_the_wire_that_its_requirement_overlooks_is_a_gap() -> None:
    row = WIRE_FIRST.model_copy(update={"noticed": {}})
    assert f"{row.subject}: nobody noticed it" in gaps(wire(faults=(row, *WIRE_OTHERS)))


def test_a_page_of_another_matrix_differs() -> None:
    assert kill_page(router(faults=tuple(OTHERS))) != kill_page(MATRIX)
