"""How an agent is named to a router: in a header, the path, a key, the body, by a port; and how it is not."""

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


def sent(asked: Ask, **sections: Any) -> Request:
    """The request for `asked` to a router whose profile has these sections."""
    return request_of(asked, profile(client_headers={"authorization": "Bearer sk-client"}, **sections), "kc7", BASE)


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


@pytest.mark.parametrize(
    ("whole", "named"),
    [
        pytest.param(b'{"model":1,"model":2}', b'{"agent":"dispo","model":1,"model":2}', id="an-object"),
        pytest.param(b'{"model":', b'{"agent":"dispo","model":', id="the-beginning-of-one"),
        pytest.param(b"[1]", b"[1]", id="no-object"),
        pytest.param(b"", b"", id="empty"),
    ],
)
def test_an_agent_is_put_into_a_body_that_is_about_its_bytes(whole: bytes, named: bytes) -> None:
    assert sent(ask(agent="dispo", body=whole), **TOP).body == named


def test_the_model_stays_last_behind_an_agent_in_the_body() -> None:
    assert list(sent(ask(agent="dispo", model_last=True), **TOP).json()) == ["messages", "agent", "model"]


@pytest.mark.parametrize(
    ("template", "surface", "path"),
    [
        pytest.param("/agents/{agent}/…", "/v1/chat/completions", "/agents/dispo/v1/chat/completions", id="all-of-it"),
        pytest.param(
            "/agents/{agent}/v1/…", "/v1/chat/completions", "/agents/dispo/v1/chat/completions", id="the-rest"
        ),
        pytest.param("/a/{agent}/api/v1/…", "/api/v1/chat", "/a/dispo/api/v1/chat", id="more-of-the-rest"),
        pytest.param("/a/{agent}/v1/…", "/chat", "/a/dispo/v1/chat", id="nothing-in-common"),
        pytest.param("/{agent}…", "/v1/chat", "/dispo/v1/chat", id="without-a-slash"),
    ],
)
def test_a_path_is_put_together_without_saying_anything_twice(template: str, surface: str, path: str) -> None:
    surfaces = {"chat": surface, "messages": "/v1/messages"}
    assert sent(ask(agent="dispo"), agent={"path": template}, surfaces=surfaces).url == BASE + path


def test_a_pointer_to_the_agent_may_be_escaped() -> None:
    body = sent(ask(agent="dispo"), agent={"body": "/a~1b/~0"}).json()
    assert body["a/b"] == {"~": "dispo"}


def test_an_agent_without_a_port_is_told() -> None:
    with pytest.raises(ValueError, match=r"^agent 'other' has no port in the profile; dispo, scout have$"):
        sent(ask(agent="other"), **PORT)


@pytest.mark.parametrize("base", ["http://127.0.0.1:18900", "http://127.0.0.1"])
def test_an_agents_port_takes_the_place_of_the_routers(base: str) -> None:
    request = request_of(ask(agent="dispo"), profile(**PORT), "kc7", base)
    assert request.url == "http://127.0.0.1:18901/v1/chat/completions"


@pytest.mark.parametrize(("agent", "port"), [("dispo", 18901), ("scout", 18902)])
def test_an_agent_has_a_port_of_its_own(agent: str, port: int) -> None:
    plain = sent(ask())
    named = sent(ask(agent=agent), **PORT)
    assert named == replace(plain, url=f"http://127.0.0.1:{port}/v1/chat/completions")


def test_an_agent_that_cannot_be_named_is_not() -> None:
    assert sent(ask(agent="dispo"), **NOBODY) == sent(ask(), **NOBODY)
