"""What drifted: the form of `drift --json`."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, TypeAlias

from pydantic import Field

from kimi_conformance.contract.drift_rules import Class
from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.provenance import Origin
from kimi_conformance.contract.requirement import RequirementId

Kind: TypeAlias = Literal[
    "status",
    "error-type",
    "error-text",
    "form",
    "member-gone",
    "member-new",
    "retyped",
    "null",
    "value",
    "header",
    "model",
    "attribute",
    "order",
]
"""What kind of thing differs. `form`: a document where a stream was, a page where JSON was, or the reverse."""

Means: TypeAlias = Literal["kimi-changed", "kimi-changed-or-our-model-was-wrong", "not-about-kimi"]
"""What a difference says: the second where the recorded answer is our own, the last where the other is not Kimi's."""


class Evidence(Frozen):
    """Where an answer comes from: its origin, its day, and in words."""

    origin: Origin
    date: date
    source: str


class Shown(Frozen):
    """A call that shows a difference, with the evidence on both sides."""

    call: str
    recorded: Evidence
    seen: Evidence
    means: Means


class Difference(Frozen):
    """One thing that differs, and all calls that show it.

    `where` is a JSON pointer in the body (`[]` is any item of a list, `<type>` the kind of an object), with `event`
    before it in a stream, or the name of what else differs. `expected`: why it was to come, as the catalogue of models
    has it.
    """

    kind: Kind
    class_: Class = Field(alias="class")
    where: str
    before: str
    after: str
    says: str
    requirements: tuple[RequirementId, ...] = ()
    shown: tuple[Shown, ...]
    expected: str | None = None

    @property
    def modelled_only(self) -> bool:
        """Whether every recorded answer that it rests on is our own idea of Kimi's."""
        return all(one.recorded.origin == "modelled" for one in self.shown)


class NotCompared(Frozen):
    """A call that was not compared, and why: that says nothing of it, and never that it is equal."""

    call: str
    why: str


class DocSource(Frozen):
    """A document that says so, and of when it is."""

    source: str
    date: date


class DocClaim(Frozen):
    """What the vendor's documents say, and what was seen does not show. `new`: the recorded answer did show it.

    `documents_only`: nothing else was ever known of it. `facts` are the rows of the index that rest on it.
    """

    requirement: RequirementId
    says: str
    documents: tuple[DocSource, ...]
    documents_only: bool
    facts: tuple[str, ...]
    calls: tuple[str, ...]
    expected: str
    actual: str
    new: bool


class Side(Frozen):
    """One side of the comparison: what it is, and how many answers of each origin were compared."""

    name: str
    origins: dict[Origin, int]


class Drift(Frozen):
    """The document of `drift --json`. `totals` counts differences by class, without those that were expected."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    suite: str
    on: date
    recorded: Side
    seen: Side
    compared: tuple[str, ...]
    not_compared: tuple[NotCompared, ...]
    totals: dict[Class, int]
    differences: tuple[Difference, ...]
    doc_claims: tuple[DocClaim, ...]
    notes: tuple[str, ...] = ()

    def of(self, class_: Class) -> tuple[Difference, ...]:
        """The differences of a class that nobody expected."""
        return tuple(each for each in self.differences if each.class_ == class_ and each.expected is None)

    def as_json(self) -> dict[str, Any]:
        """The document, with its members `schema` and `class`."""
        return self.model_dump(mode="json", by_alias=True)
