"""How problems are said: in order, from the current folder, with the nearest name, and short."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from kimi_conformance.registry.problems import ContractError, Problem, keyed, listed, nearest, shown


def test_an_error_lists_its_problems_by_line_and_survives_pickling() -> None:
    path = Path("p.yaml")
    error = ContractError([Problem(path, None, "c"), Problem(path, 10, "b"), Problem(path, 9, "a", "x", "y")])
    assert str(error) == "p.yaml:9: a; y; did you mean 'x'?\np.yaml:10: b\np.yaml: c"
    assert pickle.loads(pickle.dumps(error)).problems == error.problems  # noqa: S301 - our own bytes


def test_a_path_is_shown_from_the_current_folder_where_that_is_shorter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(Problem(tmp_path / "a" / "p.yaml", 1, "x")) == "a/p.yaml:1: x"
    assert str(Problem(Path("/p.yaml"), 1, "x")) == "/p.yaml:1: x"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("upstrems", "upstreams"),
        ("NAME", "name"),
        ("UPSTREMS", "upstreams"),
        ("Kimi", "kimi"),
        ("zzz", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_the_same_but_for_case_or_the_most_alike(name: str, meant: str | None) -> None:
    assert nearest(name, ["name", "upstreams", "routes", "Kim", "kimi"]) == meant


def test_long_values_and_lists_are_cut_short() -> None:
    assert shown("x" * 500) == f"'{'x' * 57}…'"
    assert listed(range(30)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 or 19 more"
    assert keyed(range(30)).count("…") == 12
