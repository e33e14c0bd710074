"""What a session is about: the cases of a router, or those of the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kimi_conformance.contract.result import CaseResult
from kimi_conformance.contract.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import How, KnownRecord, Part, Target


@dataclass(frozen=True, slots=True)
class Subject:
    """What the controller needs to know to put the results together.

    `owner` maps each case to its requirement, `idle` each requirement without a case to the reason. `how` is how cases
    are seen that come to no verdict of their own. `on` is the day that lifecycles are judged by, `shard` which part of
    a run this is.
    """

    requirements: Mapping[str, Requirement]
    owner: Mapping[str, str]
    idle: Mapping[str, str]
    target: Target
    how: How
    on: date
    shard: Part | None = None
    known: tuple[KnownRecord, ...] = ()
    notes: tuple[str, ...] = ()

    def idle_result(self, name: str) -> CaseResult:
        """The record of a requirement without a case."""
        return self.without_verdict(name, Verdict.NOT_APPLICABLE, self.idle[name])

    def without_verdict(self, name: str, verdict: Verdict, why: str) -> CaseResult:
        """The record of a case that was not judged."""
        return CaseResult(id=name, requirement=self.owner.get(name, name), verdict=verdict, message=why, how=self.how)


def case_in(nodeid: str, test: str) -> str:
    """The id of the case (or the idle requirement) that the item `…::TEST[ID]` is about; empty for another item."""
    return nodeid.partition(f"::{test}[")[2].rpartition("]")[0]
