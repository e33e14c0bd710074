"""Where two JSON values differ: numbers compare as numbers, members in any order, strings to the character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator

TOLERANCE: Final = 1e-6
"""Relative: a fraction that went through 32 bits is off by 6e-8 of itself at the most."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`sent` became `seen` at the JSON pointer `at`; `ABSENT` stands for a member that is not there.

    `widened`: a fraction that is the same within the tolerance, as after a journey through 32 bits (0.6 is then
    0.60000002384). Integers are never that: one that lost digits is another number.
    """

    at: str
    sent: Any
    seen: Any
    widened: bool = False


def differences(sent: Any, seen: Any, at: str = "") -> Iterator[Difference]:
    """Every place where `seen` is not `sent`, in the order of `sent`; `at` is the JSON pointer of both.

    Numbers compare by value: Node turns 1.0 into 1, Python 0 into 0.0, and nobody can tell.
    """
    if isinstance(sent, dict) and isinstance(seen, dict):
        for key in [*sent, *(key for key in seen if key not in sent)]:
            yield from differences(sent.get(key, ABSENT), seen.get(key, ABSENT), f"{at}/{escaped(key)}")
    elif isinstance(sent, list) and isinstance(seen, list):
        for index in range(max(len(sent), len(seen))):
            was = sent[index] if index < len(sent) else ABSENT
            now = seen[index] if index < len(seen) else ABSENT
            yield from differences(was, now, f"{at}/{index}")
    elif _is_number(sent) and _is_number(seen):
        if sent != seen:
            yield Difference(at, sent, seen, widened=_widened(sent, seen))
    elif type(sent) is not type(seen) or sent != seen:
        yield Difference(at, sent, seen)


def escaped(key: str) -> str:
    """`key` as a step of a JSON pointer (RFC 6901, 3)."""
    return key.replace("~", "~0").replace("/", "~1")


def _widened(sent: float, seen: float) -> bool:
    both = isinstance(sent, float) and isinstance(seen, float)
    return both and abs(sent - seen) <= TOLERANCE * abs(sent)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
