"""What an answer says, on whichever wire it says it, whole or as a stream."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from kimi_conformance.exchange import Piece
from kimi_conformance.judge.api.messages_fold import fold_messages
from kimi_conformance.judge.meaning import Meaning, meaning_of, meaning_of_stream, message_of, parsed
from kimi_conformance.sse import read
from suites.selftest.answered import chunk, data, message

CALL: Final = {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
PLAIN: Final = Meaning("Hello", "", [], "stop", (3, 2))
NOTHING: Final = Meaning("", "", [], None, (None, None))


def completion(finish: Any = "stop", **said: Any) -> dict[str, Any]:
    choice = {"message": {"content": "Hello", **said}, "finish_reason": finish}
    return {"choices": [choice], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}


def whole(*blocks: Any, stop: Any = "end_turn", **usage: Any) -> dict[str, Any]:
    used = {"input_tokens": 3, "output_tokens": 2, **usage}
    return {"content": list(blocks or ({"type": "text", "text": "Hello"},)), "stop_reason": stop, "usage": used}


def streamed(*events: bytes, wire: Any = "messages") -> Meaning:
    return meaning_of_stream(read([Piece(1.0, b"".join(events))]).events, wire)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (completion(), PLAIN),
        (completion(reasoning_content="Hm"), replace(PLAIN, reasoning="Hm")),
        (completion(reasoning="Hm"), replace(PLAIN, reasoning="Hm")),
        (completion(reasoning_content="", reasoning="Hm"), replace(PLAIN, reasoning="Hm")),
        (completion(reasoning_content="Hm", reasoning="Other"), replace(PLAIN, reasoning="Hm")),
        (completion("tool_calls", tool_calls=[CALL]), replace(PLAIN, calls=[("f", {"a": 1})], finish="tool_calls")),
        (completion(tool_calls=[CALL, "odd", {}]), replace(PLAIN, calls=[("f", {"a": 1}), (None, None), (None, None)])),
        (completion(tool_calls="odd"), PLAIN),
        (completion(content=None), replace(PLAIN, text="")),
        (completion(content=["Hello"]), replace(PLAIN, text='["Hello"]')),
        ({}, NOTHING),
        ({"choices": []}, NOTHING),
        ({"choices": {"0": {}}}, NOTHING),
        ({"choices": "odd", "usage": "odd"}, NOTHING),
        ({"choices": ["odd"]}, NOTHING),
        ({"choices": [{"message": "odd"}]}, NOTHING),
    ],
)
def test_a_completion_says(body: dict[str, Any], said: Meaning) -> None:
    assert meaning_of(body, "chat") == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (whole(), PLAIN),
        (
            whole({"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "Hello"}),
            replace(PLAIN, reasoning="Hm"),
        ),
        (whole({"type": "text", "text": "Hel"}, {"type": "image", "text": "x"}, {"type": "text", "text": "lo"}), PLAIN),
        (whole({"type": "text"}, {"type": "thinking"}, {"type": "text", "text": "Hello"}), PLAIN),
        (whole({"type": "redacted", "thinking": "x"}, {"type": "text", "text": "Hello"}), PLAIN),
        (whole({"type": "tool_use", "name": "f", "input": {"a": 1}}), replace(PLAIN, text="", calls=[("f", {"a": 1})])),
        (whole("odd", {"type": "text", "text": "Hello"}), PLAIN),
        (
            whole(*({"type": "thinking", "thinking": one} for one in "Hm"), {"type": "text", "text": "Hello"}),
            replace(PLAIN, reasoning="Hm"),
        ),
        (whole(stop="max_tokens"), replace(PLAIN, finish="length")),
        (whole(stop="tool_use"), replace(PLAIN, finish="tool_calls")),
        (whole(stop="refusal"), replace(PLAIN, finish="content_filter")),
        (whole(stop="pause_turn"), replace(PLAIN, finish="pause_turn")),
        (whole(stop=None), replace(PLAIN, finish=None)),
        (whole(cache_read_input_tokens=4, cache_creation_input_tokens=5), replace(PLAIN, usage=(12, 2))),
        (whole(input_tokens=None), replace(PLAIN, usage=(None, 2))),
        (whole(input_tokens=0), replace(PLAIN, usage=(0, 2))),
        ({}, NOTHING),
        ({"content": "odd", "usage": "odd"}, NOTHING),
    ],
)
def test_a_message_says(body: dict[str, Any], said: Meaning) -> None:
    assert meaning_of(body, "messages") == said


def begin(block: dict[str, Any], index: int = 0) -> bytes:
    return data({"type": "content_block_start", "index": index, "content_block": block}, "content_block_start")


def piece(delta: dict[str, Any], index: int = 0) -> bytes:
    return data({"type": "content_block_delta", "index": index, "delta": delta}, "content_block_delta")


def end(**usage: Any) -> list[bytes]:
    last = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage}
    return [
        data({"type": "content_block_stop", "index": 0}, "content_block_stop"),
        data(last, "message_delta"),
        data({"type": "message_stop"}, "message_stop"),
    ]


START: Final = data(
    {"type": "message_start", "message": {"content": [], "usage": {"input_tokens": 3}}}, "message_start"
)
USED: Final = (3, 2)


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (message("Hel", "lo"), PLAIN),
        ([START, begin({"type": "text", "text": "Hel"}), piece({"type": "text_delta", "text": "lo"})], PLAIN),
        ([START, begin({"type": "text", "text": "Hello"}), piece({"type": "sound_delta", "": "?"})], PLAIN),
        ([START, begin({"type": "text"}), piece({"type": "text_delta", "text": "Hello"})], PLAIN),
        ([START, begin({"type": "text", "text": None}), piece({"type": "text_delta", "text": "Hello"})], PLAIN),
        (
            [START, begin({"type": "thinking", "thinking": "H"}), piece({"type": "thinking_delta", "thinking": "m"})],
            replace(PLAIN, text="", reasoning="Hm"),
        ),
        (
            [
                START,
                begin({"type": "tool_use", "name": "f", "input": {}}),
                piece({"type": "input_json_delta", "partial_json": '{"a": 1}'}),
            ],
            replace(PLAIN, text="", calls=[("f", {"a": 1})]),
        ),
        (
            [START, begin({"type": "tool_use", "name": "f", "input": {"a": 1}})],
            replace(PLAIN, text="", calls=[("f", {"a": 1})]),
        ),
        ([START, begin({"type": "tool_use", "name": "f"})], replace(PLAIN, text="", calls=[("f", {})])),
    ],
)
def test_a_stream_of_messages_says(events: list[bytes], said: Meaning) -> None:
    tail = [] if said is PLAIN and len(events) > 4 else end(output_tokens=2, input_tokens=None)
    assert streamed(*events, *tail) == said


def test_of_a_counter_the_last_word_counts_that_says_anything() -> None:
    assert streamed(START, *end(input_tokens=9, output_tokens=2)).usage == (9, 2)
    assert streamed(START, *end(input_tokens=None, output_tokens=2)).usage == (3, 2)


def test_counters_that_are_none_are_passed_over() -> None:
    odd = data({"type": "message_delta", "delta": {}, "usage": "odd"}, "message_delta")
    assert streamed(START, odd, *end(output_tokens=2)).usage == (3, 2)


def test_a_message_keeps_what_it_began_with() -> None:
    began = fold_messages(read([Piece(1.0, b"".join(message("Hello")))]).events)
    assert message_of(began)["id"] == "m"


def test_a_stream_that_never_began_says_what_came_of_it() -> None:
    assert streamed(*end(output_tokens=2)) == Meaning("", "", [], "stop", (None, 2))


def test_a_stream_of_chunks_says() -> None:
    chunks = [data(chunk({"content": "Hel"})), data(chunk({"content": "lo"}, "stop"))]
    assert streamed(*chunks, wire="chat") == replace(PLAIN, usage=(None, None))


@pytest.mark.parametrize("odd", ["{", None, 7.5, {"a": 1}, "[" * 100_000])
def test_arguments_that_are_no_json_are_kept_as_they_are(odd: Any) -> None:
    assert parsed(odd) == odd


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({}, []),
        ({"text": "Hullo"}, ["text"]),
        ({"reasoning": "Hm"}, ["reasoning"]),
        ({"calls": [("f", {"a": 1})]}, ["calls"]),
        ({"finish": None}, ["finish"]),
        ({"usage": (3, None)}, ["usage"]),
        ({"text": "Hullo", "usage": (4, 2)}, ["text", "usage"]),
    ],
)
def test_two_meanings_differ_in_what_is_not_the_same(changed: dict[str, Any], names: list[str]) -> None:
    assert PLAIN.unlike(replace(PLAIN, **changed)) == names
    assert replace(PLAIN, **changed).unlike(PLAIN) == names


def test_the_arguments_of_calls_are_compared_as_json() -> None:
    one, other = (replace(PLAIN, calls=[("f", arguments)]) for arguments in ({"a": 1, "b": [2]}, {"b": [2], "a": 1.0}))
    assert one.unlike(other) == []
    assert one.unlike(replace(PLAIN, calls=[("f", {"a": 1, "b": [3]})])) == ["calls"]
    assert one.unlike(replace(PLAIN, calls=[("f", {"a": True, "b": [2]})])) == ["calls"]


def test_counters_are_compared_as_json() -> None:
    assert replace(PLAIN, usage=(1, 2)).unlike(replace(PLAIN, usage=(True, 2))) == ["usage"]
