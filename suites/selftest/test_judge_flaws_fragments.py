"""What is said of fragments of tool calls that do not find together, whole, and what odd JSON among them hides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from suites.selftest.law_answers import BASE, WHOLE, piece
from suites.selftest.sights import bears, flaws, stream

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

BYTE: Final = re.compile(r" \(byte \d+\)")
JOIN: Final = "api.stream.fragments-join"
SECOND: Final = {**WHOLE, "index": 1, "id": "b"}
AGAIN: Final = {"index": 0, "id": "a"}
NAMED_AGAIN: Final = ("id, type and name once", '["a"]', "tool_calls", "a fragment of call 0 names it again")


def calls(*fragments: Any) -> dict[str, Any]:
    return piece({"tool_calls": list(fragments)})


def among(*choices: Any) -> dict[str, Any]:
    return {**BASE, "choices": list(choices)}


def told(sight: Sight) -> list[tuple[str, ...]]:
    return [(flaw.expected, flaw.actual, BYTE.sub("", flaw.where), flaw.message) for flaw in flaws(JOIN, sight)]


def at(number: int, flaw: tuple[str, ...]) -> tuple[str, ...]:
    """The flaw, in that event."""
    expected, actual, pointer, message = flaw
    return expected, actual, f"response event {number} {pointer}", message


@pytest.mark.parametrize(
    ("sight", "said"),
    [
        (stream(calls(WHOLE, SECOND), calls({"index": 0, "function": {"arguments": "{}"}})), []),
        (
            stream(calls(WHOLE), calls({"index": 0, "function": {"name": "get_weather"}})),
            [at(1, ("id, type and name once", '["get_weather"]', *NAMED_AGAIN[2:]))],
        ),
        (stream(piece({"content": "a"}), piece({"tool_calls": [WHOLE]}, index=1)), []),
        (
            stream(calls(SECOND)),
            [("0, 1, 2 …", "[1]", "response", "the calls of a choice are not numbered from 0")],
        ),
        (
            stream(calls({"index": 1, "type": "function", "id": "b"}, {**WHOLE, "id": 5, "type": "odd"})),
            [
                at(0, ("a string", "5", "tool_calls/id", "the first fragment of call 0 has no id")),
                at(0, ("function", '"odd"', "tool_calls/type", "the first fragment of call 0 is of no known type")),
                at(
                    0,
                    (
                        "a string",
                        "null",
                        "tool_calls/function/name",
                        "the first fragment of call 1 has no function/name",
                    ),
                ),
            ],
        ),
        (
            stream(calls(WHOLE), calls({"index": 0, "id": "b"}), calls(AGAIN)),
            [
                at(1, ('"a"', "another id, type or name", "tool_calls", "a fragment of call 0 names another call")),
                at(2, NAMED_AGAIN),
            ],
        ),
    ],
    ids=["joined", "named-again", "one-choice-calls", "from-one", "nameless", "renamed"],
)
def test_what_does_not_find_together_is_told_whole(sight: Sight, said: list[tuple[str, ...]]) -> None:
    assert told(sight) == said


@pytest.mark.parametrize(
    "odd",
    [
        None,
        "odd",
        {"delta": {"tool_calls": [AGAIN]}},
        {"index": "a", "delta": {"tool_calls": [AGAIN]}},
        {"index": 0},
        {"index": 0, "delta": None},
        {"index": 0, "delta": {"tool_calls": None}},
        {"index": 0, "delta": {"tool_calls": 5}},
    ],
)
def test_an_odd_choice_is_no_fragment_and_hides_none_behind_it(odd: Any) -> None:
    assert told(stream(calls(WHOLE), among(odd, *calls(AGAIN)["choices"]))) == [at(1, NAMED_AGAIN)]


@pytest.mark.parametrize("odd", [None, "odd", {}, {"index": []}, {"index": "0", "id": "a"}])
def test_a_fragment_without_a_number_is_told_once_and_hides_none_behind_it(odd: Any) -> None:
    unnumbered = ("an integer index", "none", "tool_calls/index", "a fragment belongs to no call")
    assert told(stream(calls(WHOLE), calls(odd, AGAIN))) == [at(1, unnumbered), at(1, NAMED_AGAIN)]


@pytest.mark.parametrize("odd", [{**BASE, "choices": 5}, {**BASE, "choices": None}, BASE])
def test_a_chunk_without_choices_hides_no_later_one(odd: dict[str, Any]) -> None:
    assert told(stream(calls(WHOLE), odd, calls(AGAIN))) == [at(2, NAMED_AGAIN)]


def test_a_stream_without_calls_shows_nothing_of_fragments() -> None:
    assert not bears(JOIN, stream(piece({"content": "a"})))
