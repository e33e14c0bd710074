"""From the results of a run to the rows of the scoreboard."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.board import Reason, Row
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.legible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.board import Word
    from kimi_conformance.contract.result import CaseResult, RequirementResult, Results

LONGEST: Final = 300

PLAIN: Final[dict[Verdict, Word]] = {
    Verdict.FAIL: "fails",
    Verdict.STALE_KNOWN: "stale",
    Verdict.INFRA_ERROR: "infra",
    Verdict.WARN: "warns",
    Verdict.NOT_OBSERVED: "unseen",
    Verdict.PASS: "holds",
    Verdict.NOT_APPLICABLE: "not-applicable",
}
ORDER: Final[tuple[Word, ...]] = ("fails", "stale", "infra", "warns", "unseen", "holds", "not-applicable")
UNSEEN: Final[frozenset[Word]] = frozenset({"infra", "unseen", "not-applicable"})


def rows(results: Results) -> tuple[Row, ...]:
    """A row for every requirement of a run."""
    return tuple(map(_row, results.requirements))


def problem(results: Results) -> str | None:
    """What kept a router from being judged at all, where it was: the same trouble in every case that applies."""
    met = [case for each in results.requirements for case in each.cases if case.verdict is not Verdict.NOT_APPLICABLE]
    if met and all(case.verdict is Verdict.INFRA_ERROR for case in met):
        return met[0].message
    return None


def word_of(case: CaseResult) -> Word:
    """What a case came to. A known failure warns where no finding of it is worse."""
    if case.verdict is Verdict.KNOWN_FAIL:
        return "fails" if any(finding.verdict is Verdict.FAIL for finding in case.findings) else "warns"
    return PLAIN[case.verdict]


def _row(requirement: RequirementResult) -> Row:
    words = [word_of(case) for case in requirement.cases]
    worst = min(words, key=ORDER.index)
    return Row(
        id=requirement.id,
        level=requirement.level,
        word=worst,
        of=len(words),
        seen=sum(word not in UNSEEN for word in words),
        reasons=tuple(_reasons(requirement, worst)),
    )


def _reasons(requirement: RequirementResult, worst: Word) -> Iterator[Reason]:
    """Why the requirement came to `worst`, each reason once; nobody asks why it holds."""
    if worst == "holds":
        return
    told = Counter(
        (one_line(case.message, LONGEST * 3), case.verdict is not Verdict.KNOWN_FAIL)
        for case in requirement.cases
        if word_of(case) == worst
    )
    listed = {says for says, new in told if not new}
    new = [(says, cases) for (says, is_new), cases in told.items() if is_new and says not in listed]
    for (says, is_new), cases in told.items():
        if not is_new:
            yield Reason(says=says, cases=cases)
    if new:  # the suite words each case by its own values: one of them speaks for all
        yield Reason(says=one_line(new[0][0], LONGEST), cases=sum(cases for _, cases in new), new=True)
