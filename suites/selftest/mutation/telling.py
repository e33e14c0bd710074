"""How far a run is, and what it came to."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.console import Console

from suites.selftest.mutation.outcome import ALIVE, Fate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from suites.selftest.mutation.mutants import Mutant
    from suites.selftest.mutation.outcome import Outcome

EVERY: Final = 250


def say(text: str, *, error: bool = False) -> None:
    """Print a text as it is."""
    Console(stderr=error).print(text, markup=False, highlight=False, soft_wrap=True)


class Teller:
    """Says now and then how far a run of `total` mutants is; what is alive goes to `out` as soon as that is known."""

    def __init__(self, total: int, out: Path | None) -> None:
        self.total, self.out = total, out
        self.done = Counter[Fate]()
        self.start = time.monotonic()
        if out:
            out.write_text("", "utf-8")

    def count(self, outcomes: Iterable[Outcome]) -> None:
        """These were told in a fork, whose counters are gone with it."""
        self.done.update(each.fate for each in outcomes)

    def __call__(self, mutant: Mutant, fate: Fate) -> None:
        """One more."""
        self.done[fate] += 1
        if fate in ALIVE and self.out:
            with self.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps([mutant.id, mutant.line, fate.name.lower()], ensure_ascii=False) + "\n")
        if self.done.total() % EVERY == 0:
            alive, took = sum(self.done[each] for each in ALIVE), time.monotonic() - self.start
            say(f"{self.done.total()} of {self.total}, {alive} alive, {took:.0f} s", error=True)


def summary(outcomes: Sequence[Outcome]) -> str:
    """A line on all of them."""
    fates = Counter(each.fate.name.lower() for each in outcomes)
    cpu = sum(each.cpu_s for each in outcomes)
    ended = ", ".join(f"{count} {name}" for name, count in fates.most_common())
    return f"{len(outcomes)} mutants, {cpu:.0f} s of processor time: {ended}"
