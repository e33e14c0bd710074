"""Defects of an API that the offline Kimi can be served with: each does what it says, and only that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.faults.serving import BEHAVIOURS
from kimi_conformance.serve import State, answerer
from suites.selftest.serve_client import CHAT, CONFIG, MESSAGES, WEATHER, Hand, asked_of, body, chunks, get, post

if TYPE_CHECKING:
    from kimi_conformance.exchange import Request

HEALTHY = answerer(CONFIG, State(Hand()))


def answers(name: str, request: Request) -> tuple[int, Any]:
    """Status and JSON, with the defect."""
    (exchange,) = asked_of(BEHAVIOURS[name](HEALTHY), request)
    assert exchange.response is not None
    return exchange.response.status, exchange.response.json()


@pytest.mark.parametrize(
    "members",
    [
        {"temperature": 0.6},
        {"model": "kimi-k2-turbo"},
        {"messages": []},
        {"model": "kimi-k2.6", "tool_choice": "bogus"},
    ],
)
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_everything_is_accepted_under_its_own_model(members: dict[str, Any], path: str) -> None:
    asks = body(max_tokens=99) | members
    status, found = answers("accept-everything", post(path, asks))
    assert (status, found["model"]) == (200, asks["model"])


def test_what_is_accepted_is_streamed_where_that_was_asked_for() -> None:
    request = post(CHAT, body(temperature=0.6, stream=True, model="kimi-k2.6"))
    (exchange,) = asked_of(BEHAVIOURS["accept-everything"](HEALTHY), request)
    assert {chunk["model"] for chunk in chunks(exchange)} == {"kimi-k2.6"}


@pytest.mark.parametrize("request_", [post(CHAT, body(), key="sk-nobody"), get("/nowhere"), post(CHAT, b"[]")])
def test_what_has_no_model_or_no_key_is_refused_all_the_same(request_: Request) -> None:
    script = HEALTHY(request_)
    assert answers("accept-everything", request_)[0] == script.status >= 400


@pytest.mark.parametrize(
    ("name", "status", "type_"),
    [("all-401", 401, "invalid_authentication_error"), ("all-500", 500, "server_error")],
)
@pytest.mark.parametrize("request_", [post(CHAT, body()), get("/v1/models")])
def test_everything_fails(name: str, status: int, type_: str, request_: Request) -> None:
    found = answers(name, request_)
    assert (found[0], found[1]["error"]["type"]) == (status, type_)
    assert HEALTHY(request_).status == 200


@pytest.mark.parametrize(("choice", "called"), [("required", False), ("auto", True)])
def test_only_the_choice_that_demands_a_call_is_ignored(choice: str, called: bool) -> None:  # noqa: FBT001
    request = post(CHAT, body("Weather in Paris?", tools=[WEATHER], tool_choice=choice))
    status, found = answers("required-ignored", request)
    assert (status, "tool_calls" in found["choices"][0]["message"]) == (200, called)
    assert "tool_calls" in json.loads(HEALTHY(request).body)["choices"][0]["message"]


def test_a_stream_is_answered_in_one_piece() -> None:
    request = post(CHAT, body(stream=True, stream_options={"include_usage": True}))
    status, found = answers("stream-ignored", request)
    assert (status, found["object"]) == (200, "chat.completion")
    assert answers("stream-ignored", get("/v1/models"))[0] == 200
