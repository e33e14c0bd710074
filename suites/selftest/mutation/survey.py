"""What the tests do where nothing is changed: how long each takes, and who runs which line."""

from __future__ import annotations

import pickle
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from suites.selftest.mutation.covering import Line, Lines, covered
from suites.selftest.mutation.forks import Bounded, side_by_side
from suites.selftest.mutation.noticing import noticed
from suites.selftest.mutation.outcome import Fate
from suites.selftest.mutation.session import Red

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pytest

QUICK: Final = 0.2
"""Seconds of processor time, with a tracer, above which a test is slow."""
LONGEST: Final = 900
"""Seconds of processor time that the tests get in which nothing is changed."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Names, files and times (seconds of processor time) of tests; lines of functions, and the tests that run them."""

    names: tuple[str, ...]
    files: tuple[str, ...]
    times: tuple[float, ...]
    by_line: Mapping[Line, Sequence[int]]
    early: frozenset[Line]
    """Lines that run while the tests are collected: what they made then would be of the unchanged file."""

    def of(self, path: str, lines: range) -> list[int]:
        """The tests that run one of the lines, quick ones first."""
        found = {number for line in lines for number in self.by_line.get((path, line), ())}
        return sorted(found, key=lambda number: (self.times[number], number))

    def of_module(self, path: str, importers: Collection[str]) -> list[int]:
        """The tests that run anything of a module or of those that import it, its own first, and those beside them.

        A test that only looks at a constant, or makes a value, runs no line of it.
        """
        files = set(self.files_of(path))
        own = {number for number, file in enumerate(self.files) if file in files}
        near = self._of_files(importers)
        return [*self._in_order(own), *self._in_order(near - own)]

    def files_of(self, path: str) -> list[str]:
        """The files of the tests that run anything of a source file."""
        return sorted({self.files[number] for number in self._of_files([path])})

    def seconds(self, tests: Sequence[int]) -> float:
        """How long they take."""
        return sum(self.times[number] for number in tests)

    def quick(self) -> Survey:
        """The same without slow tests."""
        slow = {number for number, time in enumerate(self.times) if time > QUICK}
        left = {line: [test for test in tests if test not in slow] for line, tests in self.by_line.items()}
        return replace(self, by_line=left)

    def _of_files(self, paths: Collection[str]) -> set[int]:
        return {number for (path, _), tests in self.by_line.items() if path in paths for number in tests}

    def _in_order(self, tests: Collection[int]) -> list[int]:
        """By their files, first the file with most of them, and the quick ones first."""
        most = Counter(self.files[number] for number in tests)
        return sorted(
            tests, key=lambda number: (-most[self.files[number]], self.files[number], self.times[number], number)
        )


def surveyed(items: Sequence[pytest.Item], lines: Lines) -> Survey:
    """What these tests do; `lines` has seen them collected. Raises `Red` where one fails, in whichever order.

    The tests run in forks, so that nothing that they leave behind is there later.
    """
    early = frozenset(lines.taken())
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder, "found")

        def forwards() -> tuple[int, int]:
            there.write_bytes(pickle.dumps(_tried(items, lines)))
            return 0, -1

        def backwards() -> tuple[int, int]:
            fate, number = noticed(items[::-1])
            return fate, len(items) - 1 - number if number >= 0 else -1

        tasks = [Bounded("forwards", forwards, LONGEST), Bounded("backwards", backwards, LONGEST)]
        for ended in side_by_side(iter(tasks), 2):
            if ended.killed_by:
                raise Red(f"the tests came to no end without any mutant ({ended.key}: {ended.killed_by})")
            if ended.code != Fate.SURVIVED:
                raise Red(f"{items[ended.detail].nodeid} fails without any mutant where tests run {ended.key}")
        found = pickle.loads(there.read_bytes())  # noqa: S301 - our own
    if isinstance(found, Red):
        raise found
    by_line, times = found
    names, files = tuple(item.nodeid for item in items), tuple(str(item.path) for item in items)
    return Survey(names, files, tuple(times), by_line, early)


def _tried(items: Sequence[pytest.Item], lines: Lines) -> Any:
    try:
        return covered(items, lines)
    except Red as red:
        return red
