"""The work of `judge`: file by file and exchange by exchange, so that memory holds one of them at a time."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import dataclass, field
from io import StringIO
from itertools import chain
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from kimi_conformance.cli.output import tell, write
from kimi_conformance.cli.status import Status
from kimi_conformance.reporting.blocks import Page
from kimi_conformance.reporting.judged import Of, Tally, print_exchange, print_tally, redact_for
from kimi_conformance.reporting.legible import visible
from kimi_conformance.traffic.found import Unreadable
from kimi_conformance.traffic.judged import foreign, said_of, strange_host
from kimi_conformance.traffic.read import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.cli.judge_json import JsonOut
    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.schema import Shape
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.reporting.judged import Redact
    from kimi_conformance.traffic.found import Found

NOTHING_BEARS = "no requirement looks at what it shows"


@dataclass(frozen=True, slots=True)
class Judging:
    """What files are judged by, and where what is found goes. `page` is rendered first and written then."""

    requirements: Mapping[str, Requirement]
    contract: Contract
    drifting: bool
    out: JsonOut | None
    to_stderr: bool
    page: Page
    tally: Tally = field(default_factory=Tally)
    status: Status = field(default_factory=Status)
    hosts: set[str] = field(default_factory=set)

    def file(self, file: str, shape: Shape | None) -> None:
        """Judge all that can be read of `file`, and say where that ends too early."""
        self.tally.files += 1
        self.page.line(Text(visible(file), "bold"))
        try:
            for found in read(file, shape):
                self._exchange(found)
        except Unreadable as error:
            self.tally.unreadable += 1
            why = visible(str(error)).replace("\n", " ")
            self.flush()
            tell(why)
            if self.out:
                self.out.unreadable(why)
        self.flush()

    def summary(self) -> None:
        """Say what it all came to."""
        print_tally(self.page, self.tally)
        self.flush()

    def flush(self) -> None:
        """Write what was printed."""
        self.status.clear()
        rendered = self.page.console.file
        if isinstance(rendered, StringIO):
            write(rendered.getvalue(), sys.stderr if self.to_stderr else sys.stdout)
            rendered.seek(0)
            rendered.truncate()

    def _exchange(self, found: Found) -> None:
        self.status.show(f"{found.file} #{found.index}")
        of, redact = Of(found), redact_for(found)
        of.why_not = foreign(found.sight) if found.sight else found.why
        about = {"file": found.file, "index": found.index, "shape": found.sight.shape if found.sight else None}
        if found.sight and of.why_not is None:
            self._judge(found.sight, of, about, redact)
        if of.why_not is not None and self.out:
            with self.out.exchange({**about, "not_judged": of.why_not}, redact):
                pass  # there is nothing to add
        self.tally.take(of)
        print_exchange(self.page, of, redact)
        self.flush()

    def _judge(self, sight: Sight, of: Of, about: dict[str, Any], redact: Redact) -> None:
        """Count and write what is found, or say in `of` that nothing bears on what was seen."""
        said = said_of(sight, self.requirements, self.contract, drifting=self.drifting)
        first = next(said, None)
        if first is None:
            of.why_not = sight.exchange.error or NOTHING_BEARS
            return
        self._note_host(sight, redact)
        with self.out.exchange(about, redact) if self.out else nullcontext(None) as add:
            for _, group in chain([first], said):
                of.bearing += 1
                for each in group:
                    of.take(each)
                    if add:
                        add(each)

    def _note_host(self, sight: Sight, redact: Redact) -> None:
        host = strange_host(sight)
        if host and host not in self.hosts:
            self.hosts.add(host)
            note = f"{visible(redact(host))} is none of Kimi's hosts: what it answers is judged as Kimi's all the same"
            self.page.line(Text(f"note: {note}", "yellow"), 2)


def page_for(stream_is_stderr: bool, requirements: Mapping[str, Requirement]) -> Page:  # noqa: FBT001 - one question
    """A page that is rendered in memory, as wide and as colourful as where it will be written."""
    there = Console(stderr=stream_is_stderr)
    here = Console(file=StringIO(), force_terminal=there.is_terminal, width=there.width, highlight=False)
    return Page(here, requirements, "kimi-conformance judge")
