"""From the results of the cases to the results of the run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from kimi_conformance import __version__
from kimi_conformance.contract.result import CaseResult, KnownRecord, Part, RequirementResult, Results, Target
from kimi_conformance.contract.verdict import Verdict, conformant, worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from kimi_conformance.contract.requirement import Requirement


def assemble(
    cases: Iterable[CaseResult],
    requirements: Mapping[str, Requirement],
    *,
    target: Target,
    command: Iterable[str],
    mode: Literal["replay", "live"],
    started: datetime,
    duration_s: float,
    notes: Iterable[str] = (),
    again: str = "",
    on: date | None = None,
    state: str | None = None,
    known: Iterable[KnownRecord] = (),
    shard: Part | None = None,
    interrupted: bool = False,
) -> Results:
    """results.json of a run (DESIGN.md, section 4).

    Requirements stand in the order of `requirements`, their cases in the order given; a requirement without a case is
    left out. Raises `ValueError` for a case of a requirement that is not there, and for two cases of one id.
    """
    filed: dict[str, list[CaseResult]] = {requirement: [] for requirement in requirements}
    seen: set[str] = set()
    for case in cases:
        if case.requirement not in filed:
            raise ValueError(f"case {case.id} is of {case.requirement}, which is no requirement")
        if case.id in seen:
            raise ValueError(f"two results of case {case.id}")
        seen.add(case.id)
        filed[case.requirement].append(case)
    counted = Counter(case.verdict for found in filed.values() for case in found)
    return Results(
        suite=__version__,
        command=tuple(command),
        mode=mode,
        target=target,
        started=started,
        duration_s=duration_s,
        conformant=conformant(counted),
        totals={verdict: counted[verdict] for verdict in Verdict},
        requirements=tuple(_judged(requirements[name], found) for name, found in filed.items() if found),
        notes=tuple(notes),
        again=again,
        on=on,
        state=state,
        known_failing=tuple(known),
        shard=shard,
        interrupted=interrupted,
    )


def _judged(requirement: Requirement, cases: list[CaseResult]) -> RequirementResult:
    return RequirementResult(
        id=requirement.id,
        level=requirement.level,
        verdict=worst(case.verdict for case in cases),
        cases=tuple(cases),
    )
