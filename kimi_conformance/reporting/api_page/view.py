"""The page as the template gets it: sections, their parts, and the mark of every statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kimi_conformance.reporting.api_page.example import Shown
    from kimi_conformance.reporting.api_page.mark import Mark

Kind: TypeAlias = Literal["heading", "lead", "lines", "table", "example", "questions"]


@dataclass(frozen=True, slots=True)
class Said:
    """A statement as a sentence. Without a mark it is not about Kimi."""

    says: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Told:
    """A statement as a row of a table."""

    cells: tuple[str, ...]
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its answer, and the title of the section that says more."""

    asks: str
    says: str
    see: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class View:
    """A part of a section. `text`: of a heading or a lead."""

    kind: Kind
    text: str = ""
    lines: tuple[Said, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[Told, ...] = ()
    example: Shown | None = None
    questions: tuple[Answered, ...] = ()

    @property
    def statements(self) -> Iterator[tuple[str, Mark | None]]:
        """Every statement, as text, with its mark."""
        yield from ((line.says, line.mark) for line in self.lines)
        yield from ((" · ".join(row.cells), row.mark) for row in self.rows)
        yield from ((each.says, each.mark) for each in self.questions)
        if self.example:
            yield self.example.title, self.example.mark


@dataclass(frozen=True, slots=True)
class Titled:
    """A section of the page."""

    name: str
    title: str
    parts: tuple[View, ...]


def table(head: Sequence[str], rows: Sequence[Told]) -> View:
    """A table."""
    return View("table", head=tuple(head), rows=tuple(rows))
