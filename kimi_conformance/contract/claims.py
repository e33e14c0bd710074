"""Every checkable sentence of the two seeds, with what became of it: contracts/claims.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.requirement import RequirementId

ClaimId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Text = Annotated[str, StringConstraints(min_length=10)]


class Claim(Frozen):
    """One claim in our own words, our verdict on it, and the requirement that checks it.

    `outdated`: it was true once. `unobservable`: nothing on the wire can show it, so it needs no requirement.
    """

    id: ClaimId
    source: Literal["hub", "post"]
    says: Text
    verdict: Literal["confirmed", "refuted", "outdated", "unobservable"]
    requirement: RequirementId | None = None
    resolution: Text

    @model_validator(mode="after")
    def _checked_or_unobservable(self) -> Claim:
        if self.requirement is None and self.verdict != "unobservable":
            raise ValueError(f"a claim that is {self.verdict} names the requirement that shows it")
        return self


class OutOfScope(Frozen):
    """A sentence of a seed that is no claim about the API or a router, and why it is left out."""

    says: Text
    why: Text


class Claims(Frozen):
    """All of contracts/claims.yaml."""

    claims: tuple[Claim, ...] = Field(min_length=1)
    out_of_scope: tuple[OutOfScope, ...] = ()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Claims:
        ids = [claim.id for claim in self.claims]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"more than one claim is called {', '.join(twice)}")
        return self
