"""reports/openapi.yaml: as it would be written now, valid, closed, true of the tape; and every mistake is noticed."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from kimi_conformance.contract.endpoints import JSON
from kimi_conformance.registry.contracts import endpoints, request_schemas
from kimi_conformance.registry.home import data_root
from kimi_conformance.reporting.openapi.document import openapi_document
from kimi_conformance.reporting.openapi.page import as_yaml
from suites.selftest.endpoint_checks import tape
from suites.selftest.openapi_document import material, path_of, reader, sources
from suites.selftest.openapi_reading import METHODS, Reader

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_committed_document_is_what_would_be_written_now() -> None:
    committed = (data_root() / "reports" / "openapi.yaml").read_text("utf-8")
    assert committed == openapi_document(material()), "run: kimi-conformance docs"
    assert yaml.load(committed, yaml.CSafeLoader) == reader().document
    assert not re.search(r"[&*]id\d", committed)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("2026-09-01", "'2026-09-01'", id="a-day"),
        pytest.param("1.28", '"1.28"', id="a-number"),
        pytest.param("12e3", '"12e3"', id="a-number-to-yaml-1.2"),
        pytest.param("0o17", '"0o17"', id="an-octal-to-yaml-1.2"),
        pytest.param("on", "'on'", id="a-word-of-yaml-1.1"),
        pytest.param("月 👋", "月 👋", id="chinese"),
        pytest.param("a\u2028b", '"a\\Lb"', id="a-break-that-is-none"),
    ],
)
def test_a_text_is_the_same_text_to_every_reader_of_yaml(text: str, written: str) -> None:
    assert as_yaml({"x": [{"y": text}]}) == f"x:\n  - {{y: {written}}}\n"
    assert yaml.safe_load(as_yaml({"x": text})) == {"x": text}


def test_the_document_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(reader().document).iter_errors()) == []


def test_every_reference_leads_somewhere_and_every_component_is_referred_to() -> None:
    assert reader().dangling() == []
    assert reader().idle() == ["#/components/responses/Elsewhere404"]


def test_every_example_fits_its_schema() -> None:
    found = list(reader().examples())
    assert len(found) > 80
    assert [(name, errors) for name, schema, value in found if (errors := reader().errors(schema, value))] == []


def test_the_three_429s_are_shown_by_their_own_words() -> None:
    shown = reader().pointed("#/components/responses/Platform429")["content"][JSON]["examples"].values()
    assert {each["value"]["error"]["type"] for each in shown} == {
        "rate_limit_reached_error",
        "engine_overloaded_error",
        "exceeded_current_quota_error",
    }


def test_every_answer_on_tape_is_one_that_the_document_describes() -> None:
    elsewhere = {name for answer in endpoints().elsewhere for name in answer.cassettes}
    asked = [(each, reader().operation(each.method, path_of(each.url))) for each in tape()]
    assert {each.name for each, operation in asked if operation is None} == elsewhere
    described = [
        (each.name, reader().flaws(operation, each.status, dict(each.headers), each.body))
        for each, operation in asked
        if operation is not None
    ]
    assert [(name, flaws) for name, flaws in described if flaws] == []


def test_a_body_fits_the_document_exactly_where_it_fits_the_contract() -> None:
    compared = []
    for each in tape():
        endpoint = endpoints().find(each.method, each.url)
        if endpoint is None or endpoint.request is None or endpoint.request.media != JSON:
            continue
        operation = reader().operation(each.method, path_of(each.url)) or {}
        schema = operation["requestBody"]["content"][JSON]["schema"]
        fits = not request_schemas().errors(endpoint.request.shape, each.request)
        compared.append((each.name, fits, not reader().errors(schema, each.request)))
    assert [name for name, fits, said in compared if fits != said] == []
    assert {fits for _, fits, _ in compared} == {True, False}


def test_every_answer_header_and_parameter_says_how_it_is_known() -> None:
    contents = [
        content
        for _, _, operation in reader().operations()
        for response in operation["responses"].values()
        for content in reader().at(response)["content"].values()
    ]
    sourced = [*contents, *reader().document["components"]["headers"].values()]
    assert [each for each in sourced if not each.get("x-provenance")] == []
    index = reader().document["x-requirement-index"]
    assert {name for each in sourced for name in each["x-requirements"]} <= index.keys()


def test_a_member_is_known_as_the_reference_page_says() -> None:
    told = reader().pointed("#/components/schemas/ChatCompletionRequest")["properties"]
    marks = {each.path: mark for each, mark in sources().members.marks("chat.completion.request")}
    expected = {name: marks[name] for name in told}
    assert {mark.word for mark in expected.values()} >= {"observed", "documented"}
    assert {name: member["x-provenance"]["known"] for name, member in told.items()} == {
        name: mark.word for name, mark in expected.items()
    }


def test_a_deprecated_member_and_the_models_that_take_a_member_are_told() -> None:
    members = reader().pointed("#/components/schemas/ChatCompletionRequest")["properties"]
    assert [name for name, member in members.items() if member.get("deprecated")] == ["max_tokens"]
    assert "kimi-k3" in members["reasoning_effort"]["x-models"]
    assert "kimi-k2.6" not in members["reasoning_effort"]["x-models"]


def test_each_host_has_its_servers_and_the_anthropic_face_takes_both_keys() -> None:
    paths = reader().document["paths"]
    servers = [each["url"] for each in reader().document["servers"]]
    assert servers == ["https://api.moonshot.ai", "https://api.moonshot.cn"]
    coding = {path for path, item in paths.items() if "servers" in item}
    assert coding == {path for path in paths if path.startswith("/coding/")}
    assert paths["/anthropic/v1/messages"]["post"]["security"] == [{"bearer": []}, {"apiKey": []}]
    assert paths["/v1/chat/completions"]["post"]["security"] == [{"bearer": []}]
    assert {method for item in paths.values() for method in item} - {"servers"} <= set(METHODS)


def test_messages_and_blocks_are_told_apart_by_a_discriminator() -> None:
    found = reader().pointed("#/components/schemas/RequestMessage")["discriminator"]
    assert found["propertyName"] == "role"
    assert found["mapping"]["tool"] == "#/components/schemas/ToolMessage"


# Each mistake in the document is noticed


def _models(document: Any) -> Any:
    return document["paths"]["/v1/models"]["get"]["responses"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            lambda d: d["components"]["schemas"].pop("Models"), "#/components/schemas/Models", id="dangling-reference"
        ),
        pytest.param(
            lambda d: d["components"]["schemas"]["RequestMessage"]["discriminator"]["mapping"].update(tool="#/moon"),
            "#/moon",
            id="discriminator-that-leads-nowhere",
        ),
        pytest.param(
            lambda d: d["components"]["schemas"].update(Moon={"type": "object"}), "schemas/Moon", id="idle-component"
        ),
        pytest.param(
            lambda d: _models(d)["200"]["content"][JSON]["examples"]["hosts-models-ai"]["value"].pop("data"),
            "'data' is a required",
            id="example",
        ),
        pytest.param(
            lambda d: _models(d)["200"]["content"][JSON].update(schema={"type": "array"}),
            "not of type 'array'",
            id="schema",
        ),
        pytest.param(lambda d: _models(d).pop("401"), "no response 401", id="status"),
        pytest.param(lambda d: _models(d)["200"]["content"].update({JSON: {"schema": False}}), "False", id="nothing"),
        pytest.param(
            lambda d: _models(d)["200"].update(content={"text/plain": {"schema": {}}}),
            "no application/json",
            id="media",
        ),
        pytest.param(
            lambda d: d["components"]["headers"]["Msh-Request-Id"]["schema"].update(pattern="^moon$"),
            "Msh-Request-Id: ",
            id="header",
        ),
        pytest.param(
            lambda d: d["components"]["schemas"]["Delta"].update(type="array"), "not of type 'array'", id="event"
        ),
    ],
)
def test_a_mistake_in_the_document_is_noticed(change: Callable[[Any], object], said: str) -> None:
    document = copy.deepcopy(reader().document)
    change(document)
    assert _mistakes(reader()) == []
    assert any(said in line for line in _mistakes(Reader(document)))


def _mistakes(read: Reader) -> list[str]:
    """What the tests above would find, of some of the tapes."""
    if lost := read.dangling():
        return lost
    found = [each for each in read.idle() if "Elsewhere" not in each]
    found += [error for _, schema, value in read.examples() for error in read.errors(schema, value)]
    for each in tape():
        if each.name in ("hosts/models-ai", "hosts/models-ai-no-key", "chat/kimi-k3-hello", "stream/kimi-k3-hello"):
            operation = read.operation(each.method, path_of(each.url)) or {}
            found += read.flaws(operation, each.status, dict(each.headers), each.body)
    return found
