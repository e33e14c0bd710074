"""The kill matrix: what it comes to, and each gap that it can have, seen by making it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.reporting.kill_figures import figures, gaps, router_side, wire_side
from suites.selftest.small_matrix import KEY, LOGGED, MATRIX, PLAN, ROUTER, SERVED, SHAPE, WIRE

if TYPE_CHECKING:
    from kimi_conformance.contract.kill_matrix import KillMatrix


def test_it_is_seen_who_noticed_what_in_how_many_cases() -> None:
    side = router_side(ROUTER)
    assert side.noticed == {"gate.forgotten": {PLAN: 2}, "secret.logged": {PLAN: 1, LOGGED: 1}}
    assert side.killers == {PLAN: ["gate.forgotten", "secret.logged"], SERVED: [], LOGGED: ["secret.logged"]}
    assert side.beyond("secret.logged") == {PLAN: 1}
    assert (side.weakest, side.lonely) == ([LOGGED], ["gate.forgotten"])
    assert wire_side(WIRE).noticed == {"key-not-needed": {KEY: 1}, "error-bare": {KEY: 1, SHAPE: 1}}


def test_the_figures_are_counted() -> None:
    assert [count for _, count in figures(router_side(ROUTER))] == [2, 2, 1, 2, 2, 1, 2, 2, 1]


def test_where_all_is_well_there_is_no_gap() -> None:
    assert gaps(MATRIX) == []


def control(number: int, **words: str) -> KillMatrix:
    """The matrix with another control."""
    rows = [*ROUTER.controls]
    rows[number] = rows[number].model_copy(update=words)
    return router(controls=tuple(rows))


def fault(number: int, **words: Any) -> KillMatrix:
    """The matrix with another row of the router's."""
    rows = [*ROUTER.faults]
    rows[number] = rows[number].model_copy(update=words)
    return router(faults=tuple(rows))


def harm(number: int, **words: Any) -> KillMatrix:
    """The matrix with another row of the wire's."""
    rows = [*WIRE.faults]
    rows[number] = rows[number].model_copy(update=words)
    return wire(faults=tuple(rows))


def router(**members: Any) -> KillMatrix:
    """The matrix with another half for the router."""
    return MATRIX.model_copy(update={"router": ROUTER.model_copy(update=members)})


def wire(**members: Any) -> KillMatrix:
    """The matrix with another half for the wire."""
    return MATRIX.model_copy(update={"wire": WIRE.model_copy(update=members)})


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        pytest.param(control(1, fail="2"), f"control/outside: {SERVED}@model=a came to fail", id="control-fails"),
        pytest.param(control(1, warn="2"), f"control/outside: {SERVED}@model=a came to warn", id="control-warns"),
        pytest.param(control(1, infra="2"), "came to infra, with no fault at all", id="control-spoiled"),
        pytest.param(control(1, unsteady="2"), "came to unsteady, with no fault at all", id="control-unsteady"),
        pytest.param(control(1, unseen="3"), f"{LOGGED}: passes in no control", id="control-never-seen"),
        pytest.param(fault(0, fail=""), "gate.forgotten: nobody noticed it", id="nobody-noticed"),
        pytest.param(fault(1, fail=""), f"secret.logged: {LOGGED} should have noticed", id="one-did-not-notice"),
        pytest.param(fault(1, fail="", unsteady="3"), f"{LOGGED} should have noticed", id="unsteady-is-no-notice"),
        pytest.param(fault(1, fail="", infra="3"), f"{LOGGED} should have noticed", id="spoiled-is-no-notice"),
        pytest.param(fault(1, fail=""), f"{LOGGED}: no fault kills it", id="check-not-killed"),
        pytest.param(router(elsewhere=()), f"{SERVED}: no fault kills it", id="check-not-killed-elsewhere"),
        pytest.param(wire(control={KEY: "0"}), f"{KEY} finds something in what is healthy: chat", id="healthy-accused"),
        pytest.param(harm(1, noticed={}), "error-bare: nobody noticed it", id="wire-nobody-noticed"),
        pytest.param(harm(1, noticed={KEY: "1"}), f"error-bare: {SHAPE} should have noticed", id="wire-one-did-not"),
        pytest.param(harm(1, noticed={KEY: "1"}), f"{SHAPE}: no fault kills it", id="wire-check-not-killed"),
        pytest.param(harm(0, on="0-1"), "key-not-needed: nobody whom it names noticed it on chat", id="specimen"),
    ],
)
def test_a_gap_is_told(broken: KillMatrix, says: str) -> None:
    assert any(says in gap for gap in gaps(broken))
