"""Mutants of modules: tables, constants, registrations. A fork each, which imports all that is ours with the change."""

from __future__ import annotations

import importlib.machinery
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, groupby, pairwise
from typing import TYPE_CHECKING, Any, Final

from suites.selftest.mutation.forks import Bounded, side_by_side, silenced
from suites.selftest.mutation.noticing import fate_of, noticed
from suites.selftest.mutation.outcome import Fate, Outcome
from suites.selftest.mutation.session import with_tests
from suites.selftest.mutation.swapping import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import CodeType

    import pytest

    from suites.selftest.mutation.mutants import Mutant
    from suites.selftest.mutation.subject import Subject

PORTIONS: Final = (1, 3)
"""Files of tests that are asked before all that are left: to import a file takes longer than to run its tests."""


@dataclass(frozen=True, slots=True)
class Anew:
    """A mutant with its number, and the tests that may notice: their files and names, file by file, and their time."""

    number: int
    mutant: Mutant
    tests: tuple[tuple[str, str], ...]
    seconds: float


def imported_anew(
    about: Subject, todo: Sequence[Anew], before: Sequence[Outcome], *, jobs: int, until: float
) -> Iterator[tuple[int, Outcome]]:
    """The outcome of each that is begun before `until` (monotonic seconds), by its number, as they come.

    The files of tests which noticed most mutants of the same file are asked first: in `before`, and since.
    """
    by_number, begun = {each.number: each for each in todo}, dict[int, Anew]()
    kills = Counter((each.mutant.file, each.by.partition("::")[0]) for each in before if each.by)

    def task(each: Anew) -> Bounded:
        order = sorted(each.tests, key=lambda test: -kills[each.mutant.file, test[1].partition("::")[0]])
        begun[each.number] = replace(each, tests=tuple(order))
        return Bounded(each.number, partial(_work, about, begun[each.number]), 10 + 5 * each.seconds)

    for ended in side_by_side(map(task, by_number.values()), jobs, until):
        each = begun.pop(ended.key)
        by = each.tests[ended.detail][1] if ended.detail >= 0 and not ended.killed_by else ""
        kills[each.mutant.file, by.partition("::")[0]] += 1
        yield each.number, Outcome(each.mutant, fate_of(ended), ended.cpu_s, by)


def _work(about: Subject, each: Anew) -> tuple[int, int]:
    silenced()
    path = str(about.paths[each.mutant.file])
    each.mutant.change.place.put(each.mutant.change.new)
    try:
        code = compiled(about.trees[each.mutant.file], path)
    except SyntaxError:
        return Fate.UNIMPORTABLE, -1
    _import_instead(path, code)
    for begin, end in pairwise(_portions([file for file, _ in each.tests])):
        fate, at = _asked(each.tests[begin:end])
        if fate is not Fate.SURVIVED:
            return fate, begin + at if at >= 0 else -1
    return Fate.SURVIVED, -1


def _portions(files: Sequence[str]) -> list[int]:
    """Where each portion of tests begins, and the end of the last, by the file of each test."""
    lengths = [len(list(same)) for _, same in groupby(files)]
    ends = {sum(lengths[:count]) for count in (*accumulate(PORTIONS), len(lengths))}
    return [0, *sorted(ends)]


def _asked(tests: Sequence[tuple[str, str]]) -> tuple[Fate, int]:
    """What these tests notice, and the number of the one that does."""
    found: list[tuple[Fate, int]] = []

    def then(items: list[pytest.Item]) -> None:
        by_name = {item.nodeid: item for item in items}
        gone = [number for number, (_, name) in enumerate(tests) if name not in by_name]  # the mutant took them away
        found.append((Fate.RAISED, gone[0]) if gone else noticed([by_name[name] for _, name in tests]))

    errors = with_tests(list(dict.fromkeys(file for file, _ in tests)), then)
    return (Fate.UNIMPORTABLE, -1) if errors else found[0]


def _import_instead(path: str, code: CodeType) -> None:
    """Let the file be imported as this code."""
    real = importlib.machinery.SourceFileLoader.get_code

    def get_code(self: importlib.machinery.SourceFileLoader, fullname: str) -> Any:
        return code if self.get_filename(fullname) == path else real(self, fullname)

    importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]
