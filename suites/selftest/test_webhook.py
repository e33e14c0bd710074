"""Webhooks: what is sent, how often, for how long at the most, and that no address is ever told."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
import typer

from kimi_conformance.cli.webhook import Webhook, send, webhook_of
from kimi_conformance.upstream.script import Pause, Script, json_answer
from suites.selftest.offline_kimi import started

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Request

SECRET = "/api/webhooks/1/a-secret"
TOLD = {"content": "hello 你好"}


def answers(*scripts: Script) -> tuple[Callable[[Request], Script], list[Request]]:
    """A server's answers in turn, the last one for ever; and what arrived."""
    rest = list(scripts)
    arrived: list[Request] = []

    def answer(request: Request) -> Script:
        arrived.append(request)
        return rest.pop(0) if len(rest) > 1 else rest[0]

    return answer, arrived


def status(code: int, **headers: str) -> Script:
    return json_answer(code, {"code": 0}, tuple((name.replace("_", "-"), value) for name, value in headers.items()))


@pytest.mark.parametrize(
    ("scripts", "times", "said"),
    [
        pytest.param([status(204)], 1, None, id="taken"),
        pytest.param([status(200)], 1, None, id="taken with an answer"),
        pytest.param([status(500), status(204)], 2, None, id="down for a moment"),
        pytest.param([status(429, retry_after="0.1"), status(204)], 2, None, id="told to wait a moment"),
        pytest.param([status(500)], 2, "answered 500", id="down"),
        pytest.param([status(429, retry_after="3600")], 1, "answered 429", id="told to wait long"),
        pytest.param([status(404)], 1, "answered 404", id="gone"),
        pytest.param([status(302, location="http://127.0.0.1:1/")], 1, "answered 302", id="elsewhere"),
    ],
)
def test_it_is_tried_again_where_that_helps(scripts: list[Script], times: int, said: str | None) -> None:
    answer, arrived = answers(*scripts)
    with started(answer) as server:
        wrong = send(Webhook(server.url + SECRET), TOLD)
    assert (wrong is None) == (said is None)
    assert said is None or (said in str(wrong) and "a-secret" not in str(wrong))
    assert [json.loads(request.body) for request in arrived] == [TOLD] * times


def test_where_nobody_listens_the_host_is_told_and_not_the_address() -> None:
    wrong = send(Webhook(f"http://user:pass@127.0.0.1:1{SECRET}"), TOLD)
    assert wrong == "127.0.0.1:1: ConnectError"


def test_one_that_does_not_answer_is_given_up() -> None:
    answer, _ = answers(Script(204, before=(Pause(4),)))
    began = time.monotonic()
    with started(answer) as server:
        wrong = send(Webhook(server.url), TOLD, within_s=0.3)
        took = time.monotonic() - began
    assert f"{server.url.removeprefix('http://')} was not done after 0.3 s" == wrong
    assert took < 3


@pytest.mark.parametrize(
    ("given", "environment", "url"),
    [
        pytest.param(None, {}, None, id="none"),
        pytest.param("https://discord.com/api/x", {}, "https://discord.com/api/x", id="an address"),
        pytest.param("HOOK", {"HOOK": " https://discord.com/api/x\n"}, "https://discord.com/api/x", id="a variable"),
    ],
)
def test_it_is_named_by_its_address_or_by_a_variable(
    given: str | None, environment: dict[str, str], url: str | None
) -> None:
    found = webhook_of(given, environment)
    assert (found.url if found else None) == url


@pytest.mark.parametrize(
    ("given", "environment", "said"),
    [
        pytest.param("HOOK", {}, "there is no HOOK", id="no such variable"),
        pytest.param("HOOK", {"HOOK": "op://vault/hook/url"}, "op run", id="a reference"),
        pytest.param("HOOK", {"HOOK": "a-secret"}, "what HOOK holds is no address", id="no address"),
        pytest.param("a-secret!", {}, "neither an address nor the name", id="nothing"),
        pytest.param("http://[a-secret", {}, "it is no address", id="a broken address"),
        pytest.param("http://a-secret:0/x", {}, "it is no address", id="no port"),
    ],
)
def test_what_is_none_is_refused_without_repeating_it(given: str, environment: dict[str, str], said: str) -> None:
    with pytest.raises(typer.BadParameter, match=said) as refused:
        webhook_of(given, environment)
    assert "a-secret" not in refused.value.message or given == "a-secret!"
