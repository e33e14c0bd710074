"""The blocks of the summary: what does not hold, what could not be told, what was not looked at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.text import Text

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.failure import gist
from kimi_conformance.reporting.legible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rich.console import Console

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import CaseResult, RequirementResult, Results

    Wanted = Callable[[CaseResult], bool]

IN_FULL: Final = 12
"""So many failing requirements are explained; the others get a line each."""
REASONS: Final = 4
FEW: Final = 2
"""So many reasons are told even if each is that of one case alone."""
LINES: Final = 40
"""Of a reason why nothing could be told: a router's last words are among them."""
LONGEST: Final = 300
SLOWEST: Final = 10
SLOW_MS: Final = 500.0
"""A case that took less than this has cost nobody anything."""
WIDEST: Final = 110
INDENT: Final = 6


@dataclass(frozen=True, slots=True)
class Page:
    """Where a summary is printed, with what every block needs. Texts from the wire are never read as markup."""

    console: Console
    requirements: Mapping[str, Requirement]
    again: str

    def line(self, text: str | Text, indent: int = 0) -> None:
        """A line that is never wrapped: an id, a command."""
        self.console.print(Text.assemble(" " * indent, text), soft_wrap=True)

    def paragraph(self, text: str, indent: int = 0, *, label: str = "", style: str = "") -> None:
        """`text` wrapped at the console's width, behind `label`."""
        begin = Text(" " * indent + label, "dim")
        width = max(min(self.console.width, WIDEST) - len(begin), 20)
        for wrapped in Text(text, style).wrap(self.console, width):
            wrapped.rstrip()
            self.line(Text.assemble(begin, wrapped))
            begin = Text(" " * len(begin))

    def remark(self, word: str, text: str, *, count: int | None = None, style: str = "") -> None:
        """A paragraph of the page's foot: what it is about, how many cases, and the rest."""
        self.paragraph(text, label=f"{word:<15}{'' if count is None else count:>5}  ", style=style)

    def title(self, word: str, style: str, requirement: RequirementResult, count: int) -> None:
        """The line that a block begins with: `count` cases of a requirement are `word`."""
        of = f"  ({requirement.level}, {count} of {_cases(len(requirement.cases))})"
        self.line(Text.assemble((f"{word:<{INDENT}}", style), (requirement.id, "bold"), (of, "dim")))


def failing(page: Page, results: Results) -> None:
    """Each failing requirement: its sentence, how many cases, the first of them, and the command to see more."""
    found = list(_with(results, having(Verdict.FAIL)))
    for requirement, cases in found[:IN_FULL]:
        page.console.print()
        page.title("FAIL", "bold red", requirement, len(cases))
        if requirement.id in page.requirements:
            page.paragraph(page.requirements[requirement.id].says, INDENT)
        _case(page, cases[0])
        page.line(Text.assemble(("see more  ", "dim"), f"{page.again} --only {requirement.id}"), INDENT)
    if found[IN_FULL:]:
        page.console.print()
    for requirement, cases in found[IN_FULL:]:
        page.title("FAIL", "bold red", requirement, len(cases))


def listed(page: Page, results: Results, wanted: Wanted, *, word: str, style: str, otherwise: str = "") -> None:
    """Each requirement with `wanted` cases: how many, and their reasons (`otherwise` where they give none)."""
    found = list(_with(results, wanted))
    if found:
        page.console.print()
    for requirement, cases in found:
        page.title(word, style, requirement, len(cases))
        reasons = Counter(one_line(_why(case) or otherwise, LONGEST) for case in cases)
        for reason, count in reasons.most_common(REASONS):
            page.paragraph(reason if len(reasons) == 1 else f"{reason} ({_cases(count)})", INDENT)
        if len(reasons) > REASONS:
            page.paragraph(f"and {len(reasons) - REASONS} other reasons", INDENT)


def stuck(page: Page, results: Results) -> None:
    """What kept the suite from telling: each reason once, with the number of its cases and the first of them."""
    cases = [case for _, found in _with(results, having(Verdict.INFRA_ERROR)) for case in found]
    if cases:
        page.console.print()
    for reason, count in Counter(map(_why, cases)).most_common(REASONS):
        first = next(case for case in cases if _why(case) == reason)
        page.line(Text.assemble(("INFRA", "bold magenta"), f" {_cases(count)} could not be judged"))
        for line in reason.splitlines()[:LINES]:
            page.line(visible(line), INDENT)
        if count < sum(results.totals.values()):
            page.line(Text.assemble(("first     ", "dim"), first.id), INDENT)


def grouped_by_reason(page: Page, results: Results, verdict: Verdict, word: str) -> None:
    """A remark for each reason that cases of `verdict` have in common; the rest is counted in one."""
    cases = [case for _, found in _with(results, having(verdict)) for case in found]
    reasons = Counter(_why(case) or "no reason given" for case in cases)
    common = [(why, count) for why, count in reasons.most_common(REASONS) if count > 1 or len(reasons) <= FEW]
    for why, count in common:
        page.remark(word, one_line(why, LONGEST), count=count)
        word = ""
    rest = len(cases) - sum(count for _, count in common)
    if rest:
        others = f"{len(reasons) - len(common)} {'other ' if common else ''}reasons"
        page.remark(word, f"for {others}, which `--json FILE` tells", count=rest)


def slowest(page: Page, results: Results) -> None:
    """The cases that took longest, so that a slow run can be told from a slow router."""
    cases = [case for requirement in results.requirements for case in requirement.cases]
    slow = sorted((case for case in cases if case.duration_ms >= SLOW_MS), key=lambda case: -case.duration_ms)
    word = "slowest"
    for case in slow[:SLOWEST]:
        seconds = f"{case.duration_ms / 1000:.1f} s"
        page.line(Text.assemble((f"{word:<15}{seconds:>7}  ", "dim"), case.id))
        word = ""


def having(verdict: Verdict) -> Wanted:
    """Whether a case has this verdict."""
    return lambda case: case.verdict is verdict


def noted(case: CaseResult) -> bool:
    """Whether a case passed with a note: a MAY that does not hold."""
    return case.verdict is Verdict.PASS and bool(case.findings)


def _with(results: Results, wanted: Wanted) -> Iterator[tuple[RequirementResult, list[CaseResult]]]:
    for requirement in results.requirements:
        cases = [case for case in requirement.cases if wanted(case)]
        if cases:
            yield requirement, cases


def _case(page: Page, case: CaseResult) -> None:
    page.line(Text.assemble(("first     ", "dim"), case.id), INDENT)
    if not case.findings:
        page.paragraph(one_line(case.message, LONGEST), INDENT, label="says      ")
        return
    finding = case.findings[0]
    said = [("says", gist(finding) or case.message), ("expected", finding.expected), ("actual", finding.actual)]
    for name, text in said:
        page.paragraph(one_line(text, LONGEST), INDENT, label=f"{name:<10}")


def _why(case: CaseResult) -> str:
    return case.message or next((finding.message for finding in case.findings), "")


def _cases(count: int) -> str:
    return f"{count} case" if count == 1 else f"{count} cases"
