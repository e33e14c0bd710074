"""The webhook stand-in: it takes what Discord takes, and refuses the rest in Discord's words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.exchange import Request
from kimi_conformance.judge.discord import all_text, breaches
from kimi_conformance.upstream import webhook

if TYPE_CHECKING:
    from kimi_conformance.exchange import Headers

HOOK: Final = "/api/webhooks/1/token"


def answer(
    body: Any, url: str = HOOK, *, secret: str | None = None, headers: Headers = (), method: str = "POST"
) -> Any:
    """The status, and what is said where anything is."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    script = webhook.answer(Request(method, url, headers, raw), webhook.Config(secret))
    return script.status, json.loads(script.body) if script.body else None


def embeds(**embed: Any) -> dict[str, Any]:
    return {"embeds": [embed]}


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"content": "Kimi: 429"}, id="content"),
        pytest.param({"content": "x" * 2000}, id="long-content"),
        pytest.param({"content": "月" * 2000}, id="characters-are-no-bytes"),
        pytest.param(embeds(title="t" * 256, description="d" * 4096), id="long-embed"),
        pytest.param({"embeds": [{"title": "t"}] * 10}, id="ten-embeds"),
        pytest.param({"embeds": [{"description": "d" * 3000}] * 2}, id="six-thousand-in-all"),
        pytest.param(embeds(fields=[{"name": "n" * 256, "value": "v" * 1024}]), id="long-field"),
        pytest.param({"content": "", "embeds": [{"title": "t"}]}, id="embeds-without-content"),
        pytest.param({"poll": {"question": {"text": "?"}}}, id="poll"),
    ],
)
def test_a_message_within_the_limits_is_taken(message: dict[str, Any]) -> None:
    assert answer(message) == (204, None)
    assert list(breaches(message)) == []


@pytest.mark.parametrize(
    ("message", "where"),
    [
        pytest.param({"content": "x" * 2001}, "content", id="content"),
        pytest.param(embeds(title="t" * 257), "embeds.0.title", id="title"),
        pytest.param(embeds(description="d" * 4097), "embeds.0.description", id="description"),
        pytest.param(embeds(footer={"text": "f" * 2049}), "embeds.0.footer.text", id="footer"),
        pytest.param(embeds(author={"name": "a" * 257}), "embeds.0.author.name", id="author"),
        pytest.param(embeds(fields=[{"name": "n", "value": "v" * 1025}]), "embeds.0.fields.0.value", id="value"),
        pytest.param(embeds(fields=[{"name": "n" * 257, "value": "v"}]), "embeds.0.fields.0.name", id="name"),
        pytest.param(embeds(fields=[{"name": "n", "value": "v"}] * 26), "embeds.0.fields", id="fields"),
        pytest.param({"embeds": [{"title": "t"}] * 11}, "embeds", id="eleven-embeds"),
        pytest.param({"embeds": [{"description": "d" * 3000}] * 2 + [{"title": "t"}]}, "embeds", id="in-all"),
        pytest.param({"embeds": "title"}, "embeds", id="no-embeds"),
        pytest.param({"content": {"text": "x"}}, "content", id="no-text"),
    ],
)
def test_a_message_beyond_a_limit_is_refused_and_told_where(message: dict[str, Any], where: str) -> None:
    status, said = answer(message)
    assert (status, said["code"], said["message"]) == (400, 50035, "Invalid Form Body")
    at = said["errors"]
    for step in where.split("."):
        at = at[step]
    assert [error["message"] for error in at["_errors"]] == [breach.says for breach in breaches(message)]


@pytest.mark.parametrize("message", [{}, {"content": ""}, {"embeds": []}, {"text": "Slack's form"}, {"username": "u"}])
def test_an_empty_message_is_refused(message: dict[str, Any]) -> None:
    assert answer(message) == (400, {"message": "Cannot send an empty message", "code": 50006})


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"Kimi: 429", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    assert answer(body) == (400, {"message": "The request body contains invalid JSON.", "code": 50109})


def test_a_form_with_files_has_its_message_in_a_part() -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n{"content":"see file"}\r\n--b--\r\n'
    assert answer(part, headers=(("Content-Type", "multipart/form-data; boundary=b"),)) == (204, None)


def test_who_waits_gets_the_message_back() -> None:
    status, said = answer({"content": "Kimi: 429"}, f"{HOOK}?wait=true")
    assert (status, said["content"], said["embeds"]) == (200, "Kimi: 429", [])
    assert answer({"content": "Kimi: 429"}, f"{HOOK}?wait=false") == (204, None)


@pytest.mark.parametrize(
    ("url", "headers", "status"),
    [
        pytest.param(HOOK, (), 204, id="in-the-path"),
        pytest.param(f"{HOOK}?wait=false", (), 204, id="before-a-query"),
        pytest.param("/hook", (("Authorization", "Bearer token"),), 204, id="bearer"),
        pytest.param("/api/webhooks/1/other", (), 401, id="wrong"),
        pytest.param("/hook", (), 401, id="none"),
    ],
)
def test_the_token_is_the_key(url: str, headers: Headers, status: int) -> None:
    assert answer({"content": "x"}, url, secret="token", headers=headers)[0] == status


def test_only_posts_are_taken() -> None:
    assert answer(b"", method="GET")[0] == 405


def test_a_reader_sees_content_and_embeds() -> None:
    message = {
        "content": "c",
        "embeds": [{"title": "t", "fields": [{"name": "n", "value": 7}], "footer": {"text": "f"}}, "no embed"],
    }
    assert all_text(message).split("\n") == ["c", "t", "f", "n", "7"]
