"""Which requirements bear on a difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.judge.api.drift import REQUIREMENTS
from kimi_conformance.judge.api.judging import all_findings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.drift_rules import DriftRules, Surveyed
    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.drift.change import Change
    from kimi_conformance.judge.drift.pairs import Pair

OF_SHAPE = frozenset({"member-gone", "member-new", "retyped", "null", "value"})
OF_REQUEST = frozenset({"status", "error-type", "error-text", "form"})


def broken_by(pair: Pair, requirements: Mapping[str, Requirement], contract: Contract) -> tuple[str, ...]:
    """The requirements that the recorded answer keeps and the seen one does not."""
    before, after = (
        {finding.requirement for finding in all_findings(requirements, side.sight, contract)}
        for side in (pair.recorded, pair.seen)
    )
    return tuple(name for name in requirements if name in after - before)


def bearing(
    change: Change, shape: Surveyed | None, rules: DriftRules, broken: tuple[str, ...], judged: tuple[str, ...]
) -> tuple[str, ...]:
    """The requirements that bear on `change`, those first that were broken.

    `judged` are those whose cases judge the call: what it refuses, or accepts, is their affair.
    """
    general: tuple[str, ...]
    if change.kind in OF_SHAPE:
        general = (REQUIREMENTS[shape],) if shape is not None and shape != "responses" else ("api.responses.answer",)
    elif change.kind in OF_REQUEST:
        general = judged if len(judged) == 1 else ()
    else:
        general = rules.requirements.get(change.kind, {}).get(change.topic, ())
    return tuple(dict.fromkeys((*(broken if _fits(change, broken, general) else ()), *general)))


def _fits(change: Change, broken: tuple[str, ...], general: tuple[str, ...]) -> bool:
    """Whether what the call broke may be laid to this change: where it is no news, and of the shape what is its own."""
    return (
        change.class_ == "breaking"
        and bool(broken)
        and (change.kind in OF_REQUEST or not general or bool(set(broken) & set(general)))
    )
