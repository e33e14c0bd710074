"""What became of a mutant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from suites.selftest.mutation.mutants import Mutant


class Fate(IntEnum):
    """How a mutant ended.

    `ASSERTED`: an assertion of a test failed. `RAISED`: a test stopped at another error. `ENDLESS`: a test took many
    times its time, or all memory. `UNIMPORTABLE`: the changed file cannot be imported, which no test needs to notice.
    `UNCOVERED`: no unit test runs the changed lines. `SURVIVED`: no test noticed. `ANEW`: it has to be imported anew.
    """

    SURVIVED = 0
    ASSERTED = 1
    RAISED = 2
    ENDLESS = 3
    UNIMPORTABLE = 4
    UNCOVERED = 5
    ANEW = 6


KILLED = frozenset({Fate.ASSERTED, Fate.RAISED, Fate.ENDLESS})
ALIVE = frozenset({Fate.SURVIVED, Fate.UNCOVERED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of `mutant`, and how much processor time that took. `by` is the test that noticed."""

    mutant: Mutant
    fate: Fate
    cpu_s: float = 0.0
    by: str = ""
