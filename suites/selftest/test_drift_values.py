"""What becomes of one value: types, null and words, decided place by place."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.judge.drift.members import Place, Survey, survey
from kimi_conformance.judge.drift.values import kind_changes, type_changes, word_changes
from kimi_conformance.registry.contracts import drift_rules

STRING: Final = {"type": "string"}
LOOSE: Final = {"type": ["string", "null"]}
NUMBER: Final = {"type": "number"}
INTEGER: Final = {"type": "integer"}
NEVER: Final = "/a was never null, and is"
BY_SCHEMA: Final = "; the schema allows it"


def place(types: str, node: Any = None, words: str = "") -> Place:
    """A place with these types and words."""
    return Place(node, 1, set(types.split()), set(words.split()))


def types(was: Place, now: Place, *, varies: bool = False, of_error: bool = False) -> list[str]:
    changes = type_changes("/a", was, now, varies=varies, of_error=of_error)
    return [f"{each.kind} {each.class_}: {each.says}" for each in changes]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        pytest.param(place("string"), place("string"), id="the same"),
        pytest.param(place("string integer"), place("string"), id="fewer"),
        pytest.param(place("string null"), place("string"), id="no null any more"),
        pytest.param(place("integer"), place("number"), id="a number is a number"),
        pytest.param(place("integer", NUMBER), place("number"), id="where any number may stand"),
        pytest.param(place("null"), place("null"), id="always null"),
    ],
)
def test_what_is_no_other_type(was: Place, now: Place) -> None:
    assert types(was, now) == []


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        pytest.param(place("string"), place("boolean"), "/a was string, and is boolean", id="another"),
        pytest.param(place("string"), place("string array"), "/a was string, and is array, string", id="one more"),
        pytest.param(place("string null"), place("array"), "/a was null, string, and is array", id="and was null"),
        pytest.param(place("string"), place("array null"), "/a was string, and is array, null", id="and is null"),
        pytest.param(place("integer", INTEGER), place("number"), "/a was integer, and is number", id="no integer"),
    ],
)
def test_another_type_breaks(was: Place, now: Place, says: str) -> None:
    assert types(was, now) == [f"retyped breaking: {says}"]


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        pytest.param(place("string"), place("null"), f"breaking: {NEVER}", id="null"),
        pytest.param(place("string", STRING), place("string null"), f"breaking: {NEVER}", id="against the schema"),
        pytest.param(place("string", LOOSE), place("null"), f"additive: {NEVER}{BY_SCHEMA}", id="by the schema"),
        pytest.param(place("string"), place("null", LOOSE), f"additive: {NEVER}{BY_SCHEMA}", id="by the other side's"),
        pytest.param(place("string", LOOSE), place("string null"), f"additive: {NEVER}{BY_SCHEMA}", id="all it allows"),
        pytest.param(place("null"), place("string"), "additive: /a was null, and is string", id="null no more"),
        pytest.param(place("null"), place("string null"), "additive: /a was null, and is string", id="null and more"),
        pytest.param(
            place("null", LOOSE), place("string"), f"additive: /a was null, and is string{BY_SCHEMA}", id="as it says"
        ),
        pytest.param(place("null", LOOSE), place("array"), "breaking: /a was null, and is array", id="not as it says"),
    ],
)
def test_null_and_no_longer_null(was: Place, now: Place, told: str) -> None:
    assert types(was, now) == [f"null {told}"]


def test_what_varies_may_be_null_where_nothing_forbids_it() -> None:
    assert types(place("string", LOOSE), place("null"), varies=True) == []
    assert types(place("null", LOOSE), place("string"), varies=True) == []
    assert types(place("string", STRING), place("null"), varies=True) == [f"null breaking: {NEVER}"]
    assert types(place("string"), place("array"), varies=True) == ["retyped breaking: /a was string, and is array"]


def test_an_error_is_never_null_by_a_models_choice() -> None:
    for was, now in ((place("string", LOOSE), place("null")), (place("null", LOOSE), place("string"))):
        assert [each.split(":")[0] for each in types(was, now, of_error=True)] == ["null breaking"]


LISTED: Final = {"enum": ["a", "b", None]}
FIXED: Final = "; the schema has a fixed list, and not that"


@pytest.mark.parametrize(
    ("was", "now", "known", "found"),
    [
        pytest.param(place("", words="a"), place("", words="a"), "", [], id="the same"),
        pytest.param(place("", words="a b"), place("", words="a"), "", [], id="fewer"),
        pytest.param(place(""), place("", words="a"), "", [], id="none was there"),
        pytest.param(place("", words="a"), place(""), "", [], id="none is there"),
        pytest.param(
            place("", words="a"), place("", words="c"), "", ["breaking: /a is c in the place of a"], id="another"
        ),
        pytest.param(place("", words="a"), place("", words="a c"), "", ["additive: /a is c, too"], id="one more"),
        pytest.param(place("", words="a"), place("", words="c"), "c", [], id="another that is known"),
        pytest.param(place("", LISTED, "a"), place("", words="b"), "", [], id="one of the list"),
        pytest.param(place("", words="a"), place("", LISTED, "b"), "", [], id="of the list of the other side"),
        pytest.param(
            place("", LISTED, "a"),
            place("", words="c"),
            "",
            [f"breaking: /a is c in the place of a{FIXED}"],
            id="none of it",
        ),
        pytest.param(
            place("", words="a"),
            place("", LISTED, "a c"),
            "",
            [f"breaking: /a is c, too{FIXED}"],
            id="more than the list",
        ),
    ],
)
def test_words(was: Place, now: Place, known: str, found: list[str]) -> None:
    changes = word_changes("/a", was, now, frozenset(known.split()))
    assert [f"{each.class_}: {each.says}" for each in changes] == found


def of_kinds(*kinds: str, schema: Any = None) -> Survey:
    """A list of objects of these kinds."""
    return survey([{"o": [{"type": kind} for kind in kinds]}], schema, drift_rules())


def kinds(at: str, before: Survey, after: Survey, known: str = "") -> list[str]:
    words = {"/o/[]/type": frozenset(known.split())}
    return [f"{each.class_} {each.where}: {each.says}" for each in kind_changes(at, before, after, words)]


BRANCHES: Final = {
    "properties": {"o": {"items": {"oneOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}]}}},
    "$defs": {name: {"type": "object", "properties": {"type": {"const": name}}} for name in "ab"},
}


def test_kinds_that_nobody_has_listed_are_told_by_whether_they_replace_others() -> None:
    told = "/o/[]/type: /o/[] is of a kind that was not there, c"
    assert kinds("/o/[]<c>", of_kinds("a"), of_kinds("c")) == [f"breaking {told}"]
    assert kinds("/o/[]<c>", of_kinds("a"), of_kinds("a", "c")) == [f"additive {told}"]
    assert kinds("/o/[]<c>", of_kinds("a"), of_kinds("a", "c"), known="c") == []
    assert kinds("/o/[]<c>", of_kinds(), of_kinds("c")) == []
    assert kinds("/o/[]<a>", of_kinds("a"), of_kinds("a")) == []
    assert kinds("/o/[]<a>", of_kinds("a", "b"), of_kinds("b")) == []


def test_kinds_that_a_schema_lists_are_the_models_choice_and_others_are_not() -> None:
    before, more = of_kinds("a", schema=BRANCHES), of_kinds("a", "b", "c", schema=BRANCHES)
    assert kinds("/o/[]<b>", before, more) == []
    assert [each.split()[0] for each in kinds("/o/[]<c>", before, more)] == ["breaking"]
    strange = of_kinds("a", "x", schema=BRANCHES)
    assert [each.split()[0] for each in kinds("/o/[]<c>", strange, more)] == ["breaking"]


def test_a_kind_of_event_is_told_as_that() -> None:
    schema = {"oneOf": [{"$ref": "#/$defs/a"}], **BRANCHES}
    before, after = (survey([{"type": kind}], schema, drift_rules()) for kind in "ac")
    (found,) = kind_changes("<c>", before, after, {})
    assert (found.where, found.before, found.after) == ("/type", "a", "c")
    assert found.says == f"an event is of a kind that was not there, c{FIXED}"
