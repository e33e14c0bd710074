"""What `drift` has to know of answers that differ without a change of Kimi's: contracts/drift.yaml."""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints

from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.requirement import RequirementId
from kimi_conformance.contract.schema import Shape

Class: TypeAlias = Literal["breaking", "additive", "wording"]
"""`breaking`: a client that did well may fail. `additive`: there is more than before. `wording`: words for people."""

Varying: TypeAlias = Literal["model", "chance"]
Counts: TypeAlias = Literal["more", "each", "fixed", "wording"]
Surveyed: TypeAlias = Shape | Literal["responses"]
"""What an answer is: a shape that is pinned, or that of a 2xx of the Responses face, which is not."""

Place = Annotated[str, StringConstraints(pattern=r"^(<[a-z_]+>)?(/[^/]+)*$")]


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]


class HeaderRule(Frozen):
    """What the loss of a header is, and what another value of it, where that counts."""

    gone: Class
    other: Class | None = None


class DriftRules(Frozen):
    """All of contracts/drift.yaml; the file says what each part is."""

    varies: dict[Surveyed, dict[Place, Varying]]
    enumerations: frozenset[str]
    known: dict[Surveyed, dict[Place, frozenset[str]]]
    headers: dict[str, HeaderRule] = Field(min_length=1)
    ignored_headers: tuple[str, ...]
    volatile: tuple[Pattern, ...]
    attributes: dict[Place, Counts]
    requirements: dict[str, dict[str, tuple[RequirementId, ...]]]

    def varying(self, shape: Surveyed, place: str) -> Varying | None:
        """Why a member may be in one answer and not in the next; None where it is always there."""
        return self.varies.get(shape, {}).get(place)
