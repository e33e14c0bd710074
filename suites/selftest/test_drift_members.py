"""How the members of an answer are counted: places, types, words, and as deep as anybody's answers go."""

from __future__ import annotations

from typing import Any

import pytest

from kimi_conformance.judge.drift.members import DEEPEST, allowed, closed, survey, type_of
from kimi_conformance.registry.contracts import drift_rules, wire_schemas


def surveyed(*documents: Any, shape: Any = None) -> Any:
    """The survey of documents, of a shape or of none."""
    return survey(documents, wire_schemas().documents[shape] if shape else None, drift_rules())


def places(*documents: Any, shape: Any = None) -> dict[str, tuple[int, set[str]]]:
    """How often something stands at each place, and of which types."""
    return {at: (place.times, place.types) for at, place in surveyed(*documents, shape=shape).places.items()}


def words(document: Any, shape: Any = None) -> dict[str, set[str]]:
    """The words of fixed lists, by place."""
    return {at: place.words for at, place in surveyed(document, shape=shape).places.items() if place.words}


def test_every_item_and_every_document_counts() -> None:
    assert places({"a": [1, "b", {"c": None}]}, {"a": []}) == {
        "": (2, {"object"}),
        "/a": (2, {"array"}),
        "/a/[]": (3, {"integer", "string", "object"}),
        "/a/[]/c": (1, {"null"}),
    }
    assert surveyed({"a": [{"b": 1}, {}]}, {"a": []}).objects == {"": 2, "/a/[]": 2}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        *((None, "null"), (True, "boolean"), (1, "integer"), (1.0, "integer"), (1.5, "number")),
        *(("", "string"), ([], "array"), ({}, "object")),
    ],
)
def test_types_are_those_of_json(value: Any, name: str) -> None:
    assert type_of(value) == name


def test_an_object_of_which_a_schema_names_no_members_is_free() -> None:
    message = {"content": [{"type": "tool_use", "input": {"city": {"a": 1}}}]}
    assert "/content/[]<tool_use>/input" in places(message, shape="message")
    assert not any(at.startswith("/content/[]<tool_use>/input/") for at in places(message, shape="message"))
    assert "/a/b" in places({"a": {"b": 1}}, shape="message")  # a member that no schema knows is looked into


def test_objects_of_several_kinds_stand_apart() -> None:
    found = places({"content": [{"type": "text", "text": ""}, {"type": "odd"}]}, shape="message")
    assert {"/content/[]<text>/text", "/content/[]<odd>", "/content/[]<odd>/type"} <= set(found)
    assert "<ping>" in places({"type": "ping"}, shape="message.events")
    bare = places({"output": [{"type": "a", "b": 1}, {"type": 7}, 3], "text": {"type": "a"}})
    assert {"/output/[]<a>/b", "/output/[]/type", "/output/[]", "/text/type"} <= set(bare)
    assert "/text<a>/type" not in bare


def test_words_are_those_of_fixed_lists_and_of_names_that_have_one() -> None:
    assert words({"object": "x", "choices": [{"finish_reason": "y"}], "id": "z"}, "chat.completion") == {
        "/object": {"x"},
        "/choices/[]/finish_reason": {"y"},
    }
    assert words({"code": 7, "a": {"role": "b", "type": None}, "status": ["c"], "object": {"d": 1}}) == {
        "/code": {"7"},
        "/a/role": {"b"},
    }
    assert words({"code": 0, "scode": "0x0", "status": True}, "balance") == {
        "/code": {"0"}, "/scode": {"0x0"}, "/status": {"True"},
    }  # fmt: skip
    assert words({"model/status": "a", "status": "b"}) == {"/status": {"b"}}


@pytest.mark.parametrize("node", [{"enum": ["a", None]}, {"const": "a"}])
def test_a_list_that_a_schema_fixes_needs_no_name(node: dict[str, Any]) -> None:
    found = survey([{"mood": {"word": "a"}}], {"properties": {"mood": {"properties": {"word": node}}}}, drift_rules())
    assert {at: place.words for at, place in found.places.items() if place.words} == {"/mood/word": {"a"}}


@pytest.mark.parametrize(
    ("node", "types", "listed"),
    [
        (None, None, None),
        ({}, None, None),
        ({"type": "string"}, {"string"}, None),
        ({"type": ["string", "null"]}, {"string", "null"}, None),
        ({"const": 0}, {"integer"}, {"0"}),
        ({"const": "a"}, {"string"}, {"a"}),
        ({"enum": ["a", None]}, {"string", "null"}, {"a"}),
        ({"enum": []}, None, None),
        ({"type": "string", "enum": ["a"]}, {"string"}, {"a"}),
    ],
)
def test_a_schema_allows_types_and_words(node: Any, types: set[str] | None, listed: set[str] | None) -> None:
    assert allowed(node) == types
    assert closed(node) == listed


@pytest.mark.parametrize("step", ["list", "object"])
def test_what_is_deeper_than_answers_are_is_not_looked_at(step: str) -> None:
    value: Any = 1
    for _ in range(DEEPEST + 20):
        value = [value] if step == "list" else {"a": value}
    deepest = max(at.count("/") for at in places(value))
    assert deepest == DEEPEST == 64
