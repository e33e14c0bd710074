"""What is compared: pairs of answers to one request, each with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kimi_conformance.contract.drifted import Evidence, Means, Shown

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and its evidence."""

    sight: Sight
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Pair:
    """The recorded and the seen answer to the call of that name."""

    call: str
    recorded: Answer
    seen: Answer

    @property
    def shown(self) -> Shown:
        """The pair as a difference tells of it."""
        recorded, seen = self.recorded.evidence, self.seen.evidence
        return Shown(call=self.call, recorded=recorded, seen=seen, means=means(recorded, seen))


def means(recorded: Evidence, seen: Evidence) -> Means:
    """What a difference between two answers of such evidence says."""
    if seen.origin == "modelled":
        return "not-about-kimi"
    return "kimi-changed-or-our-model-was-wrong" if recorded.origin == "modelled" else "kimi-changed"
