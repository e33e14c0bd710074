"""What a chat stream comes to when it is put together, and what its fragments say of their calls."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from suites.selftest.law_answers import BASE, JOIN, WHOLE, fragments, piece
from suites.selftest.sights import asking, flaws, seen, stream

BYTE: Final = re.compile(r" \(byte \d+\)")
HEAD: Final = {"id": "a", "object": "chat.completion", "created": 1, "model": "kimi-k3"}
SAID: Final = {"role": "assistant", "content": "Hello!"}
ONCE: Final = "id, type and name once"
NAMES_ANOTHER: Final = "a fragment of call 0 names another call"
DEEP: Final = "[" * 100_000


def call(index: int, id_: str, arguments: str = "{}") -> dict[str, Any]:
    return {**WHOLE, "index": index, "id": id_, "function": {"name": "get_weather", "arguments": arguments}}


def choice(message: dict[str, Any], index: int = 0, finish: str | None = None) -> dict[str, Any]:
    return {"index": index, "message": message, "finish_reason": finish}


def told(requirement: str, *chunks: Any) -> list[tuple[str, ...]]:
    found = flaws(requirement, stream(*chunks))
    return [(flaw.expected, flaw.actual, BYTE.sub("", flaw.where), flaw.message) for flaw in found]


FOLDED: Final[list[Any]] = [
    pytest.param([piece(SAID)], {"choices": [choice(SAID)]}, id="no member that nobody spoke of"),
    pytest.param(
        [
            piece({**SAID, "content": "Hel"}),
            {**BASE, "choices": [{"index": 0, "delta": "odd"}]},
            piece({"content": "lo!"}),
        ],
        {"choices": [choice(SAID)]},
        id="content",
    ),
    pytest.param(
        [piece({**SAID, "reasoning_content": "He "}), piece({"reasoning_content": "said."})],
        {"choices": [choice({**SAID, "reasoning_content": "He said."})]},
        id="reasoning",
    ),
    pytest.param(
        [piece(SAID), *(piece({"content": odd, "reasoning_content": odd, "tool_calls": odd}) for odd in (5, {"a": 1}))],
        {"choices": [choice(SAID)]},
        id="odd values are left to the shape",
    ),
    pytest.param(
        [piece(SAID), piece({"tool_calls": ["odd", call(0, "a")]})],
        {"choices": [choice({**SAID, "tool_calls": [call(0, "a")]})]},
        id="a fragment that is none hides no call behind it",
    ),
    pytest.param(
        [
            piece({**SAID, "tool_calls": [call(1, "b"), call(0, "a", '{"x"')]}),
            piece({"tool_calls": [{"index": 0, "function": {"arguments": ": 1}"}}]}),
            piece({"tool_calls": [{"index": 1, "function": {"arguments": None}}]}),
        ],
        {"choices": [choice({**SAID, "tool_calls": [call(0, "a", '{"x": 1}'), call(1, "b")]})]},
        id="calls by their index",
    ),
    pytest.param(
        [piece(SAID, index=1), piece({**SAID, "content": "Hi."}), piece({}, finish_reason="stop")],
        {"choices": [choice({**SAID, "content": "Hi."}, finish="stop"), choice(SAID, 1)]},
        id="choices by their index",
    ),
    pytest.param(
        [{**BASE, "choices": ["odd", {"index": "0", "delta": SAID}, {"index": 0, "delta": SAID}]}],
        {"choices": [choice(SAID)]},
        id="a choice that is none hides none behind it",
    ),
    pytest.param(
        [{**BASE, "choices": [], "usage": {"total_tokens": 1}}, piece(SAID, usage={"total_tokens": 2})],
        {"choices": [choice(SAID)], "usage": {"total_tokens": 2}},
        id="the usage that was said last",
    ),
]


@pytest.mark.parametrize(("chunks", "answer"), FOLDED)
def test_a_stream_comes_to_one_answer(chunks: list[Any], answer: dict[str, Any]) -> None:
    assert stream(*chunks).stream.whole() == {**HEAD, **answer}


def test_a_stream_is_put_together_once() -> None:
    folded = stream(piece(SAID)).stream
    assert folded.whole() is folded.whole()


@pytest.mark.parametrize(
    ("later", "said"),
    [
        pytest.param({"id": "b"}, ('"a"', "another id, type or name", NAMES_ANOTHER), id="another id"),
        pytest.param({"type": "odd"}, ('"a"', "another id, type or name", NAMES_ANOTHER), id="another type"),
        pytest.param(
            {"id": "a", "function": {"name": "odd"}},
            ('"a"', "another id, type or name", NAMES_ANOTHER),
            id="the same id, another name",
        ),
        pytest.param({"id": "a"}, (ONCE, '["a"]', "a fragment of call 0 names it again"), id="the same id"),
        pytest.param(
            {"type": "function", "function": {"name": "get_weather"}},
            (ONCE, '["function", "get_weather"]', "a fragment of call 0 names it again"),
            id="the same type and name",
        ),
    ],
)
def test_only_the_first_fragment_names_its_call(later: dict[str, Any], said: tuple[str, str, str]) -> None:
    expected, actual, message = said
    found = flaws(JOIN, fragments(WHOLE, {"index": 0, **later}))
    assert [(flaw.expected, flaw.actual, BYTE.sub("", flaw.where), flaw.message) for flaw in found] == [
        (expected, actual, "response event 2 tool_calls", message)
    ]


def test_a_fragment_whose_index_is_no_integer_belongs_to_no_call() -> None:
    where, message = "response event 0 tool_calls/index", "a fragment belongs to no call"
    assert told(JOIN, piece({"tool_calls": [{**WHOLE, "index": "0"}]})) == [
        ("an integer index", "none", where, message)
    ]


def test_another_id_is_told_once_where_it_came_first() -> None:
    chunks = [{**BASE, "id": id_, "choices": []} for id_ in ("a", ["b"], ["b"], "a", ["b"])]
    assert told("api.stream.one-id", *chunks) == [
        ('"a"', "\"['b']\"", "response event 1 /id", "the id changes within the stream")
    ]


def test_an_event_that_is_nested_too_deep_is_no_chunk() -> None:
    sight = seen(200, f"data: {DEEP}\n\n", asked=asking(stream=True), headers={"content-type": "text/event-stream"})
    (flaw,) = flaws("api.stream.well-formed", sight)
    assert (flaw.where, flaw.message) == ("response event 0 (byte 0)", "the data of an event is neither")
