"""Which files changed since reports/mutants.json was written, and a part of their mutants where there are many."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from suites.selftest.mutation import digests

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from suites.selftest.mutation.listed import Listed
    from suites.selftest.mutation.mutants import Mutant

MOST: Final = 400
"""Mutants that are tried of what changed."""
WITHIN: Final = 100
"""Seconds after which none is begun any more."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Files that do something else than when they were last tried, or whose tests do, and the tests to ask."""

    files: tuple[str, ...]
    tests: tuple[Path, ...]


def changed(state: Mapping[str, Any], sources: Mapping[str, Path], tests: Sequence[Path]) -> Changed:
    """What changed since `state`. A file that is new there is asked about by every test."""
    now = {path.name: digests.of_test(path) for path in tests}
    before = {name: digest for file in state.values() for name, digest in file["tests"].items()}
    new = {name for name, digest in now.items() if before.get(name) != digest}
    files, asked = [], set(new)
    for file, path in sources.items():
        known = state.get(file)
        if known is None:
            files.append(file)
            asked |= set(now)
        elif known["digest"] != digests.of_source(path) or any(
            now.get(name) != digest for name, digest in known["tests"].items()
        ):
            files.append(file)
            asked |= set(known["tests"])
    return Changed(tuple(files), tuple(path for path in tests if path.name in asked) if files else ())


def part(mutants: Sequence[Mutant], known: Listed, most: int = MOST) -> list[Mutant]:
    """Those that are not listed as survivors, at most `most`: the same ones every time, in the order of a lottery."""
    unlisted = [each for each in mutants if each.id not in known]
    return sorted(unlisted, key=lambda each: hashlib.sha256(each.id.encode()).digest())[:most]
