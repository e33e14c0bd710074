"""The API's reference page as data, contracts/api-page: its sections, their order, and the statements they make.

What other files hold already (models, errors, claims, members of requests and answers) is not said again: a part that
is `made` of them has its place here.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from kimi_conformance.contract.calls import CallName
from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.request_schema import RequestShape
from kimi_conformance.contract.requirement import RequirementId
from kimi_conformance.contract.schema import Shape
from kimi_conformance.contract.tie import Line, Question, Row, Text

SectionName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]

Made = Literal[
    "attributes",
    "claims",
    "coding-attributes",
    "coding-lifecycles",
    "coding-thinking",
    "contradicted-documents",
    "contradicted-others",
    "dead-models",
    "endpoints",
    "errors",
    "lifecycles",
    "limits",
    "open-questions",
    "outside",
    "temperatures",
    "thinking",
    "tool-choices",
]
"""Parts that are made of other contracts."""


class Table(Frozen):
    """A table of statements, a row each. The page adds a column that says how each is known."""

    head: tuple[str, ...] = Field(min_length=1)
    rows: tuple[Row, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole_rows(self) -> Table:
        for row in self.rows:
            if len(row.cells) != len(self.head):
                raise ValueError(f"a row has {len(row.cells)} cells under {len(self.head)} headings: {row.cells[0]}")
        return self


class Example(Frozen):
    """A call and its answer, from its cassette. Both legs are shown, or `only` one.

    `headers`: those of the answer that matter. `keep`: of each event of a stream, the members that are shown. `most`:
    how many events at the beginning and at the end, where there are many.
    """

    call: CallName
    title: Text
    only: Literal["request", "answer"] | None = None
    headers: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    most: int | None = Field(default=None, ge=2)


class Members(Frozen):
    """The members of a body. `by`: what those rest on that name no requirement and no fact."""

    shape: Shape | RequestShape
    by: tuple[RequirementId, ...] = ()


KINDS: Final = ("heading", "lead", "lines", "table", "example", "questions", "request", "answer", "made")


class Part(Frozen):
    """One thing on the page: exactly one of these. A `lead` only says what follows, and ends in a colon."""

    heading: Text | None = None
    lead: Annotated[str, StringConstraints(pattern=r"^.{3,100}:$")] | None = None
    lines: tuple[Line, ...] | None = Field(default=None, min_length=1)
    table: Table | None = None
    example: Example | None = None
    questions: tuple[Question, ...] | None = Field(default=None, min_length=1)
    request: Members | None = None
    answer: Members | None = None
    made: Made | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Part:
        named = [name for name in KINDS if getattr(self, name) is not None]
        if len(named) != 1:
            raise ValueError(f"a part is exactly one of {', '.join(KINDS)}, not {named or 'none'}")
        return self


class Section(Frozen):
    """A section of the page, one file. Its anchor is what a code host makes of its title."""

    title: Text
    parts: tuple[Part, ...] = Field(min_length=1)


class PageOrder(Frozen):
    """contracts/api-page/page.yaml: the sections, in their order. Each is the name of a file beside it."""

    title: Text
    sections: tuple[SectionName, ...] = Field(min_length=1)


class ApiPage(Frozen):
    """The whole page: its title, and its sections by name."""

    title: Text
    sections: dict[SectionName, Section]
