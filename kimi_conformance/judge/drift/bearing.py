"""Which requirements bear on a difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.api.drift import REQUIREMENTS
from kimi_conformance.judge.api.judging import all_findings
from kimi_conformance.judge.api.refusal import broken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kimi_conformance.contract.drift_rules import DriftRules, Surveyed
    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.drift.change import Change
    from kimi_conformance.judge.drift.pairs import Pair

OF_SHAPE: Final = frozenset({"member-gone", "member-new", "retyped", "null", "value"})
OF_REQUEST: Final = frozenset({"status", "error-type", "error-text", "form"})
FEW: Final = 2
UNPINNED: Final = "api.responses.answer"


@dataclass(frozen=True, slots=True)
class Affair:
    """The requirements of a pair: those that the seen answer does not keep any more, and those of its request."""

    lost: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


def affair(pair: Pair, requirements: Mapping[str, Requirement], contract: Contract, judged: Sequence[str]) -> Affair:
    """What `pair` is about. `judged`: the requirements whose cases judge the call; many of them say nothing of it."""
    kept, now = (
        {finding.requirement for finding in all_findings(requirements, side.sight, contract)}
        for side in (pair.recorded, pair.seen)
    )
    asked = tuple(sorted(broken(pair.recorded.sight, contract))) or (tuple(judged) if len(judged) <= FEW else ())
    return Affair(tuple(name for name in requirements if name in now - kept), asked)


def bearing(
    change: Change, shape: Surveyed | None, rules: DriftRules, about: Affair, *, alone: bool
) -> tuple[str, ...]:
    """The requirements that bear on `change`, first those that do not hold any more.

    `alone`: nothing else in the pair breaks anything, so that this did.
    """
    if change.kind in OF_SHAPE:
        own: tuple[str, ...] = (UNPINNED if shape is None or shape == "responses" else REQUIREMENTS[shape],)
    elif change.kind in OF_REQUEST:
        own = about.asked
    else:
        own = rules.requirements.get(change.kind, {}).get(change.topic, ())
    did = change.class_ == "breaking" and (alone or change.kind in OF_REQUEST)
    return tuple(dict.fromkeys((*(about.lost if did else ()), *own)))
