"""From an ask to the request on the wire: for what, where, in which bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.router.asking import request_of
from suites.selftest.plays import ask, profile

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.exchange import Request

BASE: Final = "http://127.0.0.1:18900"
CHAT: Final = f"{BASE}/v1/chat/completions"
KEY: Final = {"authorization": "Bearer sk-client"}


def sent(asked: Ask, **sections: Any) -> Request:
    """The request for `asked` to a router whose profile has these sections."""
    return request_of(asked, profile(client_headers=KEY, **sections), "kc7", BASE)


def test_a_plain_request_is_json_without_blanks_and_marked_in_the_text_of_the_user() -> None:
    request = sent(ask("月"))
    assert (request.method, request.url) == ("POST", CHAT)
    assert request.body == '{"model":"月","messages":[{"role":"user","content":"Say ok. [kc7]"}]}'.encode()
    assert request.headers == (
        ("user-agent", "kimi-conformance"),
        ("content-type", "application/json"),
        ("authorization", "Bearer sk-client"),
    )


@pytest.mark.parametrize(
    ("asked", "members"),
    [
        pytest.param(ask(), ["model", "messages"], id="chat"),
        pytest.param(ask(stream=True), ["model", "messages", "stream"], id="streamed"),
        pytest.param(ask(surface="messages"), ["model", "max_tokens", "messages"], id="messages-are-bounded"),
        pytest.param(ask(members={"x": 1, "y": 2}), ["model", "messages", "x", "y"], id="further-members"),
        pytest.param(ask(model_last=True, members={"x": 1}), ["messages", "x", "model"], id="model-last"),
        pytest.param(ask(ABSENT), ["messages"], id="no-model"),
        pytest.param(ask(ABSENT, model_last=True), ["messages"], id="no-model-last"),
        pytest.param(ask(None), ["model", "messages"], id="null-is-there"),
        pytest.param(ask(""), ["model", "messages"], id="empty-is-there"),
    ],
)
def test_a_body_has_the_members_of_its_surface_in_order(asked: Ask, members: list[str]) -> None:
    body = sent(asked).json()
    assert list(body) == members
    assert body.get("model", ABSENT) == asked.model.value
    assert body.get("max_tokens", 64) == 64
    assert body.get("stream", True) is True


@pytest.mark.parametrize("model", [None, "", 3, 0, False, ["kimi-k3"], {"toLowerCase": 1}, "constructor", " a\t\u200b"])
def test_a_model_is_sent_as_it_is(model: Any) -> None:
    assert sent(ask(model)).json()["model"] == model
    assert type(sent(ask(model)).json()["model"]) is type(model)


def test_further_members_replace_the_usual_ones_and_keep_their_place() -> None:
    usual = {"messages": [{"role": "user", "content": "Two marks: %MARK% %MARK%"}], "max_tokens": 5, "stream": False}
    body = sent(ask(surface="messages", stream=True, members=usual)).json()
    assert list(body) == ["model", "max_tokens", "messages", "stream"]
    assert (body["max_tokens"], body["stream"]) == (5, False)
    assert body["messages"][0]["content"] == "Two marks: kc7 kc7"


@pytest.mark.parametrize("whole", [b"", b'{"model":"a","model":"b","m":"%MARK%"}', b"\xff\x00 %MARK%", b"[%MARK%]"])
def test_a_body_that_is_about_its_bytes_is_sent_as_it_is(whole: bytes) -> None:
    asked = ask("kimi-k3", "dispo", body=whole, members={"x": 1}, stream=True)
    assert sent(asked).body == whole.replace(b"%MARK%", b"kc7")


def test_a_trace_header_carries_the_mark_too() -> None:
    request = sent(ask(), trace={"header": "X-Trace-Id"})
    assert request.header("x-trace-id") == "kc7"
    assert b"kc7" in request.body
    assert sent(ask()).header("x-trace-id") is None


PER_MODEL: Final[dict[str, Any]] = {
    "per_model": {
        "kimi-k2.6": {
            "headers": {"x-config": "pc-kimi", "authorization": "Bearer other"},
            "path": {"chat": "/kimi/v1/chat/completions"},
        }
    },
    "sends": {"kimi-k2.6": "moonshot/kimi-k2.6"},
}


def test_one_model_may_have_headers_and_a_path_of_its_own() -> None:
    request = sent(ask("moonshot/kimi-k2.6"), **PER_MODEL)
    assert request.url == f"{BASE}/kimi/v1/chat/completions"
    assert request.json()["model"] == "moonshot/kimi-k2.6"
    assert (request.header("x-config"), request.header("authorization")) == ("pc-kimi", "Bearer other")
    elsewhere = sent(ask("moonshot/kimi-k2.6", surface="messages"), **PER_MODEL)
    assert (elsewhere.url, elsewhere.header("x-config")) == (f"{BASE}/v1/messages", "pc-kimi")


@pytest.mark.parametrize("model", ["kimi-k3", "Kimi-K2.6", ABSENT, None, ["kimi-k2.6"], {"a": "kimi-k2.6"}, 2.6])
def test_other_models_have_not(model: Any) -> None:
    assert sent(ask(model), **PER_MODEL) == sent(ask(model))


@pytest.mark.parametrize("way", [{"header": "x-agent-id"}, {"body": "/agent"}, {"bearer": "{secret.agent.NAME}"}])
def test_the_list_of_models_is_asked_for_with_the_clients_headers_alone(way: dict[str, Any]) -> None:
    request = sent(ask(ABSENT, "dispo", listing=True), trace={"header": "x-trace-id"}, agent=way)
    headers = (("user-agent", "kimi-conformance"), ("authorization", "Bearer sk-client"))
    assert (request.method, request.url, request.headers, request.body) == ("GET", f"{BASE}/v1/models", headers, b"")


def test_an_ask_may_have_headers_of_its_own_in_the_place_of_the_usual_ones() -> None:
    request = sent(ask(headers={"authorization": "Bearer other", "x-debug": "true"}))
    assert [request.header(name) for name in ("authorization", "x-debug")] == ["Bearer other", "true"]
