"""The judge on dialects: the path and the form in which a request reaches an upstream."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Verdict
from suites.selftest.plays import CHAT, MESSAGES, SECTIONS, arrived, ask, fails, findings, onward, profile, trip

DIALECT: Final = "router.request.dialect-fits-upstream"
FACE: Final = "router.request.kimi-uses-openai-face"

FORMS: Final[dict[str, dict[str, Any]]] = {
    CHAT: {"messages": [{"role": role, "content": ""} for role in ("system", "user", "assistant", "tool")]},
    MESSAGES: {"messages": [{"role": "user"}, {"role": "assistant"}], "max_tokens": 64, "system": "Be terse."},
}
PATHS: Final = {"chat": CHAT, "messages": MESSAGES}


def at(dialects: Any, path: str, body: Any) -> Any:
    """The findings where a request reached an upstream that speaks `dialects`."""
    of = profile(upstreams={**SECTIONS["upstreams"], "gateway": {"speaks": dialects}})
    return findings(DIALECT, trip(ask(), arrived("gateway", body, path=path)), of=of)


@pytest.mark.parametrize(
    ("dialects", "surfaces"),
    [
        pytest.param("openai", {"chat"}, id="openai"),
        pytest.param("kimi", {"chat"}, id="kimi"),
        pytest.param("anthropic", {"messages"}, id="anthropic"),
        pytest.param("portkey", {"chat", "messages"}, id="portkey"),
        pytest.param(["kimi", "anthropic"], {"chat", "messages"}, id="two"),
        pytest.param("webhook", set(), id="none-that-serves-models"),
    ],
)
@pytest.mark.parametrize("before", ["", "/api", "/anthropic"])
@pytest.mark.parametrize("surface", PATHS)
def test_an_upstream_is_asked_on_the_paths_of_its_dialects(
    dialects: Any, surfaces: set[str], before: str, surface: str
) -> None:
    path = before + PATHS[surface]
    expected = " or ".join(sorted({"chat": "/chat/completions", "messages": MESSAGES}[one] for one in surfaces))
    wrong = fails(DIALECT, expected, path, "upstream request path", f"gateway does not speak {path}")
    assert at(dialects, path + "?beta=true", FORMS[PATHS[surface]]) == (() if surface in surfaces else (wrong,))


@pytest.mark.parametrize("path", ["/v1/completions", "/v1/responses", "/v1/chat/completions/", "/messages", "/", ""])
def test_no_dialect_has_any_other_path(path: str) -> None:
    [found] = at("portkey", path, FORMS[CHAT])
    assert (found.expected, found.actual) == ("/chat/completions or /v1/messages", path or "/")
    assert found.message == f"gateway does not speak {path or '/'}"


@pytest.mark.parametrize(
    ("path", "changes", "expected", "actual", "where"),
    [
        pytest.param(MESSAGES, {"max_tokens": ABSENT}, "max_tokens, an integer", "absent", "/max_tokens", id="unbound"),
        pytest.param(MESSAGES, {"max_tokens": "9"}, "max_tokens, an integer", '"9"', "/max_tokens", id="bound-text"),
        pytest.param(MESSAGES, {"max_tokens": None}, "max_tokens, an integer", "null", "/max_tokens", id="bound-null"),
        pytest.param(MESSAGES, {"max_tokens": 6.4}, "max_tokens, an integer", "6.4", "/max_tokens", id="bound-cut"),
        pytest.param(MESSAGES, {"max_tokens": True}, "max_tokens, an integer", "true", "/max_tokens", id="bound-true"),
        pytest.param(CHAT, {"system": "x"}, "no member `system`", '"x"', "/system", id="system-in-chat"),
        pytest.param(CHAT, {"messages": ABSENT}, "a list of messages", "null", "/messages", id="no-messages"),
        pytest.param(CHAT, {"messages": []}, "a list of messages", "[]", "/messages", id="empty-messages"),
        pytest.param(MESSAGES, {"messages": {}}, "a list of messages", "{}", "/messages", id="object-for-messages"),
        pytest.param(CHAT, {"messages": "Hi."}, "a list of messages", '"Hi."', "/messages", id="text-for-messages"),
        pytest.param(
            CHAT,
            {"messages": [{"role": "user"}, {"role": "model"}]},
            "assistant or system or tool or user",
            '"model"',
            "/messages/1/role",
            id="unknown-role",
        ),
        pytest.param(
            MESSAGES,
            {"messages": [{"role": "system"}]},
            "assistant or user",
            '"system"',
            "/messages/0/role",
            id="system-as-a-role",
        ),
        pytest.param(
            MESSAGES,
            {"messages": [{"role": "user"}, {"role": "tool"}]},
            "assistant or user",
            '"tool"',
            "/messages/1/role",
            id="tool-as-a-role",
        ),
        pytest.param(
            MESSAGES, {"messages": ["Hi."]}, "assistant or user", "null", "/messages/0/role", id="text-for-a-message"
        ),
        pytest.param(
            CHAT,
            {"messages": [{"role": ["user"]}]},
            "assistant or system or tool or user",
            '["user"]',
            "/messages/0/role",
            id="list-for-a-role",
        ),
        pytest.param(MESSAGES, {"messages": [{}]}, "assistant or user", "null", "/messages/0/role", id="no-role"),
    ],
)
def test_a_body_has_the_form_of_its_path(
    path: str, changes: dict[str, Any], *, expected: str, actual: str, where: str
) -> None:
    body = {name: value for name, value in (FORMS[path] | changes).items() if value is not ABSENT}
    message = f"not the form of {'/chat/completions' if path == CHAT else MESSAGES}"
    wrong = fails(DIALECT, expected, actual, f"upstream request {where}", message)
    assert at("portkey", path, body) == (wrong,)


def test_an_integer_may_be_spelled_with_a_fraction_of_nothing() -> None:
    assert at("anthropic", MESSAGES, FORMS[MESSAGES] | {"max_tokens": 64.0}) == ()


def test_all_that_is_wrong_with_a_form_is_told() -> None:
    found = at("anthropic", MESSAGES, {"messages": [{"role": "system"}, {"role": "user"}, 3]})
    assert [one.where.removeprefix("upstream request ") for one in found] == [
        "/max_tokens",
        "/messages/0/role",
        "/messages/2/role",
    ]


def test_a_body_that_is_no_object_has_no_form() -> None:
    [cut] = at("openai", CHAT, b'{"messages"')
    assert cut.message == "the upstream got a body that is no JSON"
    [listed] = at("openai", CHAT, [FORMS[CHAT]])
    assert listed.message == "the upstream got no JSON object"


KIMI: Final = ask("kimi-k3.1-pro")


@pytest.mark.parametrize("path", [CHAT, CHAT + "?x=1"])
def test_kimi_is_asked_on_its_openai_face(path: str) -> None:
    assert findings(FACE, trip(KIMI, onward("direct", KIMI, path=path))) == ()


@pytest.mark.parametrize(
    "path", ["/anthropic/v1/messages", "/v1/messages", "/chat/completions", "/v1/v1/chat/completions"]
)
def test_kimi_asked_on_another_face_is_found(path: str) -> None:
    message = "Kimi was asked on another face"
    assert findings(FACE, trip(KIMI, onward("direct", KIMI, path=path + "?x=/v1/chat/completions"))) == (
        fails(FACE, CHAT, path, "upstream request path", message),
    )


@pytest.mark.parametrize("speaks", [["kimi", "anthropic"], "anthropic", "portkey", "openai"])
def test_others_may_be_asked_as_they_like(speaks: Any) -> None:
    of = profile(upstreams={**SECTIONS["upstreams"], "moonshot": {"speaks": speaks}})
    assert findings(FACE, trip(KIMI, onward("direct", KIMI, path="/anthropic/v1/messages")), of=of) == ()


@pytest.mark.parametrize("requirement", [DIALECT, FACE])
def test_what_arrives_nowhere_has_no_dialect(requirement: str) -> None:
    expected, actual = "an upstream request", "none; the client got status 200"
    assert findings(requirement, trip(KIMI)) == (
        fails(requirement, expected, actual, "upstream", "no upstream was called"),
    )


def test_every_arrival_is_looked_at() -> None:
    right, wrong = onward("direct", KIMI), onward("direct", KIMI, path="/v1/messages")
    for requirement in (DIALECT, FACE):
        found = findings(requirement, trip(KIMI, right, wrong), trip(KIMI, wrong))
        assert [one.verdict for one in found] == [Verdict.FAIL, Verdict.FAIL]
