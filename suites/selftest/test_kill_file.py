"""The kill matrix on disk: written and read alike; what was edited by hand, or is of another form, is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.ranges import numbers, ranges
from kimi_conformance.reporting.kill_file import BadMatrix, matrix_json, read_matrix, seal
from suites.selftest.small_matrix import MATRIX

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    ("given", "text"), [({1}, "1"), ({0, 1, 2, 7, 9, 10}, "0-2 7 9-10"), (set(), ""), ({3, 5}, "3 5")]
)
def test_numbers_are_told_in_ranges(given: set[int], text: str) -> None:
    assert ranges(given) == text
    assert set(numbers(text)) == given


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "kill-matrix.json"
    path.write_text(matrix_json(MATRIX), "utf-8")
    read = read_matrix(path)
    assert (read.router, read.wire) == (MATRIX.router, MATRIX.wire)
    assert matrix_json(read) == matrix_json(MATRIX)


def _set(name: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda data: data.__setitem__(name, value)


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        pytest.param(lambda data: data["router"]["faults"][0].pop("fail"), "was edited by hand", id="a-case-less"),
        pytest.param(lambda data: data["wire"].update(digest="w1"), "was edited by hand", id="a-digest"),
        pytest.param(lambda data: data.pop("sha256"), "was edited by hand", id="no-seal"),
        pytest.param(_set("schema", 2), "has schema 2; this version of kimi-conformance writes 1", id="schema"),
        pytest.param(_set("schema", "1"), 'has schema "1"', id="schema-as-text"),
        pytest.param(lambda data: data.pop("schema"), "it is no JSON object with a member `schema`", id="no-schema"),
    ],
)
def test_what_was_changed_is_refused(edit: Callable[[dict[str, Any]], Any], says: str, tmp_path: Path) -> None:
    path = tmp_path / "kill-matrix.json"
    data = json.loads(matrix_json(MATRIX))
    edit(data)
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(BadMatrix, match=says):
        read_matrix(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("{", "is no JSON", id="half"),
        pytest.param("[]", "is no kill matrix", id="a-list"),
        pytest.param("[" * 100_000, "is no JSON", id="deep"),
        pytest.param("\udcff", "is no JSON", id="not-utf-8"),
    ],
)
def test_what_is_no_matrix_is_refused(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "kill-matrix.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadMatrix, match=says):
        read_matrix(path)


def test_a_sealed_file_of_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kill-matrix.json"
    data = json.loads(matrix_json(MATRIX))
    data["wire"]["specimens"] = "chat"
    data["sha256"] = seal({name: value for name, value in data.items() if name != "sha256"})
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(BadMatrix, match="/wire/specimens"):
        read_matrix(path)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadMatrix, match="cannot be read: No such file"):
        read_matrix(tmp_path / "none.json")
