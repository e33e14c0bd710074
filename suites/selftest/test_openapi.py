"""reports/openapi.yaml: as it would be written now, valid, closed, and true of the tape and of what `serve` answers."""

from __future__ import annotations

import copy
import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from kimi_conformance.api.material import material
from kimi_conformance.api.request import request_of
from kimi_conformance.contract.endpoints import JSON
from kimi_conformance.exchange import Request
from kimi_conformance.registry.contracts import calls, catalogue, endpoints, request_schemas
from kimi_conformance.registry.home import data_root
from kimi_conformance.reporting.openapi.document import openapi, openapi_document
from kimi_conformance.reporting.openapi.gather import gather
from suites.selftest.endpoint_checks import tape
from suites.selftest.offline_kimi import AI, CN, CODING, DRAINED, kimi
from suites.selftest.openapi_reading import METHODS, Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kimi_conformance.cassette.taped import Taped

MATERIAL: Final = gather()
READER: Final = Reader(openapi(MATERIAL))
KEYS: Final = {"platform-ai": AI, "platform-cn": CN, "coding": CODING, "drained": DRAINED, "wrong": "sk-nobodys"}
ELSEWHERE: Final = {name for answer in endpoints().elsewhere for name in answer.cassettes}
DAY: Final = date(2026, 11, 25)
CALLS: Final = {name: call for name, call in material(calls(), catalogue(), DAY).calls.items() if not call.absent}


def test_the_committed_document_is_what_would_be_written_now() -> None:
    committed = (data_root() / "reports" / "openapi.yaml").read_text("utf-8")
    assert committed == openapi_document(MATERIAL), "run: python -m kimi_conformance.reporting.openapi"


def test_the_text_says_what_the_data_are_to_any_reader_of_yaml() -> None:
    text = openapi_document(MATERIAL)
    assert yaml.load(text, yaml.CSafeLoader) == READER.document
    assert text == openapi_document(gather())
    assert not re.search(r"[&*]id\d", text)


def test_the_document_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(READER.document).iter_errors()) == []


def test_every_reference_leads_somewhere_and_every_component_is_referred_to() -> None:
    assert READER.dangling() == []
    assert READER.idle() == ["#/components/responses/Elsewhere404"]


def test_every_example_fits_its_schema() -> None:
    found = list(READER.examples())
    assert len(found) > 80
    assert [(name, errors) for name, schema, value in found if (errors := READER.errors(schema, value))] == []


def test_the_three_429s_are_shown_by_their_own_words() -> None:
    shown = READER.pointed("#/components/responses/Platform429")["content"][JSON]["examples"].values()
    assert {each["value"]["error"]["type"] for each in shown} == {
        "rate_limit_reached_error",
        "engine_overloaded_error",
        "exceeded_current_quota_error",
    }


@pytest.mark.parametrize("each", tape(), ids=lambda each: each.name)
def test_an_answer_on_tape_is_one_that_the_document_describes(each: Taped) -> None:
    operation = READER.operation(each.method, _path(each.url))
    assert (operation is None) == (each.name in ELSEWHERE)
    if operation is not None:
        assert READER.flaws(operation, each.status, dict(each.headers), each.body) == []


@pytest.mark.parametrize("each", tape(), ids=lambda each: each.name)
def test_a_body_fits_the_document_exactly_where_it_fits_the_contract(each: Taped) -> None:
    endpoint = endpoints().find(each.method, each.url)
    if endpoint is None or endpoint.request is None or endpoint.request.media != JSON:
        return
    operation = READER.operation(each.method, _path(each.url)) or {}
    schema = operation["requestBody"]["content"][JSON]["schema"]
    found = request_schemas().errors(endpoint.request.shape, each.request)
    assert bool(READER.errors(schema, each.request)) == bool(found)


@cache
def offline(host: str) -> Callable[[Request], Any]:
    return kimi(DAY, "platform-cn" if host == "platform-cn" else "platform-ai")


@cache
def uploaded() -> str:
    """The id of a file that the offline Kimi has."""
    return str(re.findall(rb'"id":"(\w+)"', served("files/upload")[2])[0].decode())


