"""What a model, a cache, an account or the edge decides about one answer is no drift."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.faults.wire.edit import both, change, drop, put
from kimi_conformance.judge.drift.compare import why_not
from suites.selftest.drifted import compared, edited, rewritten, told, with_body, with_headers
from suites.selftest.specimens import SPECIMENS

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.faults.wire.edit import Edit


@pytest.mark.parametrize("name", sorted(SPECIMENS))
def test_no_specimen_differs_from_itself(name: str) -> None:
    sight = SPECIMENS[name]
    assert why_not(sight, sight) or compared(sight, sight).changes == []


CHOSEN: tuple[tuple[str, Edit], ...] = (
    ("chat", put("model", "kimi-k3.1-pro")),
    ("chat", put("choices/0/message/content", "另一个答案 🌒")),
    ("chat", put("choices/0/finish_reason", "length")),
    ("chat", drop("choices/0/message/reasoning_content")),
    ("chat", both(drop("choices/0/message/reasoning_content"), drop("usage/completion_tokens_details"))),
    ("chat-cached", both(drop("usage/cached_tokens"), drop("usage/prompt_tokens_details"))),
    ("chat", both(put("usage/cached_tokens", 89), put("usage/prompt_tokens_details", {"cached_tokens": 89}))),
    ("chat-tools", drop("choices/0/message/tool_calls")),
    ("chat-two-calls", drop("choices/0/message/tool_calls/1")),
    ("chat-tools", change("choices/0/message/tool_calls", lambda calls: [*calls, {**calls[0], "index": 1}])),
    ("chat-tools", put("choices/0/message/tool_calls/0/function/arguments", "{}")),
    ("message", change("content", lambda blocks: blocks[1:])),
    ("message", put("content", [{"type": "tool_use", "id": "a", "name": "b", "input": {"c": {"d": 1}}}])),
    ("message", put("stop_reason", "max_tokens")),
    ("message", put("stop_sequence", "END")),
    ("message", drop("usage/output_tokens_details")),
    ("models", change("data", lambda rows: rows[::-1])),
    ("models", change("data/0/created", lambda second: second + 1)),
    ("balance", put("data", {"available_balance": 0, "voucher_balance": 1.5, "cash_balance": -1.5})),
    ("files", put("data", [])),
    ("batches", put("data", [])),
    ("batch", both(put("status", "completed"), put("completed_at", 1788440000))),
)


@pytest.mark.parametrize(("name", "edit"), [pytest.param(*row, id=f"{n} {row[0]}") for n, row in enumerate(CHOSEN)])
def test_what_a_model_a_cache_or_an_account_decides_is_no_drift(name: str, edit: Edit) -> None:
    assert told(SPECIMENS[name], edited(name, edit)) == []


def _once(events: list[Any]) -> list[Any]:
    """All of the content in one piece, and no reasoning."""
    deltas = [event["choices"][0]["delta"] if isinstance(event, dict) and event["choices"] else {} for event in events]
    said = [n for n, delta in enumerate(deltas) if delta.get("content")]
    thought = {n for n, delta in enumerate(deltas) if delta.get("reasoning_content")}
    return [event for n, event in enumerate(events) if n not in thought and n not in said[1:]]


def _pinged(events: list[Any]) -> list[Any]:
    return [events[0], {"type": "ping"}, *events[1:]]


@pytest.mark.parametrize(
    ("name", "rewrite"),
    [
        pytest.param("stream", _once, id="fewer pieces, and no reasoning"),
        pytest.param("stream", lambda events: [*events[:3], events[2], *events[3:]], id="one piece more"),
        pytest.param("message-stream", _pinged, id="a ping"),
        pytest.param("message-stream-tools", lambda events: events, id="as it was"),
    ],
)
def test_how_a_model_says_it_in_a_stream_is_no_drift(name: str, rewrite: Callable[[list[Any]], list[Any]]) -> None:
    assert told(SPECIMENS[name], rewritten(name, rewrite)) == []


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("max RPM: 3, please try again after 1 seconds", "max RPM: 20, please try again after 7 seconds"),
        ("account org-0123456789 <ak-abcdefghij> is suspended", "account org-9876543210 <ak-zyxwvutsrq> is suspended"),
        ("token limit: 262144 (requested: 269030)", "token limit: 262144 (requested: 300000)"),
        ("Not found the model kimi-k3 or Permission denied", "Not found the model kimi-k3 or Permission denied"),
        ("trace 2529788996f1a18706f8327d194fb071", "trace ffffffff96f1a18706f8327d194fb071"),
        ("request 37631078-a660-11f1-88e1-eaf9ba74c120", "request 00000000-a660-11f1-88e1-eaf9ba74c120"),
    ],
)  # fmt: skip
def test_what_is_somebodys_own_in_the_text_of_an_error_is_no_other_text(was: str, now: str) -> None:
    before, after = (
        with_body(SPECIMENS["key/wrong"], json.dumps({"error": {"message": text, "type": "x"}}).encode())
        for text in (was, now)
    )
    assert told(before, after) == []


def test_json_may_be_laid_out_in_any_way() -> None:
    for name in ("chat", "models", "key/wrong"):
        sight = SPECIMENS[name]
        laid_out = with_body(sight, json.dumps(sight.body, indent=2).encode())
        assert told(sight, laid_out) == told(laid_out, sight) == []


def test_headers_of_the_edge_and_of_an_account_are_data() -> None:
    sight = SPECIMENS["chat"]
    others = with_headers(
        sight, cf_ray="x", server="other", via="1.1 x", msh_org_id="0", msh_uid="1", age="3", content_length="9",
        msh_request_id="another", x_msh_trace_id="another", msh_context_cache_token_saved="3",
    )  # fmt: skip
    assert told(sight, others) == []
    assert told(sight, with_headers(sight, content_type='application/json;charset="UTF-8"')) == []


def test_a_recorder_that_keeps_no_headers_has_lost_none() -> None:
    bare = with_headers(
        SPECIMENS["chat"], **dict.fromkeys(("date", "msh_request_id", "x_msh_trace_id", "msh_trace_mode"))
    )
    assert told(bare, SPECIMENS["chat"]) == []
    assert told(SPECIMENS["chat"], bare) == []
