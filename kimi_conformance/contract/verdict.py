"""Verdicts and findings: what a case came to, and why (DESIGN.md, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(StrEnum):
    """What a case came to, worst first: a requirement takes the worst of its cases."""

    FAIL = "fail"
    STALE_KNOWN = "stale-known"
    INFRA_ERROR = "infra-error"
    KNOWN_FAIL = "known-fail"
    WARN = "warn"
    NOT_OBSERVED = "not-observed"
    PASS = "pass"  # noqa: S105 - a verdict, no password
    NOT_APPLICABLE = "not-applicable"


_BADNESS = {verdict: rank for rank, verdict in enumerate(Verdict)}
_SPOILS = frozenset({Verdict.FAIL, Verdict.STALE_KNOWN, Verdict.INFRA_ERROR})


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of `verdicts`. Raises `ValueError` where there is none: nothing seen is no verdict."""
    return min(verdicts, key=_BADNESS.__getitem__)


def conformant(verdicts: Iterable[Verdict]) -> bool:
    """No fail, stale-known or infra-error, and at least one pass."""
    seen = set(verdicts)
    return Verdict.PASS in seen and not seen & _SPOILS


def stale(entry: str) -> str:
    """What is said of cases that the known_failing entry lists, and that all pass."""
    return f"known_failing entry '{entry}' does not fail any more: take it out of the profile"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: what was expected, what was seen, and where.

    `where` is a JSON pointer, or an SSE event's number and byte offset, with the leg of the wire before it
    (`upstream request /temperature`).
    """

    requirement: str
    verdict: Verdict
    expected: str
    actual: str
    where: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """The finding as results.json has it."""
        return {
            "requirement": self.requirement,
            "verdict": self.verdict.value,
            "expected": self.expected,
            "actual": self.actual,
            "where": self.where,
            "message": self.message,
        }
