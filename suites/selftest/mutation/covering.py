"""Which lines of the mutated files run: while tests are collected, and in each test."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from functools import cache
from inspect import CO_OPTIMIZED
from typing import TYPE_CHECKING, Any, TypeAlias

from suites.selftest.mutation.session import Red, failure

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from types import CodeType, FrameType

    import pytest

Line: TypeAlias = "tuple[str, int]"


class Lines:
    """A trace function that keeps the lines of functions (not of modules and classes) that run in some files."""

    def __init__(self, files: Collection[str]) -> None:
        self.files = frozenset(files)
        self.left: dict[CodeType, set[int]] = {}
        """The lines of a function that have not run yet: it is followed as long as there are any."""

    def __call__(self, frame: FrameType, _event: str, _arg: Any) -> Any:
        """Look at a call."""
        code = frame.f_code
        left = self.left.get(code)
        if left is None:
            if code.co_filename not in self.files or not code.co_flags & CO_OPTIMIZED:
                return None
            left = self.left[code] = set(_lines(code))

        def line(frame: FrameType, event: str, _arg: Any) -> Any:
            if event == "line":
                left.discard(frame.f_lineno)
            return line

        return line if left else None

    def taken(self) -> set[Line]:
        """The lines that have run since this was last asked."""
        found = {(code.co_filename, line) for code, left in self.left.items() for line in _lines(code) - left}
        self.left.clear()
        return found


@cache
def _lines(code: CodeType) -> frozenset[int]:
    """The lines of a function that can run; its `def`, or its decorator, is not told when it is called."""
    head = set() if code.co_name.startswith("<") else {code.co_firstlineno}
    return frozenset(line for _, _, line in code.co_lines() if line is not None) - head


def covered(items: Sequence[pytest.Item], lines: Lines) -> tuple[dict[Line, list[int]], list[float]]:
    """The tests that run each line, by number, and the processor time of each. Raises `Red`."""
    by_line, times = defaultdict(list), []
    lines.taken()
    for number, item in enumerate(items):
        start = time.process_time()
        sys.settrace(lines)
        found = failure(item)
        sys.settrace(None)
        times.append(time.process_time() - start)
        if found is not None:
            raise Red(f"{item.nodeid} fails without any mutant:\n{found.told}")
        for line in lines.taken():
            by_line[line].append(number)
    return dict(by_line), times
