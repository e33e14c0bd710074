"""A drift as a page of Markdown. It carries dates, never ages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kimi_conformance.reporting.drift_words import TITLES, evidence, headline, left_out, means
from kimi_conformance.reporting.legible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kimi_conformance.contract.drifted import Difference, DocClaim, Drift
    from kimi_conformance.contract.provenance import Origin

LONGEST: Final = 400
NOTHING: Final = "None.\n"


def drift_page(drift: Drift) -> str:
    """The whole page."""
    return "\n".join(_lines(drift)).rstrip() + "\n"


def _lines(drift: Drift) -> Iterator[str]:
    yield f"# Drift, {drift.on}\n"
    yield f"**{headline(drift)}.**\n"
    yield f"- seen: {code(drift.seen.name)}{_origins(drift.seen.origins)}"
    yield f"- recorded: {code(drift.recorded.name)}{_origins(drift.recorded.origins)}"
    yield f"- kimi-conformance {drift.suite}\n"
    yield from (f"> {one_line(note, LONGEST)}\n" for note in drift.notes)
    for class_, title in TITLES.items():
        yield f"## {title}\n"
        found = drift.of(class_)
        yield from (line for each in found for line in _difference(each)) if found else (NOTHING,)
    expected = [each for each in drift.differences if each.expected]
    if expected:
        yield "## Expected\n"
        yield from (f"- {one_line(each.says, LONGEST)}: {each.expected}" for each in expected)
        yield ""
    yield "## Documents that do not match\n"
    yield from (line for claim in drift.doc_claims for line in _claim(claim)) if drift.doc_claims else (NOTHING,)
    yield "## Not compared\n"
    reasons = left_out(drift.not_compared)
    yield from (
        (f"- {one_line(why, LONGEST)}: {', '.join(map(code, names))}" for why, names in reasons.items())
        if reasons
        else (NOTHING,)
    )


def _difference(each: Difference) -> Iterator[str]:
    yield f"### {_plain(each.says)}\n"
    yield f"- where: {code(each.where)}"
    yield f"- before: {code(each.before)} ({evidence(one.recorded for one in each.shown)})"
    yield f"- after: {code(each.after)} ({evidence(one.seen for one in each.shown)})"
    yield f"- means: {means(each)}"
    if each.requirements:
        yield f"- bears on: {', '.join(map(code, each.requirements))}"
    yield f"- calls: {', '.join(code(one.call) for one in each.shown)}\n"


def _claim(claim: DocClaim) -> Iterator[str]:
    yield f"### {code(claim.requirement)}\n"
    yield f"{claim.says}\n"
    yield f"- says so: {'; '.join(f'{one.source} ({one.date})' for one in claim.documents)}"
    yield f"- rests on documents alone: {'yes' if claim.documents_only else 'no'}"
    yield f"- news: {'yes, the recorded answer did match' if claim.new else 'no, nor did the recorded answer match'}"
    yield f"- expected: {code(claim.expected)}"
    yield f"- seen: {code(claim.actual)} in {', '.join(map(code, claim.calls))}"
    if claim.facts:
        yield f"- facts: {', '.join(claim.facts)}"
    yield ""


def code(text: str) -> str:
    """`text` in one line as Markdown shows it letter by letter, whatever it holds (CommonMark, 6.1)."""
    line = one_line(text, LONGEST) or " "
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    blank = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{blank}{line}{blank}{fence}"


def _plain(text: str) -> str:
    """`text` as a heading that is no Markdown, however it looks."""
    return re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", one_line(text, LONGEST))


def _origins(origins: Mapping[Origin, int]) -> str:
    return f" ({', '.join(f'{count} {origin}' for origin, count in origins.items())})" if origins else ""
