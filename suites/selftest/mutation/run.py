"""A run: each mutant by the quickest way that is exact for it."""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

import httpx  # noqa: F401 - loaded once, before the forks
import jsonschema  # noqa: F401 - the same

from kimi_conformance.registry import contracts
from suites.selftest.mutation import anew, live
from suites.selftest.mutation.outcome import Fate, Outcome
from suites.selftest.mutation.subject import module_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from suites.selftest.mutation.mutants import Mutant
    from suites.selftest.mutation.subject import Subject
    from suites.selftest.mutation.survey import Survey
    from suites.selftest.mutation.telling import Teller


def run(
    about: Subject,
    chosen: Sequence[Mutant],
    tests: Sequence[Path],
    tell: Teller,
    *,
    jobs: int,
    quick: bool = False,
    until: float = math.inf,
) -> tuple[Survey, list[Outcome]]:
    """What the tests do, and the outcome of each of the mutants, in their order. Raises `Red`.

    Those that are not begun before `until` (monotonic seconds) are left out.
    """
    _warm()
    loaded = [file for file in about.paths if module_of(file) in sys.modules]
    assert not loaded, f"imported before the forks, where no mutant would be seen: {loaded}"
    survey, found = live.in_functions(about, chosen, tests, tell, jobs=jobs, quick=quick, until=until)
    todo = _todo(about, found, survey)
    waiting = {each.number for each in todo}
    found = {number: _covered(each) for number, each in found.items() if number not in waiting}
    before = list(found.values())
    tell.count(before)
    for number, outcome in anew.imported_anew(about, todo, before, jobs=jobs, until=until):
        found[number] = outcome
        tell(outcome.mutant, outcome.fate)
    return survey, [found[number] for number in sorted(found)]


def _todo(about: Subject, found: dict[int, Outcome], survey: Survey) -> list[anew.Anew]:
    """What has to be imported anew, with its tests. What no test runs is left out."""
    by_file: dict[str, list[int]] = defaultdict(list)
    for number, each in found.items():
        if each.fate is Fate.ANEW:
            by_file[each.mutant.file].append(number)
    todo = []
    for file, numbers in by_file.items():
        tests = survey.of_module(str(about.paths[file]), [str(about.paths[each]) for each in about.importers(file)])
        names, seconds = tuple((survey.files[test], survey.names[test]) for test in tests), survey.seconds(tests)
        if tests:
            todo += [anew.Anew(number, found[number].mutant, names, seconds) for number in numbers]
    return todo


def _covered(outcome: Outcome) -> Outcome:
    """What has to be imported anew, and is not asked about, runs in no test."""
    return Outcome(outcome.mutant, Fate.UNCOVERED) if outcome.fate is Fate.ANEW else outcome


def _warm() -> None:
    """Read the contracts once for all forks: they know nothing of the judge."""
    contracts.catalogue()
    contracts.wire_schemas()
    for actor in ("api", "router"):
        contracts.requirements(actor)
