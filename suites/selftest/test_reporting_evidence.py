"""What requirements rest on, and the page of the gaps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.contract.requirement import Evidence, Requirement
from kimi_conformance.contract.result import CaseResult, How, RequirementResult, Results, Target
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.exchange import Exchange, Piece, Request, Response, one_after_another
from kimi_conformance.registry.home import data_root
from kimi_conformance.reporting.evidence import by_strength, gaps, gaps_page, strongest
from kimi_conformance.reporting.summary import assemble
from suites.selftest.command import run

if TYPE_CHECKING:
    from pathlib import Path

SEEN = {"pass": Verdict.PASS, "warn": Verdict.WARN, "unseen": Verdict.NOT_OBSERVED, "idle": Verdict.NOT_APPLICABLE}
EVIDENCE = Evidence(kind="modelled", source="made up", date=datetime(2026, 11, 25, tzinfo=UTC).date())
IDS = ("api.chat.one", "api.chat.two", "api.limits.three")
RULES = {
    name: Requirement(id=name, level="MUST", says=f"The sentence of {name}.", evidence=(EVIDENCE,)) for name in IDS
}


def results(*cases: tuple[str, str, str]) -> Results:
    """Results of cases: the requirement's last word, how it went, and where that comes from."""
    made = [
        CaseResult(
            id=f"{name}@n={number}",
            requirement=name,
            verdict=SEEN[verdict],
            how=How(mode="replay", origin=origin),
        )
        for number, (name, verdict, origin) in enumerate(cases)
    ]
    return assemble(
        made,
        RULES,
        target=Target(name="Kimi"),
        command=(),
        mode="replay",
        started=datetime(2026, 11, 25, tzinfo=UTC),
        duration_s=1,
    )


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        ([(IDS[0], "pass", "observed"), (IDS[0], "unseen", "modelled")], "observed"),
        ([(IDS[0], "pass", "recorded"), (IDS[0], "pass", "observed")], "recorded"),
        ([(IDS[0], "warn", "live")], "live"),
        ([(IDS[0], "unseen", "modelled")], "modelled"),
        ([(IDS[0], "unseen", "observed"), (IDS[0], "unseen", "modelled")], "modelled"),
        ([(IDS[0], "unseen", "unseen")], None),
    ],
)
def test_a_requirement_rests_on_the_strongest_evidence_that_was_judged(
    cases: list[tuple[str, str, str]], expected: str | None
) -> None:
    (requirement,) = results(*cases).requirements
    assert strongest(requirement) == expected


def test_the_summary_counts_requirements_by_their_strongest_evidence() -> None:
    found = results(
        (IDS[0], "pass", "observed"),
        (IDS[1], "unseen", "modelled"),
        (IDS[2], "idle", "unseen"),
        (IDS[0], "pass", "live"),
    )
    assert by_strength(found) == "strongest evidence of each: 1 live, 1 modelled only; no live call was made"


def test_what_is_observed_in_some_of_its_cases_only_is_told() -> None:
    found = results((IDS[0], "pass", "observed"), (IDS[0], "unseen", "modelled"), (IDS[1], "pass", "observed"))
    said = "strongest evidence of each: 2 observed (1 not in every case); no live call was made"
    assert by_strength(found) == said


def test_a_live_call_without_an_answer_is_no_evidence() -> None:
    silent = CaseResult(
        id=IDS[0], requirement=IDS[0], verdict=Verdict.NOT_OBSERVED, how=How(mode="live", origin="modelled")
    )
    assert strongest(RequirementResult(id=IDS[0], level="MUST", verdict=silent.verdict, cases=(silent,))) is None


def test_gaps_are_what_rests_on_modelled_answers_alone_or_on_nothing() -> None:
    found = results((IDS[0], "pass", "observed"), (IDS[1], "unseen", "modelled"), (IDS[2], "unseen", "unseen"))
    assert [each.id for each in gaps(found)] == [IDS[1], IDS[2]]
    page = gaps_page(found, RULES)
    assert "\n## chat\n\n- `api.chat.two` (MUST, 1 case): The sentence of api.chat.two.\n" in page
    assert "\n## limits\n\n- `api.limits.three` (MUST, 1 case): The sentence of api.limits.three.\n" in page


def test_the_committed_page_of_gaps_is_that_of_today(tmp_path: Path) -> None:
    done = run("verify", "--gaps", tmp_path / "gaps.md", cwd=tmp_path)
    assert done.code == 0
    assert (tmp_path / "gaps.md").read_text("utf-8") == (data_root() / "reports" / "gaps.md").read_text("utf-8")


def test_exchanges_on_one_clock_follow_each_other() -> None:
    answer = Response(200, (), (Piece(3.0, b"a"),), 2.0)
    first, second = one_after_another([Exchange(Request("GET", "/"), answer, end_ms=4.0)] * 2)
    assert (first.start_ms, first.end_ms) == (0.0, 4.0)
    assert (second.start_ms, second.end_ms) == (4.0, 8.0)
    assert second.response is not None
    assert (second.response.t_ms, second.response.pieces) == (6.0, (Piece(7.0, b"a"),))
