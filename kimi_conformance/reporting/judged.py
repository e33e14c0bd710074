"""What `judge` prints: a line for each exchange, its findings in short, and what it all came to."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.text import Text

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.legible import clipped, one_line, visible
from kimi_conformance.reporting.redact import redactor

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.reporting.blocks import Page
    from kimi_conformance.traffic.found import Found
    from kimi_conformance.traffic.judged import Said

    Redact = Callable[[str], str]

STYLES: Final = {"fail": "bold red", "warn": "yellow", "drift": "cyan"}
SECRET_HEADERS: Final = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie"})
SHORTEST_SECRET: Final = 8
"""Shorter ones are placeholders, and their letters stand in many a word."""
KEY: Final = re.compile(r"\b(sk|ak)-[\w-]{8,}")
IN_FULL: Final = 3
"""So many findings of a requirement are shown for an exchange; the others are counted."""
REASONS: Final = 8
LONGEST: Final = 120
"""Of a path, or of a reason."""
GIST: Final = 160
"""Of a requirement in the summary: what is wrong stands above, and the whole sentence in the contracts."""


@dataclass(slots=True)
class Of:
    """What was said of one exchange: how much by verdict and requirement, and the first of each."""

    found: Found
    why_not: str | None = None
    bearing: int = 0
    """How many requirements bear on it."""
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    shown: list[Said] = field(default_factory=list)

    def take(self, said: Said) -> None:
        """Count `said`, and keep it where it is one of the first."""
        key = (str(said.verdict), said.requirement)
        self.counts[key] += 1
        if self.counts[key] <= IN_FULL:
            self.shown.append(said)


@dataclass(slots=True)
class Tally:
    """What all files came to."""

    files: int = 0
    exchanges: int = 0
    unreadable: int = 0
    not_judged: Counter[str] = field(default_factory=Counter)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, of: Of) -> None:
        """Count an exchange."""
        self.exchanges += 1
        self.counts += of.counts
        if of.why_not is not None:
            self.not_judged[of.why_not] += 1

    @property
    def judged(self) -> int:
        """How many exchanges were judged."""
        return self.exchanges - self.not_judged.total()

    @property
    def failed(self) -> bool:
        """Whether a MUST does not hold somewhere."""
        return any(verdict == Verdict.FAIL for verdict, _ in self.counts)


def redact_for(found: Found) -> Redact:
    """Takes keys out of a text: those that the request of `found` carries, and what looks like one of Kimi's."""
    headers = found.sight.exchange.request.headers if found.sight else ()
    secrets = {
        f"{name.lower()}-{number}": value.partition(" ")[2] or value
        for number, (name, value) in enumerate(headers)
        if name.lower() in SECRET_HEADERS
    }
    known = redactor({name: value for name, value in secrets.items() if len(value) >= SHORTEST_SECRET})
    return lambda text: KEY.sub(r"<\1-key>", known(text))


def print_exchange(page: Page, of: Of, redact: Redact) -> None:
    """The line of an exchange, and its findings."""
    page.line(Text.assemble((f"#{of.found.index:<4}", "dim"), _called(of.found, redact), "  ", _outcome(of)), 2)
    for said in of.shown:
        word = str(said.verdict)
        where = _plain(said.where, redact)
        head = (f"{'FAIL' if word == 'fail' else word:<6}", STYLES[word])
        page.line(Text.assemble(head, (said.requirement, "bold"), (f"  {where}", "dim")), 7)
        expected, actual = _plain(said.expected, redact), _plain(said.actual, redact)
        page.paragraph(f"{_plain(said.message, redact)}: expected {expected}, got {actual}", 13)
    for (verdict, requirement), count in of.counts.items():
        if count > IN_FULL:
            page.line(Text(f"and {count - IN_FULL:,} more of {requirement} ({verdict})", "dim"), 13)


def print_tally(page: Page, tally: Tally) -> None:
    """The summary."""
    page.console.print()
    counted = f"{_many(tally.exchanges, 'exchange')} in {_many(tally.files, 'file')}"
    page.line(Text(f"{counted}: {tally.judged:,} judged, {tally.not_judged.total():,} not", "bold"))
    for why, count in tally.not_judged.most_common(REASONS):
        page.remark("not judged", one_line(why, LONGEST), count=count, style="dim")
    if len(tally.not_judged) > REASONS:
        page.remark("", f"and {len(tally.not_judged) - REASONS:,} other reasons", style="dim")
    order = {verdict: rank for rank, verdict in enumerate(STYLES)}
    for (verdict, requirement), count in sorted(tally.counts.items(), key=lambda each: (order[each[0][0]], each[0][1])):
        says = page.requirements[requirement].says if requirement in page.requirements else ""
        word = "FAIL" if verdict == Verdict.FAIL else verdict
        gist = textwrap.shorten(f"{requirement}: {says}", GIST, placeholder=" …")
        page.remark(word, gist, count=count, style="" if verdict == "drift" else STYLES[verdict])
    if tally.unreadable:
        page.remark("not read", "or not to the end: the reasons are on standard error", count=tally.unreadable)
    if tally.judged and not tally.counts:
        unread = " in what could be read" if tally.unreadable else ""
        page.line(Text(f"nothing to complain about{unread}", "green"))


def _called(found: Found, redact: Redact) -> str:
    if found.sight is None:
        return "-"
    sight = found.sight
    method, path = one_line(redact(sight.exchange.request.method), LONGEST), one_line(redact(sight.path), LONGEST)
    words = (method, path, str(sight.status or "-"), sight.shape or "-")
    return "  ".join(filter(None, words))


def _outcome(of: Of) -> tuple[str, str]:
    if of.why_not is not None:
        return f"not judged: {one_line(of.why_not, LONGEST)}", "dim"
    total = of.counts.total()
    return (_many(total, "finding"), "bold") if total else (f"ok by {_many(of.bearing, 'requirement')}", "green")


def _plain(text: str, redact: Redact) -> str:
    return clipped(visible(redact(text)).replace("\n", " "))


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
