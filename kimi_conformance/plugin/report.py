"""From a verdict to what pytest reports: the case's record, and the outcome of its item."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.contract.result import CaseResult, Moment
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.plugin.how import how_of
from kimi_conformance.plugin.session import STAND_INS
from kimi_conformance.reporting.curl import curl
from kimi_conformance.reporting.failure import explain
from kimi_conformance.reporting.record import recorded
from kimi_conformance.reporting.redact import redactor
from kimi_conformance.reporting.smoke import duration
from kimi_conformance.reporting.timeline import timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.router.run import Run
    from kimi_conformance.router.verdicts import Judged


@dataclass(frozen=True, slots=True)
class Item:
    """What an item of suites/routing is about: a case, or a requirement that has none and `why`."""

    requirement: str
    case: str | None = None
    why: str = ""

    def __repr__(self) -> str:
        """As reports show a parameter."""
        return self.case or self.requirement


def case_result(case: str, requirement: str, judged: Judged, run: Run) -> CaseResult:
    """The record of a case: verdict, findings and timeline, redacted."""
    redact = _redactor(tuple(run.bench.secrets.items()))
    play = judged.play
    trips = play.trips if play else ()
    passed = judged.verdict is Verdict.PASS
    told = timeline(play, redact, short=passed) if play else ()
    if run.way.smoke:
        told = (*told, *_latency(trips))
    return CaseResult(
        id=case,
        requirement=requirement,
        verdict=judged.verdict,
        message=redact(judged.message),
        findings=recorded(judged.findings, redact),
        how=how_of(play, run.bench.profile, run.bench.live, run.on) if run.way.live else STAND_INS,
        timeline=told,
        curl="" if passed or not trips else curl(trips[0].sent, redact),
        duration_ms=round(
            max((t.client.end_ms for t in trips), default=0) - min((t.client.start_ms for t in trips), default=0), 3
        ),
    )


def _latency(trips: Sequence[Trip]) -> Iterator[Moment]:
    """How long the first call took, for a run that is to tell."""
    for trip in trips[:1]:
        yield Moment(t_ms=round(trip.client.end_ms - trip.client.start_ms, 1), leg="latency", what=duration(trip))


@lru_cache(maxsize=4)
def _redactor(secrets: tuple[tuple[str, str], ...]) -> Callable[[str], str]:
    """One for all cases of a run: making it takes longer than most cases."""
    return redactor(dict(secrets))


def conclude(result: CaseResult, requirement: Requirement, item: pytest.Item, rerun: str) -> None:
    """Give `item` the outcome of its verdict (DESIGN.md, section 4)."""
    match result.verdict:
        case Verdict.FAIL | Verdict.STALE_KNOWN:
            pytest.fail(explain(requirement, result, rerun=rerun), pytrace=False)
        case Verdict.KNOWN_FAIL:
            pytest.xfail(result.message)
        case Verdict.NOT_APPLICABLE | Verdict.NOT_OBSERVED:
            pytest.skip(f"{result.verdict.value}: {result.message}")
        case Verdict.WARN:
            item.add_report_section("call", "warning", explain(requirement, result, rerun=rerun))
        case Verdict.PASS | Verdict.INFRA_ERROR:  # the latter ended the item before it began
            pass
