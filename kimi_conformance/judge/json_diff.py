"""Where two JSON values differ: numbers compare as numbers, members in any order, strings to the character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.trip import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBER_TOLERANCE: Final = 1e-6
"""Node turns 1.0 into 1 and Python 0 into 0.0: the same number, told apart by nobody."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`sent` became `seen` at the JSON pointer `at`; `ABSENT` stands for a member that is not there.

    `widened`: the same number within the tolerance, as after a journey through 32 bits (0.6 is 0.60000002384 then).
    """

    at: str
    sent: Any
    seen: Any
    widened: bool = False


def differences(sent: Any, seen: Any, at: str = "") -> Iterator[Difference]:
    """Every place where `seen` is not `sent`, deepest first reached, in the order of `sent`."""
    if isinstance(sent, dict) and isinstance(seen, dict):
        for key in [*sent, *(key for key in seen if key not in sent)]:
            step = f"{at}/{key.replace('~', '~0').replace('/', '~1')}"
            yield from differences(sent.get(key, ABSENT), seen.get(key, ABSENT), step)
    elif isinstance(sent, list) and isinstance(seen, list):
        for index in range(max(len(sent), len(seen))):
            was = sent[index] if index < len(sent) else ABSENT
            now = seen[index] if index < len(seen) else ABSENT
            yield from differences(was, now, f"{at}/{index}")
    elif _is_number(sent) and _is_number(seen):
        if sent != seen and abs(sent - seen) > NUMBER_TOLERANCE:
            yield Difference(at, sent, seen)
        elif sent != seen:
            yield Difference(at, sent, seen, widened=True)
    elif type(sent) is not type(seen) or sent != seen:
        yield Difference(at, sent, seen)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
