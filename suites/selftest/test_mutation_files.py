"""Mutation testing on disk: the list that people edit, the report, and what changed since that was written."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING

import pytest

from suites.selftest.mutation import digests, listed, report, state
from suites.selftest.mutation.__main__ import LIST, PAGE, STATE
from suites.selftest.mutation.changed import Changed, changed, part
from suites.selftest.mutation.mutants import Mutant, mutants
from suites.selftest.mutation.outcome import Fate, Outcome
from suites.selftest.mutation.subject import subject

if TYPE_CHECKING:
    from pathlib import Path

_, LESS, SAME, NOT = mutants("a.py", ast.parse("def f(a, b):\n    return a < b, not a, a is b\n"))
KNOWN = listed.Listed({LESS.id: "they are never equal"}, {SAME.id: "a row is missing"})


def outcomes(*fates: Fate) -> list[Outcome]:
    return [Outcome(mutant, fate) for mutant, fate in zip((LESS, SAME, NOT), fates, strict=True)]


# The list


def test_every_entry_of_the_list_is_a_mutant_that_there_is() -> None:
    about = subject()
    assert listed.read(LIST).stale((), (), {each.id for each in about.mutants(list(about.paths))}) == []


def test_the_reports_are_of_all_files_and_as_the_list_has_it() -> None:
    files, known = state.read(STATE), listed.read(LIST)
    assert files.keys() == subject().paths.keys()
    assert STATE.read_bytes() == report.as_json(files)
    assert PAGE.read_bytes() == report.as_page(json.loads(STATE.read_bytes()))
    alive = [(name, each) for name, file in files.items() for each in file["survivors"]]
    for kind, entries in (("equivalent", known.equivalent), ("open", known.open)):
        assert {f"{name} | {each['mutant']}": each[kind] for name, each in alive if kind in each} == entries


def test_an_entry_goes_with_its_mutant_and_when_a_test_notices_it() -> None:
    there = {LESS.id, SAME.id}
    assert KNOWN.stale({LESS.id}, there, there) == [SAME.id]
    assert KNOWN.stale({LESS.id}, {LESS.id}, there) == []
    assert KNOWN.stale({LESS.id, SAME.id}, there, {LESS.id}) == [SAME.id]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a\n", "must be a mapping with equivalent and not-yet-killed"),
        ("other: {}\n", "must be a mapping with equivalent and not-yet-killed"),
        ("equivalent: {a.py: [x]}\n", "equivalent, a.py: must be a mapping from mutants to reasons"),
        ("not-yet-killed: {a.py: {'f | a => b': ' '}}\n", "a.py, f | a => b: has no reason"),
        ("equivalent: {\n", "list.yaml: "),
    ],
)
def test_a_list_that_is_none_is_told_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    place = tmp_path / "list.yaml"
    place.write_text(text, "utf-8")
    with pytest.raises(listed.BadList, match=says):
        listed.read(place)


# The report


def test_the_report_counts_each_mutant_once_and_gives_the_reasons() -> None:
    found = outcomes(Fate.SURVIVED, Fate.UNCOVERED, Fate.ASSERTED)
    content = json.loads(report.as_json({"a.py": report.of_file(found, KNOWN, digest="d", tests={"test_a.py": "t"})}))
    assert content["totals"] == {"mutants": 3, "killed": 1, "no_import": 0, "equivalent": 1, "open": 1}
    assert content["files"]["a.py"]["survivors"] == [
        {"mutant": f"f | {LESS.told}", "equivalent": "they are never equal"},
        {"mutant": f"f | {SAME.told}", "open": "a row is missing"},
    ]
    page = report.as_page(content).decode()
    assert "| `a.py` | 3 | 1 | 1 | 1 |  | 50.0 % |" in page
    assert f"- `f | {SAME.told}`: a row is missing" in page


def test_a_file_that_cannot_be_imported_is_neither_killed_nor_alive() -> None:
    file = report.of_file(outcomes(Fate.UNIMPORTABLE, Fate.ENDLESS, Fate.RAISED), KNOWN, digest="d", tests={})
    assert (file["killed"], file["no_import"], file["survivors"]) == (2, 1, [])


def test_no_report_is_an_empty_state_and_a_broken_one_is_told(tmp_path: Path) -> None:
    place = tmp_path / "mutants.json"
    assert state.read(place) == {}
    for text in ("[", "[]", '{"schema": 2, "files": {}}', '{"schema": 1}'):
        place.write_text(text, "utf-8")
        with pytest.raises(state.BadState, match="Write it anew: python -m suites"):
            state.read(place)


# What changed


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A source and its file of tests."""
    source, test = tmp_path / "a.py", tmp_path / "test_a.py"
    source.write_text("def f(a):\n    return a\n", "utf-8")
    test.write_text("def test_f():\n    assert True\n", "utf-8")
    return source, test


def test_a_file_that_is_new_to_the_report_is_asked_about_by_every_test(files: tuple[Path, Path]) -> None:
    source, test = files
    assert changed({}, {"a.py": source}, [test]) == Changed(("a.py",), (test,))


def test_layout_and_comments_are_no_change_and_code_is(files: tuple[Path, Path], tmp_path: Path) -> None:
    source, test = files
    before = {"a.py": {"digest": digests.of_source(source), "tests": {test.name: digests.of_test(test)}}}
    laid_out, other = tmp_path / "laid_out.py", tmp_path / "other.py"
    laid_out.write_text("def f(a):  # said\n\n    return a\n", "utf-8")
    other.write_text("def f(a):\n    return -a\n", "utf-8")
    assert changed(before, {"a.py": laid_out}, [test]) == Changed((), ())
    assert changed(before, {"a.py": other}, [test]) == Changed(("a.py",), (test,))


def test_a_test_that_changed_or_went_makes_its_file_one_that_changed(files: tuple[Path, Path]) -> None:
    source, test = files
    before = {"a.py": {"digest": digests.of_source(source), "tests": {test.name: "other"}}}
    assert changed(before, {"a.py": source}, [test]) == Changed(("a.py",), (test,))
    assert changed(before, {"a.py": source}, []).files == ("a.py",)


def test_the_part_that_is_tried_is_the_same_every_time_and_leaves_out_what_is_listed() -> None:
    many: list[Mutant] = list(mutants("b.py", ast.parse("\n".join(f"a{n} = b < {n}" for n in range(40)))))
    drawn = part(many, listed.Listed({}, {}), most=5)
    assert len(drawn) == 5
    assert part(many[::-1], listed.Listed({}, {}), most=5) == drawn
    assert part([LESS, SAME, NOT], KNOWN) == [NOT]
