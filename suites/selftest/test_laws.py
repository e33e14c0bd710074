"""Every law: what is as observed passes, what is wrong is found where it stands, and of the rest nothing is said.

The rows stand in `law_AREA.py`: FINE, WRONG (with the places), and SILENT for what shows nothing of the requirement.
"""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from suites import selftest
from suites.selftest.law_errors import JSON
from suites.selftest.law_lifecycle import SERVED, gone
from suites.selftest.sights import bears, flaws, page, places

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

BYTE: Final = re.compile(r" \(byte \d+\)")

AREAS: Final = [
    import_module(f"{selftest.__name__}.{each.name}")
    for each in iter_modules(selftest.__path__)
    if each.name.startswith("law_")
]


def rows(table: str) -> list[Any]:
    """The rows of a table from all areas, with an id each."""
    return [
        pytest.param(*row, id=f"{area.__name__.rpartition('.')[2].removeprefix('law_')}-{number}-{row[0]}")
        for area in AREAS
        for number, row in enumerate(getattr(area, table))
    ]


@pytest.mark.parametrize(("requirement", "sight"), rows("FINE"))
def test_what_is_as_observed_passes(requirement: str, sight: Sight) -> None:
    assert flaws(requirement, sight) == []


@pytest.mark.parametrize(("requirement", "sight", "where"), rows("WRONG"))
def test_what_is_wrong_is_found_where_it_stands(requirement: str, sight: Sight, where: str) -> None:
    found = ", ".join(places(requirement, sight))
    assert where in (found, BYTE.sub("", found))


@pytest.mark.parametrize(("requirement", "sight", "_where"), rows("WRONG"))
def test_a_flaw_says_what_was_expected_and_what_came_instead(requirement: str, sight: Sight, _where: str) -> None:
    for flaw in flaws(requirement, sight):
        assert all(isinstance(said, str) and said for said in (flaw.expected, flaw.actual, flaw.message))
        assert flaw.expected != flaw.actual


@pytest.mark.parametrize(("requirement", "sight"), rows("SILENT"))
def test_nothing_is_said_of_what_shows_nothing(requirement: str, sight: Sight) -> None:
    assert not bears(requirement, sight)


@pytest.mark.parametrize("status", [502, 503])
@pytest.mark.parametrize("requirement", ["api.errors.envelope", JSON])
def test_a_page_of_the_edge_is_only_a_warning(requirement: str, status: int) -> None:
    assert [flaw.verdict for flaw in flaws(requirement, page(status))] == [Verdict.WARN]


@pytest.mark.parametrize(
    ("status", "weight"), [(404, Verdict.FAIL), (413, Verdict.WARN), (520, Verdict.WARN), (530, Verdict.WARN)]
)
def test_a_page_instead_of_an_error_weighs_by_who_sent_it(status: int, weight: Verdict) -> None:
    assert [flaw.verdict for flaw in flaws("api.errors.envelope", page(status))] == [weight]


def test_a_404_to_what_ends_soon_is_no_fault_because_new_accounts_meet_it() -> None:
    assert [flaw.verdict for flaw in flaws(SERVED, gone("kimi-k2.6"))] == [Verdict.NOT_OBSERVED]
