"""Mutants of modules: tables, constants, registrations. A fork each, which imports all that is ours with the change."""

from __future__ import annotations

import importlib.machinery
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

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


@dataclass(frozen=True, slots=True)
class Anew:
    """A mutant with its number, and the tests that may notice: their files and names in this order, and their time."""

    number: int
    mutant: Mutant
    tests: tuple[tuple[str, str], ...]
    seconds: float


def imported_anew(about: Subject, todo: Sequence[Anew], *, jobs: int, until: float) -> Iterator[tuple[int, Outcome]]:
    """The outcome of each that is begun before `until` (monotonic seconds), by its number, as they come."""
    by_number = {each.number: each for each in todo}
    tasks = (Bounded(each.number, partial(_work, about, each), 10 + 5 * each.seconds) for each in todo)
    for ended in side_by_side(tasks, jobs, until):
        each = by_number[ended.key]
        by = each.tests[ended.detail][1] if ended.detail >= 0 and not ended.killed_by else ""
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
    # The first file alone: most are noticed there, and to import all of them takes longer than to run them.
    first = sum(file == each.tests[0][0] for file, _ in each.tests)
    for begin, end in ((0, first), (first, len(each.tests))):
        fate, at = _asked(each.tests[begin:end]) if begin < end else (Fate.SURVIVED, -1)
        if fate is not Fate.SURVIVED:
            return fate, begin + at if at >= 0 else -1
    return Fate.SURVIVED, -1


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
