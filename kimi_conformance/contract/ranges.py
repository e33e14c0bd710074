"""Sets of numbers as short text: `0-3 7 9-10`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import StringConstraints

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Ranges = Annotated[str, StringConstraints(pattern=r"^([0-9]+(-[0-9]+)?( [0-9]+(-[0-9]+)?)*)?$")]


def ranges(numbers: Iterable[int]) -> str:
    """The text of a set of numbers: those that follow each other are told by the first and the last."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def numbers(text: str) -> Iterator[int]:
    """The numbers that a text of `ranges` tells."""
    for run in text.split():
        first, _, last = run.partition("-")
        yield from range(int(first), int(last or first) + 1)
