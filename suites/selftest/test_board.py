"""The scoreboard: from results to rows, from rows to the page, and the page that is committed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from kimi_conformance.contract.board import Board, Reason, Row, Scored
from kimi_conformance.contract.requirement import Evidence, Requirement
from kimi_conformance.contract.result import CaseResult, FindingRecord, How, Results, Target
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.registry.contracts import requirements
from kimi_conformance.registry.home import data_root
from kimi_conformance.registry.profiles import bundled_profiles
from kimi_conformance.reporting.board_page import board_json, page
from kimi_conformance.reporting.scoring import problem, rows
from kimi_conformance.reporting.summary import assemble

DAY: Final = date(2026, 11, 25)
EVIDENCE: Final = Evidence(kind="modelled", source="made up", date=DAY)
RULE: Final = "router.request.rule"
KNOWN, FAIL, WARN = Verdict.KNOWN_FAIL, Verdict.FAIL, Verdict.WARN
PASS, UNSEEN, INFRA, IDLE = Verdict.PASS, Verdict.NOT_OBSERVED, Verdict.INFRA_ERROR, Verdict.NOT_APPLICABLE


def results(*cases: tuple[Verdict, str] | tuple[Verdict, str, Verdict]) -> Results:
    """A run of one requirement. A case: its verdict, its message, and the verdict of a finding where it has one."""
    made = [
        CaseResult(
            id=f"{RULE}@n={number}",
            requirement=RULE,
            verdict=verdict,
            message=message,
            findings=tuple(
                FindingRecord(requirement=RULE, verdict=word, expected="", actual="", where="", message="")
                for word in found
            ),
            how=How(mode="replay", origin="modelled"),
        )
        for number, (verdict, message, *found) in enumerate(cases)
    ]
    rule = Requirement(id=RULE, level="MUST", says="A sentence that must hold.", evidence=(EVIDENCE,))
    started = datetime(2026, 11, 25, tzinfo=UTC)
    return assemble(
        made, {RULE: rule}, target=Target(name="x"), command=(), mode="replay", started=started, duration_s=1
    )


@pytest.mark.parametrize(
    ("cases", "word", "seen", "reasons"),
    [
        pytest.param([(PASS, "")] * 2, "holds", 2, [], id="holds"),
        pytest.param([(PASS, ""), (UNSEEN, "why")], "unseen", 1, [("why", 1, True)], id="seen-in-part"),
        pytest.param([(PASS, ""), (FAIL, "why", FAIL)], "fails", 2, [("why", 1, True)], id="new"),
        pytest.param([(KNOWN, "why", FAIL), (KNOWN, "why", WARN)], "fails", 2, [("why", 1, False)], id="listed"),
        pytest.param([(KNOWN, "why", WARN), (PASS, "")], "warns", 2, [("why", 1, False)], id="listed-and-harmless"),
        pytest.param([(WARN, "why", WARN)], "warns", 1, [("why", 1, True)], id="harmless"),
        pytest.param(
            [(KNOWN, "a", FAIL), (KNOWN, "b", FAIL), (KNOWN, "a", FAIL)],
            "fails",
            3,
            [("a", 2, False), ("b", 1, False)],
            id="listed-twice",
        ),
        pytest.param(
            [(KNOWN, "a", FAIL), (FAIL, "7 was 8", FAIL), (FAIL, "7 was 9", FAIL)],
            "fails",
            3,
            [("a", 1, False), ("7 was 8", 2, True)],
            id="listed-in-part",
        ),
        pytest.param([(IDLE, "no agents")], "not-applicable", 0, [("no agents", 1, True)], id="idle"),
        pytest.param([(PASS, ""), (INFRA, "it ended")], "infra", 1, [("it ended", 1, True)], id="died"),
    ],
)
def test_a_requirement_comes_to_its_worst_case_and_says_why(
    cases: list[Any], word: str, seen: int, reasons: list[tuple[str, int, bool]]
) -> None:
    [row] = rows(results(*cases))
    assert (row.word, row.seen, row.of) == (word, seen, len(cases))
    assert [(reason.says, reason.cases, reason.new) for reason in row.reasons] == reasons


def test_a_router_that_could_not_be_played_at_all_has_a_problem_and_no_rows() -> None:
    assert problem(results((INFRA, "never ready"), (IDLE, ""))) == "never ready"
    assert problem(results((INFRA, "it ended"), (PASS, ""))) is None
    assert problem(results((IDLE, ""))) is None


def scored(name: str, *made: Row, **more: Any) -> Scored:
    """A router of the board."""
    usual = {"installed": ("pip install x==1",), "started": "{tools}/bin/x", "profile": "p", "suite": "s"}
    return Scored.model_validate({"name": name, "version": "1", "date": DAY, **usual, "rows": made, **more})


def row(name: str, word: Any, *reasons: Reason) -> Row:
    """A row of four cases."""
    return Row(id=name, level="MUST", word=word, of=4, seen=4, reasons=reasons)


BOARD: Final = Board(
    routers=(
        scored(
            "one",
            row("router.gate.a", "holds"),
            row("router.request.b", "fails", Reason(says="It drops *all* | <b> and `a*b`.", cases=2)),
            row("router.request.c", "fails", Reason(says="7 was 8", cases=1, new=True)),
        ),
        scored("two", row("router.gate.a", "unseen", Reason(says="too far", cases=4, new=True))),
        scored("three", problem="npm ended with exit code 7"),
    )
)


def test_the_page_has_a_summary_an_area_table_and_a_section_for_each_router() -> None:
    text = page(BOARD)
    assert "| [one](#one) | 1 | 1/1 | 0/2 | 2 |  |  |" in text
    assert "| `gate.a` | ✓ | ? |" in text
    assert "| `request.b` | ✗ |  |" in text
    assert "- `router.request.b` (MUST): It drops \\*all\\* \\| \\<b> and `a*b` (2 of 4 cases)." in text
    assert "- `router.request.c` (MUST): *Not reviewed:* 7 was 8 (1 of 4 cases)." in text
    assert "which says nothing about it: npm ended with exit code 7" in text


def test_a_requirement_that_applies_to_nobody_is_counted_and_not_shown() -> None:
    idle = Reason(says="the policy has no plan agents", cases=1, new=True)
    text = page(Board(routers=(scored("one", row("router.gate.a", "not-applicable", idle)),)))
    assert "1 requirement of this area applies to none of these." in text
    assert "`gate.a`" not in text
    assert "Does not apply: 1 because the policy has no plan agents." in text


def test_the_page_has_no_line_that_markdown_would_read_otherwise() -> None:
    for line in page(BOARD).splitlines():
        assert line == line.rstrip()


def test_the_board_is_the_same_after_a_journey_through_json() -> None:
    assert Board.model_validate_json(board_json(BOARD)) == BOARD


COMMITTED: Final = data_root() / "reports" / "scoreboard.json"


@pytest.fixture(scope="module")
def committed() -> Board:
    """reports/scoreboard.json."""
    return Board.model_validate_json(COMMITTED.read_bytes())


def test_the_committed_page_is_what_the_committed_data_says(committed: Board) -> None:
    assert COMMITTED.with_suffix(".md").read_text("utf-8") == page(committed)
    assert json.loads(COMMITTED.read_bytes()) == committed.as_json()


def test_the_committed_board_is_about_routers_and_requirements_that_there_are(committed: Board) -> None:
    assert {router.name for router in committed.routers} <= set(bundled_profiles())
    assert {one.id for router in committed.routers for one in router.rows} <= set(requirements("router"))
    assert len(committed.routers) > 10


def test_the_committed_board_accuses_nobody_of_what_was_not_reviewed(committed: Board) -> None:
    new = [
        (router.name, one.id, reason.says)
        for router in committed.routers
        for one in router.rows
        if one.word in ("fails", "stale")
        for reason in one.reasons
        if reason.new
    ]
    assert not new


def test_the_control_fails_nothing(committed: Board) -> None:
    [direct] = [router for router in committed.routers if router.name == "direct"]
    assert not [one.id for one in direct.rows if one.word not in ("holds", "unseen", "not-applicable")]
