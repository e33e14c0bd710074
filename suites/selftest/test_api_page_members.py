"""Members of requests and answers on the reference page: where they stand, what they are, which tapes have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.registry.contracts import request_schemas, wire_schemas
from kimi_conformance.reporting.api_page.members import Shapes, type_of
from suites.selftest.page_sources import sources

if TYPE_CHECKING:
    from kimi_conformance.reporting.api_page.view import Told

TEXT: Final = {
    "type": "object",
    "required": ["type", "text"],
    "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
}
IMAGE: Final = {
    "type": "object",
    "properties": {"type": {"const": "image"}, "url": {"type": "string", "x-facts": ["2.1.2"]}},
}
BODY: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["turns"],
    "properties": {
        "turns": {"type": "array", "items": {"$ref": "#/$defs/turn"}, "x-requirements": ["api.chat.shape"]},
        "system": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/text"}]},
        "count": {"type": ["integer", "null"], "x-unit": "tokens"},
        "mode": {"enum": ["a", 1, None]},
    },
    "$defs": {
        "turn": {
            "type": "object",
            "properties": {
                "parts": {"type": "array", "items": {"oneOf": [{"$ref": "#/$defs/text"}, {"$ref": "#/$defs/image"}]}}
            },
        },
        "text": TEXT,
        "image": IMAGE,
    },
}
SHAPES: Final = Shapes({"body": BODY, "other": {"properties": {"body": {"$ref": "kimi:body#/$defs/turn"}}}})
VALUE: Final = {"turns": [{"parts": [{"type": "text", "text": "…"}, {"type": "image", "url": "…"}]}, {}], "system": "…"}


def test_members_stand_below_what_holds_them_and_variants_have_names() -> None:
    assert [each.path for each in SHAPES.members("body")] == [
        "turns",
        "turns[].parts",
        "turns[].parts[image].url",
        "system",
        "system.type",
        "system.text",
        "count",
        "mode",
    ]


def test_an_object_that_stands_in_two_places_is_unfolded_nearest_to_the_top() -> None:
    paths = [each.path for each in SHAPES.members("body")]
    assert "system.text" in paths
    assert "turns[].parts[text].text" not in paths


def test_a_member_that_rests_on_nothing_rests_on_what_holds_it() -> None:
    found = {each.path: each for each in SHAPES.members("body")}
    assert found["turns[].parts"].ties == ("api.chat.shape",)
    assert (found["turns[].parts[image].url"].ties, found["turns[].parts[image].url"].facts) == ((), ("2.1.2",))
    assert found["count"].ties == ()
    assert found["turns"].required
    assert not found["system"].required


@pytest.mark.parametrize(
    ("member", "words"),
    [
        ("turns", "list of object"),
        ("system", "string or object"),
        ("count", "integer or null, tokens"),
        ("mode", "`a` or `1` or `null`"),
    ],
)
def test_a_type_is_told_in_words_with_its_unit(member: str, words: str) -> None:
    assert type_of(SHAPES, "body", BODY["properties"][member]) == words


def test_what_stands_in_another_shape_is_not_unfolded_again() -> None:
    assert [each.path for each in SHAPES.members("other")] == ["body"]
    assert SHAPES.count("other", {"body": {"parts": []}}).members == {"body": 1, "body.parts": 1}


def test_members_are_counted_in_the_objects_that_they_belong_to() -> None:
    counted = SHAPES.count("body", VALUE)
    assert (counted.members["turns[].parts"], counted.objects["turns[]"]) == (1, 2)
    assert (counted.members["turns[].parts[text].text"], counted.objects["turns[].parts[text]"]) == (1, 1)
    assert (counted.members["system"], counted.members["system.text"], counted.members["count"]) == (1, 0, 0)
    assert not SHAPES.count("body", "no object").members


def test_every_member_of_the_wire_has_a_type() -> None:
    shapes = Shapes({**wire_schemas().documents, **request_schemas().documents})
    for shape in shapes.documents:
        assert [each.path for each in shapes.members(shape) if not type_of(shapes, each.shape, each.schema)] == []


def row(table: Any, member: str) -> Told:
    """The row of a member."""
    found: Told = next(each for each in table.rows if each.cells[0].replace("`<br>`", "") == f"`{member}`")
    return found


def test_what_was_sent_and_answered_is_observed_and_what_was_not_is_documented_at_best() -> None:
    table = sources().members.of_request("chat.completion.request", ())
    known = {name: row(table, name).mark for name in ("messages", "messages[user].name", "temperature", "seed")}
    words = {name: mark.word for name, mark in known.items() if mark}
    assert words == {
        "messages": "observed",
        "messages[user].name": "documented",
        "temperature": "observed in part",  # by refusals: nobody has published one that is accepted
        "seed": "reported",
    }


def test_an_answer_says_how_often_each_member_was_seen() -> None:
    table = sources().members.of_answer("chat.completion", ())
    always, on_a_hit = (row(table, name).cells[2] for name in ("usage.total_tokens", "usage.cached_tokens"))
    seen, of = map(int, always.removeprefix("always<br>").split(" of "))
    assert seen == of > 20
    hits, of = map(int, on_a_hit.removeprefix("on a cache hit<br>").split(" of "))
    assert 0 < hits < of


def test_what_no_tape_has_is_never_observed() -> None:
    table = sources().members.of_answer("file", ("api.files.object-shape",))
    assert {each.mark.word for each in table.rows if each.mark} == {"documented"}
    assert all("of" not in each.cells[2] for each in table.rows)
