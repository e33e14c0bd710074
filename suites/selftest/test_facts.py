"""The index of the dossier is whole, and closed both ways against the requirements of the API."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import pytest
from pydantic import ValidationError

from kimi_conformance.contract.facts import Facts
from kimi_conformance.registry.contracts import claims, facts, requirements

RULES: Final = requirements("api")
ROWS: Final = facts().facts

# Counted by hand in kimi-facts.md: rows of each table, paragraphs for running text, bullets of section 11.
COUNTED: Final = {
    "1": 28,  # 16 of hosts and keys, 12 of the Anthropic face
    "2.1": 17,
    "2.2": 11,
    "2.3": 10,
    "2.4": 12,
    "3": 8,  # six rows; the seeds' names; the body of a 404
    "4.1": 9,
    "4.2": 3,
    "4.3": 7,
    "4.4": 1,
    "5.1": 36,
    "5.2": 9,
    "5.3": 2,  # the envelope; how 429s are told apart
    "6": 14,
    "7": 10,  # six tiers; the older table; risk control; the first recharge; what was met live
    "8": 5,
    "11": 11,
}

FACT: Final = {"id": "1.4", "says": "A .cn key sent to .ai: 401.", "kinds": ["live"], "requirements": ["api.hosts.a"]}


def test_every_row_of_the_dossier_is_in_the_index() -> None:
    assert Counter(fact.section for fact in ROWS) == COUNTED


@pytest.mark.parametrize("section", COUNTED)
def test_the_rows_of_a_section_are_numbered_in_order(section: str) -> None:
    numbers = [int(fact.id.rsplit(".", 1)[1]) for fact in ROWS if fact.section == section]
    assert numbers == sorted(set(numbers))
    if section != "1":  # its second table starts at 1.20
        assert numbers == list(range(1, len(numbers) + 1))


def test_ids_of_facts_are_unique() -> None:
    assert len({fact.id for fact in ROWS}) == len(ROWS)


def test_every_requirement_that_a_fact_names_exists() -> None:
    assert {name for fact in ROWS for name in fact.requirements or ()} - set(RULES) == set()


def test_every_requirement_of_the_api_carries_a_fact_or_a_claim() -> None:
    carried = {name for fact in ROWS for name in fact.requirements or ()}
    claimed = {claim.requirement for claim in claims().claims}
    assert set(RULES) - carried - claimed == set()


def test_every_live_or_documented_row_has_a_requirement_or_a_reason() -> None:
    rows = [fact for fact in ROWS if {"live", "doc"} & set(fact.kinds)]
    assert rows
    assert [fact.id for fact in rows if not (fact.requirements or fact.excluded)] == []


def test_a_row_names_no_requirement_twice() -> None:
    assert [fact.id for fact in ROWS if len(set(fact.requirements or ())) != len(fact.requirements or ())] == []


def test_what_is_open_is_all_that_section_eleven_holds() -> None:
    assert {fact.kinds for fact in ROWS if fact.section == "11"} == {("open",)}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param([FACT | {"requirements": None}], "either requirements or", id="neither"),
        pytest.param([FACT | {"excluded": "Nobody can see it."}], "either requirements or", id="both"),
        pytest.param([FACT | {"requirements": []}], "at least 1", id="no-requirements"),
        pytest.param([FACT | {"requirements": ["hosts"]}], "pattern", id="no-requirement-id"),
        pytest.param([FACT | {"id": "one"}], "pattern", id="no-row-number"),
        pytest.param([FACT | {"kinds": []}], "at least 1", id="no-kind"),
        pytest.param([FACT | {"kinds": ["rumour"]}], "'live'", id="unknown-kind"),
        pytest.param([FACT, FACT], "more than one fact is called 1.4", id="twice"),
        pytest.param([], "at least 1", id="none"),
    ],
)
def test_a_fact_that_is_not_whole_is_refused(data: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Facts.model_validate({"facts": data})


def test_a_fact_stands_in_a_section() -> None:
    rows = Facts.model_validate({"facts": [FACT, FACT | {"id": "2.1.3"}]}).facts
    assert [fact.section for fact in rows] == ["1", "2.1"]
