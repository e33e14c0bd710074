"""What the Kimi stand-in refuses, and in which of the three shapes of errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.exchange import Request
from kimi_conformance.upstream import kimi
from kimi_conformance.upstream.kimi_wire import Problem, error

if TYPE_CHECKING:
    from kimi_conformance.upstream.script import Script

SAID = [{"role": "user", "content": "hello"}]


def ask(body: Any, config: kimi.Config | None = None, *, path: str = kimi.CHAT, headers: Any = ()) -> Script:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return kimi.answer(Request("POST", path, headers, data), config or kimi.Config())


def said(script: Script) -> Any:
    return json.loads(script.body)


@pytest.mark.parametrize("path", [kimi.CHAT, kimi.MESSAGES, kimi.LIST])
def test_a_missing_key_and_a_wrong_one_are_two_kinds_of_401_on_every_face(path: str) -> None:
    method = "GET" if path == kimi.LIST else "POST"
    body = json.dumps({"model": "m", "messages": SAID}).encode()
    config = kimi.Config(secret="right")
    missing = kimi.answer(Request(method, path, (), body), config)
    wrong = kimi.answer(Request(method, path, (("Authorization", "Bearer left"),), body), config)
    right = kimi.answer(Request(method, path, (("authorization", "bearer right"),), body), config)
    assert (missing.status, said(missing)) == (
        401,
        {"error": {"message": "Incorrect API key provided", "type": "incorrect_api_key_error"}},
    )
    assert (wrong.status, said(wrong)) == (
        401,
        {"error": {"message": "Invalid Authentication", "type": "invalid_authentication_error"}},
    )
    assert right.status == 200


@pytest.mark.parametrize(("path", "status"), [(kimi.MESSAGES, 200), (kimi.CHAT, 401)])
def test_only_the_anthropic_face_takes_x_api_key(path: str, status: int) -> None:
    body, config = {"model": "m", "messages": SAID}, kimi.Config(secret="right")
    assert ask(body, config, path=path, headers=(("X-Api-Key", "right"),)).status == status


def test_a_model_that_is_not_served_is_404_in_the_shape_of_the_face() -> None:
    config = kimi.Config(serves=("kimi-k3*", "kimi-k2.6"))
    body = {"model": "kimi-k2-turbo", "messages": SAID}
    message = "Not found the model kimi-k2-turbo or Permission denied"
    chat, face = ask(body, config), ask(body, config, path=kimi.MESSAGES)
    assert (chat.status, said(chat)) == (404, {"error": {"message": message, "type": "resource_not_found_error"}})
    assert (face.status, list(said(face))) == (404, ["type", "error", "request_id"])
    assert said(face)["error"] == {"type": "resource_not_found_error", "message": message}
    assert ask({"model": "kimi-k3-highspeed", "messages": SAID}, config).status == 200


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"model":', id="cut"),
        pytest.param(b"[1]", id="list"),
        pytest.param(b'"text"', id="string"),
        pytest.param(b'{"model":"m","messages":[{}],"temperature":NaN}', id="nan"),
        pytest.param(b'{"model":"m\xff"}', id="not-utf8"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param({"messages": SAID}, id="no-model"),
        pytest.param({"model": None, "messages": SAID}, id="null-model"),
        pytest.param({"model": ["kimi-k3"], "messages": SAID}, id="list-model"),
        pytest.param({"model": "m"}, id="no-messages"),
        pytest.param({"model": "m", "messages": []}, id="empty-messages"),
        pytest.param({"model": "m", "messages": "hello"}, id="text-messages"),
    ],
)
def test_a_body_that_cannot_be_served_is_400_in_the_shape_of_the_face(body: Any) -> None:
    chat, face = ask(body), ask(body, path=kimi.MESSAGES)
    assert (chat.status, list(said(chat)), list(said(chat)["error"])) == (400, ["error"], ["message", "type"])
    assert said(chat)["error"]["type"] == "invalid_request_error"
    assert (face.status, list(said(face))) == (400, ["type", "error", "request_id"])
    assert said(face)["error"]["message"] == said(chat)["error"]["message"]


def test_empty_messages_are_refused_in_the_words_of_evidence_010() -> None:
    assert (
        said(ask({"model": "m", "messages": []}))["error"]["message"] == "Invalid request: messages must not be empty"
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/anthropic/v1/models"),
        ("GET", "/v1/chat/completions"),
        ("POST", "/v1/messages"),
        ("POST", "/chat/completions"),
        ("GET", "/"),
    ],
)
def test_an_unknown_path_or_method_is_the_third_family_of_errors(method: str, path: str) -> None:
    script = kimi.answer(Request(method, path + "?a=b", (("User-Agent", "probe/1"),)), kimi.Config(secret="right"))
    assert script.status == 404
    assert said(script) == {
        "code": 5,
        "error": "url.not_found",
        "message": "没找到对象",
        "method": method,
        "scode": "0x5",
        "status": False,
        "ua": "probe/1",
        "url": path,
    }


def test_errors_escape_angle_brackets_as_go_does() -> None:
    message = (
        "Your account org-0123456789abcdef0123456789abcdef<ak-abcdefghij0123456789> request reached organization "
        "max RPM: 3, please try again after 1 seconds"
    )
    body = error(Problem(429, "rate_limit_reached_error", message)).body
    assert len(body) == 216  # the content-length of evidence 106
    assert rb"\u003cak-" in body
