"""Results: what a run came to, case by case, in the form of results.json (DESIGN.md, section 4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from kimi_conformance.contract.frozen import Frozen
from kimi_conformance.contract.requirement import Level
from kimi_conformance.contract.verdict import Verdict


class FindingRecord(Frozen):
    """A finding, as written down."""

    requirement: str
    verdict: Verdict
    expected: str
    actual: str
    where: str
    message: str


class Moment(Frozen):
    """A line of a case's timeline: when (ms since the case began), on which leg of the wire, what, and its bytes.

    `leg` is `client`, `upstream NAME`, `ledger`, `router` or `latency`; `detail` the redacted, shortened head and body.
    """

    t_ms: float
    leg: str
    what: str
    detail: str = ""


class How(Frozen):
    """How a case was seen: in which mode, and the strongest origin, host, model and date of what was seen."""

    mode: Literal["replay", "live"]
    origin: str
    host: str | None = None
    model: str | None = None
    date: str | None = None


class CaseResult(Frozen):
    """What one case came to. `curl` sends its (first) request again."""

    id: str
    requirement: str
    verdict: Verdict
    message: str = ""
    findings: tuple[FindingRecord, ...] = ()
    how: How
    timeline: tuple[Moment, ...] = ()
    curl: str = ""
    duration_ms: float = 0.0


class RequirementResult(Frozen):
    """A requirement with the worst verdict of its cases."""

    id: str
    level: Level
    verdict: Verdict
    cases: tuple[CaseResult, ...]


class Target(Frozen):
    """What was tested."""

    name: str
    version: str | None = None
    profile_sha256: str | None = None


class KnownRecord(Frozen):
    """An entry of known_failing that counts, with the ids of all cases that it covers in the whole matrix."""

    case: str
    cases: tuple[str, ...]


class Part(Frozen):
    """Which part of a run this is: the `index`-th (from 1) of `count`, which share out `selection` in turn.

    `selection` names the cases and the requirements without one, in the order of the whole run.
    """

    index: int = Field(ge=1)
    count: int = Field(ge=1)
    selection: tuple[str, ...]


class Results(Frozen):
    """results.json."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    suite: str
    command: tuple[str, ...]
    mode: Literal["replay", "live"]
    target: Target
    started: datetime
    duration_s: float
    conformant: bool
    totals: dict[Verdict, int]
    requirements: tuple[RequirementResult, ...]
    notes: tuple[str, ...] = ()
    """What a reader must know beside the verdicts: known failings past their date, requests of nobody's."""
    again: str = ""
    """The command that plays a case again, without its `--only ID`."""
    on: date | None = None
    """The day that lifecycles were judged by."""
    state: str | None = None
    """The digest of all that makes cases and judges them: code, contracts, cassettes (registry/state.py)."""
    known_failing: tuple[KnownRecord, ...] = ()
    shard: Part | None = None
    """Absent in a whole run."""
    interrupted: bool = False
    """Whether the run was told to stop before its end: cases without a verdict are infra-errors."""

    def as_json(self) -> dict[str, Any]:
        """The document, with its member `schema`."""
        return self.model_dump(mode="json", by_alias=True)
