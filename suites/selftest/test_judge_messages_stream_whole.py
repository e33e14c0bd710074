"""Findings about the grammar of a stream on /v1/messages, whole: what is wrong, where, and in which words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from suites.selftest.plays import CHAT, arrived, ask, findings, trip
from suites.selftest.test_judge_messages_stream import (
    AREA,
    END,
    EVERY,
    MODEL,
    PING,
    START,
    STOP,
    STREAM,
    TEXT,
    TOOL,
    begin,
    delta,
    end,
    on_wire,
)

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip
    from suites.selftest.test_judge_messages_stream import Event

FAIL, WARN, UNSEEN = Verdict.FAIL, Verdict.WARN, Verdict.NOT_OBSERVED
BEGIN_OF_ALL: Final = "client response, its first event"
END_OF_ALL: Final = "client response, its end"
Told = tuple[Verdict, str, str, str, str]


def streamed(*events: Event | bytes) -> Trip:
    """A trip whose client got these events."""
    arrival = arrived("moonshot", {"model": MODEL}, path=CHAT, answer=b'{"choices": []}')
    asked = ask(MODEL, surface="messages", stream=True)
    return trip(asked, arrival, answer=on_wire(events), headers=STREAM)


def told(rule: str, *events: Event | bytes) -> list[Told]:
    """All that is told of a stream of these events."""
    found = findings(AREA + rule, streamed(*events))
    return [(one.verdict, one.expected, one.actual, one.where, one.message) for one in found]


def at(number: int) -> str:
    return f"client response, event {number}"


FAULTY: Final = {
    "begins": [STOP],
    "blocks-in-order": [START, TEXT[2], END, STOP],
    "inputs-join": [START, begin(0, "tool_use", input={"n": 1}), end(0), END, STOP],
    "ends": [START, END],
    "event-names": [f"data: {json.dumps(START)}\n\n".encode()],
}


@pytest.mark.parametrize("rule", EVERY)
def test_a_call_without_an_answer_is_told_and_hides_none_behind_it(rule: str) -> None:
    lost = trip(ask(MODEL, surface="messages", stream=True), status=404)
    found = findings(AREA + rule, lost, streamed(*FAULTY[rule]))
    assert [one.verdict for one in found] == [UNSEEN, FAIL]
    assert "no upstream was called" in found[0].message


@pytest.mark.parametrize("rule", EVERY)
def test_a_stream_without_events_is_told_by_what_the_client_got(rule: str) -> None:
    assert told(rule, b": hello\n\n") == [
        (
            FAIL,
            "events",
            "the client got 200: : hello\n\n",
            "client response",
            "the client got no event of a message stream",
        )
    ]


# begins


@pytest.mark.parametrize("pings", [[PING], [PING, PING]])
def test_pings_may_come_before_a_message(pings: list[Event]) -> None:
    assert told("begins", *pings, START, *TEXT, END, STOP) == []


@pytest.mark.parametrize(
    ("events", "actual"),
    [
        pytest.param([*TEXT, END, STOP], '"content_block_start"', id="a-block"),
        pytest.param([PING, STOP], '"message_stop"', id="behind-a-ping"),
        pytest.param([STOP, START], '"message_stop"', id="later"),
        pytest.param([b'data: {"choices": []}\n\n'], "null", id="a-chunk"),
        pytest.param([PING, PING], "absent", id="pings-alone"),
    ],
)
def test_a_message_that_does_not_begin_is_told_by_what_came_first(events: list[Event | bytes], actual: str) -> None:
    due = (FAIL, "message_start", actual, BEGIN_OF_ALL, "the message does not begin")
    assert told("begins", *events) == [due]


@pytest.mark.parametrize(
    ("member", "value", "actual"),
    [
        ("id", 7, "7"),
        ("id", "", '""'),
        ("type", "error", '"error"'),
        ("role", "user", '"user"'),
        ("content", [{}], "[{}]"),
        ("content", None, "null"),
        ("model", None, "null"),
        ("usage", None, "null"),
        ("usage", 3, "3"),
        ("usage", {"input_tokens": 1}, '{"input_tokens": 1}'),
        ("usage", {"output_tokens": 1}, '{"output_tokens": 1}'),
    ],
)
def test_each_member_that_a_message_begins_with_is_looked_at(member: str, value: Any, actual: str) -> None:
    start = {**START, "message": {**START["message"], member: value}}
    where = f"client response, message_start, /message/{member}"
    due = (FAIL, "as a message begins", actual, where, f"message_start has no right `{member}`")
    assert told("begins", start, *TEXT, END, STOP) == [due]


def test_a_message_that_begins_with_nothing_lacks_every_member() -> None:
    members = ["id", "type", "role", "content", "model", "usage"]
    found = told("begins", {"type": "message_start"}, STOP)
    assert [where.rpartition("/")[2] for *_, where, _ in found] == members


# blocks-in-order


@pytest.mark.parametrize(
    ("events", "due"),
    [
        pytest.param(
            [START, TEXT[0], END, STOP],
            ("content_block_stop", "message_delta", at(2), "message_delta while block 0 is open"),
            id="open-at-message-delta",
        ),
        pytest.param(
            [START, TEXT[0]],
            ("content_block_stop", "none", END_OF_ALL, "block 0 never ends"),
            id="open-at-the-end",
        ),
        pytest.param(
            [START, *TEXT, END, begin(1, "text"), end(1), STOP],
            ("message_stop", "a block", at(5), "a block begins after message_delta"),
            id="begins-late",
        ),
        pytest.param(
            [START, begin(1, "text"), end(1), END, STOP],
            ("the index 0", "1", at(1), "block 0 has the index 1"),
            id="index",
        ),
        pytest.param(
            [START, *TEXT, TEXT[1], END, STOP],
            ("an open block", "block 0", at(4), "content_block_delta of block 0, which is not open"),
            id="closed",
        ),
        pytest.param(
            [START, TEXT[0], delta(0, "thinking_delta"), TEXT[2], END, STOP],
            ("citations_delta or text_delta", "thinking_delta", at(2), "a block of text is changed by thinking_delta"),
            id="text",
        ),
        pytest.param(
            [START, begin(0, "thinking"), delta(0, "text_delta"), end(0), END, STOP],
            (
                "signature_delta or thinking_delta",
                "text_delta",
                at(2),
                "a block of thinking is changed by text_delta",
            ),
            id="thinking",
        ),
        pytest.param(
            [START, begin(0, "tool_use"), {**TEXT[1], "delta": None}, end(0), END, STOP],
            ("input_json_delta", "nothing", at(2), "a block of tool_use is changed by nothing"),
            id="nothing",
        ),
    ],
)
def test_what_is_wrong_with_a_block_is_told_with_its_event(events: list[Event], due: tuple[str, ...]) -> None:
    assert told("blocks-in-order", *events) == [(FAIL, *due)]


def test_a_block_that_is_no_object_is_changed_by_anything() -> None:
    assert told("blocks-in-order", START, {**TEXT[0], "content_block": None}, *TEXT[1:], END, STOP) == []


def test_blocks_side_by_side_are_warned_of_by_their_indices() -> None:
    events = [START, TEXT[0], TOOL, end(1), end(0), END, STOP]
    message = "block 1 begins while block 0 is open; their indices tell them apart"
    assert told("blocks-in-order", *events) == [(WARN, "content_block_stop", "content_block_start", at(2), message)]


# inputs-join


@pytest.mark.parametrize("pieces", ["[" * 100_000, "[]", "{"])
def test_pieces_that_join_to_no_object_are_shown(pieces: str) -> None:
    call = [begin(0, "tool_use", input={}), delta(0, "input_json_delta", partial_json=pieces), end(0)]
    ((verdict, expected, actual, where, message),) = told("inputs-join", START, *call, END, STOP)
    assert (verdict, expected, where) == (FAIL, "a JSON object", at(1))
    assert actual.startswith(json.dumps(pieces)[:-1][:160])
    assert message == "the pieces of an input join to no object"


def test_an_input_that_stands_at_the_begin_is_told() -> None:
    message = "the input stands in content_block_start, where clients do not look for it"
    due = (FAIL, "{}, then input_json_delta", '{"n": 1}', at(1), message)
    assert told("inputs-join", *FAULTY["inputs-join"]) == [due]


# ends


def reason(value: Any) -> Event:
    return {**END, "delta": {"stop_reason": value}}


@pytest.mark.parametrize(
    ("deltas", "seen"),
    [
        pytest.param([reason(None)], "none", id="null"),
        pytest.param([{**END, "delta": None}], "none", id="no-delta"),
        pytest.param([reason("tool_use"), END], '"tool_use" and "end_turn"', id="two"),
        pytest.param([reason("refusal"), END, reason("refusal")], '"refusal" and "end_turn"', id="each-once"),
    ],
)
def test_why_a_message_ended_is_said_once(deltas: list[Event], seen: str) -> None:
    message = "why the message ended is not said once"
    due = (FAIL, "one stop_reason in message_delta", seen, "client response", message)
    assert told("ends", START, *TEXT, *deltas, STOP) == [due]


def test_one_of_several_message_deltas_says_what_was_used() -> None:
    bare = {"type": "message_delta", "delta": {}}
    assert told("ends", START, *TEXT, bare, END, STOP) == []
    assert told("ends", START, *TEXT, END, bare, STOP) == []


@pytest.mark.parametrize("usage", [{}, {"input_tokens": 1}, None, 7])
def test_what_was_used_is_said_at_the_end(usage: Any) -> None:
    message = "what was used is not said at the end"
    due = (FAIL, "usage in message_delta", "none", "client response", message)
    assert told("ends", START, *TEXT, {**END, "usage": usage}, STOP) == [due]


def test_a_stream_without_its_last_event_is_told() -> None:
    message = "the stream ends without message_stop"
    assert told("ends", START, *TEXT, END) == [(FAIL, "message_stop", "none", END_OF_ALL, message)]


def test_a_message_that_begins_again_is_told_each_time() -> None:
    due = [(FAIL, "one message_start", "another", at(number), "the message begins again") for number in (4, 5)]
    assert told("ends", START, *TEXT, START, START, END, STOP) == due


BEHIND: Final = "nothing after message_stop"


@pytest.mark.parametrize(
    ("more", "due"),
    [
        pytest.param([PING], [], id="a-ping"),
        pytest.param(
            [PING, TEXT[2]],
            [(FAIL, BEHIND, json.dumps(TEXT[2]), at(7), "content_block_stop follows message_stop")],
            id="behind-a-ping",
        ),
        pytest.param(
            [{"type": "later"}],
            [(WARN, BEHIND, '{"type": "later"}', at(6), "later follows message_stop")],
            id="unknown",
        ),
        pytest.param(
            [b"event: done\ndata: {}\n\n"], [(WARN, BEHIND, "{}", at(6), "done follows message_stop")], id="untyped"
        ),
        pytest.param(
            [b'event: done\ndata: {"type": "later"}\n\n'],
            [(WARN, BEHIND, '{"type": "later"}', at(6), "later follows message_stop")],
            id="misnamed",
        ),
        pytest.param(
            [{"type": "error", "error": {"message": "Busy"}}],
            [
                (
                    FAIL,
                    "no error",
                    '{"message": "Busy"}',
                    at(6),
                    "an error in the stream of a healthy upstream",
                )
            ],
            id="an-error",
        ),
        pytest.param(
            [b"data: [DONE]\n\n"],
            [(FAIL, "nothing", "[DONE]", at(6), "[DONE] is of the chat wire; message_stop ends this one")],
            id="done",
        ),
        pytest.param(
            [b"data: []\n\n"],
            [(FAIL, "a JSON object", "no JSON", at(6), "the data of an event is no JSON object")],
            id="no-object",
        ),
    ],
)
def test_what_follows_the_end_is_told_by_its_type(more: list[Event | bytes], due: list[Told]) -> None:
    assert told("ends", START, *TEXT, END, STOP, *more) == due


@pytest.mark.parametrize(
    ("tail", "shown"),
    [
        pytest.param(b"data: " + b"x" * 74, "data: " + "x" * 74, id="short"),
        pytest.param(b"data: " + b"x" * 75, "data: " + "x" * 74, id="long"),
        pytest.param(b"data: \xff", "data: \\xff", id="no-text"),
    ],
)
def test_an_event_that_is_not_finished_is_shown_as_far_as_it_came(tail: bytes, shown: str) -> None:
    due = (FAIL, "a blank line at the end", shown, END_OF_ALL, "the last event is not finished")
    assert told("ends", START, *TEXT, END, STOP, tail) == [due]


# event-names


READ: Final = (
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "ping",
    "error",
)
"""The events that clients read."""


@pytest.mark.parametrize(
    ("name", "kind", "verdict"),
    [*((name, "other", FAIL) for name in READ), *(("other", kind, FAIL) for kind in READ), ("one", "other", WARN)],
)
def test_a_name_that_is_not_the_type_is_told(name: str, kind: str, verdict: Verdict) -> None:
    event = f'event: {name}\ndata: {{"type": "{kind}"}}\n\n'.encode()
    message = "the name of an event is not the type of its data"
    assert told("event-names", START, event) == [(verdict, f'"{kind}"', f'"{name}"', at(1), message)]
