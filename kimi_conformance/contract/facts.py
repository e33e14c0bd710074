"""The index of the dossier of facts, contracts/facts.yaml: each row, and the requirements that carry it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.requirement import RequirementId

FactId = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*(\.[1-9][0-9]*){1,2}$")]

FactKind = Literal["live", "doc", "vendor", "inferred", "open"]
"""`live`: a real response that somebody published. `doc`, `vendor`: Moonshot's documents, and its code.

`inferred`: concluded from other rows. `open`: no public source settles it.
"""


class Fact(Frozen):
    """One row of the dossier in our own words: carried by requirements, or `excluded` with the reason why by none.

    `id` is the row's own number, or section, table and place within it: `2.1.3` is the third row of 2.1.
    """

    id: FactId
    says: str = Field(min_length=10)
    kinds: tuple[FactKind, ...] = Field(min_length=1)
    requirements: tuple[RequirementId, ...] | None = Field(default=None, min_length=1)
    excluded: Annotated[str, StringConstraints(min_length=10)] | None = None

    @model_validator(mode="after")
    def _carried_or_excluded(self) -> Fact:
        if (self.requirements is None) == (self.excluded is None):
            raise ValueError("a fact has either requirements or the reason why it is excluded")
        return self

    @property
    def section(self) -> str:
        """The part of the dossier that the row stands in: `2.1` of `2.1.3`, `1` of `1.4`."""
        return self.id.rsplit(".", 1)[0]


class Facts(Frozen):
    """All of contracts/facts.yaml, in the order of the dossier."""

    facts: tuple[Fact, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Facts:
        ids = [fact.id for fact in self.facts]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"more than one fact is called {', '.join(twice)}")
        return self
