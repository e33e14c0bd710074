"""The page of the kill matrix, and its table for a terminal."""

from __future__ import annotations

from rich.console import Console

from kimi_conformance.contract.kill_matrix import KillMatrix
from kimi_conformance.reporting.kill_page import kill_page
from kimi_conformance.reporting.kill_summary import kill_table, noticed_lines
from suites.selftest.small_matrix import LOGGED, MATRIX, PLAN, ROUTER, SERVED

PAGE = kill_page(MATRIX)


def test_the_figures_stand_first() -> None:
    head = PAGE[: PAGE.index("## The controls")]
    assert "| faults | 2 | 2 |" in head
    assert "| of these killed | 2 | 2 |" in head
    assert "No gap" in head


def test_a_gap_is_told_at_the_top() -> None:
    broken = ROUTER.model_copy(update={"faults": ROUTER.faults[:1]})
    page = kill_page(MATRIX.model_copy(update={"router": broken}))
    assert "No gap" not in page
    assert f"## Gaps\n\n- {LOGGED}: no fault kills it" in page
    assert page.index("## Gaps") < page.index("## The controls")


def test_the_controls_are_counted() -> None:
    assert "| `inside` | 4 | 3 | 1 | 0 |" in PAGE
    assert "| `outside` | 4 | 4 | 0 | 0 |" in PAGE


def test_a_fault_is_told_with_all_who_noticed_it() -> None:
    assert "| `gate.forgotten` | The plan is forgotten. | **claude-takes-plan-route** (2) |" in PAGE
    assert (
        "| `secret.logged` | The key &#124; is logged. | **keys-never-logged**, gate.claude-takes-plan-route |" in PAGE
    )


def test_a_requirement_is_told_with_all_that_kills_it() -> None:
    assert "| `claude-takes-plan-route` | 2 | **gate.forgotten**, secret.logged |" in PAGE
    assert "| `registered-models-are-served` | 0 | *(elsewhere, see above)* |" in PAGE


def test_what_hangs_by_a_thread_is_named() -> None:
    assert f"| `{LOGGED}` | `secret.logged` |" in PAGE
    assert f"No fault of a router can touch\n  `{SERVED}`:" in PAGE


def test_what_is_unsteady_or_was_spoiled_is_told() -> None:
    assert "  - `secret.logged`: 1 case of 1 requirement\n" in PAGE
    spoiled = ROUTER.faults[0].model_copy(update={"infra": "2"})
    router = ROUTER.model_copy(update={"faults": (spoiled, *ROUTER.faults[1:])})
    assert "  - `gate.forgotten`: 1 case\n" in kill_page(MATRIX.model_copy(update={"router": router}))


def test_a_terminal_has_the_figures() -> None:
    assert ["faults", "2", "2"] in [line.split() for line in _printed(kill_table(MATRIX)).splitlines()]


def test_what_noticed_a_fault_is_told_by_requirement() -> None:
    words = {f"{PLAN}@model=a": "fail", f"{PLAN}@model=b": "unsteady", f"{SERVED}@model=a": "unseen"}
    text = _printed(*noticed_lines("secret.logged", (LOGGED,), words))
    assert text.splitlines() == [
        "secret.logged",
        f"  {LOGGED} (named): did not notice",
        f"  {PLAN}: 1 fail, 1 unsteady",
        "  cases of others that could not be seen: 1",
    ]


def _printed(*what: object) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(*what, sep="\n")
    return captured.get()


def test_the_page_is_made_of_the_file_alone() -> None:
    again = KillMatrix.model_validate(MATRIX.as_json())
    assert kill_page(again) == PAGE
