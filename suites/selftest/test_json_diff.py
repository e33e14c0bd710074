"""Where two JSON values differ, and where they only look different."""

from __future__ import annotations

import json
from itertools import product
from typing import Any, Final

import pytest

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.judge.json_diff import Difference, differences


def between(sent: Any, seen: Any) -> list[Difference]:
    return [*differences(sent, seen)]


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        pytest.param(1, 1.0, id="integer-and-fraction"),
        pytest.param(0, -0.0, id="negative-zero"),
        pytest.param(2**53, float(2**53), id="large-integer-and-fraction"),
        pytest.param(10**400, 10**400, id="very-large-integer"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, id="order-of-members"),
        pytest.param([{"a": [1, {}]}], [{"a": [1.0, {}]}], id="deep"),
        pytest.param({}, {}, id="empty-objects"),
        pytest.param([], [], id="empty-lists"),
        pytest.param(None, None, id="null"),
        pytest.param(True, True, id="true"),
        pytest.param("", "", id="empty-strings"),
        pytest.param(ABSENT, ABSENT, id="nothing"),
    ],
)
def test_equal_values_do_not_differ(sent: Any, seen: Any) -> None:
    assert between(sent, seen) == []
    assert between(seen, sent) == []


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        pytest.param(1, 2, id="numbers"),
        pytest.param(1, 1.00001, id="nearly-equal-numbers"),
        pytest.param(2**53, 2**53 + 1, id="large-integers"),
        pytest.param(0, False, id="zero-and-false"),
        pytest.param(1, True, id="one-and-true"),
        pytest.param(1.0, True, id="fraction-and-true"),
        pytest.param(True, False, id="booleans"),
        pytest.param(1, "1", id="number-and-string"),
        pytest.param(0, None, id="zero-and-null"),
        pytest.param("", None, id="empty-and-null"),
        pytest.param("null", None, id="null-in-words"),
        pytest.param(None, ABSENT, id="null-and-nothing"),
        pytest.param({}, [], id="object-and-list"),
        pytest.param({}, None, id="object-and-null"),
        pytest.param([1], 1, id="list-and-its-member"),
        pytest.param("a", "A", id="case"),
        pytest.param("a", "a ", id="blank"),
        pytest.param("\u00e9", "e\u0301", id="composition"),
        pytest.param("\u2028", "\n", id="line-separator"),
        pytest.param('{"a": 1}', '{"a":1}', id="json-in-a-string"),
    ],
)
def test_other_values_differ_where_they_stand_both_ways(sent: Any, seen: Any) -> None:
    assert between(sent, seen) == [Difference("", sent, seen)]
    assert between(seen, sent) == [Difference("", seen, sent)]
    assert between({"a": [0, sent]}, {"a": [0, seen]}) == [Difference("/a/1", sent, seen)]


@pytest.mark.parametrize(
    ("sent", "seen", "widened"),
    [
        pytest.param(0.6, 0.6000000238418579, True, id="as-32-bits-have-it"),
        pytest.param(-0.6, -0.6000000238418579, True, id="as-32-bits-have-it-below-zero"),
        pytest.param(1e6, 1000001.0, True, id="the-very-tolerance"),
        pytest.param(0.95, 0.949999988079071, True, id="as-32-bits-have-it-below"),
        pytest.param(1, 1.0000005, False, id="an-integer"),
        pytest.param(1.0000005, 1, False, id="a-fraction-made-an-integer"),
        pytest.param(12345678901234567890, 1.2345678901234567e19, False, id="an-integer-that-lost-digits"),
        pytest.param(10**400, 1.0, False, id="an-integer-beyond-floats"),
        pytest.param(1000.1, 1000.0999755859375, True, id="as-32-bits-have-it-large"),
        pytest.param(1e-7, 0.0, False, id="a-small-one-that-vanished"),
        pytest.param(0.6, 0.600002, False, id="beyond-the-tolerance"),
        pytest.param(0.6, 0.599998, False, id="below-the-tolerance"),
        pytest.param(0.25, 0.25000024, True, id="nearly-the-tolerance"),
        pytest.param(0.25, 0.2500003, False, id="just-beyond-it"),
        pytest.param(0.0, 1e-9, False, id="nothing-that-became-something"),
    ],
)
def test_a_number_within_the_tolerance_was_widened(sent: float, seen: float, *, widened: bool) -> None:
    assert between(sent, seen) == [Difference("", sent, seen, widened=widened)]


def test_differences_come_in_the_order_of_what_was_sent_and_what_was_added_last() -> None:
    sent = {"b": 1, "a": [1, 2, 3], "c": {"x": 1}}
    seen = {"new": 0, "c": {"y": 2}, "a": [1, 9], "b": 2}
    assert between(sent, seen) == [
        Difference("/b", 1, 2),
        Difference("/a/1", 2, 9),
        Difference("/a/2", 3, ABSENT),
        Difference("/c/x", 1, ABSENT),
        Difference("/c/y", ABSENT, 2),
        Difference("/new", ABSENT, 0),
    ]


def test_what_was_added_to_a_list_was_not_there_before() -> None:
    assert between([], [1, None]) == [Difference("/0", ABSENT, 1), Difference("/1", ABSENT, None)]
    assert between([1], []) == [Difference("/0", 1, ABSENT)]


def test_names_in_a_pointer_are_escaped() -> None:
    assert between({"a/b": {"~": {"~1": 1}}}, {"a/b": {"~": {"~1": 2}}}) == [Difference("/a~1b/~0/~01", 1, 2)]
    assert between({"": 1}, {}) == [Difference("/", 1, ABSENT)]


def test_a_pointer_may_begin_below_the_top() -> None:
    assert [*differences({"a": 1}, {}, "/members")] == [Difference("/members/a", 1, ABSENT)]
    assert [*differences(1, 2, "/temperature")] == [Difference("/temperature", 1, 2)]


SCALARS: Final = (None, True, False, 0, -1, 2**63, 0.1, 1e300, "", "a", "\u00e9", "\u2028", "1")
NAMES: Final = ("", "a", "A", "a/b", "~", "~1", "0", "\u00e9", " ")
LISTS: Final[tuple[list[Any], ...]] = ([], [*SCALARS], [[*SCALARS], []])
OBJECTS: Final = tuple({name: value, "x": LISTS} for name in NAMES for value in SCALARS)
VALUES: Final[tuple[Any, ...]] = (*SCALARS, *LISTS, *OBJECTS, {})


def test_no_value_differs_from_itself_spelled_again() -> None:
    for value in VALUES:
        spelled = json.dumps({"deep": [value]}, sort_keys=True, ensure_ascii=False, indent=1)
        assert between(json.loads(json.dumps({"deep": [value]})), json.loads(spelled)) == []


def test_a_member_that_was_added_anywhere_is_the_only_difference() -> None:
    for value, name in product(VALUES, NAMES):
        [found] = between({"deep": [value, {}]}, {"deep": [value, {name: value}]})
        assert (found.sent, found.seen) == (ABSENT, value)
