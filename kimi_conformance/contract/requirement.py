"""Requirements: one sentence each that must, should or may hold (DESIGN.md, section 3)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from kimi_conformance.contract.features import Feature
from kimi_conformance.contract.frozen import Frozen

RequirementId = Annotated[str, StringConstraints(pattern=r"^(api|router|adapter)(\.[a-z0-9][a-z0-9.-]*){2}$")]
Sentence = Annotated[str, StringConstraints(min_length=10, pattern=r"\.$")]

AREAS: Final = (
    *("gate", "request", "models", "response", "stream", "messages", "error", "retry", "fallback"),
    *("ledger", "alert", "secret", "latency"),
)
"""The areas of a router, along the way of a call: what goes wrong early is told first."""

BEHIND_THE_GATE: Final = frozenset({"response", "stream", "messages", "error", "retry", "fallback"})
"""The areas of a router that are about what comes after a call has taken its route by default."""

Level = Literal["MUST", "SHOULD", "MAY"]

# Strongest first. `live` and `recorded` are stronger still, but derived from runs and cassettes, never typed.
EvidenceKind = Literal["observed", "standard", "vendor-code", "vendor-doc", "operator-note", "modelled"]


class Evidence(Frozen):
    """Where a requirement comes from, and when that was true."""

    kind: EvidenceKind
    source: str = Field(min_length=3)
    date: date


ContradictedKind = Literal["vendor-doc", "vendor-code", "operator-note", "report", "other-api"]
"""Who says otherwise: Moonshot's documents or code, a seed, somebody's report, or the API that Kimi's follows."""


class Contradiction(Frozen):
    """A source that says otherwise, and why the requirement stands all the same."""

    source: str
    kind: ContradictedKind
    says: str
    resolution: str


class Requirement(Frozen):
    """One sentence that must, should or may hold. Checked, or `excluded` with the reason why nobody can.

    `behind_gate` says where a router's requirement differs from its area: whether it is about what comes after a call
    has taken its route.
    """

    id: RequirementId
    level: Level
    says: Sentence
    because: Sentence | None = None
    needs: tuple[Feature, ...] = ()
    applies_to: str | None = None
    behind_gate: bool | None = None
    quorum: Annotated[str, StringConstraints(pattern=r"^any\([1-9][0-9]*\)$")] | None = None
    evidence: tuple[Evidence, ...] = Field(min_length=1)
    contradicts: tuple[Contradiction, ...] = ()
    excluded: str | None = None
    was: tuple[RequirementId, ...] = ()

    @property
    def actor(self) -> str:
        """Who has to keep it: `api`, `router` or `adapter`."""
        return self.id.split(".", 1)[0]

    @property
    def area(self) -> str:
        """The second word of the id: `gate`, `request`, `sampling` and so on."""
        return self.id.split(".", 2)[1]

    @property
    def needs_the_route(self) -> bool:
        """Whether a call that never took its route shows nothing of it."""
        return self.area in BEHIND_THE_GATE if self.behind_gate is None else self.behind_gate
