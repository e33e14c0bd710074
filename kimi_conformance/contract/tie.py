"""What a statement of a page rests on: requirements, rows of the index of facts, a model's row, or a claim."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from kimi_conformance.contract.catalogue import Aspect, ModelId
from kimi_conformance.contract.facts import FactId
from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.requirement import RequirementId

Text = Annotated[str, StringConstraints(min_length=1, pattern=r"^\S(.*\S)?$")]


class Tied(Frozen):
    """A statement, and what it rests on: it is worth what the weakest of these is.

    `by`: requirements. `facts`: rows of the index, which count as no more than their kinds say. `model`: what its row
    in the catalogue says `about` something; with `by`, what the requirements show of this model, else its row. `yours`:
    no statement about Kimi but about whoever integrates it, so there is nothing to verify. `against_docs`: Moonshot's
    documents deny the statement. `at_most`: it says more than answers show of what it is tied to, so that it counts for
    no more than this.
    """

    by: tuple[RequirementId, ...] = ()
    facts: tuple[FactId, ...] = ()
    model: ModelId | None = None
    about: tuple[Aspect, ...] = ()
    yours: Literal[True] | None = None
    against_docs: Literal[True] | None = None
    at_most: Literal["reported", "documented", "modelled"] | None = None

    @model_validator(mode="after")
    def _tied(self) -> Tied:
        if bool(self.by or self.facts or self.model) == bool(self.yours):
            raise ValueError("a statement names what it rests on ('by', 'facts' or 'model'), or is 'yours'")
        if self.at_most and not (self.by or self.facts):
            raise ValueError("'at_most' goes with 'by' or 'facts'")
        if bool(self.model) != bool(self.about):
            raise ValueError("'model' and 'about' come together")
        if self.against_docs and not self.by:
            raise ValueError("'against_docs' goes with the requirement that has the contradiction")
        return self


class Line(Tied):
    """A statement as a sentence of Markdown."""

    says: Text


class Row(Tied):
    """A statement as a row of a table, in Markdown."""

    cells: tuple[str, ...] = Field(min_length=1)


class Question(Tied):
    """What an integrator asks, the answer in a sentence or two, and the section that says more."""

    asks: Annotated[str, StringConstraints(pattern=r"\?$")]
    says: Text
    see: str
