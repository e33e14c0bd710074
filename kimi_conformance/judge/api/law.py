"""Laws: what one exchange shows of a requirement. `when` says whether an exchange bears on it at all.

A law that does not bear on what was seen says nothing: nothing seen is never a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from kimi_conformance.contract.catalogue import Catalogue
    from kimi_conformance.contract.schema import Schemas, Shape


@dataclass(frozen=True, slots=True)
class Contract:
    """What sights are judged by."""

    catalogue: Catalogue
    schemas: Schemas


When: TypeAlias = Callable[[Sight, Contract], bool]
Check: TypeAlias = Callable[[Sight, Contract], Iterable[Flaw]]


@dataclass(frozen=True, slots=True)
class Law:
    """A requirement, the exchanges that show whether it holds, and how."""

    requirement: str
    when: When
    check: Check


LAWS: dict[str, Law] = {}
"""Requirement id -> its law."""


def law(requirement: str, *shapes: Shape, when: When = lambda _s, _c: True) -> Callable[[Check], Check]:
    """Register the law of `requirement` for sights of one of the `shapes` (none: any shape) of which `when` is true.

    Raises `ValueError` where the requirement has a law already.
    """

    def bears(sight: Sight, contract: Contract) -> bool:
        return not sight.torn and (not shapes or sight.shape in shapes) and when(sight, contract)

    def register(check: Check) -> Check:
        if requirement in LAWS:
            raise ValueError(f"{requirement} has two laws")
        LAWS[requirement] = Law(requirement, bears, check)
        return check

    return register
