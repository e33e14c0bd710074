"""What sights come to: the findings of the laws that bear on one, and the verdict on a case of several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.judge.api.comparison import COMPARISONS
from kimi_conformance.judge.api.law import LAWS
from kimi_conformance.judge.api.places import outlined
from kimi_conformance.judge.api.sight import read_json
from kimi_conformance.judge.ruling import by_level, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.judge.check import Flaw


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case came to."""

    verdict: Verdict
    message: str = ""
    findings: tuple[Finding, ...] = ()


def bears(requirement: str, sight: Sight, contract: Contract) -> bool:
    """Whether `sight` shows anything of `requirement`."""
    return requirement in LAWS and LAWS[requirement].when(sight, contract)


def findings(requirement: Requirement, sight: Sight, contract: Contract) -> tuple[Finding, ...]:
    """What `requirement` finds in `sight`, by its level. Ask `bears` first: a law says nothing of other sights."""
    return tuple(_finding(requirement, flaw) for flaw in LAWS[requirement.id].check(sight, contract))


def all_findings(requirements: Mapping[str, Requirement], sight: Sight, contract: Contract) -> Iterator[Finding]:
    """What all laws find in `sight`: fails and warnings. Notes (a MAY) and what could not be seen are left out."""
    for name, requirement in requirements.items():
        if bears(name, sight, contract):
            for finding in findings(requirement, sight, contract):
                if finding.verdict in {Verdict.FAIL, Verdict.WARN}:
                    yield finding


def judge_case(
    requirement: Requirement, twins: Sequence[Sight], sights: Sequence[Sight], contract: Contract
) -> Outcome:
    """The verdict on a case: its `twins` must have been accepted, and its `sights` must bear on the requirement.

    What cannot be told for want of that is `not-observed`, never a pass.
    """
    for twin in (*twins, *(sights if requirement.id in COMPARISONS else ())):
        if not accepted(twin, contract):
            return Outcome(Verdict.NOT_OBSERVED, f"the request that must be accepted was not: {outlined(twin)}")
    if requirement.id in COMPARISONS:
        found = tuple(_finding(requirement, flaw) for flaw in COMPARISONS[requirement.id](sights))
    else:
        for sight in sights:
            if not bears(requirement.id, sight, contract):
                return Outcome(Verdict.NOT_OBSERVED, f"what came back shows nothing of this: {outlined(sight)}")
        found = tuple(each for sight in sights for each in findings(requirement, sight, contract))
    return Outcome(verdict(found), found[0].message if found else "", found)


def accepted(sight: Sight, contract: Contract) -> bool:
    """Whether a request was answered 2xx, in the shape that such an answer has: an HTML page is no answer.

    Nor is a list of no models.
    """
    if not sight.ok or sight.exchange.error is not None:
        return False
    if sight.streamed:
        return _events(sight, contract) if sight.face == "messages" else bool(sight.stream.chunks)
    if sight.face == "responses":
        return isinstance(sight.answer.get("output"), list)
    if sight.shape is None:
        return bool(sight.answer) or sight.face == "file.content"
    empty = sight.face in ("models", "coding.models") and not sight.answer.get("data")
    return contract.schemas.valid(sight.shape, sight.body) and not empty


def _events(sight: Sight, contract: Contract) -> bool:
    found = [read_json(event.data) for event in sight.reading.events]
    return bool(found) and all(contract.schemas.valid("message.events", each) for each in found)


def _finding(requirement: Requirement, flaw: Flaw) -> Finding:
    graded = by_level(flaw.verdict, requirement)
    return Finding(requirement.id, graded, flaw.expected, flaw.actual, flaw.where, flaw.message)
