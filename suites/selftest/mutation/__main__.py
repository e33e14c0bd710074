"""`python -m suites.selftest.mutation`: what the unit tests of judge, reader and oracle notice."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections import defaultdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.reporting.write import write_whole
from suites.selftest.mutation import changed, digests, listed, report, state
from suites.selftest.mutation.outcome import ALIVE, Outcome
from suites.selftest.mutation.run import run
from suites.selftest.mutation.session import Red
from suites.selftest.mutation.subject import ROOT, subject, unit_tests
from suites.selftest.mutation.telling import Teller, say, summary

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from suites.selftest.mutation.mutants import Mutant
    from suites.selftest.mutation.survey import Survey

LIST: Final = Path(__file__).parent / "survivors.yaml"
STATE: Final = ROOT / "reports" / "mutants.json"
PAGE: Final = ROOT / "reports" / "mutants.md"
EXAMPLES: Final = """examples:
  python -m suites.selftest.mutation                             all, then reports/mutants.{json,md} anew
  python -m suites.selftest.mutation --changed                   what CI does: files that changed since then
  python -m suites.selftest.mutation --only judge/api/echo.py --tests 'test_laws.py,test_wire*' --quick
  python -m suites.selftest.mutation --only 'judge/row.py | *status*'               by id
  python -m suites.selftest.mutation --only 'judge/[m-z]*.py' --out alive.jsonl     kept as it comes
  python -m suites.selftest.mutation --again alive.jsonl                            what was alive then
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 all is as listed, 1 a survivor that is not, or an entry that is stale, 2 a mistake, 3 red tests."""
    began, given = time.monotonic(), _parser().parse_args(arguments)
    try:
        known, before = listed.read(LIST), state.read(STATE)
        again = given.again and {json.loads(line)[0] for line in given.again.read_text("utf-8").splitlines()}
    except (listed.BadList, state.BadState, OSError) as error:
        say(str(error), error=True)
        return 2
    about = subject()
    everything = about.mutants(list(about.paths))
    tests = [path for path in unit_tests() if any(fnmatchcase(path.name, glob) for glob in given.tests.split(","))]
    chosen = [each for each in everything if _wanted(each, given.only, again)]
    if given.changed:
        found = changed.changed(before, about.paths, tests)
        chosen, tests = [each for each in chosen if each.file in found.files], list(found.tests)
        tried = changed.part(chosen, known)
        say(f"{len(found.files)} files changed, or their tests: {len(tried)} of {len(chosen)} mutants are tried")
        if not tried:
            return 0
        chosen = tried
    if not chosen or not tests:
        say("nothing is selected", error=True)
        return 2
    until = began + changed.WITHIN if given.changed else math.inf
    tell = Teller(len(chosen), given.out)
    try:
        survey, outcomes = run(about, chosen, tests, tell, jobs=given.jobs, quick=given.quick, until=until)
    except Red as red:
        say(str(red), error=True)
        return 3
    whole = not (given.changed or given.quick or again or given.tests != "*")
    bad = _wrong(outcomes, known, everything, whole=whole)
    say("\n".join([*bad, summary(outcomes)]))
    if left := len(chosen) - len(outcomes):
        say(f"time is over: {left} of {len(chosen)} were not tried")
    if whole:
        _write(_states(outcomes, survey, known, everything, about.paths), before, about.paths)
    return 1 if bad else 0


def _wrong(
    outcomes: Sequence[Outcome], known: listed.Listed, everything: Sequence[Mutant], *, whole: bool
) -> list[str]:
    """What must not be, a line each: survivors that are not listed, entries that must go."""
    alive = {each.mutant.id for each in outcomes if each.fate in ALIVE}
    lines = [
        f"{each.fate.name.lower()}, line {each.mutant.line}: {each.mutant.id}"
        for each in outcomes
        if each.fate in ALIVE and each.mutant.id not in known
    ]
    tried = {each.mutant.id for each in outcomes} if whole else set()
    stale = known.stale(alive, tried, {each.id for each in everything})
    return lines + [f"{LIST.name}: no such survivor any more: {each}" for each in stale]


def _states(
    outcomes: Sequence[Outcome],
    survey: Survey,
    known: listed.Listed,
    everything: Sequence[Mutant],
    paths: Mapping[str, Path],
) -> dict[str, Any]:
    """The new state of each file of which all mutants were tried."""
    by_file: dict[str, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        by_file[each.mutant.file].append(each)
    found = {}
    for file, path in paths.items():
        if len(by_file[file]) == sum(each.file == file for each in everything):
            named = {Path(test).name: digests.of_test(Path(test)) for test in survey.files_of(str(path))}
            found[file] = report.of_file(by_file[file], known, digest=digests.of_source(path), tests=named)
    return found


def _write(after: Mapping[str, Any], before: Mapping[str, Any], files: Collection[str]) -> None:
    """Both reports: new for what was tried, as it was for the others; what is no file any more is gone."""
    kept = {name: file for name, file in {**before, **after}.items() if name in files}
    data = report.as_json(kept)
    write_whole(STATE, data)
    write_whole(PAGE, report.as_page(json.loads(data)))
    say(f"{STATE.relative_to(ROOT)} and {PAGE.relative_to(ROOT)}: {len(after)} files are new")


def _wanted(mutant: Mutant, only: Sequence[str], again: Collection[str] | None) -> bool:
    if again is not None and mutant.id not in again:
        return False
    return not only or any(fnmatchcase(mutant.file, glob) or fnmatchcase(mutant.id, glob) for glob in only)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m suites.selftest.mutation",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", default=[], metavar="GLOB", help="files, or ids of mutants")
    parser.add_argument("--tests", default="*", metavar="GLOBS", help="files of tests, with commas between them")
    parser.add_argument("--quick", action="store_true", help="without slow tests: what survives may be killed by one")
    parser.add_argument("--changed", action="store_true", help="files that changed since the report, or their tests")
    parser.add_argument("--again", type=Path, metavar="FILE", help="only what was alive in this file")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write what is alive to this file, as it comes")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="forks side by side")
    return parser


def _same_order() -> None:
    """Start again where sets have another order each time: whether a missing `sorted` is noticed hangs on that."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        command = [sys.executable, "-m", "suites.selftest.mutation", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606 - this very program


if __name__ == "__main__":
    _same_order()
    sys.exit(main())
