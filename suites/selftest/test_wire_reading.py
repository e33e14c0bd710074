"""The reader of the wire's schemas: what is valid, what is wrong and how it is said, what is unknown."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kimi_conformance.contract import schema as schema_module
from kimi_conformance.contract.schema import Schemas
from kimi_conformance.registry.contracts import wire_schemas
from suites.selftest.wire_examples import ACCEPTED, EXAMPLES, nodes

if TYPE_CHECKING:
    from suites.selftest.wire_examples import Example, Steps

steady = settings(
    derandomize=True,
    database=None,
    max_examples=600,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def copied(value: Any, at: Steps) -> tuple[Any, Any]:
    """A copy of `value`, and what stands in it at the path `at`."""
    whole = deepcopy(value)
    inner = whole
    for part in at:
        inner = inner[part]
    return whole, inner


@steady
@given(data=st.data())
def test_all_validators_agree_on_what_a_mutation_makes_of_an_example(data: st.DataObject) -> None:
    """Ours, the stock one of jsonschema, and jsonschema-rs, which `valid` asks where it is installed."""
    example = data.draw(st.sampled_from(ACCEPTED), label="example")
    value = example.value
    for _ in range(data.draw(st.integers(1, 3), label="mutations")):
        value = data.draw(_mutations(value))
    stock = jsonschema.Draft202012Validator(wire_schemas().documents[example.shape]).is_valid(value)
    assert (not list(wire_schemas().errors(example.shape, value))) == stock
    assert wire_schemas().valid(example.shape, value) == stock
    assert jsonschema_rs.Draft202012Validator(wire_schemas().documents[example.shape]).is_valid(value) == stock


@st.composite
def _mutations(draw: st.DrawFn, value: Any) -> Any:
    """`value` with a member gone, or a value of it replaced, retyped or wrapped."""
    at, old = draw(st.sampled_from(list(nodes(value))))
    others = st.sampled_from([None, True, False, 0, 1, -1, 2.0, 0.5, "", "月", "5", [], {}, {"type": "text"}, ["🌕"]])
    new = draw(st.one_of(others, st.just([old]), st.just(str(old)), st.just({"inner": old})))
    if not at:
        return new
    whole, holder = copied(value, at[:-1])
    if isinstance(holder, dict) and draw(st.booleans()):
        del holder[at[-1]]
    else:
        holder[at[-1]] = new
    return whole


# What is unknown


@pytest.mark.parametrize("example", ACCEPTED, ids=str)
def test_an_added_member_is_found_wherever_the_schema_names_the_members(example: Example) -> None:
    schemas, shape = wire_schemas(), example.shape
    free = {"input", "metadata"} | ({"error"} if shape == "message.events" else set())
    places = [at for at, node in nodes(example.value) if isinstance(node, dict) and not free & {*map(str, at)}]
    assert () in places
    for at in places:
        value, inner = copied(example.value, at)
        inner["a/b~c 月"] = 1
        expected = "".join(f"/{part}" for part in at) + "/a~1b~0c 月"
        assert list(schemas.unknown(shape, value)) == [expected]
        assert schemas.valid(shape, value), "an unknown member is no error"


def test_nothing_is_unknown_in_what_fits_no_branch_and_inside_what_is_unknown() -> None:
    schemas = wire_schemas()
    assert list(schemas.unknown("message.events", {"type": "nope", "x": 1})) == []
    assert list(schemas.unknown("message.events", [])) == []
    assert list(schemas.unknown("error", {"error": "x", "new": {"deep": {"deeper": 1}}})) == ["/new"]


# What is said


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        pytest.param({"type": "integer"}, "12", '/v must be an integer, not "12"', id="type"),
        pytest.param({"type": ["string", "null"]}, {"a": 1}, "/v must be a string or null, not an object", id="types"),
        pytest.param({"type": "boolean"}, {}, "/v must be true or false, not an empty object", id="boolean"),
        pytest.param({"type": "string"}, ["月"], "/v must be a string, not a list of 1", id="list"),
        pytest.param({"enum": ["stop", "length", None]}, 3, '/v must be "stop", "length" or null, not 3', id="enum"),
        pytest.param({"const": False}, 0, "/v must be false, not 0", id="const"),
        pytest.param({"minItems": 1}, [], "/v must be a list that is not empty, not an empty list", id="no-items"),
        pytest.param({"minItems": 2}, [1], "/v must be a list of 2 or more, not a list of 1", id="few-items"),
        pytest.param({"minLength": 1}, "", '/v must be a string that is not empty, not ""', id="empty"),
        pytest.param({"minLength": 2}, "月", '/v must be a string of 2 characters or more, not "月"', id="short"),
        pytest.param({"minimum": 0}, -1, "/v must be 0 or more, not -1", id="minimum"),
        pytest.param({"pattern": "^a"}, "b", '/v must be a string that matches ^a, not "b"', id="pattern"),
        pytest.param({"type": "number"}, "x" * 90, f'/v must be a number, not "{"x" * 57}…"', id="long"),
        pytest.param({"type": "number"}, "\ud83c", '/v must be a number, not "\\ud83c"', id="half-an-emoji"),
        pytest.param({"type": "number"}, float("nan"), "/v must be a number, not NaN", id="not-a-number"),
    ],
)
def test_an_error_says_what_was_expected_and_what_was_seen(schema: Any, value: Any, message: str) -> None:
    schemas = Schemas.of({"error": {"properties": {"v": schema}}})
    (error,) = schemas.errors("error", {"v": value})
    assert error.message == message
    assert error.message == f"{error.at} must be {error.expected}, not {error.actual}"


def test_a_missing_member_is_told_at_its_own_place() -> None:
    first, second = wire_schemas().errors("error.messages", {"type": "error", "error": {}})
    assert (first.at, first.expected, first.actual) == ("/error/type", "a value", "nothing")
    assert second.message == "/error/message is missing"


def test_a_value_that_is_no_object_is_the_whole_value() -> None:
    (error,) = wire_schemas().errors("message.events", None)
    assert error.message == "the whole value must be an object, not null"


# With and without jsonschema-rs


def test_without_the_extra_the_answers_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_module, "FAST", None)
    slow = Schemas.of(wire_schemas().documents)
    assert not slow.fast
    assert wire_schemas().fast
    assert [slow.valid(each.shape, each.value) for each in EXAMPLES] == [each.at is None for each in EXAMPLES]


def test_half_an_emoji_is_text_for_both() -> None:
    """JSON can escape it, UTF-8 cannot hold it, and jsonschema-rs gives up over it in the name of a member."""
    value = json.loads('{"error": {"message": "\\ud83c", "type": "x", "\\ud83c": 1}}')
    assert wire_schemas().valid("error", value)
    assert not wire_schemas().valid("error", {"error": value["error"] | {"type": 1}})
