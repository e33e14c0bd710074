"""Checks: pure judge functions, each registered under the ids of the requirements that it decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kimi_conformance.contract.trip import Play
from kimi_conformance.contract.verdict import Finding, Verdict, worst
from kimi_conformance.oracle import World

if TYPE_CHECKING:
    from kimi_conformance.contract.requirement import Requirement


@dataclass(frozen=True, slots=True)
class Flaw:
    """What a check found. `verdict` is `fail` unless the check knows better (`warn`, `not-observed`)."""

    expected: str
    actual: str
    where: str
    message: str
    verdict: Verdict = Verdict.FAIL


Check = Callable[[Play, World], Iterable[Flaw]]

CHECKS: dict[str, Check] = {}
"""Requirement id -> its check."""


def check(*requirements: str) -> Callable[[Check], Check]:
    """Register a function as the check of `requirements`. Raises `ValueError` where one has a check already."""

    def register(function: Check) -> Check:
        for requirement in requirements:
            if requirement in CHECKS:
                raise ValueError(f"{requirement} has two checks")
            CHECKS[requirement] = function
        return function

    return register


def judge(requirement: Requirement, play: Play, world: World) -> tuple[Finding, ...]:
    """What `requirement` finds in `play`, by its level: a SHOULD that does not hold warns, a MAY is only noted.

    A router whose process ended during the case, each time it was tried, has failed it whatever the check says.
    """
    flaws = list(CHECKS[requirement.id](play, world))
    if play.ended:
        flaws.insert(
            0, Flaw("the router lives on", play.ended, "router process", f"this request ends the router: {play.ended}")
        )
    return tuple(
        Finding(
            requirement.id, by_level(flaw.verdict, requirement), flaw.expected, flaw.actual, flaw.where, flaw.message
        )
        for flaw in flaws
    )


def verdict(findings: Iterable[Finding]) -> Verdict:
    """The verdict of a case from its findings: pass where there is none."""
    return worst([Verdict.PASS, *(finding.verdict for finding in findings)])


def by_level(verdict: Verdict, requirement: Requirement) -> Verdict:
    """`verdict` as the level of `requirement` has it: a SHOULD that does not hold warns, a MAY is noted by a pass."""
    if requirement.level == "MAY" and verdict in {Verdict.FAIL, Verdict.WARN}:
        return Verdict.PASS
    return Verdict.WARN if requirement.level == "SHOULD" and verdict is Verdict.FAIL else verdict
