"""The summary of a run on a terminal: what a tired person understands at a glance."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.blocks import Page, failing, grouped_by_reason, having, listed, noted, slowest, stuck
from kimi_conformance.reporting.evidence import by_strength
from kimi_conformance.reporting.legible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import CaseResult, Results

STYLES: Final[Mapping[Verdict, str]] = {
    Verdict.FAIL: "bold red",
    Verdict.STALE_KNOWN: "bold red",
    Verdict.INFRA_ERROR: "bold magenta",
    Verdict.KNOWN_FAIL: "yellow",
    Verdict.WARN: "yellow",
    Verdict.NOT_OBSERVED: "cyan",
    Verdict.PASS: "green",
    Verdict.NOT_APPLICABLE: "dim",
}

COLUMNS: Final[Mapping[Verdict, str]] = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.STALE_KNOWN: "stale",
    Verdict.INFRA_ERROR: "infra",
    Verdict.KNOWN_FAIL: "known",
    Verdict.WARN: "warn",
    Verdict.NOT_OBSERVED: "unseen",
    Verdict.NOT_APPLICABLE: "n/a",
}
ALWAYS: Final = frozenset({Verdict.PASS, Verdict.FAIL})
UNTOLD: Final = frozenset({Verdict.NOT_OBSERVED, Verdict.NOT_APPLICABLE, Verdict.INFRA_ERROR})


def print_summary(results: Results, requirements: Mapping[str, Requirement], console: Console, *, again: str) -> None:
    """Print the headline, a table by area, what does not hold and why, and where the evidence comes from.

    `again` is the command without `--only`: `kimi-conformance check PROFILE`. Ids and commands are never wrapped, so
    that they can be copied. Colours are rich's affair: on terminals only, and never where NO_COLOR is set.
    """
    page = Page(console, requirements, again)
    page.line(_headline(results))
    about_api = any(each.id.startswith("api.") for each in results.requirements)
    for line in (*_counts(results), *([by_strength(results)] if about_api else ())):
        page.paragraph(line)
    console.print()
    console.print(_by_area(results))
    failing(page, results)
    stale = "it passes now: take the entry out of known_failing"
    listed(page, results, having(Verdict.STALE_KNOWN), word="STALE", style="bold red", otherwise=stale)
    stuck(page, results)
    listed(page, results, having(Verdict.WARN), word="WARN", style="yellow")
    listed(page, results, having(Verdict.KNOWN_FAIL), word="KNOWN", style="yellow")
    listed(page, results, noted, word="NOTED", style="cyan")
    console.print()
    grouped_by_reason(page, results, Verdict.NOT_OBSERVED, "not observed")
    grouped_by_reason(page, results, Verdict.NOT_APPLICABLE, "not applicable")
    for note in results.notes:
        page.remark("note", visible(note), style="yellow")
    if not about_api:
        page.remark("upstreams", provenance(results))
        slowest(page, results)
    if not results.conformant:
        console.print()
        page.line(_headline(results))  # the first one has scrolled away


def provenance(results: Results) -> str:
    """Where the evidence of `results` comes from, case by case, so that nobody takes stand-ins for Kimi."""
    unseen = {Verdict.NOT_APPLICABLE, Verdict.INFRA_ERROR}
    cases = [case for requirement in results.requirements for case in requirement.cases if case.verdict not in unseen]
    origins = Counter(case.how.origin for case in cases)
    if results.mode == "replay" and set(origins) <= {"modelled"}:
        return "scripted stand-ins, modelled; no live call was made"
    counted = ", ".join(f"{count} {origin}" for origin, count in origins.most_common())
    live = "" if results.mode == "live" else "; no live call was made"
    return f"{counted or 'none'}{live}"


def _headline(results: Results) -> Text:
    word, style = _word(results)
    version = f" {results.target.version}" if results.target.version else ""
    return Text.assemble((word, style), f"  {results.target.name}{version}")


def _word(results: Results) -> tuple[str, str]:
    """The same order of precedence as the exit codes have (DESIGN.md, section 4)."""
    totals = results.totals
    if results.conformant:
        return "CONFORMANT", "bold green"
    if totals.get(Verdict.FAIL) or totals.get(Verdict.STALE_KNOWN):
        return "NOT CONFORMANT", "bold red"
    if totals.get(Verdict.INFRA_ERROR):
        return "COULD NOT TELL", "bold magenta"
    return "NOTHING SEEN", "bold yellow"


def _counts(results: Results) -> tuple[str, str]:
    """What the requirements came to, and how fast the cases were played; the table has the cases' own verdicts."""
    verdicts = Counter(requirement.verdict for requirement in results.requirements)
    counted = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in COLUMNS if verdicts[verdict])
    ran = sum(_played(case) for requirement in results.requirements for case in requirement.cases)
    speed = f", {ran / results.duration_s:.0f} a second" if ran and results.duration_s > 0 else ""
    return (
        f"{_counted_as(len(results.requirements), 'requirement')}: {counted or 'none was tried'}",
        f"{_counted_as(ran, 'case')} played in {results.duration_s:.1f} s{speed}",
    )


def _played(case: CaseResult) -> bool:
    """Whether something was sent for it, or played from tape."""
    return bool(case.timeline) or case.verdict not in UNTOLD


def _by_area(results: Results) -> Table:
    """Counts of cases by area and verdict. Verdicts that nothing has are left out."""
    shown = [verdict for verdict in COLUMNS if verdict in ALWAYS or results.totals.get(verdict)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("area", no_wrap=True)
    for name in ("requirements", "cases", *(COLUMNS[verdict] for verdict in shown)):
        table.add_column(name, justify="right", no_wrap=True)
    requirements: Counter[str] = Counter()
    cases: dict[str, Counter[Verdict]] = {}
    for requirement in results.requirements:
        area = requirement.id.split(".", 2)[1]
        requirements[area] += 1
        cases.setdefault(area, Counter()).update(case.verdict for case in requirement.cases)
    for area, counted in cases.items():
        table.add_row(area, str(requirements[area]), str(counted.total()), *(_cell(counted[v], v) for v in shown))
    if len(cases) > 1:
        total = sum(cases.values(), Counter[Verdict]())
        table.add_row(
            "all", str(requirements.total()), str(total.total()), *(_cell(total[v], v) for v in shown), style="bold"
        )
    return table


def _cell(count: int, verdict: Verdict) -> Text:
    return Text(str(count), STYLES[verdict]) if count else Text("-", "dim")


def _counted_as(count: int, noun: str) -> str:
    """`1 case`, `2 cases`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
