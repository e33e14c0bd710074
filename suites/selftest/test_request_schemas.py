"""The schemas of requests: what they are written in, and that what they name is there."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import jsonschema
import pytest

from kimi_conformance.contract.catalogue import PREDICATES
from kimi_conformance.contract.request_schema import REQUEST_SHAPES, RequestShape, schemas_in
from kimi_conformance.registry.contracts import request_schemas
from kimi_conformance.registry.home import contracts
from kimi_conformance.registry.problems import ContractError
from kimi_conformance.registry.wire import load_request_schemas
from suites.selftest.wire_examples import once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMAS: Final = request_schemas()
FOLDER: Final = contracts() / "schemas" / "wire"
KEYWORDS: Final = {
    *("$defs", "$id", "$ref", "$schema", "additionalProperties", "anyOf", "const", "contentEncoding"),
    *(
        "contentMediaType",
        "deprecated",
        "description",
        "enum",
        "examples",
        "format",
        "if",
        "items",
        "maxItems",
        "maxLength",
    ),
    *("maximum", "minItems", "minLength", "minimum", "not", "oneOf", "pattern", "properties", "required", "then"),
    *("title", "type", "x-default", "x-facts", "x-models", "x-requirements", "x-unit"),
}
MEMBERS: Final = [
    pytest.param(member, id=f"{shape}-{name}-{number}")
    for shape in REQUEST_SHAPES
    for number, schema in enumerate(schemas_in(SCHEMAS.documents[shape]))
    if "description" in str(schema.get("properties"))
    for name, member in schema["properties"].items()
]
each_shape = pytest.mark.parametrize("shape", REQUEST_SHAPES)


@each_shape
def test_a_schema_is_one_of_2020_12_without_a_key_that_stands_twice(shape: RequestShape) -> None:
    text = (FOLDER / f"{shape}.schema.json").read_text("utf-8")
    document = once(text)
    jsonschema.Draft202012Validator.check_schema(document)
    assert document["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    assert document["title"]


@each_shape
def test_a_schema_uses_only_keywords_that_the_pages_know(shape: RequestShape) -> None:
    assert {word for schema in schemas_in(SCHEMAS.documents[shape]) for word in schema} <= KEYWORDS


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_is_described_in_a_sentence(member: dict[str, Any]) -> None:
    assert member["description"].endswith(".")


def test_models_are_named_by_a_property_of_the_catalogue() -> None:
    named = [schema["x-models"] for schema in _all() if "x-models" in schema]
    assert named
    assert set(named) <= PREDICATES.keys()


def test_no_default_stands_where_a_generated_client_would_send_it() -> None:
    assert [schema for schema in _all() if "default" in schema] == []


def test_every_reference_leads_to_a_definition_and_every_definition_is_referred_to() -> None:
    used = Counter(
        (each["$ref"].partition("#")[0].removeprefix("kimi:") or shape, each["$ref"].rpartition("/")[2])
        for shape in REQUEST_SHAPES
        for each in schemas_in(SCHEMAS.documents[shape])
        if "$ref" in each
    )
    there = {(shape, name) for shape in REQUEST_SHAPES for name in SCHEMAS.documents[shape].get("$defs", {})}
    assert used.keys() == there


def test_a_reference_to_another_shape_is_followed() -> None:
    messages = SCHEMAS.documents["tokens.request"]["properties"]["messages"]
    shape, found = SCHEMAS.resolved("tokens.request", messages["items"])
    assert shape == "chat.completion.request"
    assert found["oneOf"]
    assert SCHEMAS.resolved(shape, found["oneOf"][0])[1]["properties"]["role"]["const"] == "system"


@each_shape
def test_every_branch_of_a_choice_is_told_apart_by_one_constant(shape: RequestShape) -> None:
    for schema in schemas_in(SCHEMAS.documents[shape]):
        branches = [SCHEMAS.resolved(shape, each)[1]["properties"] for each in schema.get("oneOf", [])]
        constants = [{name for name, member in each.items() if "const" in member} for each in branches]
        assert not branches or set.intersection(*constants) & {"type", "role"}


def test_a_broken_file_is_said_in_one_line(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "wire")
    (tmp_path / "wire" / "batch.request.schema.json").write_text('{"$id": "kimi:batch"}', "utf-8")
    with pytest.raises(ContractError) as raised:
        load_request_schemas(tmp_path / "wire")
    assert str(raised.value).endswith("batch.request.schema.json: the schema's $id must be 'kimi:batch.request'")


def _all() -> Iterator[Any]:
    for shape in REQUEST_SHAPES:
        yield from schemas_in(SCHEMAS.documents[shape])
