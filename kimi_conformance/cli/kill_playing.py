"""Plays what is stale of the kill matrix, and says how far it is."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kimi_conformance.cli.output import tell
from kimi_conformance.cli.surroundings import Interrupted
from kimi_conformance.contract.requirement import AREAS
from kimi_conformance.faults import FAULTS
from kimi_conformance.killing.played import Played
from kimi_conformance.killing.pool import Task, play_all
from kimi_conformance.killing.problems import SourcesChanged
from kimi_conformance.killing.settling import settled
from kimi_conformance.killing.shelf import shelve
from kimi_conformance.killing.state import sources
from kimi_conformance.reporting.kill_figures import NOTICES
from kimi_conformance.reporting.write import CannotWrite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kimi_conformance.killing.state import State

MINUTE: Final = 60
CPU_S: Final = 11.0
"""What a play of all cases takes of a processor, roughly: for the first estimate."""


@dataclass
class Telling:
    """Keeps what was played, says so, and how long the rest will take."""

    work: Path
    state: State
    total: int
    before: Mapping[Path, tuple[int, int]] = field(default_factory=sources)
    began: float = field(default_factory=time.monotonic)
    done: int = 0

    def __call__(self, task: Task, problem: str) -> None:
        """A play came to its end, or to none. Raises `SourcesChanged`, `CannotWrite`."""
        if sources() != self.before:
            raise SourcesChanged(
                "files of the suite were edited while faults were played: what is being played belongs to no state, and"
                f" is dropped. What was played before is kept in {self.work}; run the same command again"
            )
        if problem:
            tell(f"{task.subject}: {problem}")
            return
        played = Played.model_validate_json(task.file.read_bytes())
        try:
            shelve(self.work, played, task.areas or AREAS, self.state)
            task.file.unlink()
        except OSError as error:
            raise CannotWrite(f"{self.work} cannot be written: {error.strerror or error}") from error
        self.done += 1
        left = (time.monotonic() - self.began) / self.done * (self.total - self.done)
        ahead = f", about {max(1, round(left / MINUTE))} min left" if self.done < self.total else ""
        tell(f"{_said(task, played)}; {played.wall_s:.0f} s ({self.done} of {self.total}{ahead})")


def play_stale(
    todo: Mapping[str, Sequence[str]], state: State, work: Path, *, jobs: int, limit_s: float
) -> Sequence[str]:
    """Play the areas of each subject, and keep what comes of it in `work`. Returns the subjects that came to nothing.

    Raises `Interrupted`, having said what is kept; `SourcesChanged`.
    """
    if not todo:
        return ()
    playing = work / "playing"
    playing.mkdir(exist_ok=True)
    tasks = [task for name, areas in todo.items() for task in _tasks(name, areas, playing)]
    least = max(1, round(len(tasks) * CPU_S / jobs / MINUTE))
    tell(f"{len(tasks)} to play, {jobs} at once: {least} min at the least, each kept in {work} as it ends")
    telling = Telling(work, state, len(tasks))
    try:
        lost = asyncio.run(play_all(tasks, jobs=jobs, limit_s=limit_s, told=telling))
    except Interrupted:
        tell(f"{telling.done} of {len(tasks)} are kept in {work}: the same command goes on from there")
        raise
    return [*dict.fromkeys(task.subject for task in lost)]


def _tasks(subject: str, areas: Sequence[str], folder: Path) -> list[Task]:
    """All areas in one play; but one area after another where the fault ends the router's process.

    A router that ends too often is given up, and then nothing is seen of the areas that it would have lived through.
    """
    name = subject.replace("/", "-")
    if subject in FAULTS and FAULTS[subject].ends_process:
        return [Task(subject, (area,), folder / f"{name}-{area}.json") for area in areas]
    return [Task(subject, () if len(areas) == len(AREAS) else tuple(areas), folder / f"{name}.json")]


def _said(task: Task, played: Played) -> str:
    noticed = [case for case, word in settled(played).items() if word in NOTICES]
    by = len({case.partition("@")[0] for case in noticed})
    where = f" ({', '.join(task.areas)})" if task.areas else ""
    return f"{task.subject}{where}: noticed by {by} requirements in {len(noticed)} cases"
