"""The page in parts: sections by verdict, requirements within them, cases in full or in a list."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.figures import how_seen, many

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import CaseResult, RequirementResult, Results

TITLES: Final[Mapping[Verdict, tuple[str, str]]] = {
    Verdict.FAIL: ("Does not hold", "A MUST that is broken."),
    Verdict.STALE_KNOWN: ("Listed as failing, and fails no more", "Take the entry out of the profile's known_failing."),
    Verdict.INFRA_ERROR: (
        "Could not be told",
        "What failed is the router's start or its surroundings: nothing is said of conformance.",
    ),
    Verdict.WARN: ("Warnings", "A SHOULD that does not hold."),
    Verdict.KNOWN_FAIL: ("Known to fail", "The profile lists these, with the reason. They do not fail the run."),
    Verdict.NOT_OBSERVED: ("Not observed", "This run could not see it in every case: never a pass."),
    Verdict.PASS: ("Holds", "Seen to hold."),
    Verdict.NOT_APPLICABLE: ("Does not apply", "The profile promises no such thing, or nobody can check it."),
}
"""Title and explanation of each section, worst first; what needs somebody's work before what does not."""

OPEN: Final = 12
"""So many requirements that do not hold are open when the page is; the others are a click away."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Cases of one verdict that have nothing to tell beside the reason that they share."""

    verdict: Verdict
    reason: str
    cases: Sequence[CaseResult]


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement: its sentence where this version knows it, cases to be told in full, and those to be listed."""

    result: RequirementResult
    requirement: Requirement | None
    full: Sequence[CaseResult]
    listed: Sequence[Listed]
    open: bool = False

    @property
    def area(self) -> str:
        """The second word of the id."""
        return self.result.id.split(".", 2)[1]

    @property
    def counted(self) -> str:
        """`2 of 32 cases`, or how many there are where all have one verdict."""
        cases = self.result.cases
        of = sum(case.verdict is self.result.verdict for case in cases)
        total = many(len(cases), "case")
        return total if of == len(cases) else f"{of} of {total}"

    def tail(self, case: CaseResult) -> str:
        """What tells `case` from the others of its requirement; empty where it is the only one."""
        return case.id.removeprefix(self.result.id)


@dataclass(frozen=True, slots=True)
class Section:
    """The requirements of one verdict. `reasons`: why, and for how many cases, where nothing else is to be told."""

    verdict: Verdict
    title: str
    says: str
    entries: Sequence[Entry]
    reasons: Sequence[tuple[str, int]]


def sections(results: Results, requirements: Mapping[str, Requirement]) -> Sequence[Section]:
    """Those that are not empty."""
    return [section for verdict in TITLES if (section := _section(verdict, results, requirements)).entries]


def usual(results: Results) -> str:
    """How most cases were seen: what need not be said of each of them."""
    seen = Counter(how_seen(case.how) for each in results.requirements for case in each.cases)
    return next((how for how, _ in seen.most_common(1)), "")


def lanes(case: CaseResult) -> Sequence[str]:
    """The legs of the wire in the order of a timeline's columns: the client first, then as they come."""
    legs = dict.fromkeys(moment.leg for moment in case.timeline)
    return sorted(legs, key=lambda leg: leg != "client")


def _section(verdict: Verdict, results: Results, requirements: Mapping[str, Requirement]) -> Section:
    title, says = TITLES[verdict]
    entries = [
        _entry(each, requirements.get(each.id), open_=number < OPEN and verdict in (Verdict.FAIL, Verdict.STALE_KNOWN))
        for number, each in enumerate(each for each in results.requirements if each.verdict is verdict)
    ]
    reasons: Counter[str] = Counter()
    for listed in (listed for entry in entries for listed in entry.listed):
        if listed.verdict is verdict and listed.reason:
            reasons[listed.reason] += len(listed.cases)
    return Section(verdict, title, says, entries, reasons.most_common())


def _entry(result: RequirementResult, requirement: Requirement | None, *, open_: bool) -> Entry:
    full = sorted((case for case in result.cases if _telling(case)), key=lambda case: [*TITLES].index(case.verdict))
    return Entry(result, requirement, full, tuple(_lists(result.cases)), open_)


def _telling(case: CaseResult) -> bool:
    """Whether there is more to tell of a case than its verdict and the reason."""
    return bool(case.findings or case.curl) or any(moment.detail for moment in case.timeline)


def _lists(cases: Sequence[CaseResult]) -> Iterator[Listed]:
    found: dict[tuple[Verdict, str], list[CaseResult]] = {}
    for case in cases:
        if not _telling(case):
            found.setdefault((case.verdict, case.message), []).append(case)
    for verdict in TITLES:
        for (of, reason), listed in found.items():
            if of is verdict:
                yield Listed(verdict, reason, listed)
