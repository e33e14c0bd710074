"""From what was played to a verdict for each case: the judge's word, and what the profile admits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kimi_conformance.contract.verdict import Finding, Verdict, stale
from kimi_conformance.judge import judge, verdict
from kimi_conformance.router.tally import Infra, Unseen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.trip import Play
    from kimi_conformance.oracle import World
    from kimi_conformance.router.plan import Known
    from kimi_conformance.router.tally import Played


@dataclass(frozen=True, slots=True)
class Judged:
    """A case's verdict, with its findings, or with the reason where there are none."""

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    message: str = ""
    play: Play | None = None


def judge_all(
    played: Mapping[str, Played],
    requirements: Mapping[str, Requirement],
    world: World,
    profiles: Mapping[str, Profile] | None = None,
) -> dict[str, Judged]:
    """The judge's word on every case; `profiles` has those with which cases were played, where not the world's."""
    given = profiles or {}
    return {
        case: _judged(one, requirements, replace(world, profile=given.get(case, world.profile)))
        for case, one in played.items()
    }


def admit(judged: Mapping[str, Judged], known: tuple[Known, ...]) -> dict[str, Judged]:
    """`judged` with what the profile lists as known: failing as it says, or stale because it does not fail any more.

    An entry is stale only where all its cases were played and passed: a selection or a shard says nothing about it.
    """
    settled = dict(judged)
    for entry in known:
        bad = {case for case in entry.cases & judged.keys() if judged[case].verdict in {Verdict.FAIL, Verdict.WARN}}
        for case in bad:
            settled[case] = replace(judged[case], verdict=Verdict.KNOWN_FAIL, message=entry.entry.reason)
        if entry.cases <= judged.keys() and all(judged[case].verdict is Verdict.PASS for case in entry.cases):
            for case in entry.cases:
                why = stale(entry.entry.case)
                settled[case] = replace(judged[case], verdict=Verdict.STALE_KNOWN, message=why)
    return settled


def _judged(played: Played, requirements: Mapping[str, Requirement], world: World) -> Judged:
    if isinstance(played, Infra):
        return Judged(Verdict.INFRA_ERROR, message=played.reason)
    if isinstance(played, Unseen):
        return Judged(Verdict.NOT_OBSERVED, message=played.reason)
    findings = judge(requirements[played.requirement], played, world)
    word = verdict(findings)
    message = next((finding.message for finding in findings if finding.verdict is word), "")
    return Judged(word, findings, message, played)
