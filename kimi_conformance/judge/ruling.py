"""The judge's word on a play: what its check finds, and what counts whatever the check says."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kimi_conformance.contract.verdict import Finding, Verdict, worst
from kimi_conformance.exchange import TOO_MUCH
from kimi_conformance.judge.check import CHECKS, ONCE, ONE_SIDED, UNSEEN, Flaw
from kimi_conformance.judge.played_out import not_played_out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.trip import Play, Stray
    from kimi_conformance.oracle import World


def judge(requirement: Requirement, play: Play, world: World) -> tuple[Finding, ...]:
    """What `requirement` finds in `play`, by its level: a SHOULD that does not hold warns, a MAY is only noted.

    A router whose process ended during the case, each time it was tried, has failed it whatever the check says. So has
    one whose answer does not end, and one that had a call served twice (where no case of the requirement that forbids
    it was played to say so).
    """
    alone = ONE_SIDED.get(requirement.id) if world.one_sided else None
    judged = alone.check if alone else CHECKS[requirement.id]
    flaws = [*(not_played_out(requirement, play, world) or judged(play, world))]
    if play.ended:
        flaws.insert(
            0, Flaw("the router lives on", play.ended, "router process", f"this request ends the router: {play.ended}")
        )
    flaws += [_endless(trip.client.error) for trip in play.trips if (trip.client.error or "").startswith(TOO_MUCH)][:1]
    found = [
        Finding(
            requirement.id, by_level(flaw.verdict, requirement), flaw.expected, flaw.actual, flaw.where, flaw.message
        )
        for flaw in flaws
    ]
    if requirement.id != ONCE:
        found += [_doubled(stray) for stray in play.strays]
    if alone and alone.says == "fails" and verdict(found) is Verdict.PASS:
        found.append(Finding(requirement.id, Verdict.NOT_OBSERVED, "the upstream's side", "unseen", "upstream", UNSEEN))
    return tuple(found)


def _endless(error: str | None) -> Flaw:
    said = str(error).removeprefix("protocol: ")
    return Flaw("an answer of a bounded length", said, "client response", said)


def _doubled(stray: Stray) -> Finding:
    """A MUST, whatever the level of the requirement that it was seen with."""
    request = stray.arrival.exchange.request
    actual = f"{request.method} {urlsplit(request.url).path} at {stray.arrival.upstream} at {stray.arrival.t_ms:.0f} ms"
    message = f"one upstream request too many, which is billed, too: {actual}"
    return Finding(ONCE, Verdict.FAIL, "one upstream request for each", actual, "upstream", message)


def verdict(findings: Iterable[Finding]) -> Verdict:
    """The verdict of a case from its findings: pass where there is none."""
    return worst([Verdict.PASS, *(finding.verdict for finding in findings)])


def by_level(verdict: Verdict, requirement: Requirement) -> Verdict:
    """`verdict` as the level of `requirement` has it: a SHOULD that does not hold warns, a MAY is noted by a pass."""
    if requirement.level == "MAY" and verdict in {Verdict.FAIL, Verdict.WARN}:
        return Verdict.PASS
    return Verdict.WARN if requirement.level == "SHOULD" and verdict is Verdict.FAIL else verdict
