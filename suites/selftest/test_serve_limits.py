"""The 429s of the offline Kimi, and what a request can ask for by a header or a configured word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.serve import Account
from suites.selftest.serve_client import (
    CHAT,
    CODING,
    CODING_CHAT,
    CODING_MESSAGES,
    CONFIG,
    DRAINED,
    MESSAGES,
    NOW,
    OWN,
    RESPONSES,
    Hand,
    answer_to,
    ask,
    body,
    get,
    header,
    post,
)

if TYPE_CHECKING:
    from kimi_conformance.exchange import Exchange, Request

THREE = replace(CONFIG, keys={OWN: Account("platform-ai", rpm=3), "sk-two": Account("platform-ai", rpm=3)})
COOLDOWN = ("retry-after", "x-retry-after", "msh-cooldown-seconds")
RPM = (
    "Your account org-0123456789abcdef0123456789abcdef<ak-abcdefghij0123456789> request reached organization "
    "max RPM: 3, please try again after 1 seconds"
)


def statuses(exchanges: list[Exchange]) -> list[int | None]:
    return [exchange.status for exchange in exchanges]


def test_the_fourth_request_of_a_minute_is_429_with_a_time_to_wait_in_three_headers() -> None:
    *served, limited = ask(*[post(CHAT, body())] * 4, config=THREE)
    assert statuses(served) == [200] * 3
    assert limited.response is not None
    assert limited.status == 429
    assert limited.response.json() == {"error": {"message": RPM, "type": "rate_limit_reached_error"}}
    assert len(limited.response.body) == 216  # the content-length of evidence 106
    assert [header(limited, name) for name in COOLDOWN] == ["1", "1", "1"]
    assert [header(served[0], name) for name in COOLDOWN] == [None] * 3


def test_the_minute_slides_and_other_keys_and_the_list_do_not_count() -> None:
    times = iter([NOW, NOW + 30, NOW + 59, NOW + 59.9, NOW + 60, NOW + 61])
    hand = Hand()
    requests = [
        post(CHAT, body(max_tokens=0))
    ] * 6  # refused before it is answered, so that each asks for the time once
    listed = get("/v1/models")
    found = ask(
        *requests, listed, listed, post(CHAT, body(), key="sk-two"), config=THREE, now=lambda: next(times, hand.now)
    )
    assert statuses(found) == [400, 400, 400, 429, 400, 429, 200, 200, 200]


def test_an_account_without_funds_is_429_of_another_type_and_has_no_time_to_wait() -> None:
    (exchange,) = ask(post(CHAT, body(), key=DRAINED))
    assert exchange.response is not None
    error = exchange.response.json()["error"]
    assert (exchange.status, error["type"]) == (429, "exceeded_current_quota_error")
    assert error["message"] == (
        "Your account org-0123456789abcdef0123456789abcdef <ak-abcdefghij0123456789> is suspended due to insufficient "
        "balance, please recharge your account or check your plan and billing details"
    )
    assert rb" \u003cak-" in exchange.response.body
    assert header(exchange, "retry-after") is None


@pytest.mark.parametrize(
    ("name", "status", "type_"),
    [
        ("overload", 429, "engine_overloaded_error"),
        ("rate", 429, "rate_limit_reached_error"),
        ("quota", 429, "exceeded_current_quota_error"),
        ("content_filter", 400, "content_filter"),
        ("403", 403, "permission_denied_error"),
        ("agents-only", 403, "access_terminated_error"),
        ("500", 500, "unexpected_output"),
        ("503", 503, "server_unavailable"),
    ],
)
@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
def test_a_header_or_a_word_of_the_user_asks_for_trouble(name: str, status: int, type_: str, path: str) -> None:
    members = body("please FAIL now", max_tokens=99, input="please FAIL now")
    by_header = post(path, members, ("X-Serve", name))
    triggered = replace(CONFIG, triggers={"FAIL": name})
    for found in (answer_to(by_header), answer_to(post(path, members), triggered)):
        assert (found[0], found[1]["error"]["type"]) == (status, type_)
    assert answer_to(post(path, members))[0] == 200


def test_an_overload_says_when_to_come_back_in_words_only() -> None:
    (exchange,) = ask(post(CHAT, body(), ("x-serve", "overload")))
    assert exchange.response is not None
    assert len(exchange.response.body) == 115  # the content-length of evidence 118
    assert header(exchange, "retry-after") is None


def test_a_filtered_content_has_a_code_that_is_a_number() -> None:
    found = answer_to(post(CHAT, body(), ("x-serve", "content_filter")))[1]
    assert list(found["error"]) == ["code", "message", "param", "type"]
    assert (found["error"]["code"], found["error"]["param"]) == (400, "prompt")


@pytest.mark.parametrize(("model", "limit"), [("kimi-k3", 1048576), ("kimi-k2.6", 262144)])
def test_a_prompt_that_is_called_too_long_is_told_the_limit_of_its_model(model: str, limit: int) -> None:
    status, found = answer_to(post(CHAT, {**body(), "model": model}, ("x-serve", "too_long")))
    said = f"Invalid request: Your request exceeded model token limit: {limit} (requested: {limit + 1})"
    assert (status, found) == (400, {"error": {"message": said, "type": "invalid_request_error"}})


@pytest.mark.parametrize("model", ["kimi-nonexistent", None, 7])
def test_without_a_model_nothing_is_too_long(model: object) -> None:
    asked = {**body(), "model": model}
    assert answer_to(post(CHAT, asked, ("x-serve", "too_long"))) == answer_to(post(CHAT, asked))


def test_a_504_is_a_page() -> None:
    (exchange,) = ask(post(CHAT, body(), ("x-serve", "504")))
    assert exchange.response is not None
    assert (exchange.status, header(exchange, "content-type")) == (504, "text/html")
    assert b"<h1>504 Gateway Time-out</h1>" in exchange.response.body


@pytest.mark.parametrize("name", ["", "nothing", "200"])
def test_a_name_that_means_nothing_does_nothing(name: str) -> None:
    assert answer_to(post(CHAT, body(), ("x-serve", name)))[0] == 200


@pytest.mark.parametrize("path", [CODING_CHAT, CODING_MESSAGES])
def test_the_coding_host_turns_away_what_is_no_agent_and_the_platform_does_not(path: str) -> None:
    members = body(model="k3", max_tokens=99)
    status, found = answer_to(post(path, members, ("User-Agent", "curl/8.5.0"), key=CODING))
    assert (status, found["error"]["type"]) == (403, "access_terminated_error")
    assert answer_to(post(path, members, ("User-Agent", "KimiCLI/1.2"), key=CODING))[0] == 200
    assert answer_to(post(CHAT, body(), ("User-Agent", "curl/8.5.0")))[0] == 200


@pytest.mark.parametrize("path", [CODING_CHAT, CODING_MESSAGES])
def test_the_coding_host_says_it_in_its_own_words(path: str) -> None:
    config = replace(CONFIG, keys={CODING: Account("coding", rpm=0)})
    request: Request = post(path, body(model="k3", max_tokens=99), key=CODING)
    status, found = answer_to(request, config)
    assert (status, found["error"]["type"]) == (429, "rate_limit_reached_error")
    assert found["error"]["message"].startswith("We're receiving too many requests at the moment.")
    assert answer_to(request)[0] == 200
