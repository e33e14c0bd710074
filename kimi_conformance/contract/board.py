"""The scoreboard: what real routers came to, requirement by requirement, in the form of reports/scoreboard.json."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.requirement import Level

Word = Literal["fails", "stale", "infra", "warns", "unseen", "holds", "not-applicable"]
"""What became of a requirement, worst first. `fails` and `warns` whether or not the profile lists it."""


class Reason(Frozen):
    """Why so many cases of a requirement came to its word: the profile's sentence, or (`new`) the suite's own words."""

    says: str
    cases: int
    new: bool = False


class Row(Frozen):
    """A requirement of one router. `of` is the number of its cases, `seen` of those that came to a verdict."""

    id: str
    level: Level
    word: Word
    of: int
    seen: int
    reasons: tuple[Reason, ...] = ()


class Scored(Frozen):
    """One router: which it was, how it was had, and what it came to, or the `problem` that kept it from being played.

    `suite` is the digest of all that plays and judges, `profile` that of the profile and the files beside it.
    """

    name: str
    version: str
    date: date
    installed: tuple[str, ...]
    started: str
    profile: str
    suite: str
    cases: int = 0
    duration_s: float = 0.0
    problem: str | None = None
    rows: tuple[Row, ...] = ()


class Board(Frozen):
    """reports/scoreboard.json."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    routers: tuple[Scored, ...]

    def as_json(self) -> dict[str, Any]:
        """The document, with its member `schema`."""
        return self.model_dump(mode="json", by_alias=True)
