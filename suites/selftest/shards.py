"""Made-up runs and their shards, as the plugin would have written them: for what puts shards together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.profile import KnownFailing
from kimi_conformance.contract.requirement import Requirement
from kimi_conformance.contract.result import CaseResult, How, KnownRecord, Part, Results, Target
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.summary import assemble
from kimi_conformance.router.plan import Known
from kimi_conformance.router.shard import Shard
from kimi_conformance.router.verdicts import Judged, admit

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES: Final = ("router.gate.a", "router.gate.b", "router.request.c", "router.models.d")
RULES: Final = {
    name: Requirement.model_validate(
        {
            "id": name,
            "level": "MUST",
            "says": "It must hold.",
            "evidence": [{"kind": "operator-note", "source": "hub page", "date": "2026-05-01"}],
        }
    )
    for name in NAMES
}
STATE: Final = "5" * 64
BEGAN: Final = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
IDLE: Final = frozenset({Verdict.NOT_APPLICABLE})
LATE: Final = frozenset({Verdict.NOT_OBSERVED})
"""Verdicts that are given to cases which were not judged: no known_failing entry touches them."""


@dataclass(frozen=True)
class Made:
    """A run: what the judge says of each case, by id, and the known_failing entries with the cases that they cover."""

    said: Mapping[str, Verdict]
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def selection(self) -> tuple[str, ...]:
        """Cases first, then requirements without one, as a plan has them."""
        idle = [name for name, verdict in self.said.items() if verdict in IDLE]
        return (*(name for name in self.said if name not in idle), *idle)

    def whole(self) -> Results:
        """What a run of all comes to."""
        return self._of(self.selection, None)

    def shard(self, index: int, count: int) -> Results:
        """What a run of one part comes to, which admits what it can see; a later part begins later and takes longer."""
        mine = Shard(index, count).of(self.selection)
        return self._of([name for name in self.selection if name in mine], Part(**self._part(index, count)))

    def shards(self, count: int) -> list[tuple[str, Results]]:
        """The file names and results of all parts that are not empty."""
        return [(f"{index}.json", self.shard(index, count)) for index in range(1, count + 1) if self._has(index, count)]

    def without(self, *names: str) -> Made:
        """The same run in which these cases came to no verdict."""
        return replace(self, said={**self.said, **dict.fromkeys(names, Verdict.INFRA_ERROR)})

    def _has(self, index: int, count: int) -> bool:
        return bool(Shard(index, count).of(self.selection))

    def _part(self, index: int, count: int) -> dict[str, object]:
        return {"index": index, "count": count, "selection": self.selection}

    def _of(self, names: tuple[str, ...] | list[str], part: Part | None) -> Results:
        played = {name: Judged(self.said[name]) for name in names if self.said[name] not in IDLE | LATE}
        entries = tuple(
            Known(KnownFailing(case=glob, reason=f"as {glob}"), covered) for glob, covered in self.known.items()
        )
        settled = admit(played, entries)
        return assemble(
            [_case(name, settled.get(name, Judged(self.said[name]))) for name in names],
            RULES,
            target=Target(name="made-up", version="1", profile_sha256="a" * 64),
            command=["kimi-conformance", "check", "./router.yaml"],
            mode="replay",
            started=BEGAN + timedelta(seconds=part.index if part else 1),
            duration_s=10.0 + (part.index if part else 0),
            notes=self.notes,
            again="kimi-conformance check ./router.yaml",
            on=date(2026, 11, 23),
            state=STATE,
            known=[KnownRecord(case=glob, cases=tuple(sorted(covered))) for glob, covered in self.known.items()],
            shard=part,
        )


def verdicts(results: Results) -> list[tuple[str, Verdict, list[tuple[str, Verdict, str]]]]:
    """Requirements with their cases, in order: ids, verdicts and messages."""
    return [
        (each.id, each.verdict, [(case.id, case.verdict, case.message) for case in each.cases])
        for each in results.requirements
    ]


def _case(name: str, judged: Judged) -> CaseResult:
    how = How(mode="replay", origin="modelled")
    requirement = name.partition("@")[0]
    return CaseResult(id=name, requirement=requirement, verdict=judged.verdict, message=judged.message, how=how)
