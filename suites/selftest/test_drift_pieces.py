"""The kinds of pieces of a stream: each event by what it carries."""

from __future__ import annotations

from typing import Any

import pytest

from kimi_conformance.judge.drift.order import kinds, order_changes
from kimi_conformance.judge.drift.pieces import pieces
from suites.selftest.drifted import rewritten, with_body
from suites.selftest.specimens import SPECIMENS

START: dict[str, Any] = {"type": "message_start"}
END = ["end of text block", "message_delta", "message_stop"]


def chunk(*, index: int = 0, usage: Any = None, finish: Any = None, inner: Any = None, **delta: Any) -> dict[str, Any]:
    """A chunk of one choice; `inner` is the usage in it."""
    choice = {"index": index, "delta": delta, "finish_reason": finish} | ({"usage": inner} if inner else {})
    return {"id": "a", "choices": [choice]} | ({"usage": usage} if usage else {})


def of_chat(*events: Any) -> list[str]:
    return list(pieces(rewritten("stream", lambda _: list(events))))


def of_messages(*events: Any) -> list[str]:
    return list(pieces(rewritten("message-stream", lambda _: list(events))))


def block(index: int, kind: str, *deltas: str) -> list[dict[str, Any]]:
    """A whole block with these deltas."""
    return [
        {"type": "content_block_start", "index": index, "content_block": {"type": kind}},
        *({"type": "content_block_delta", "index": index, "delta": {"type": each}} for each in deltas),
        {"type": "content_block_stop", "index": index},
    ]


@pytest.mark.parametrize(
    ("event", "found"),
    [
        pytest.param(chunk(role="assistant", content=""), ["role"], id="an empty text beside the role"),
        pytest.param(chunk(role="assistant", content="a"), ["role", "content"], id="a text beside the role"),
        pytest.param(chunk(content=""), ["content"], id="an empty text alone"),
        pytest.param(chunk(reasoning_content=""), ["reasoning"], id="an empty piece of reasoning"),
        pytest.param(chunk(role="assistant", reasoning_content=""), ["role"], id="and one beside the role"),
        pytest.param(chunk(content="a", reasoning_content="b"), ["reasoning", "content"], id="both"),
        pytest.param(chunk(tool_calls=[{"index": 0}]), ["tool calls"], id="calls"),
        pytest.param(chunk(content=None), [], id="null"),
        pytest.param(chunk(finish="stop"), ["finish"], id="the end"),
        pytest.param(chunk(finish="stop", inner={"a": 1}), ["finish", "usage of the choice"], id="with usage"),
        pytest.param({"choices": [], "usage": {"a": 1}}, ["usage"], id="usage alone"),
        pytest.param(chunk(content="a", usage={"a": 1}), ["content", "usage"], id="usage at the top"),
        pytest.param({"choices": [], "usage": None}, [], id="no usage"),
        pytest.param(
            {"choices": ["odd", {"delta": "odd"}, {"delta": {"content": "a"}}]}, ["content"], id="odd choices"
        ),
        pytest.param({"choices": {"a": 1}}, [], id="no choices"),
        pytest.param({"choices": 7}, [], id="a number of choices"),
        pytest.param(chunk(role=""), ["role"], id="an empty role"),
        pytest.param({"error": {"message": "a"}, "choices": []}, ["error"], id="an error"),
        pytest.param("[DONE]", ["[DONE]"], id="done"),
        pytest.param("{", ["no JSON"], id="torn"),
        pytest.param([1], ["no JSON"], id="a list"),
    ],
)
def test_a_chunk_is_what_it_carries(event: Any, found: list[str]) -> None:
    assert of_chat(event) == found


def test_an_event_of_the_chat_wire_that_has_a_name_is_told_by_it() -> None:
    named = with_body(SPECIMENS["stream"], b'event: note\ndata: {"choices":[]}\n\ndata: [DONE]\n\n')
    assert list(pieces(named)) == ["event note", "[DONE]"]


@pytest.mark.parametrize(
    ("events", "found"),
    [
        pytest.param([START, {"type": "ping"}], ["message_start"], id="a ping comes by chance"),
        pytest.param(block(0, "text", "text_delta", "text_delta"), ["text block", "end of text block"], id="a text"),
        pytest.param(
            block(1, "thinking", "thinking_delta"), ["thinking block", "end of thinking block"], id="thinking"
        ),
        pytest.param(
            block(0, "tool_use", "input_json_delta"), ["tool_use block", "end of tool_use block"], id="a call"
        ),
        pytest.param(
            block(0, "thinking", "signature_delta"),
            ["thinking block", "signature_delta in a thinking block", "end of thinking block"],
            id="a signature",
        ),
        pytest.param(
            [{"type": "content_block_start", "index": 0}, {"type": "content_block_stop", "index": 0}],
            ["None block", "end of None block"],
            id="a block of nothing",
        ),
        pytest.param([*block(0, "text")[:1]] * 2, ["text block", "content_block_start"], id="a block begins twice"),
        pytest.param(block(0, "text")[-1:], ["content_block_stop"], id="an end without beginning"),
        pytest.param(block(0, "text", "text_delta")[1:2], ["content_block_delta"], id="a piece of no block"),
        pytest.param(
            [*block(0, "text"), *block(0, "text")[-1:]],
            ["text block", "end of text block", "content_block_stop"],
            id="an end twice",
        ),
        pytest.param(["{"], ["no JSON called message"], id="torn"),
        pytest.param([{"a": 1, "type": "odd"}], ["odd"], id="another event"),
    ],
)
def test_an_event_of_a_message_is_told_by_its_type(events: list[Any], found: list[str]) -> None:
    assert of_messages(*events) == found


