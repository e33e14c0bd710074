"""The command sends the very request, or says what it leaves to the reader."""

from __future__ import annotations

import secrets
import subprocess

import pytest

from kimi_conformance.exchange import Headers, Request
from kimi_conformance.reporting.curl import curl
from kimi_conformance.reporting.redact import redactor

URL = "http://127.0.0.1:18900/v1/chat/completions"
JSON: Headers = (("content-type", "application/json"),)


def as_it_is(text: str) -> str:
    return text


def words(command: str) -> list[bytes]:
    """What bash hands to curl."""
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}; {command}"
    bash = ["/bin/bash", "-c", script]
    return subprocess.run(bash, check=True, capture_output=True).stdout.split(b"\0")[:-1]  # noqa: S603 - our own


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{"model":"kimi-k3","messages":[]}', id="json"),
        pytest.param("""{"model":"it's $HOME `id` \\" !"}""", id="what-a-shell-would-read"),
        pytest.param('{"model":"\u2028\u00a0\u200b claude 中文 🌙"}', id="invisible"),
        pytest.param("{\n\t'a': \"\\n\"\r\n}\n", id="newlines-and-quotes"),
        pytest.param("@/etc/passwd", id="at-sign"),
        pytest.param("\x1bf\u00a0a", id="escapes-before-hex-digits"),
    ],
)
def test_the_shell_hands_over_the_very_body(body: str) -> None:
    given = words(curl(Request("POST", URL, JSON, body.encode()), as_it_is))
    assert given[-2:] == [b"--data-raw", body.encode()]


def test_nothing_invisible_stands_in_the_command() -> None:
    command = curl(Request("POST", URL, JSON, '{"a":"\u2028\u200b"}'.encode()), as_it_is)
    assert command.replace("\n", "").isprintable()


def test_method_url_and_headers_are_the_requests_own() -> None:
    headers = (("content-type", "application/json"), ("x-agent-id", "it's"), ("x-empty", ""))
    given = words(curl(Request("PUT", f"{URL}?a=[1]&b={{2}}", headers, b"{}"), as_it_is))
    assert given[given.index(b"-X") + 1] == b"PUT"
    assert f"{URL}?a=[1]&b={{2}}".encode() in given
    assert b"-g" in given  # else curl expands the brackets
    assert [given[at + 1] for at, word in enumerate(given) if word == b"-H"] == [
        b"content-type: application/json",
        b"x-agent-id: it's",
        b"x-empty;",
    ]


def test_a_body_without_content_type_does_not_get_curls() -> None:
    assert b"content-type:" in words(curl(Request("POST", URL, (), b"{}"), as_it_is))


def test_a_request_without_a_body_sends_none() -> None:
    assert "data" not in curl(Request("GET", URL, ()), as_it_is)


def test_secrets_stand_in_it_by_name() -> None:
    canary = f"sk-kc-client-{secrets.token_hex(12)}"
    request = Request("POST", f"{URL}?key={canary}", (("authorization", f"Bearer {canary}"),), canary.encode())
    command = curl(request, redactor({"client": canary}))
    assert canary not in command
    assert b"authorization: Bearer <secret.client>" in words(command)


@pytest.mark.parametrize(
    "body", [pytest.param(b"a" * 5000, id="long"), pytest.param(b"\xff", id="no-utf8"), pytest.param(b"\0", id="nul")]
)
def test_a_body_that_does_not_fit_is_left_to_a_file(body: bytes) -> None:
    command = curl(Request("POST", URL, JSON, body), as_it_is)
    assert words(command)[-2:] == [b"--data-binary", b"@body.json"]
    assert command.startswith("# body.json holds the body, ")


def test_a_bare_decision_has_no_command() -> None:
    assert curl(Request("DECIDE", "", body=b"{}"), as_it_is) == ""
