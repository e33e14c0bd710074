"""From an ask to the request on the wire: who asks, for what, where, in which bytes."""

from __future__ import annotations

from dataclasses import replace
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


def sent(asked: Ask, mark: str = "kc7", **sections: Any) -> Request:
    """The request for `asked` to a router whose profile has these sections."""
    return request_of(asked, profile(client_headers=KEY, **sections), mark, BASE)


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


HEADER: Final[dict[str, Any]] = {"agent": {"header": "X-Agent-Id"}}
PATH: Final[dict[str, Any]] = {"agent": {"path": "/agents/{agent}/v1/…"}}
ONE_PATH: Final[dict[str, Any]] = {"agent": {"path": "/of/{agent}/ask"}}
BEARER: Final[dict[str, Any]] = {"agent": {"bearer": "{secret.agent.NAME}"}}
BODY: Final[dict[str, Any]] = {"agent": {"body": "/metadata/by/agent"}}
TOP: Final[dict[str, Any]] = {"agent": {"body": "/agent"}}
PORT: Final[dict[str, Any]] = {"agent": {"port": {"dispo": 18901, "scout": "18902"}}}
NOBODY: Final[dict[str, Any]] = {"agent": None, "policy": {"models": {"kimi-k3": "kimi"}}}
WAYS = [
    pytest.param(way, id=slug)
    for slug, way in (
        ("header", HEADER),
        ("path", PATH),
        ("one-path", ONE_PATH),
        ("bearer", BEARER),
        ("body", BODY),
        ("top-of-the-body", TOP),
        ("port", PORT),
        ("no-way", NOBODY),
    )
]


@pytest.mark.parametrize("way", WAYS)
def test_a_request_without_an_agent_is_the_same_whatever_way_agents_are_named(way: dict[str, Any]) -> None:
    for asked in (ask(), ask(surface="messages", stream=True), ask(body=b"{"), ask(ABSENT)):
        assert sent(asked, **way) == sent(asked, **NOBODY)


@pytest.mark.parametrize("agent", ["dispo", "dispo x", "Dispo", "constructor", "", " dispo"])
def test_an_agent_is_named_in_its_header(agent: str) -> None:
    plain, named = sent(ask()), sent(ask(agent=agent), **HEADER)
    assert named == replace(plain, headers=(*plain.headers, ("X-Agent-Id", agent)))


@pytest.mark.parametrize(
    ("agent", "segment"),
    [
        pytest.param("dispo", "dispo", id="plain"),
        pytest.param("dispo x", "dispo%20x", id="blank"),
        pytest.param("a/b?c#d%", "a%2Fb%3Fc%23d%25", id="signs-of-a-url"),
        pytest.param("\u0434", "%D0%B4", id="another-script"),
        pytest.param("__proto__", "__proto__", id="built-in"),
    ],
)
@pytest.mark.parametrize("surface", ["chat", "messages"])
def test_an_agent_is_one_segment_of_the_path_before_the_rest_of_the_surfaces_own(
    agent: str, segment: str, surface: str
) -> None:
    rest = {"chat": "chat/completions", "messages": "messages"}[surface]
    plain, named = sent(ask(surface=surface)), sent(ask(agent=agent, surface=surface), **PATH)
    assert named == replace(plain, url=f"{BASE}/agents/{segment}/v1/{rest}")


def test_a_path_that_has_no_rest_is_the_whole_path() -> None:
    assert sent(ask(agent="dispo"), **ONE_PATH).url == f"{BASE}/of/dispo/ask"
    assert sent(ask(agent="dispo", surface="messages"), **ONE_PATH).url == f"{BASE}/of/dispo/ask"


@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
def test_an_agent_has_a_key_of_its_own_in_the_place_of_the_clients(name: str) -> None:
    of = profile(client_headers={name: "Bearer sk-client", "x-other": "kept"}, **BEARER)
    request = request_of(ask(agent="dispo"), of, "kc7", BASE)
    keys = [value for header, value in request.headers if header.lower() == "authorization"]
    assert keys == ["Bearer {secret.agent.dispo}"]  # the bench knows the key, and puts it in
    assert request.header("x-other") == "kept"


@pytest.mark.parametrize(
    ("way", "members", "named"),
    [
        pytest.param(TOP, {}, {"agent": "dispo"}, id="at-the-top"),
        pytest.param(TOP, {"agent": "usual"}, {"agent": "dispo"}, id="in-the-place-of-another"),
        pytest.param(BODY, {}, {"metadata": {"by": {"agent": "dispo"}}}, id="nested"),
        pytest.param(
            BODY,
            {"metadata": {"user": "u", "by": {"x": 1}}},
            {"metadata": {"user": "u", "by": {"x": 1, "agent": "dispo"}}},
            id="beside-others",
        ),
        pytest.param(BODY, {"metadata": "text"}, {"metadata": {"by": {"agent": "dispo"}}}, id="in-the-place-of-a-text"),
        pytest.param(BODY, {"metadata": None}, {"metadata": {"by": {"agent": "dispo"}}}, id="in-the-place-of-null"),
    ],
)
def test_an_agent_is_a_member_of_the_body(way: dict[str, Any], members: dict[str, Any], named: dict[str, Any]) -> None:
    plain, request = sent(ask()), sent(ask(agent="dispo", members=members), **way)
    assert request.json() == plain.json() | named
    assert (request.url, request.headers) == (plain.url, plain.headers)


@pytest.mark.parametrize(("agent", "port"), [("dispo", 18901), ("scout", 18902)])
def test_an_agent_has_a_port_of_its_own(agent: str, port: int) -> None:
    plain = sent(ask())
    named = sent(ask(agent=agent), **PORT)
    assert named == replace(plain, url=f"http://127.0.0.1:{port}/v1/chat/completions")


def test_an_agent_that_cannot_be_named_is_not() -> None:
    assert sent(ask(agent="dispo"), **NOBODY) == sent(ask(), **NOBODY)


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


@pytest.mark.parametrize("way", [HEADER, BODY, BEARER])
def test_the_list_of_models_is_asked_for_with_the_clients_headers_alone(way: dict[str, Any]) -> None:
    request = sent(ask(ABSENT, "dispo", listing=True), trace={"header": "x-trace-id"}, **way)
    headers = (("user-agent", "kimi-conformance"), ("authorization", "Bearer sk-client"))
    assert (request.method, request.url, request.headers, request.body) == ("GET", f"{BASE}/v1/models", headers, b"")
