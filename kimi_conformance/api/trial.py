"""A case on trial: its calls are seen, twins first, and judged; what that is worth depends on where they come from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kimi_conformance.api.seen import Seen
from kimi_conformance.contract.provenance import WORTH
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.judging import Outcome, judge_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.call import Call, Case
    from kimi_conformance.api.seen import See, Unseen
    from kimi_conformance.contract.provenance import Origin
    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.judge.api.law import Contract

GOOD = frozenset({Verdict.PASS, Verdict.NOT_OBSERVED})


@dataclass(frozen=True, slots=True)
class Trial:
    """What a case came to, and all that was seen for it: each call with what became of it, in order."""

    case: Case
    outcome: Outcome
    seen: tuple[tuple[Call, Seen | Unseen], ...]

    @property
    def origin(self) -> Origin | None:
        """The weakest origin of what was judged; None where something was not seen."""
        judged = {call.name for call in self.case.calls}
        origins = [one.origin for call, one in self.seen if call.name in judged and isinstance(one, Seen)]
        return max(origins, key=WORTH.index) if origins else None


def try_case(
    case: Case, requirement: Requirement, see: See, contract: Contract, *, mode: Literal["replay", "live"]
) -> Trial:
    """See the calls of `case` and judge them.

    A requirement with a quorum, which is about what a model does and not about the wire, is tried so often until it
    holds once; every attempt is kept. In replay, what rests on answers that we made up ourselves is `not-observed`.
    """
    attempts = _attempts(requirement) if mode == "live" else 1
    seen: list[tuple[Call, Seen | Unseen]] = []
    outcome = Outcome(Verdict.NOT_OBSERVED)
    for attempt in range(attempts):
        found = list(_see(case, see, attempt))
        seen += found
        outcome = _judged(case, requirement, {call.name: one for call, one in found}, contract)
        if outcome.verdict in GOOD:
            break
    trial = Trial(case, outcome, tuple(seen))
    if mode == "replay" and trial.origin == "modelled" and outcome.verdict is Verdict.PASS:
        why = "modelled by us: no live answer, and none that somebody published"
        return Trial(case, Outcome(Verdict.NOT_OBSERVED, why, outcome.findings), trial.seen)
    return trial


def _attempts(requirement: Requirement) -> int:
    found = re.search(r"\d+", requirement.quorum or "")
    return int(found[0]) if found else 1


def _see(case: Case, see: See, attempt: int) -> Iterator[tuple[Call, Seen | Unseen]]:
    """Twins are asked once, what is judged once an attempt. What follows something unseen is not asked."""
    judged = {call.name for call in case.calls}
    for call in case.all_calls:
        one = see(call, attempt if call.name in judged else 0)
        yield call, one
        if not isinstance(one, Seen):
            return


def _judged(case: Case, requirement: Requirement, seen: dict[str, Seen | Unseen], contract: Contract) -> Outcome:
    for one in seen.values():
        if not isinstance(one, Seen):
            return Outcome(Verdict.NOT_OBSERVED, one.why)
    sights = {name: one.sight for name, one in seen.items() if isinstance(one, Seen)}
    twins = [sights[call.name] for call in case.twins]
    return judge_case(requirement, twins, [sights[call.name] for call in case.calls], contract)
