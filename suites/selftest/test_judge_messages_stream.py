"""The grammar of a stream on /v1/messages: what Anthropic's documentation allows, and what it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.exchange import Piece, Response
from kimi_conformance.judge import verdict
from suites.selftest.plays import CHAT, arrived, ask, findings, trip

if TYPE_CHECKING:
    from collections.abc import Sequence

AREA: Final = "router.messages.stream-"
MODEL: Final = "kimi-k3.1-pro"
STREAM: Final = (("Content-Type", "text/event-stream"),)
Event = dict[str, Any]

START: Final[Event] = {
    "type": "message_start",
    "message": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [],
        "stop_reason": None,
        "usage": {"input_tokens": 1, "output_tokens": 0},
    },
}
PING: Final[Event] = {"type": "ping"}
END: Final[Event] = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}}
STOP: Final[Event] = {"type": "message_stop"}


def begin(index: int, kind: str, **more: Any) -> Event:
    """A block begins."""
    return {"type": "content_block_start", "index": index, "content_block": {"type": kind, **more}}


def delta(index: int, kind: str, **more: Any) -> Event:
    """A block is changed."""
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **more}}


def end(index: int) -> Event:
    """A block ends."""
    return {"type": "content_block_stop", "index": index}


CALL: Final = {"id": "a_0", "type": "function", "function": {"name": "a", "arguments": "{}"}}
TEXT: Final = (begin(0, "text", text=""), delta(0, "text_delta", text="Hello."), end(0))
TOOL: Final = begin(1, "tool_use", id="a_0", name="a", input={})


def on_wire(events: Sequence[Event | bytes]) -> bytes:
    """The stream of these events."""
    return b"".join(
        event if isinstance(event, bytes) else f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
        for event in events
    )


def judged(requirement: str, *events: Event | bytes) -> Verdict:
    """The verdict on a stream of these events."""
    arrival = arrived("moonshot", {"model": MODEL}, path=CHAT, answer=b'{"choices": []}')
    asked = ask(MODEL, surface="messages", stream=True)
    return verdict(findings(AREA + requirement, trip(asked, arrival, answer=on_wire(events), headers=STREAM)))


EVERY: Final = ("begins", "blocks-in-order", "inputs-join", "ends", "event-names")


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([START, *TEXT, END, STOP], id="plain"),
        pytest.param([START, PING, TEXT[0], PING, *TEXT[1:], PING, END, STOP, PING], id="pings"),
        pytest.param([START, END, STOP], id="no-blocks"),
        pytest.param(
            [
                START,
                begin(0, "thinking", thinking="", signature=""),
                delta(0, "thinking_delta", thinking="Hm."),
                delta(0, "signature_delta", signature="x"),
                end(0),
                begin(1, "text", text=""),
                end(1),
                {**END, "usage": {"input_tokens": 1, "output_tokens": 7}},
                STOP,
            ],
            id="signed-and-empty",
        ),
        pytest.param(
            [
                START,
                *TEXT,
                TOOL,
                delta(1, "input_json_delta", partial_json=""),
                delta(1, "input_json_delta", partial_json='{"n":'),
                delta(1, "input_json_delta", partial_json="1}"),
                end(1),
                begin(2, "tool_use", id="a_1", name="a", input={}),
                end(2),
                END,
                STOP,
            ],
            id="calls",
        ),
        pytest.param([START, *TEXT, {**END, "delta": {}}, END, STOP], id="two-message-deltas"),
        pytest.param([b": a comment\n\n", START, *TEXT, END, STOP], id="comment"),
        pytest.param(
            [START, begin(0, "server_tool_use", id="x"), delta(0, "some_delta"), end(0), END, STOP], id="new-block"
        ),
        pytest.param([START, {"type": "some_new_event"}, *TEXT, END, STOP], id="new-event"),
    ],
)
def test_what_the_documentation_allows_is_no_flaw(events: list[Event | bytes]) -> None:
    assert {requirement: judged(requirement, *events) for requirement in EVERY} == dict.fromkeys(EVERY, Verdict.PASS)


@pytest.mark.parametrize(
    ("requirement", "events"),
    [
        pytest.param("begins", [*TEXT, END, STOP], id="no-start"),
        pytest.param("begins", [{**START, "message": {**START["message"], "usage": None}}, STOP], id="no-usage"),
        pytest.param("begins", [{**START, "message": {**START["message"], "role": "user"}}, STOP], id="role"),
        pytest.param("begins", [{"type": "message_start"}, STOP], id="no-message"),
        pytest.param("begins", [b'data: {"choices": []}\n\n'], id="chunks"),
        pytest.param("begins", [b""], id="nothing"),
        pytest.param("blocks-in-order", [START, *TEXT, TEXT[1], END, STOP], id="delta-after-stop"),
        pytest.param("blocks-in-order", [START, *TEXT[:2], END, STOP], id="unended"),
        pytest.param("blocks-in-order", [START, *TEXT[:2]], id="unended-at-the-end"),
        pytest.param("blocks-in-order", [START, *TEXT[1:], END, STOP], id="unbegun"),
        pytest.param("blocks-in-order", [START, *TEXT, *TEXT, END, STOP], id="index-again"),
        pytest.param("blocks-in-order", [START, begin(1, "text"), end(1), END, STOP], id="index-from-one"),
        pytest.param(
            "blocks-in-order",
            [START, TEXT[0], delta(0, "thinking_delta", thinking="Hm."), TEXT[2], END, STOP],
            id="delta-of-another-type",
        ),
        pytest.param("blocks-in-order", [START, END, *TEXT, STOP], id="block-after-message-delta"),
        pytest.param(
            "inputs-join",
            [START, *TEXT, {**TOOL, "content_block": {**TOOL["content_block"], "input": {"n": 1}}}, end(1), END, STOP],
            id="at-once",
        ),
        pytest.param(
            "inputs-join", [START, *TEXT, TOOL, delta(1, "input_json_delta", partial_json='{"n":'), end(1)], id="cut"
        ),
        pytest.param(
            "inputs-join", [START, *TEXT, TOOL, delta(1, "input_json_delta", partial_json='"{}"'), end(1)], id="text"
        ),
        pytest.param("ends", [START, *TEXT, END], id="no-stop"),
        pytest.param("ends", [START, *TEXT, STOP], id="no-delta"),
        pytest.param("ends", [START, *TEXT, {**END, "usage": None}, STOP], id="no-usage-at-the-end"),
        pytest.param("ends", [START, *TEXT, {**END, "delta": {"stop_reason": None}}, STOP], id="no-reason"),
        pytest.param(
            "ends", [START, *TEXT, END, {**END, "delta": {"stop_reason": "tool_use"}}, STOP], id="two-reasons"
        ),
        pytest.param("ends", [START, *TEXT, END, STOP, STOP], id="two-stops"),
        pytest.param("ends", [START, *TEXT, END, STOP, *TEXT], id="text-after-the-end"),
        pytest.param("ends", [START, *TEXT, END, STOP, b"data: [DONE]\n\n"], id="done"),
        pytest.param("ends", [START, *TEXT, {"type": "error", "error": {}}, END, STOP], id="error"),
        pytest.param("ends", [START, *TEXT, b"data: {\n\n", END, STOP], id="no-json"),
        pytest.param("ends", [START, *TEXT, END, STOP, b"event: ping"], id="tail"),
        pytest.param("event-names", [f"data: {json.dumps(START)}\n\n".encode(), STOP], id="unnamed"),
        pytest.param("event-names", [START, f"event: end\ndata: {json.dumps(STOP)}\n\n".encode()], id="misnamed"),
    ],
)
def test_what_breaks_a_client_is_found(requirement: str, events: list[Event | bytes]) -> None:
    assert judged(requirement, *events) is Verdict.FAIL


NESTED: Final = (TEXT[0], TOOL, TEXT[1], delta(1, "input_json_delta", partial_json="{}"), end(0), end(1))


@pytest.mark.parametrize(
    ("requirement", "events"),
    [
        pytest.param("blocks-in-order", [START, *NESTED, END, STOP], id="blocks-side-by-side"),
        pytest.param("ends", [START, *TEXT, END, STOP, b"event: done\ndata: {}\n\n"], id="unknown-after-the-end"),
        pytest.param("event-names", [START, *TEXT, END, STOP, b"event: done\ndata: {}\n\n"], id="unknown-and-untyped"),
    ],
)
def test_what_clients_put_up_with_is_a_warning(requirement: str, events: list[Event | bytes]) -> None:
    assert judged(requirement, *events) is Verdict.WARN


def test_blocks_side_by_side_lose_nothing() -> None:
    said = {"role": "assistant", "content": "Hello.", "tool_calls": [CALL]}
    body = {"model": MODEL, "choices": [{"index": 0, "message": said, "finish_reason": "tool_calls"}]}
    arrival = arrived("moonshot", {"model": MODEL}, path=CHAT, answer=json.dumps(body).encode())
    asked = ask(MODEL, surface="messages", stream=True)
    both = trip(asked, arrival, answer=on_wire([START, *NESTED, END, STOP]), headers=STREAM)
    assert findings("router.messages.text-returned", both) == ()
    assert findings("router.messages.tool-calls-become-tool-use", both) == ()


ODD: Final = (None, 7, "x", [], {}, [[]], {"type": []}, True)


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_no_stream_is_too_odd_to_be_judged(odd: Any) -> None:
    kinds = ("message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta")
    events = [
        {"type": kind, "index": odd, "message": odd, "content_block": odd, "delta": odd, "usage": odd} for kind in kinds
    ]
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": odd, "text": odd, "input": odd}}
    change = delta(0, "text_delta", text=odd)
    reason = {"type": "message_delta", "delta": {"stop_reason": odd}, "usage": {"output_tokens": odd}}
    odder = f"event: x\ndata: {json.dumps(odd)}\n\nevent: x\ndata: {json.dumps({'type': odd})}\n\n".encode()
    others = ("router.messages.text-returned", "router.messages.usage-translated", "router.messages.answer-shape")
    for stream in ([*events, odder], [START, block, change, reason, STOP, odder], [odder]):
        assert Verdict.FAIL in [judged(requirement, *stream) for requirement in EVERY]
        arrival = arrived("moonshot", {"model": MODEL}, path=CHAT, answer=b'{"choices": []}')
        asked = ask(MODEL, surface="messages", stream=True)
        both = trip(asked, arrival, answer=on_wire(stream), headers=STREAM)
        assert all(isinstance(findings(requirement, both), tuple) for requirement in others)


BUSY: Final = b'data: {"error": {"type": "engine_overloaded_error", "message": "The engine is busy"}}\n\n'


@pytest.mark.parametrize(
    ("message", "due"),
    [
        ("The engine is busy", Verdict.PASS),
        ("moonshot said: The engine is busy.", Verdict.PASS),
        ('{"message": "The engine is busy"}', Verdict.PASS),
        ("Something went wrong", Verdict.WARN),
        (None, Verdict.FAIL),
    ],
)
def test_an_error_in_the_midst_is_told_in_its_own_words(message: str | None, due: Verdict) -> None:
    error = {"type": "error", "error": {"type": "api_error", "message": message}}
    asked = ask(MODEL, surface="messages", stream=True)
    arrival = arrived("moonshot", {"model": MODEL}, path=CHAT)
    arrival = replace(arrival, exchange=replace(arrival.exchange, response=Response(200, STREAM, (Piece(7.0, BUSY),))))
    both = trip(asked, arrival, answer=on_wire([START, *([error] if message else [END, STOP])]), headers=STREAM)
    assert verdict(findings(f"{AREA}error-told", both)) is due
