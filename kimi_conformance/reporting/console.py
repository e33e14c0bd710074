"""The summary of a run on a terminal: what a tired person understands at a glance."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.blocks import Page, failing, grouped_by_reason, having, listed, noted, slowest, stuck
from kimi_conformance.reporting.evidence import by_strength
from kimi_conformance.reporting.figures import COLUMNS, Area, about_api, by_area, counts, outcome, provenance, shown
from kimi_conformance.reporting.legible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import Results

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

WORDS: Final[Mapping[str, str]] = {
    "CONFORMANT": "bold green",
    "NOT CONFORMANT": "bold red",
    "COULD NOT TELL": "bold magenta",
    "NOTHING SEEN": "bold yellow",
}


def print_summary(results: Results, requirements: Mapping[str, Requirement], console: Console, *, again: str) -> None:
    """Print the headline, a table by area, what does not hold and why, and where the evidence comes from.

    `again` is the command without `--only`: `kimi-conformance check PROFILE`. Ids and commands are never wrapped, so
    that they can be copied. Colours are rich's affair: on terminals only, and never where NO_COLOR is set.
    """
    page = Page(console, requirements, again)
    page.line(_headline(results))
    of_kimi = about_api(results)
    for line in (*counts(results), *([by_strength(results)] if of_kimi else ())):
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
    if not of_kimi:
        page.remark("upstreams", provenance(results))
        slowest(page, results)
    if not results.conformant:
        console.print()
        page.line(_headline(results))  # the first one has scrolled away


def _headline(results: Results) -> Text:
    word = outcome(results)
    version = f" {results.target.version}" if results.target.version else ""
    return Text.assemble((word, WORDS[word]), f"  {results.target.name}{version}")


def _by_area(results: Results) -> Table:
    """Counts of cases by area and verdict. Verdicts that nothing has are left out."""
    verdicts = shown(results)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("area", no_wrap=True)
    for name in ("requirements", "cases", *(COLUMNS[verdict] for verdict in verdicts)):
        table.add_column(name, justify="right", no_wrap=True)
    areas = by_area(results)
    if len(areas) > 1:
        every = sum((area.cases for area in areas), Counter[Verdict]())
        areas = [*areas, Area("all", sum(area.requirements for area in areas), every)]
    for area in areas:
        cells = (_cell(area.cases[verdict], verdict) for verdict in verdicts)
        style = "bold" if area.name == "all" else None
        table.add_row(area.name, str(area.requirements), str(area.cases.total()), *cells, style=style)
    return table


def _cell(count: int, verdict: Verdict) -> Text:
    return Text(str(count), STYLES[verdict]) if count else Text("-", "dim")
