"""What laws say about chat streams, whole: expected, actual, the place (its byte left out), and the message."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from suites.selftest.law_answers import BASE, broken_off, piece, twice
from suites.selftest.sights import MESSAGES, asking, bears, events, flaws, seen, stream

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

BYTE: Final = re.compile(r" \(byte \d+\)")
HEAD: Final = {"content-type": "text/event-stream"}
USAGE: Final = {"prompt_tokens": 9}
COUNTED: Final = {**BASE, "choices": [], "usage": USAGE}
SAID: Final = piece({"role": "assistant", "content": "a"})
END: Final = piece({}, finish_reason="stop")
ASKING: Final = asking(stream=True, stream_options={"include_usage": True})
NAMED: Final = {**piece({"role": "assistant"}), "system_fingerprint": "fpv0_0123abcd"}
IS, FORMED, ROLE = "api.stream.is-event-stream", "api.stream.well-formed", "api.stream.role-first-and-once"
FINISH, DONE, INSIDE = "api.stream.one-finish", "api.stream.done-once-and-last", "api.stream.no-error-inside"
LAST, WANTED, AGREES = "api.stream.usage-in-last-choice", "api.stream.usage-chunk-when-asked", "api.stream.usage-agrees"
PRINT, EMPTY = "api.stream.fingerprint", "the stream has no event in it"
ONCE = "include_usage was asked for, and that chunk is not there once"
NOT_UTF8 = "not UTF-8: invalid start byte at b'\\xff'"
OTHER = "a stream was asked for, and something else came"


def raw(body: Any, **known: Any) -> Sight:
    return seen(200, body, asked=asking(stream=True), headers=HEAD, **known)


def told(requirement: str, sight: Sight) -> list[tuple[str, ...]]:
    found = flaws(requirement, sight)
    return [(flaw.expected, flaw.actual, BYTE.sub("", flaw.where), flaw.message) for flaw in found]


ROWS: list[tuple[str, Sight, list[tuple[str, ...]]]] = [
    (
        IS,
        seen(200, "{}", asked=asking(stream=True), headers={"content-type": "application/json"}),
        [("text/event-stream", "application/json", "response header content-type", OTHER)],
    ),
    (
        IS,
        seen(200, "data: {}\n\n", asked=asking(stream=True), headers={"date": "today"}),
        [("text/event-stream", "no content-type", "response header content-type", OTHER)],
    ),
    (IS, seen(200, "data: {}\n\n", asked=asking(stream=True), headers={}), []),
    (IS, raw(""), [("events: `data: …` and a blank line", "200 text/event-stream", "response body", EMPTY)]),
    (IS, raw("", partial=True), []),
    (IS, stream(SAID, asked=asking()), []),
    (IS, seen(200, "data: {}\n\n", asked=asking(stream=True), given="chat.completion.chunk"), []),
    (FORMED, raw(""), [("at least one event", "200 text/event-stream", "response body", EMPTY)]),
    (FORMED, raw("", partial=True), []),
    (
        FORMED,
        raw(f"data: {'a' * 121}\n\n"),
        [("a JSON object, or [DONE]", "a" * 120, "response event 0", "the data of an event is neither")],
    ),
    (
        FORMED,
        raw(b"data: \xff\n\n"),
        [
            ("a JSON object, or [DONE]", "\\xff", "response event 0", "the data of an event is neither"),
            ("plain events", NOT_UTF8, "response byte 6", f"invalid-utf8: {NOT_UTF8}"),
        ],
    ),
    (
        "api.stream.one-id",
        stream(SAID, {**SAID, "id": "b"}),
        [('"a"', '"b"', "response event 1 /id", "the id changes within the stream")],
    ),
    (
        "api.stream.one-created",
        stream(SAID, {**SAID, "created": 2}),
        [("1", "2", "response event 1 /created", "`created` changes within the stream")],
    ),
    (
        ROLE,
        stream(piece({"content": "a"}), piece({"role": "user"})),
        [
            ("delta.role", "none", "response event 0 /choices/0/delta", "the first chunk of choice 0 has no role"),
            (
                "assistant",
                '"user"',
                "response event 1 /choices/0/delta/role",
                "choice 0 is spoken by another than the assistant",
            ),
            (
                "the role in the first chunk only",
                "again",
                "response event 1 /choices/0/delta/role",
                "choice 0 names its role after its first chunk",
            ),
        ],
    ),
    (FINISH, stream(COUNTED), [("at least one choice", "none", "response", "no chunk has a choice in it")]),
    (FINISH, stream(SAID), [("one finish_reason", "none", "response, choice 0", "choice 0 never finishes")]),
    (
        FINISH,
        stream(END, END, SAID),
        [
            ("nothing after finish_reason", "more", f"response event {number}", "choice 0 goes on after its finish")
            for number in (1, 2)
        ],
    ),
    (DONE, stream(SAID, done=False), [("[DONE]", "none", "response, its end", "the stream ends without [DONE]")]),
    (
        DONE,
        broken_off(b'data: {"id": "a"}\n\n'),
        [("[DONE]", "none", "response, its end", "the stream ends without [DONE]: closed: by peer")],
    ),
    (
        DONE,
        raw("data: {}\n\ndata: [DONE]\n\ndata: [DONE]\n\n"),
        [("one [DONE]", "another", "response event 2", "[DONE] stands twice")],
    ),
    (
        DONE,
        raw("data: {}\n\ndata: [DONE]\n\ndata: {}\n\n"),
        [("nothing after [DONE]", "more events", "response event 2", "events follow [DONE]")],
    ),
    (
        INSIDE,
        raw('data: {"error": "' + "a" * 148 + '月"}\n\n'),
        [
            (
                "chunks to the end",
                '{"error": "' + "a" * 148 + "\\xe6",
                "response event 0 /error",
                "an error stands inside the stream",
            )
        ],
    ),
    (
        INSIDE,
        raw('data: {"error": "' + "a" * 200 + '"}\n\n'),
        [
            (
                "chunks to the end",
                '{"error": "' + "a" * 149,
                "response event 0 /error",
                "an error stands inside the stream",
            )
        ],
    ),
    (
        "api.stream.usage-reachable",
        stream(SAID),
        [("usage in the last choice, or at top level", "none", "response", "no chunk has the usage")],
    ),
    (
        LAST,
        stream(SAID, END),
        [
            (
                "choices[].usage",
                "none",
                "response event 1 /choices",
                "the chunk that finishes choice 0 has no usage in the choice",
            )
        ],
    ),
    (LAST, stream(piece({}, finish_reason="stop", usage=USAGE), END), []),
    (
        WANTED,
        stream(SAID, END, asked=ASKING),
        [("one chunk with choices [] and usage", "0", "response", ONCE)],
    ),
    (
        WANTED,
        stream(COUNTED, COUNTED, asked=ASKING),
        [("one chunk with choices [] and usage", "2", "response", ONCE)],
    ),
    (WANTED, stream(END, COUNTED, asked=ASKING), []),
    (WANTED, stream(COUNTED, asked=ASKING), []),
    (WANTED, stream(END, COUNTED, asked=ASKING, done=False), []),
    (
        WANTED,
        stream(END, COUNTED, piece({}, index=1, finish_reason="stop"), asked=ASKING),
        [("after the finish", "before it", "response event 1", "the chunk with the usage comes too early")],
    ),
    (
        AGREES,
        twice(USAGE, {"prompt_tokens": 8, "total_tokens": 8}),
        [
            (
                '{"prompt_tokens": 9}',
                '{"prompt_tokens": 8, "total_tokens": 8}',
                "response event 1 /usage",
                "the stream's usages differ",
            )
        ],
    ),
    (AGREES, stream(piece({}, usage=USAGE), piece({}, index=1, usage={"prompt_tokens": 8})), []),
    (AGREES, stream({**BASE, "usage": {}}, {**BASE, "usage": {}}), []),
    ("api.stream.reasoning-before-content", stream(piece({"content": "a", "reasoning_content": "b"})), []),
    (
        PRINT,
        stream({**NAMED, "system_fingerprint": "fp_1"}, SAID),
        [("fpv0_…", '"fp_1"', "response event 0 /system_fingerprint", "no fingerprint of the usual form")],
    ),
    (PRINT, stream(NAMED), []),
]


@pytest.mark.parametrize(("requirement", "sight", "said"), ROWS)
def test_a_flaw_of_a_stream_is_told_whole(requirement: str, sight: Sight, said: list[tuple[str, ...]]) -> None:
    assert told(requirement, sight) == said


def test_a_usage_after_done_comes_too_late() -> None:
    body = "".join(f"data: {each}\n\n" for each in ('{"choices": []}', "[DONE]", '{"choices": [], "usage": {"a": 1}}'))
    late = seen(200, body + "data: [DONE]\n\n", asked=ASKING, headers=HEAD)
    assert told(WANTED, late) == [
        ("before [DONE]", "after it", "response event 2", "the chunk with the usage comes too late")
    ]


def test_a_source_that_shows_a_part_may_cut_an_event_and_hides_no_other_flaw_of_form() -> None:
    cut = raw('data: {"a": 1}\n\nnothing\n\ndata: {', partial=True)
    assert [flaw[3].partition(":")[0] for flaw in told(FORMED, cut)] == ["unknown-field", "no-data"]


@pytest.mark.parametrize(
    "requirement", ["api.stream.one-id", "api.stream.one-created", "api.stream.usage-reachable", FINISH, DONE]
)
def test_a_stream_without_a_chunk_shows_nothing_of_its_chunks(requirement: str) -> None:
    assert not bears(requirement, stream())


def test_a_stream_of_the_other_face_says_nothing_of_chat_streams() -> None:
    assert not bears(IS, events({"type": "ping"}))
    assert not bears(IS, seen(200, "{}", asked=asking(stream=True), path=MESSAGES))


def test_a_stream_without_events_says_nothing_of_errors_inside() -> None:
    assert not bears(INSIDE, raw(""))
    assert not bears(INSIDE, replace(raw(""), partial=True))
