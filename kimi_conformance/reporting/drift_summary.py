"""A drift on a terminal: what a tired person understands at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from kimi_conformance.reporting.blocks import Page
from kimi_conformance.reporting.drift_words import TITLES, calls, evidence, headline, left_out, means, plural
from kimi_conformance.reporting.legible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from kimi_conformance.contract.drift_rules import Class
    from kimi_conformance.contract.drifted import Difference, DocClaim, Drift
    from kimi_conformance.contract.requirement import Requirement

STYLES: Final[dict[Class, str]] = {"breaking": "bold red", "additive": "cyan", "wording": "yellow"}
IN_FULL: Final = 12
"""So many differences of a class are explained; the others get a line each."""
SOME: Final = 3
LONGEST: Final = 220
INDENT: Final = 10


def print_drift(drift: Drift, requirements: Mapping[str, Requirement], console: Console) -> None:
    """Print the headline, every difference by class, what the documents no longer match, and what was not compared."""
    page = Page(console, requirements, "kimi-conformance drift")
    word, style = _word(drift)
    page.line(
        Text.assemble((word, style), f"  {visible(drift.seen.name)} against {visible(drift.recorded.name)}, {drift.on}")
    )
    page.paragraph(headline(drift))
    for class_ in TITLES:
        found = drift.of(class_)
        for number, each in enumerate(found):
            if number < IN_FULL:
                page.console.print()
                _difference(page, each, class_)
            else:
                page.line(Text.assemble((f"{class_.upper():<{INDENT}}", STYLES[class_]), visible(each.says)))
    for each in drift.differences:
        if each.expected:
            page.remark("expected", f"{visible(each.says)}: {each.expected}")
    for claim in drift.doc_claims:
        _claim(page, claim)
    console.print()
    for why, names in left_out(drift.not_compared).items():
        some = ", ".join([*names[:SOME], *(["…"] if names[SOME:] else [])])
        page.remark("not compared", f"{visible(why)}: {some}", count=len(names))
    for note in drift.notes:
        page.remark("note", visible(note), style="yellow")


def _word(drift: Drift) -> tuple[str, str]:
    if not drift.compared:
        return "COULD NOT TELL", "bold magenta"
    return ("DRIFT", "bold red") if drift.totals["breaking"] else ("NO BREAKING DRIFT", "bold green")


def _difference(page: Page, each: Difference, class_: Class) -> None:
    page.line(Text.assemble((f"{class_.upper():<{INDENT}}", STYLES[class_]), (visible(each.says), "bold")))
    rows = {
        "where": f"{each.where}, in {plural(len(each.shown), 'call')}: {calls(each)}",
        "before": f"{one_line(each.before, LONGEST)}  ({evidence(one.recorded for one in each.shown)})",
        "after": f"{one_line(each.after, LONGEST)}  ({evidence(one.seen for one in each.shown)})",
        "means": means(each),
        "bears on": ", ".join(each.requirements[:4]),
    }
    for label, text in rows.items():
        if text:
            page.paragraph(visible(text), INDENT, label=f"{label:<10}")


def _claim(page: Page, claim: DocClaim) -> None:
    page.console.print()
    since = "no longer seen to hold" if claim.new else "not seen to hold"
    page.line(Text.assemble((f"{'DOCS':<{INDENT}}", "yellow"), (claim.requirement, "bold"), f"  {since}"))
    page.paragraph(claim.says, INDENT)
    page.paragraph("; ".join(f"{one.source}, {one.date}" for one in claim.documents), INDENT, label=f"{'says so':<10}")
    page.paragraph(one_line(claim.expected, LONGEST), INDENT, label=f"{'expected':<10}")
    page.paragraph(f"{one_line(claim.actual, LONGEST)}  ({', '.join(claim.calls[:4])})", INDENT, label=f"{'seen':<10}")