def served(name: str) -> tuple[int, Mapping[str, str], bytes]:
    """What the offline Kimi answers to a call: status, headers by lower-case name, body."""
    call = CALLS[name]
    asked = request_of(call, uploaded() if call.takes else None)
    for word, key in KEYS.items():
        for header in ("authorization", "x-api-key"):
            if header in asked.headers:
                asked.headers[header] = asked.headers[header].replace(f"<key {word}>", key)
    headers = tuple((key, value) for key, value in asked.headers.items())
    script = offline(call.host)(Request(asked.method, asked.url.raw_path.decode(), headers, asked.content))
    return script.status, {key.lower(): value for key, value in script.headers}, script.body


@pytest.mark.parametrize("name", [name for name in CALLS if name not in ELSEWHERE and name != "files/delete"])
def test_what_serve_answers_to_a_call_is_what_the_document_describes(name: str) -> None:
    call = CALLS[name]
    operation = READER.operation(call.method, call.path)
    assert operation is not None
    assert READER.flaws(operation, *served(name)) == []


def test_every_answer_header_and_parameter_says_how_it_is_known() -> None:
    contents = [
        content
        for _, _, operation in READER.operations()
        for response in operation["responses"].values()
        for content in READER.at(response)["content"].values()
    ]
    components = READER.document["components"]
    sourced = [*contents, *components["headers"].values()]
    assert [each for each in sourced if not each.get("x-provenance")] == []
    index = READER.document["x-requirement-index"]
    assert {name for each in sourced for name in each["x-requirements"]} <= index.keys()


def test_a_deprecated_member_and_the_models_that_take_a_member_are_told() -> None:
    members = READER.pointed("#/components/schemas/ChatCompletionRequest")["properties"]
    assert [name for name, member in members.items() if member.get("deprecated")] == ["max_tokens"]
    assert "kimi-k3" in members["reasoning_effort"]["x-models"]
    assert "kimi-k2.6" not in members["reasoning_effort"]["x-models"]


def test_each_host_has_its_servers_and_the_anthropic_face_takes_both_keys() -> None:
    paths = READER.document["paths"]
    assert [each["url"] for each in READER.document["servers"]] == [
        "https://api.moonshot.ai",
        "https://api.moonshot.cn",
    ]
    coding = {path for path, item in paths.items() if "servers" in item}
    assert coding == {path for path in paths if path.startswith("/coding/")}
    assert paths["/anthropic/v1/messages"]["post"]["security"] == [{"bearer": []}, {"apiKey": []}]
    assert paths["/v1/chat/completions"]["post"]["security"] == [{"bearer": []}]


def test_messages_and_blocks_are_told_apart_by_a_discriminator() -> None:
    found = READER.pointed("#/components/schemas/RequestMessage")["discriminator"]
    assert found["propertyName"] == "role"
    assert found["mapping"]["tool"] == "#/components/schemas/ToolMessage"


# Each mistake in the document is noticed


def _first(document: Any) -> Any:
    return document["paths"]["/v1/models"]["get"]["responses"]["200"]["content"][JSON]


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
            lambda d: _first(d)["examples"]["hosts-models-ai"]["value"].pop("data"), "'data' is a req", id="example"
        ),
        pytest.param(lambda d: _first(d).update(schema={"type": "array"}), "not of type 'array'", id="schema"),
        pytest.param(lambda d: d["paths"]["/v1/models"]["get"]["responses"].pop("401"), "no response 401", id="status"),
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
    document = copy.deepcopy(READER.document)
    change(document)
    assert _mistakes(READER) == []
    assert any(said in line for line in _mistakes(Reader(document)))


def _mistakes(reader: Reader) -> list[str]:
    """All that the tests above would find, of fewer tapes."""
    lost = reader.dangling()
    if lost:
        return lost
    found = [each for each in reader.idle() if "Elsewhere" not in each]
    found += [error for _, schema, value in reader.examples() for error in reader.errors(schema, value)]
    for each in tape():
        if each.name in ("hosts/models-ai", "hosts/models-ai-no-key", "chat/kimi-k3-hello", "stream/kimi-k3-hello"):
            operation = reader.operation(each.method, _path(each.url))
            found += reader.flaws(operation or {}, each.status, dict(each.headers), each.body)
    return found


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3].partition("?")[0]


def test_methods_are_those_of_openapi() -> None:
    assert {method for item in READER.document["paths"].values() for method in item} - {"servers"} <= set(METHODS)
