"""The way through a night: its steps one after the other, each a command of ours, and what is known after each."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kimi_conformance.cli.night_child import Ended, run_step
from kimi_conformance.cli.output import tell
from kimi_conformance.cli.surroundings import Interrupted
from kimi_conformance.contract.night import Step
from kimi_conformance.reporting.legible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from kimi_conformance.contract.asked import Asked
    from kimi_conformance.contract.drifted import Drift
    from kimi_conformance.contract.night import Outcome
    from kimi_conformance.contract.planned import Planned
    from kimi_conformance.contract.result import Results

LONGEST: Final = 300
MISTAKE: Final = 2
INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options of `nightly` ask for."""

    out: Path
    verification: Path
    cap: int
    max_usd: float | None = None
    rpm: float | None = None
    base_url: str | None = None
    only: Sequence[str] = ()
    smoke: bool = False
    on: date | None = None
    against: Sequence[Path] = ()
    shelf: Path | None = None
    routers: Sequence[str] = ()
    router_only: bool = False
    router_cap: int | None = None
    pages: bool = False


@dataclass(slots=True)
class Known:
    """What is known by now. `stop`: why nothing more is asked that costs."""

    steps: list[Step] = field(default_factory=list)
    planned: Planned | None = None
    results: Results | None = None
    asked: Asked | None = None
    drift: Drift | None = None
    routers: dict[str, bool | None] = field(default_factory=dict)
    stop: str | None = None
    interrupted: Interrupted | None = None

    def add(self, step: Step) -> None:
        """Note a step, and say what it came to."""
        self.steps.append(step)
        took = f"  ({step.took_s:.0f} s)" if step.took_s >= 1 else ""
        tell(f"{step.name:<10} {step.says}{took}")

    def leave_out(self, name: str, why: str) -> None:
        """Note a step that is not tried."""
        self.add(Step(name=name, outcome="left-out", code=0, says=f"left out: {why}"))


@dataclass(frozen=True, slots=True)
class Came:
    """What a step came to."""

    outcome: Outcome
    code: int
    says: str


def step(
    known: Known, wanted: Wanted, name: str, words: Sequence[str], read: Callable[[Ended], Came], *, within_s: float
) -> None:
    """Do a step, and note what `read` makes of its end. Nothing is raised: what goes wrong is the step's own affair."""
    command = ("kimi-conformance", *words)
    try:
        ended = run_step(words, wanted.out / f"{name}.log", within_s, name)
    except Interrupted as signalled:
        known.interrupted = signalled
        came, took = Came("interrupted", INTERRUPTED, "interrupted: what it had by then is kept"), 0.0
    else:
        came, took = (_late(within_s) if ended.late else read(ended)), ended.took_s
    known.add(
        Step(
            name=name,
            outcome=came.outcome,
            code=came.code,
            says=one_line(came.says, LONGEST),
            took_s=round(took, 1),
            command=tuple(map(shlex.quote, command)),
        )
    )


def wrong(ended: Ended) -> Came:
    """A step that could not do its work: by its exit code, in its own last words."""
    if ended.code == MISTAKE:
        return Came("mistake", MISTAKE, ended.said)
    return Came("failed", 3, ended.said if ended.code > 0 else f"killed by signal {-ended.code}: {ended.said}")


def _late(within_s: float) -> Came:
    return Came("failed", 3, f"it was not done after {within_s / 60:.0f} min, and was told to end")
