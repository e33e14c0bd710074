"""Mutants in functions: all unit tests are collected once, then each mutant has a fork, with the tests of its lines."""

from __future__ import annotations

import gc
import os
import pickle
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suites.selftest.mutation.covering import Lines
from suites.selftest.mutation.forks import Bounded, Ended, side_by_side, silenced
from suites.selftest.mutation.noticing import fate_of, noticed
from suites.selftest.mutation.outcome import Fate, Outcome
from suites.selftest.mutation.session import Red, with_tests
from suites.selftest.mutation.survey import Survey, surveyed
from suites.selftest.mutation.swapping import Key, Unlike, compiled, functions, live_functions, swap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import CodeType, FunctionType

    import pytest

    from suites.selftest.mutation.mutants import Mutant
    from suites.selftest.mutation.subject import Subject


def in_functions(
    about: Subject,
    mutants: Sequence[Mutant],
    tests: Sequence[Path],
    tell: Callable[[Mutant, Fate], None],
    *,
    jobs: int,
    quick: bool,
    until: float,
) -> tuple[Survey, dict[int, Outcome]]:
    """The outcome of each that is begun before `until`, by its number; `ANEW` where only an import can tell.

    A fork does it all, so that nothing of what is mutated is imported here. Raises `Red` where a test fails without any
    mutant.
    """

    def work() -> tuple[Survey, dict[int, tuple[Fate, float, str]]]:
        lines, answer = Lines({str(path) for path in about.paths.values()}), []

        def then(items: list[pytest.Item]) -> None:
            sys.settrace(None)
            survey = surveyed(items, lines)
            stage = _Stage(about, items, survey.quick() if quick else survey, lines.files)
            answer.append((survey, dict(stage.play(mutants, tell, jobs, until))))

        sys.settrace(lines)
        errors = with_tests(tests, then)
        sys.settrace(None)
        if errors:
            raise Red("\n".join(errors))
        return answer[0]

    survey, found = _in_a_fork(work)
    return survey, {number: Outcome(mutants[number], *told) for number, told in found.items()}


def _in_a_fork(work: Callable[[], Any]) -> Any:
    """What `work` returns. Raises `Red` as it does."""
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder, "answer")
        pid = os.fork()
        if not pid:
            status = 1
            try:
                there.write_bytes(pickle.dumps(_or_red(work)))
                status = 0
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        _, status = os.waitpid(pid, 0)
        answer = pickle.loads(there.read_bytes()) if status == 0 else Red(f"the tests did not run: {status}")  # noqa: S301 - our own
    if isinstance(answer, Red):
        raise answer
    return answer


def _or_red(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Red as red:
        return red


@dataclass(slots=True)
class _Stage:
    """The collected tests, and the functions as they are now."""

    about: Subject
    items: Sequence[pytest.Item]
    survey: Survey
    files: frozenset[str]
    live: Mapping[Key, list[FunctionType]] = field(init=False)
    unchanged: Mapping[str, Mapping[Key, list[CodeType]]] = field(init=False)
    kills: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """How often a test noticed a mutant of a function."""

    def __post_init__(self) -> None:
        self.live = live_functions(self.files)
        trees, paths = self.about.trees, self.about.paths
        self.unchanged = {file: functions(compiled(tree, str(paths[file]))) for file, tree in trees.items()}
        self.items[0].config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined] # noqa: SLF001 - one for all
        gc.collect()
        gc.freeze()  # what is never looked at is never copied

    def play(
        self, mutants: Sequence[Mutant], tell: Callable[[Mutant, Fate], None], jobs: int, until: float
    ) -> Iterator[tuple[int, tuple[Fate, float, str]]]:
        """Fate, processor time and noticing test of each mutant, by its number."""
        tasks = []
        for number, mutant in enumerate(mutants):
            path = str(self.about.paths[mutant.file])
            if not mutant.scopes or any((path, line) in self.survey.early for line in mutant.lines):
                yield number, (Fate.ANEW, 0.0, "")
            elif chosen := self.survey.of(path, mutant.lines):
                tasks.append((number, mutant, chosen))
            else:
                yield number, (Fate.UNCOVERED, 0.0, "")
                tell(mutant, Fate.UNCOVERED)
        for ended in side_by_side((self._task(*each) for each in tasks), jobs, until):
            mutant, fate = mutants[ended.key], fate_of(ended)
            if fate is not Fate.ANEW:
                tell(mutant, fate)
            yield ended.key, (fate, ended.cpu_s, self._noticed_by(mutant, ended))

    def _noticed_by(self, mutant: Mutant, ended: Ended) -> str:
        if ended.killed_by or ended.detail < 0:
            return ""
        self.kills[mutant.file, mutant.within, ended.detail] += 1
        return self.items[ended.detail].nodeid

    def _task(self, number: int, mutant: Mutant, tests: list[int]) -> Bounded:
        # Who noticed others of this function is asked first.
        order = sorted(tests, key=lambda test: -self.kills[mutant.file, mutant.within, test])

        def work() -> tuple[int, int]:
            silenced()
            path, tree = str(self.about.paths[mutant.file]), self.about.trees[mutant.file]
            try:
                swap(mutant, tree, path, self.live, self.unchanged[mutant.file])
            except Unlike:
                return Fate.ANEW, -1
            fate, at = noticed([self.items[test] for test in order])
            return fate, order[at] if at >= 0 else -1

        return Bounded(number, work, 2 + 5 * self.survey.seconds(tests))
