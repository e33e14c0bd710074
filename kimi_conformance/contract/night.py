"""What a night came to: the form of night.json, and of a line of the history of nights."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from pydantic import Field

from kimi_conformance.contract.drift_rules import Class
from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.verdict import Verdict

FILE: Final = "night.json"

Outcome: TypeAlias = Literal[
    "done", "not-conformant", "breaking-drift", "stale", "mistake", "failed", "left-out", "interrupted"
]
"""What became of a step. `stale`: a line of the reference page has no evidence. `mistake`: of an option, a file or the
environment. `failed`: nothing can be said. `left-out`: it was not tried, and says why."""

ORDER: Final = (2, 1, 3, 0)
"""Exit codes, the worst first, as for every command (DESIGN.md, section 4)."""


class Step(Frozen):
    """One step: its exit code (0 where it was left out), what it came to in a line, and the command that repeats it."""

    name: str
    outcome: Outcome
    code: int
    says: str
    took_s: float = 0.0
    command: tuple[str, ...] = ()


class Told(Frozen):
    """What is remembered of a night: a line of history.jsonl.

    `asked` calls were sent, for at most `usd`. `failing` are the requirements that fail, `breaking` the places of
    breaking drift; `routers` says of each whether it conforms, None where that cannot be said.
    """

    schema_: Literal[1] = Field(default=1, alias="schema")
    suite: str
    began: datetime
    where: str | None
    code: int
    conformant: bool | None
    totals: dict[Verdict, int] = {}
    failing: tuple[str, ...] = ()
    drift: dict[Class, int] | None = None
    breaking: tuple[str, ...] = ()
    compared: int = 0
    not_compared: int = 0
    asked: int = 0
    usd: float = 0.0
    stopped: str | None = None
    routers: dict[str, bool | None] = {}

    def as_json(self) -> dict[str, Any]:
        """The line, with its member `schema`."""
        return self.model_dump(mode="json", by_alias=True)


class Night(Frozen):
    """night.json: every step, what is remembered, and the files that the night has written into its folder."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    told: Told
    steps: tuple[Step, ...]
    files: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The document, with its member `schema`."""
        return self.model_dump(mode="json", by_alias=True)


def worst(codes: list[int]) -> int:
    """The worst exit code of several; one that has no place in the order counts as 3: nothing can be said."""
    known = {code if code in ORDER else 3 for code in codes}
    return next((code for code in ORDER if code in known), 0)