def test_an_event_whose_name_is_not_its_type_is_told_as_that() -> None:
    body = b'event: message_start\ndata: {"type":"ping"}\n\nevent: message\ndata: [1]\n\n'
    found = list(pieces(with_body(SPECIMENS["message-stream"], body)))
    assert found == ["ping called message_start", "None called message"]


def test_the_streams_as_they_were_seen() -> None:
    answer = ["role", "reasoning", "content", "finish", "usage of the choice", "usage", "[DONE]"]
    assert kinds(SPECIMENS["stream"]) == [*answer[:-2], "[DONE]"]
    assert kinds(SPECIMENS["stream-asked-usage"]) == answer
    assert kinds(SPECIMENS["stream-asked-tools"]) == [*answer[:2], "tool calls", *answer[3:]]
    thinking = ["message_start", "thinking block", "end of thinking block"]
    assert kinds(SPECIMENS["message-stream"]) == [*thinking, "text block", *END]
    assert kinds(SPECIMENS["message-stream-tools"])[:3] == thinking
    assert "tool_use block" in kinds(SPECIMENS["message-stream-tools"])


def test_several_blocks_of_one_kind_count_once_and_several_ends_do_not() -> None:
    text, call = block(0, "text", "text_delta"), block(1, "tool_use", "input_json_delta")
    again = [{**event, "index": 2} for event in call]
    last = [{**event, "index": 3} for event in call]
    once = kinds(rewritten("message-stream", lambda _: [START, *text, *call]))
    assert once == ["message_start", "text block", "end of text block", "tool_use block", "end of tool_use block"]
    assert kinds(rewritten("message-stream", lambda _: [START, *text, *call, *again, *last])) == once
    mixed = kinds(rewritten("message-stream", lambda _: [START, *call, *text, *again]))
    assert mixed == [*once[:1], *once[3:], *once[1:3], *once[3:]]
    assert kinds(rewritten("stream", lambda _: ["[DONE]", "[DONE]"])) == ["[DONE]", "[DONE]"]
    turns = [chunk(reasoning_content="a"), chunk(content="b")] * 2
    assert kinds(rewritten("stream", lambda _: turns)) == ["reasoning", "content"] * 2


def between(*events: Any) -> str:
    """What comes of a stream into which these events have come."""
    before = SPECIMENS["message-stream"]
    after = rewritten("message-stream", lambda old: [*old[:-1], *events, old[-1]])
    (found,) = order_changes(before, after)
    return f"{found.class_}: {found.says}"


def test_blocks_that_are_open_at_once_are_told_by_their_number() -> None:
    (start, end), (other, last) = block(0, "text"), block(1, "thinking")
    found = ["text block", "thinking block", "end of text block", "end of thinking block"]
    assert of_messages(start, other, end, last) == found


def test_what_comes_behind_the_end_is_no_addition() -> None:
    before = SPECIMENS["message-stream"]
    (found,) = order_changes(before, rewritten("message-stream", lambda old: [*old, {"type": "note"}]))
    assert found.class_ == "breaking"


def test_two_blocks_of_one_kind_are_one_and_what_follows_them_stays() -> None:
    call, again = block(1, "tool_use"), block(2, "tool_use")
    found = kinds(rewritten("message-stream", lambda _: [START, *call, *again]))
    assert found == ["message_start", "tool_use block", "end of tool_use block"]


def test_what_comes_in_between_is_named_and_adds_unless_it_is_broken() -> None:
    assert between({"type": "note"}) == "additive: note came in between"
    assert between({"type": "note"}, {"type": "memo"}, {"type": "note"}) == "additive: note, memo came in between"
    for broken in ({"type": "error"}, block(9, "text")[-1], {"type": "message_stop"}):
        assert between({"type": "note"}, broken) == "breaking: the pieces of the stream come otherwise"


def test_a_kind_of_block_that_one_side_alone_has_is_the_models_choice() -> None:
    def without_text(events: list[Any]) -> list[Any]:
        return [event for event in events if "text" not in str(event) and event.get("index") != 1]

    before, after = SPECIMENS["message-stream"], rewritten("message-stream", without_text)
    assert kinds(after) != kinds(before)
    assert list(order_changes(before, after)) == list(order_changes(after, before)) == []


def test_an_order_of_another_face_is_that_of_its_face() -> None:
    (found,) = order_changes(SPECIMENS["stream"], rewritten("stream", lambda events: events[:-1]))
    assert (found.topic, found.where, found.kind) == ("chat", "event order", "order")
