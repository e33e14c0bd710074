"""One difference between two answers to one request, before it is put together with those of other calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kimi_conformance.contract.drift_rules import Class
    from kimi_conformance.contract.drifted import Kind

ABSENT: Final = "absent"


@dataclass(frozen=True, slots=True)
class Change:
    """What differs, where, and how bad that is. `says` is a sentence; `topic` what of the rules' table bears on it.

    `expected`: why it was to come, where the catalogue of models says so.
    """

    kind: Kind
    class_: Class
    where: str
    before: str
    after: str
    says: str
    topic: str = ""
    expected: str | None = None


def words(values: set[str] | frozenset[str]) -> str:
    """Several words, in an order that does not change."""
    return ", ".join(sorted(values)) or "nothing"
