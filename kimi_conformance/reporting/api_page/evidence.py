"""The appendix: what each requirement, fact and model that the page names rests on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.api_page.known import STATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kimi_conformance.api.trial import Trial
    from kimi_conformance.contract.provenance import Origin
    from kimi_conformance.contract.requirement import Evidence
    from kimi_conformance.reporting.api_page.known import Known
    from kimi_conformance.reporting.api_page.ties import Ties

ORIGINS: Final[Mapping[Origin, str]] = {"live": "recorded", "observed": "observed", "modelled": "modelled"}


@dataclass(frozen=True, slots=True)
class Proof:
    """What stands in the appendix under one anchor. `file` is where it is written, from the root of the project."""

    anchor: str
    name: str
    file: str
    says: str
    level: str = ""
    because: str = ""
    tape: str = ""
    live: str = ""
    flaws: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    excluded: str = ""


def requirement_proofs(known: Mapping[str, Known]) -> dict[str, list[Proof]]:
    """Every requirement with its evidence, by area."""
    found: dict[str, list[Proof]] = {}
    for name, one in known.items():
        rule = one.requirement
        proof = Proof(
            name,
            name,
            f"contracts/requirements/api/{rule.area}.yaml",
            rule.says,
            rule.level,
            rule.because or "",
            _tape(one.trials),
            f"{one.live.held}, {one.live.where}" if one.live else "",
            one.flaws,
            tuple(_sources(rule.evidence)),
            tuple(f"{each.source}: {each.says}. But: {each.resolution}." for each in rule.contradicts),
            rule.excluded or "",
        )
        found.setdefault(rule.area, []).append(proof)
    return found


def model_proofs(ties: Ties) -> list[Proof]:
    """The rows of the catalogue with their evidence."""
    return [
        Proof(f"model.{name}", name, "contracts/models.yaml", model.note or "", sources=tuple(_sources(model.evidence)))
        for name, model in ties.catalogue.models.items()
    ]


def fact_proofs(ties: Ties, named: Iterable[str]) -> list[Proof]:
    """The rows of the index of facts that the page names."""
    wanted = set(named)
    return [
        Proof(
            f"fact.{fact.id}",
            f"fact {fact.id}",
            "contracts/facts.yaml",
            fact.says,
            sources=tuple(f"[`{name}`](#{name})" for name in fact.requirements or ()),
            excluded=fact.excluded or "",
        )
        for fact in ties.facts.values()
        if f"fact.{fact.id}" in wanted
    ]


def _sources(evidence: Iterable[Evidence]) -> Iterable[str]:
    for each in evidence:
        yield f"{STATED[each.kind] if each.kind != 'observed' else 'observed'} {each.date}: {each.source}"


def _tape(trials: Sequence[Trial]) -> str:
    """What the cases came to, and on what tapes: `2 of 3 cases hold on observed answers; 1 rests on modelled ones`."""
    held = Counter(ORIGINS[one.origin] for one in trials if one.origin and one.outcome.verdict is Verdict.PASS)
    made = sum(one.origin == "modelled" and one.outcome.verdict is Verdict.NOT_OBSERVED for one in trials)
    bad = Counter(one.outcome.verdict for one in trials if one.outcome.verdict in {Verdict.FAIL, Verdict.WARN})
    parts = [f"{_of(count, trials)} on {origin} answers" for origin, count in held.items()]
    parts += [f"{count} {verdict}" for verdict, count in bad.items()]
    parts += [f"{made} rest{'s' if made == 1 else ''} on modelled answers"] if made else []
    return "; ".join(parts)


def _of(count: int, trials: Sequence[Trial]) -> str:
    total = len(trials)
    return f"{count} of {total} case{'' if total == 1 else 's'} hold{'s' if count == 1 else ''}"
