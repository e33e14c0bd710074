"""Calls: what contracts/calls.yaml may say, and the requests that are made of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from pydantic import ValidationError

from kimi_conformance.api.call import Call, Case, case, each
from kimi_conformance.api.material import material
from kimi_conformance.api.outward import Outward
from kimi_conformance.api.request import request_of
from kimi_conformance.contract.calls import Calls, Form
from kimi_conformance.registry.contracts import catalogue
from kimi_conformance.upstream import asked
from suites.selftest.nights import TODAY, around
from suites.selftest.offline_kimi import AI, CODING, at, kimi, started

if TYPE_CHECKING:
    from kimi_conformance.contract.calls import KeyName
    from kimi_conformance.judge.api.sight import Key

HELLO: Final = {"model": "kimi-k3", "messages": [{"role": "user", "content": "你好 👋"}]}
DAY: Final = date(2026, 11, 25)


def calls(**found: dict[str, Any]) -> Calls:
    """Calls by slugs, in an area of their own."""
    return Calls.model_validate({"said": {}, "calls": {f"area/{name}": spec for name, spec in found.items()}})


@pytest.mark.parametrize(
    ("name", "spec", "said"),
    [
        pytest.param("area/a", {"get": "/v1/models", "chat": HELLO}, "a call is exactly one of", id="two requests"),
        pytest.param("area/a", {"host": "coding"}, "a call is exactly one of", id="none"),
        pytest.param("area/a", {"put": "/v1/models"}, "Extra inputs are not permitted", id="another method"),
        pytest.param(
            "area/a", {"get": "/v1/models", "body": {}}, "'body' and 'form' go with 'post'", id="body of a GET"
        ),
        pytest.param("area/{model}", {"chat": HELLO}, "'{model}' in a name and 'each' come together", id="no each"),
        pytest.param("area/a", {"chat": HELLO, "each": "live"}, "'{model}' in a name and 'each'", id="no {model}"),
        pytest.param("area/{model}", {"chat": HELLO, "each": "lve"}, "'each' is live, or one of", id="no property"),
        pytest.param("area/a", {"get": "/v1/files/{id}", "takes": "area/b"}, "area/b, which is no call", id="takes"),
        pytest.param("area/a", {"get": "/v1/models", "host": "moon"}, "Input should be 'platform-ai'", id="no host"),
        pytest.param("area/a", {"get": "/v1/models", "key": "mine"}, "Input should be 'platform-ai'", id="no key"),
        pytest.param("no area", {"get": "/v1/models"}, "String should match pattern", id="no name"),
    ],
)
def test_a_mistake_in_calls_is_named(name: str, spec: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Calls.model_validate({"said": {}, "calls": {name: spec}})
    assert said in str(refused.value)
    assert name in str(refused.value)


def test_a_template_is_a_call_of_every_model_that_has_the_property() -> None:
    found = Calls.model_validate(
        {
            "said": {},
            "calls": {
                "area/{model}-hello": {"each": "live", "chat": {**HELLO, "model": "{model}"}},
                "area/{model}-fixed": {"each": "fixed-temperature", "chat": {**HELLO, "model": "{model}"}},
            },
        }
    )
    made = material(found, catalogue(), DAY)
    assert {call.model for call in made.calls.values() if call.name.endswith("-hello")} == {m.id for m in made.models}
    fixed = {call.model for call in made.calls.values() if call.name.endswith("-fixed")}
    assert fixed == {model.id for model in made.each("fixed-temperature")}
    assert "kimi-k3" in fixed


def test_a_call_of_a_models_own_comes_before_that_of_a_template() -> None:
    own = {"chat": {**HELLO, "max_tokens": 64}}
    template = {"each": "live", "chat": {**HELLO, "model": "{model}"}}
    found = Calls.model_validate({"said": {}, "calls": {"area/{model}-hello": template, "area/kimi-k3-hello": own}})
    made = material(found, catalogue(), DAY)
    assert (made["area/kimi-k3-hello"].body or {})["max_tokens"] == 64
    assert made.has("area/kimi-k2.6-hello")
    assert not made.has("area/kimi-k2-0905-preview-hello")


def test_the_key_is_the_hosts_own_where_nothing_is_said() -> None:
    made = material(calls(a={"get": "/v1/models", "host": "platform-cn"}), catalogue(), DAY)
    assert (made["area/a"].key, made["area/a"].whose) == ("platform-cn", "own")


@pytest.mark.parametrize(
    ("host", "key", "whose"),
    [
        ("platform-ai", "platform-ai", "own"),
        ("platform-ai", "platform-cn", "other-host"),
        ("platform-cn", "platform-ai", "other-host"),
        ("platform-ai", "coding", "coding"),
        ("coding", "coding", "own"),
        ("coding", "platform-ai", "other-host"),
        ("platform-ai", "none", "none"),
        ("platform-ai", "wrong", "wrong"),
        ("platform-ai", "drained", "drained"),
    ],
)
def test_whose_key_it_is_depends_on_the_host(host: Any, key: KeyName, whose: Key) -> None:
    assert Call("area/a", "GET", "/v1/models", host=host, key=key).whose == whose


def test_a_case_names_its_calls_once_with_what_they_take_their_ids_from_before_them() -> None:
    upload = Call("files/upload", "POST", "/v1/files")
    get = Call("files/get", "GET", "/v1/files/{id}", takes=upload)
    delete = Call("files/delete", "DELETE", "/v1/files/{id}", takes=upload)
    about = Case("api.files.deleted-shape", (("model", "kimi-k3"), ("face", "chat")), (delete,), (get, upload))
    assert about.all_calls == (upload, get, delete)
    assert about.id == "api.files.deleted-shape@model=kimi-k3@face=chat"


def test_each_names_its_cases_after_the_call_and_may_want_it_accepted() -> None:
    one, twin = Call("area/one", "GET", "/v1/models"), Call("area/twin", "GET", "/v1/models")
    assert [made.twins for made in each([one], twin)] == [(twin,)]
    assert [made.twins for made in each([one], twin, itself=True)] == [(one, twin)]
    assert [made.axes for made in each([one])] == [(("call", "area.one"),)]
    assert case(one, model="kimi-k3").axes == (("model", "kimi-k3"),)


def test_a_request_has_its_key_by_name_and_json_as_it_is() -> None:
    sent = request_of(Call("area/a", "POST", "/v1/chat/completions", body=HELLO))
    assert str(sent.url) == "https://api.moonshot.ai/v1/chat/completions"
    assert sent.headers["authorization"] == "Bearer <key platform-ai>"
    assert sent.headers["content-type"] == "application/json"
    assert sent.content == json.dumps(HELLO, ensure_ascii=False, separators=(",", ":")).encode()
    assert "你好 👋".encode() in sent.content


def test_headers_of_a_call_replace_ours() -> None:
    sent = request_of(Call("area/a", "GET", "/v1/models", headers=(("user-agent", "curl/8.5.0"),)))
    assert sent.headers.get_list("user-agent") == ["curl/8.5.0"]


def test_the_anthropic_face_has_its_version_and_its_own_header_for_keys() -> None:
    sent = request_of(Call("area/a", "POST", "/anthropic/v1/messages", body=HELLO, x_api_key=True))
    assert sent.headers["anthropic-version"] == "2023-06-01"
    assert sent.headers["x-api-key"] == "<key platform-ai>"
    assert "authorization" not in sent.headers


def test_without_a_key_there_is_no_header_for_one() -> None:
    sent = request_of(Call("area/a", "GET", "/v1/models", key="none"))
    assert not {"authorization", "x-api-key"} & set(sent.headers)


def test_an_id_stands_in_the_path_where_it_is_known() -> None:
    call = Call("files/get", "GET", "/v1/files/{id}/content")
    assert request_of(call, "file-1").url.path == "/v1/files/file-1/content"


def test_a_form_is_multipart_with_one_file() -> None:
    form = Form(purpose="file-extract", filename="moon.txt", content="月亮 is far.")
    sent = request_of(Call("files/upload", "POST", "/v1/files", form=form))
    with started(kimi(TODAY)) as server, httpx.Client(transport=Outward(around(at(server.url)))) as client:
        answer = client.send(sent)
    arrived = server.requests[0].body
    assert answer.json()["filename"] == "moon.txt"
    assert answer.json()["bytes"] == len("月亮 is far.".encode())
    assert arrived == sent.content
    assert b'name="purpose"\r\n\r\nfile-extract\r\n' in arrived


@pytest.mark.parametrize(
    ("call", "path", "key"),
    [
        pytest.param(Call("a/a", "GET", "/v1/models?a=1%202"), "/v1/models?a=1%202", AI, id="ai, with a query"),
        pytest.param(
            Call("a/a", "GET", "/coding/v1/models", host="coding", key="coding"),
            "/coding/v1/models",
            CODING,
            id="coding",
        ),
    ],
)
def test_the_way_out_changes_host_and_key_and_nothing_else(call: Call, path: str, key: str) -> None:
    call = replace(call, headers=(("x-note", "<key platform-ai>"),))
    with started(kimi(TODAY)) as server, httpx.Client(transport=Outward(around(at(server.url)))) as client:
        client.send(request_of(call))
    (request,) = server.requests
    assert request.url == path
    assert request.header("authorization") == f"Bearer {key}"
    assert request.header("x-note") == "<key platform-ai>"
    assert request.header("host") == server.url.removeprefix("http://")


def test_a_base_url_with_a_path_keeps_it() -> None:
    with started(kimi(TODAY)) as server:
        environment = at(f"{server.url}/proxy/v1/")
        with httpx.Client(transport=Outward(around(environment))) as client:
            client.send(request_of(Call("a/a", "GET", "/v1/models")))
    assert server.lines == ["GET /proxy/v1/models"]


def test_a_wrong_key_is_another_one_each_time() -> None:
    call = Call("a/a", "GET", "/v1/models", key="wrong")
    with started(kimi(TODAY)) as server, httpx.Client(transport=Outward(around(at(server.url)))) as client:
        answers = [client.send(request_of(call)).status_code for _ in range(2)]
    keys = {asked.bearer(request) for request in server.requests}
    assert answers == [401, 401]
    assert len(keys) == 2
    assert all(str(key).startswith("sk-") for key in keys)
