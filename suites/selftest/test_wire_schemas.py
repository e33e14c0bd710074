"""The schemas of the wire: what they are written in, and that they accept and reject what they should."""

from __future__ import annotations

import shutil
from collections import Counter
from copy import deepcopy
from typing import TYPE_CHECKING, Any, get_args

import jsonschema
import jsonschema_rs
import pytest

from kimi_conformance.contract.request_schema import REQUEST_SHAPES
from kimi_conformance.contract.schema import SHAPES, Shape
from kimi_conformance.registry.contracts import wire_schemas
from kimi_conformance.registry.home import contracts
from kimi_conformance.registry.problems import ContractError
from kimi_conformance.registry.wire import load_wire_schemas
from suites.selftest.wire_examples import ACCEPTED, EXAMPLES, REJECTED, once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from suites.selftest.wire_examples import Example

KEYWORDS = {
    *("$defs", "$id", "$ref", "$schema", "const", "description", "enum", "items", "minItems", "minLength", "minimum"),
    *("oneOf", "pattern", "properties", "required", "title", "type", "x-presence", "x-requirements", "x-unit"),
}
FOLDER = contracts() / "schemas" / "wire"
DOCUMENTS: dict[str, Any] = {shape: wire_schemas().documents[shape] for shape in SHAPES}

each_shape = pytest.mark.parametrize("shape", SHAPES)


def schemas_in(document: Any) -> Iterator[dict[str, Any]]:
    """Every schema in a schema: the nodes that stand where a schema does."""
    yield document
    below = [*document.get("$defs", {}).values(), *document.get("properties", {}).values(), *document.get("oneOf", [])]
    for each in [*below, *([document["items"]] if "items" in document else [])]:
        yield from schemas_in(each)


# What they are written in


def test_there_is_one_file_for_each_shape_with_its_examples() -> None:
    names = sorted(get_args(Shape))
    files = {path.name.removesuffix(".schema.json") for path in FOLDER.iterdir()}
    assert sorted(files - set(REQUEST_SHAPES)) == names
    assert sorted(path.name.removesuffix(".yaml") for path in (contracts() / "examples").iterdir()) == names


@each_shape
def test_a_schema_is_one_of_2020_12_and_says_what_it_is(shape: Shape) -> None:
    document = DOCUMENTS[shape]
    jsonschema.Draft202012Validator.check_schema(document)
    assert document["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    assert document["$id"] == f"kimi:{shape}"
    assert document["title"]


@each_shape
def test_no_key_of_a_schema_stands_twice(shape: Shape) -> None:
    assert once((FOLDER / f"{shape}.schema.json").read_text("utf-8")) == DOCUMENTS[shape]


@each_shape
def test_a_schema_uses_only_the_keywords_that_errors_can_be_told_of(shape: Shape) -> None:
    """Without `additionalProperties`: what is unknown is drift, not an error."""
    assert {keyword for each in schemas_in(DOCUMENTS[shape]) for keyword in each} <= KEYWORDS


@each_shape
def test_every_member_has_a_description_with_a_source(shape: Shape) -> None:
    sources = ("evidence", "docs", "HALRO", "LM15", "axonhub", "facts", "public", "published nowhere", "kimi-code")
    members = {
        name: each for schema in schemas_in(DOCUMENTS[shape]) for name, each in schema.get("properties", {}).items()
    }
    silent = [name for name, each in members.items() if not any(s in each.get("description", "") for s in sources)]
    assert members or "oneOf" in DOCUMENTS[shape]
    assert not silent


@each_shape
def test_every_branch_is_an_object_whose_required_type_is_a_constant(shape: Shape) -> None:
    document = DOCUMENTS[shape]
    for schema in schemas_in(document):
        branches = [document["$defs"][each["$ref"].removeprefix("#/$defs/")] for each in schema.get("oneOf", [])]
        kinds = Counter(branch["properties"]["type"]["const"] for branch in branches)
        assert all(branch["type"] == "object" and "type" in branch["required"] for branch in branches)
        assert all(count == 1 for count in kinds.values())
        assert "properties" not in schema or not branches


@each_shape
def test_every_definition_is_used_and_every_reference_is_local(shape: Shape) -> None:
    document = DOCUMENTS[shape]
    used = {each["$ref"] for each in schemas_in(document) if "$ref" in each}
    assert used == {f"#/$defs/{name}" for name in document.get("$defs", {})}


def test_a_definition_that_stands_in_several_files_is_the_same_in_all() -> None:
    seen: dict[str, Any] = {}
    for document in DOCUMENTS.values():
        for name, definition in document.get("$defs", {}).items():
            assert _without_descriptions(seen.setdefault(name, definition)) == _without_descriptions(definition), name


# What they accept and reject


@pytest.mark.parametrize("example", ACCEPTED, ids=str)
def test_what_kimi_sends_is_accepted_and_has_no_unknown_members(example: Example) -> None:
    assert list(wire_schemas().errors(example.shape, example.value)) == []
    assert list(wire_schemas().unknown(example.shape, example.value)) == []
    assert jsonschema_rs.Draft202012Validator(DOCUMENTS[example.shape]).is_valid(example.value)


@pytest.mark.parametrize("example", REJECTED, ids=str)
def test_a_defect_is_reported_where_it_is_and_nowhere_else(example: Example) -> None:
    errors = list(wire_schemas().errors(example.shape, example.value))
    assert [error.at for error in errors] == [example.at]
    assert not jsonschema_rs.Draft202012Validator(DOCUMENTS[example.shape]).is_valid(example.value)


@each_shape
def test_a_shape_has_two_examples_that_fit_and_four_that_do_not(shape: Shape) -> None:
    counts = Counter((example.shape, example.at is None) for example in EXAMPLES)
    assert counts[shape, True] >= 2
    assert counts[shape, False] >= 4


# Broken files


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(None, "no such file", id="missing"),
        pytest.param('{\n "type": }', ":2: no JSON: Expecting value", id="no-json"),
        pytest.param(
            '{"$id": "kimi:error", "type": "text"}', "no JSON Schema: $.type: 'text' is not valid", id="no-schema"
        ),
        pytest.param('{"type": "object"}', "the schema's $id must be 'kimi:error'", id="no-id"),
        pytest.param("true", "the schema's $id must be 'kimi:error'", id="no-object"),
    ],
)
def test_a_broken_file_is_said_in_one_line(tmp_path: Path, text: str | None, said: str) -> None:
    shutil.copytree(FOLDER, tmp_path / "wire")
    path = tmp_path / "wire" / "error.schema.json"
    path.unlink()
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(ContractError) as raised:
        load_wire_schemas(tmp_path / "wire")
    (line,) = str(raised.value).splitlines()
    assert "error.schema.json" in line
    assert said in line


def _without_descriptions(definition: Any) -> Any:
    bare = deepcopy(definition)
    for each in schemas_in(bare):
        each.pop("description", None)
    return bare
