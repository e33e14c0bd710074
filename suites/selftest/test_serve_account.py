"""Lists, lifecycles, money and tokens of the offline Kimi."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kimi_conformance.serve import Balance
from suites.selftest.serve_client import (
    CHAT,
    CODING,
    CODING_CHAT,
    CONFIG,
    DRAINED,
    answer_to,
    body,
    get,
    post,
    refused,
    said,
)

COUNT = "/v1/tokenizers/estimate-token-count"


def listed(on: date, path: str = "/v1/models") -> dict[str, Any]:
    """The rows by their ids."""
    key = CODING if path.startswith("/coding") else "sk-own"
    status, found = answer_to(get(path, key=key), replace(CONFIG, on=on))
    assert (status, found["object"]) == (200, "list")
    return {row["id"]: row for row in found["data"]}


def test_in_september_the_platform_lists_the_four_models_that_were_seen() -> None:
    rows = listed(date(2026, 9, 3))
    assert set(rows) == {"kimi-k3", "kimi-k2.7-code", "kimi-k2.7-code-highspeed", "kimi-k2.6"}
    more = {"supports_dynamic_tools", "supports_thinking_type", "think_efforts", "reasoning_efforts"}
    assert set(rows["kimi-k3"]) - set(rows["kimi-k2.6"]) == more
    assert (rows["kimi-k3"]["context_length"], rows["kimi-k2.6"]["context_length"]) == (1048576, 262144)
    assert rows["kimi-k3"]["think_efforts"]["valid_efforts"] == ["low", "high", "max"]


def test_models_come_and_go_with_the_day() -> None:
    assert {"kimi-k2.5", "moonshot-v1-8k"} <= set(listed(date(2026, 8, 30)))
    assert not {"kimi-k2.5", "moonshot-v1-8k"} & set(listed(date(2026, 8, 31)))
    assert "kimi-k3.1-pro" in listed(date(2026, 10, 24))
    assert "kimi-k2.6" in listed(date(2026, 12, 31))
    assert "kimi-k2.6" not in listed(date(2027, 1, 1))


def test_the_coding_host_lists_its_own_as_evidence_066_has_them() -> None:
    rows = listed(date(2026, 9, 22), "/coding/v1/models")
    assert set(rows) == {"kimi-for-coding", "kimi-for-coding-highspeed", "k3", "k3-256k"}
    assert "created" not in rows["k3-256k"]
    assert rows["kimi-for-coding"] == {
        "id": "kimi-for-coding",
        "created": 1761264000,
        "object": "model",
        "display_name": "K2.8 Preview",
        "type": "model",
        "context_length": 1048576,
        "supports_reasoning": True,
        "supports_image_in": True,
        "supports_video_in": True,
        "supports_dynamic_tools": True,
        "supports_thinking_type": "only",
        "think_efforts": {"support": True, "valid_efforts": ["low", "high", "max"], "default_effort": "max"},
    }


@pytest.mark.parametrize(
    "model",
    ["kimi-k2-turbo", "kimi-k2.5", "moonshot-v1-8k", "kimi-for-coding", "k3", "moonshot/kimi-k3", "", "KIMI-K3"],
)
def test_an_id_that_is_not_served_is_404_by_its_name(model: str) -> None:
    message = f"Not found the model {model} or Permission denied"
    assert refused(body(model=model)) == (404, "resource_not_found_error", message)


@pytest.mark.parametrize(
    "model", ["kimi-k3", "kimi-k3.1-pro", "kimi-k3.1-pro-highspeed", "kimi-k2.6", "kimi-k2.7-code"]
)
def test_an_id_that_is_served_is_echoed(model: str) -> None:
    assert said(body(model=model))["model"] == model


def test_the_coding_host_knows_its_own_ids_only() -> None:
    assert said(body(model="kimi-for-coding"), path=CODING_CHAT)["model"] == "kimi-for-coding"
    assert answer_to(post(CODING_CHAT, body(), key=CODING))[0] == 404


@pytest.mark.parametrize("model", [None, 3, ["kimi-k3"], {}])
def test_a_model_that_is_no_string_is_400(model: Any) -> None:
    assert refused(body(model=model))[:2] == (400, "invalid_request_error")


@pytest.mark.parametrize(
    ("balance", "available"), [(Balance(), 49.58894), (Balance(10, -3), 10), (Balance(0, 0), 0), (Balance(0, 2.5), 2.5)]
)
def test_what_is_available_is_the_voucher_and_the_cash_that_is_not_owed(balance: Balance, available: float) -> None:
    status, found = answer_to(get("/v1/users/me/balance"), replace(CONFIG, balance=balance))
    assert (status, found["code"], found["scode"], found["status"]) == (200, 0, "0x0", True)
    assert found["data"] == {
        "available_balance": available,
        "voucher_balance": balance.voucher,
        "cash_balance": balance.cash,
    }


def test_an_account_without_funds_is_in_debt() -> None:
    found = answer_to(get("/v1/users/me/balance", key=DRAINED))[1]
    assert found["data"] == {"available_balance": 0, "voucher_balance": 0, "cash_balance": -31.14918}


def test_the_use_of_a_plan_is_told_in_strings() -> None:
    found = answer_to(get("/coding/v1/usages", key=CODING))[1]
    counted = [found["usage"], *(limit["detail"] for limit in found["limits"])]
    assert all(isinstance(value, str) for detail in counted for value in detail.values())
    assert int(found["usage"]["used"]) + int(found["usage"]["remaining"]) == int(found["usage"]["limit"])


def test_an_estimate_is_what_the_prompt_then_costs() -> None:
    status, found = answer_to(post(COUNT, body("你好, world")))
    assert (status, found) == (200, {"data": {"total_tokens": said(body("你好, world"))["usage"]["prompt_tokens"]}})
    assert found["data"]["total_tokens"] < answer_to(post(COUNT, body("hello " * 9)))[1]["data"]["total_tokens"]


def test_a_picture_costs_a_few_tokens_more() -> None:
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    plain, pictured = (
        answer_to(post(COUNT, body(messages=[{"role": "user", "content": [{"type": "text", "text": "x"}, *more]}])))
        for more in ([], [part])
    )
    assert pictured[1]["data"]["total_tokens"] - plain[1]["data"]["total_tokens"] == 9


@pytest.mark.parametrize(
    ("members", "word"),
    [
        (b"[]", "JSON object"),
        (body(messages=[]), "messages must not be empty"),
        (body(model="kimi-k2-turbo"), "kimi-k2-turbo"),
        (body(messages=[{"role": "tool", "tool_call_id": "a", "content": "x"}]), "tool_call_id a is not found"),
        (body(messages=[{"role": {}, "content": "x"}]), "the message at position 0 has an unknown role"),
    ],
)
def test_an_estimate_fails_in_the_gateways_family(members: Any, word: str) -> None:
    status, found = answer_to(post(COUNT, members))
    assert word in found.pop("error")
    assert (status, found) == (400, {"code": 3, "message": "非法输入", "scode": "0x3", "status": False})


@pytest.mark.parametrize("path", [CHAT, COUNT])
def test_an_estimate_needs_no_funds_but_an_answer_does(path: str) -> None:
    assert answer_to(post(path, body(), key=DRAINED))[0] == (200 if path == COUNT else 429)
