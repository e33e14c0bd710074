"""What is no change is never told as one: a set against itself, the offline Kimi, and all that a model may choose."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.api.answers import shelved
from kimi_conformance.api.drifting import Sides, drifted, layered, paired
from kimi_conformance.cassette.shelf import names
from kimi_conformance.exchange import Piece
from kimi_conformance.faults.wire.edit import both, change, drop, put
from kimi_conformance.judge.drift.compare import why_not
from kimi_conformance.registry.home import cassettes
from suites.selftest.drifted import body_of, compared, edited, rewritten, told, with_body, with_headers
from suites.selftest.nights import TODAY, live, plan
from suites.selftest.offline_kimi import at, kimi, started
from suites.selftest.specimens import SPECIMENS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kimi_conformance.faults.wire.edit import Edit
    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.judge.drift.pairs import Pair


@cache
def bundled() -> tuple[Pair, ...]:
    """Every bundled answer, paired with itself."""
    found = dict(shelved(cassettes()))
    pairs, left = paired(found, found, {})
    assert left == []
    return tuple(pairs)


def test_the_bundled_cassettes_do_not_differ_from_themselves() -> None:
    found = drifted(Sides((cassettes(),), "bundled", cassettes()), plan())
    assert len(found.compared) == len(names())
    assert (found.differences, found.not_compared, found.doc_claims) == ((), (), ())


@pytest.mark.parametrize("name", sorted(SPECIMENS))
def test_no_specimen_differs_from_itself(name: str) -> None:
    sight = SPECIMENS[name]
    assert why_not(sight, sight) or compared(sight, sight).changes == ()


def test_the_offline_kimi_does_not_differ_from_what_was_recorded_of_it(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as ai, started(kimi(TODAY, "platform-cn")) as cn:
        see = live(at(ai.url, cn.url), tmp_path)
        for call in plan().calls.values():
            see(call)
    pairs, _ = paired(layered([cassettes()], ()), layered([tmp_path], ()), {})
    modelled = [pair for pair in pairs if pair.recorded.evidence.origin == "modelled"]
    assert len(modelled) > 50
    assert {pair.call: told(pair.recorded.sight, pair.seen.sight) for pair in modelled} == {
        **{pair.call: [] for pair in modelled},
        "hosts/models-cn": [  # by hand, of September: the catalogue has known both since October
            "additive model /data/[id=kimi-k3.1-pro]",
            "additive model /data/[id=kimi-k3.1-pro-highspeed]",
        ],
    }


def rechunked(sight: Sight) -> Sight:
    """The same bytes in pieces of seven."""
    body = body_of(sight)
    pieces = tuple(Piece(float(at), body[at : at + 7]) for at in range(0, len(body), 7))
    return _with_pieces(sight, pieces)


def _with_pieces(sight: Sight, pieces: tuple[Piece, ...]) -> Sight:
    assert sight.exchange.response is not None
    return replace(sight, exchange=replace(sight.exchange, response=replace(sight.exchange.response, pieces=pieces)))


def reordered(sight: Sight) -> Sight:
    """The members of every object in another order."""
    if sight.streamed:
        lines = body_of(sight).decode().split("\n")
        return with_body(sight, "\n".join(map(_reordered_line, lines)).encode())
    return with_body(sight, json.dumps(_backwards(sight.body)).encode())


def _reordered_line(line: str) -> str:
    if not line.startswith("data: {"):
        return line
    return f"data: {json.dumps(_backwards(json.loads(line.removeprefix('data: '))))}"


def _backwards(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _backwards(value[key]) for key in reversed(value)}
    return [_backwards(each) for each in value] if isinstance(value, list) else value


def recounted(sight: Sight) -> Sight:
    """Other numbers, ids and texts wherever they are data."""
    body = body_of(sight).decode()
    for was, now in (
        ("chatcmpl-", "chatcmpl-f"),
        ('"created":1', '"created":2'),
        ('"prompt_tokens":', '"prompt_tokens":1'),
    ):
        body = body.replace(was, now)
    return with_body(sight, body.encode())


@pytest.mark.parametrize("made", [rechunked, reordered, recounted])
def test_other_pieces_orders_and_counters_are_no_drift(made: Callable[[Sight], Sight]) -> None:
    for pair in bundled():
        sight = pair.recorded.sight
        if sight.streamed or isinstance(sight.body, dict):
            assert told(sight, made(sight)) == [], pair.call


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
