"""What laws say about messages of the Anthropic face, whole: expected, actual, the place, and the message."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from suites.selftest.law_messages import (
    ALL,
    FITS,
    JOINS,
    NAMES,
    ORDER,
    PIECES,
    REASON,
    SHAPE,
    SPLIT,
    START,
    STOP,
    TEXT,
    THINKING,
    TOOL,
    UNSIGNED,
    USED,
    begin,
    end,
    last,
    piece,
    whole,
)
from suites.selftest.sights import MESSAGES, asking, bears, events, flaws, seen

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

BYTE: Final = re.compile(r" \(byte \d+\)")
EMPTY: Final = {"content-type": "text/event-stream"}
ECHOED, SPENT = "api.messages.model-echoed", "api.messages.usage-in-message-delta"
WITHIN, TWINS = "api.messages.thinking-within-output", "api.messages.cached-twins-equal"
HALF: Final = events(*ALL[:6])
ENDLESS: Final = "the stream ends without message_stop"
ASIDE: Final = "the name of an event is not the type of its data"
UNUSED: Final = "message_delta does not say what was used"


def raw(body: Any, **known: Any) -> Sight:
    return seen(200, body, path=MESSAGES, headers=EMPTY, **known)


def said(requirement: str, sight: Sight) -> list[tuple[str, ...]]:
    found = flaws(requirement, sight)
    return [(flaw.expected, flaw.actual, BYTE.sub("", flaw.where), flaw.message) for flaw in found]


def order(number: int, what: str) -> tuple[str, ...]:
    return ("events in their order", what, f"response event {number}", f"out of order: {what}")


def using(**used: Any) -> Sight:
    return whole(usage=used)


ROWS: list[tuple[str, Sight, list[tuple[str, ...]]]] = [
    (SHAPE, raw("", partial=True), []),
    (
        SHAPE,
        raw(f"data: {'a' * 121}\n\n"),
        [("a JSON object", "a" * 120, "response event 0", "the data of an event is no JSON object")],
    ),
    (
        SHAPE,
        raw(b"data: \xff\n\n"),
        [("a JSON object", "\\xff", "response event 0", "the data of an event is no JSON object")],
    ),
    (ORDER, HALF, [("message_stop", "none", "response, its end", ENDLESS)]),
    (
        ORDER,
        replace(HALF, exchange=replace(HALF.exchange, error="closed")),
        [("message_stop", "none", "response, its end", f"{ENDLESS}: closed")],
    ),
    (ORDER, events(START, *ALL), [order(1, "message_start again")]),
    (ORDER, events({"type": "ping"}, *ALL, {"type": "ping"}), []),
    (ORDER, events(last(), START, STOP), [order(0, "message_delta before message_start")]),
    (ORDER, events(*ALL, last()), [order(len(ALL), "message_delta after message_stop")]),
    (
        ORDER,
        events(START, begin(0, TEXT), begin(1, TEXT), end(1), last(), STOP),
        [order(2, "a block begins while block 0 is open")],
    ),
    (
        ORDER,
        events(START, last(), begin(0, TEXT), end(0), STOP),
        [order(2, "a block begins after message_delta")],
    ),
    (
        ORDER,
        events(START, begin(3, TEXT), end(0), last(), STOP),
        [order(1, "a block with the index 3 after 0 others")],
    ),
    (
        ORDER,
        events(START, begin(0, TEXT), end(1), end(0), last(), STOP),
        [order(2, "content_block_stop of block 1, which is not open")],
    ),
    (
        ORDER,
        events(START, {"type": "content_block_stop"}, last(), STOP),
        [order(1, "content_block_stop of block None, which is not open")],
    ),
    (ORDER, events(START, begin(0, TEXT), last(), STOP), [order(2, "message_delta while block 0 is open")]),
    (ORDER, events(START, STOP), [order(1, "message_stop without message_delta")]),
    (NAMES, events(*ALL, names={0: "message"}), [('"message_start"', '"message"', "response event 0", ASIDE)]),
    (
        NAMES,
        raw("data: [DONE]\n\n"),
        [("message_stop as the last event", "[DONE]", "response event 0", "[DONE] stands in a message stream")],
    ),
    (ECHOED, whole(model=None), [("kimi-k3", "null", "response /model", "another model answers")]),
    (
        ECHOED,
        events(*ALL, asked=asking("kimi-k3")),
        [("kimi-k3", '"kimi-k2.6"', "response, message_start, /message/model", "another model answers")],
    ),
    (
        REASON,
        whole(reason="stop"),
        [
            (
                "end_turn or max_tokens or tool_use or stop_sequence or refusal",
                '"stop"',
                "response /stop_reason",
                "the stop_reason is none of those that are known",
            )
        ],
    ),
    (REASON, events(START, {"type": "message_delta"}, last(), STOP), []),
    (
        FITS,
        whole(TOOL),
        [("tool_use", '"end_turn"', "response /content/0", "a tool is used, and the message ends for another reason")],
    ),
    (
        FITS,
        whole(reason="tool_use"),
        [("a tool_use block", "none", "response", "the use of a tool is announced, and not there")],
    ),
    (
        JOINS,
        events(START, begin(0, TOOL), piece(0, "input_json", partial_json="[" * 100_000), last("tool_use"), STOP),
        [
            (
                "a JSON object",
                '"' + "[" * 158 + "…",
                "response event 1 /content_block",
                "the pieces of an input join to no JSON object",
            )
        ],
    ),
    (JOINS, events(START, begin(0, TOOL), *PIECES, end(0), PIECES[0], last("tool_use"), STOP), []),
    (JOINS, events(START, begin(0, TOOL), *PIECES, end(5), last("tool_use"), STOP), []),
    (
        SPLIT,
        using(prompt_tokens=9, input_tokens=1, cache_read_input_tokens=2, cache_creation_input_tokens=3),
        [("9", "1 + 2 + 3", "response /usage/input_tokens", "the parts of the prompt do not come to prompt_tokens")],
    ),
    (SPLIT, using(prompt_tokens=6, input_tokens=1, cache_read_input_tokens=2, cache_creation_input_tokens=3), []),
    (SPLIT, using(prompt_tokens=1, input_tokens=1), []),
    (SPLIT, using(prompt_tokens=1), []),
    (SPLIT, using(total_tokens=1, input_tokens=1), []),
    (SPLIT, using(prompt_tokens=0, completion_tokens=0, total_tokens=0), []),
    (
        SPLIT,
        using(prompt_tokens=1, completion_tokens=2, total_tokens=4),
        [("prompt_tokens + completion_tokens", "4", "response /usage/total_tokens", "the total is not the sum")],
    ),
    (
        SPENT,
        events(START, STOP),
        [("message_delta with usage", "none", "response", "the stream has no message_delta")],
    ),
    (SPENT, events(START, last(output_tokens=1), STOP), []),
    (SPENT, events(START, last("refusal", output_tokens=0), STOP), []),
    (SPENT, events(START, last(output_tokens=0), last(), STOP), []),
    (SPENT, events(START, last("refusal", output_tokens=0), {"type": "message_delta", "delta": {}, "usage": USED}), []),
    (
        SPENT,
        events(START, last("end_turn", output_tokens=5), last("end_turn", output_tokens=0), STOP),
        [("more than 0", "0", "response event 2 /usage/output_tokens", UNUSED)],
    ),
    (REASON, events(START, last("odd"), last(), STOP), []),
    (UNSIGNED, whole({**TEXT, "signature": "abc"}), []),
    (
        UNSIGNED,
        events(START, begin(0, {**THINKING, "signature": "abc"})),
        [("none, or empty", '"abc"', "response event 1 /content_block/signature", "reasoning is signed")],
    ),
    (
        WITHIN,
        using(output_tokens=5, output_tokens_details={"thinking_tokens": 6}),
        [
            (
                "0 to 5",
                "6",
                "response /usage/output_tokens_details/thinking_tokens",
                "more was reasoned than was written",
            )
        ],
    ),
    *((WITHIN, using(output_tokens=5, output_tokens_details={"thinking_tokens": thought}), []) for thought in (0, 5)),
    (WITHIN, using(output_tokens_details={"thinking_tokens": 6}), []),
    (WITHIN, events(START, last(), last(output_tokens_details={"thinking_tokens": 1}), STOP), []),  # type: ignore[arg-type]
    (
        TWINS,
        using(cached_tokens=1, cache_read_input_tokens=2),
        [("2", "1", "response /usage/cached_tokens", "the two cache counters differ")],
    ),
    (TWINS, events(START, {"type": "message_delta", "usage": {"cached_tokens": 5}}, last(), STOP), []),
]


@pytest.mark.parametrize(("requirement", "sight", "told"), ROWS)
def test_a_flaw_of_a_message_is_told_whole(requirement: str, sight: Sight, told: list[tuple[str, ...]]) -> None:
    assert said(requirement, sight) == told


@pytest.mark.parametrize(
    ("requirement", "sight"),
    [
        (ECHOED, seen(200, {"model": "a"}, path=MESSAGES, asked={"messages": []})),
        (ECHOED, seen(200, {}, path=MESSAGES, asked=asking())),
        (ECHOED, events({"type": "ping"})),
        (FITS, seen(200, [], path=MESSAGES)),
        (REASON, seen(200, [], path=MESSAGES)),
        (REASON, events(*ALL, partial=True)),
        (SPENT, raw("")),
        (UNSIGNED, raw("")),
        (UNSIGNED, seen(200, {"content": []}, path=MESSAGES)),
    ],
)
def test_what_shows_nothing_of_a_message_says_nothing(requirement: str, sight: Sight) -> None:
    assert not bears(requirement, sight)


def test_pieces_go_to_the_block_of_their_index_and_only_while_it_lives() -> None:
    stream = events(
        START,
        begin(0, TOOL),
        piece(0, "text", text="a"),
        {"type": "content_block_delta", "index": 0, "delta": {"type": "odd", "XX": "no"}},
        end(0),
        piece(0, "text", text="late"),
        begin(0, TEXT),
        piece(0, "text", text="b"),
    ).messages
    assert [block.text for block in stream.blocks] == ["a", "b"]


def test_done_and_data_without_end_are_no_events_of_a_message() -> None:
    stream = raw("data: [DONE]\n\ndata: " + "[" * 100_000 + "\n\n").messages
    assert (stream.done, stream.broken, stream.events) == ([0], [1], [])
