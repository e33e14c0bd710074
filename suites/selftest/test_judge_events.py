"""What became of a stream's events: each sort of damage by its name, how often it was, and where it was first met."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.check import Flaw
from kimi_conformance.judge.events import damage, meaning_lost
from kimi_conformance.judge.streamed import Streamed, streamed
from kimi_conformance.sse import NoticeKind
from suites.selftest.answered import DONE, STOP, chunk, data, message, said, streaming

PLAIN: Final = [said("one "), said("two "), said("three"), STOP, DONE]
WORDS: Final = "message: /choices/*/delta/content /choices/*/index /id /model /object"
END: Final = "message: /choices/*/finish_reason /choices/*/index /id /model /object"
ASKED: Final = {"stream_options": {"include_usage": True}}
NEW: Final = "the client got an event that the upstream never sent"


def both(sent: list[bytes], seen: list[bytes], **more: Any) -> Streamed:
    (each,) = streamed([streaming(sent, seen, **more)])
    assert isinstance(each, Streamed)
    return each


def sorts(sent: list[bytes], seen: list[bytes], **more: Any) -> dict[Any, int]:
    return {sort: one.times for sort, one in damage(both(sent, seen, **more)).items()}


def bare(tokens: int) -> bytes:
    return data({**chunk(), "choices": [], "usage": {"prompt_tokens": tokens}})


def without(name: str, *texts: str) -> list[bytes]:
    return [data({n: v for n, v in chunk({"content": text}).items() if n != name}) for text in texts]


ODD: Final = data("odd")


@pytest.mark.parametrize(
    ("sent", "seen", "due"),
    [
        pytest.param(PLAIN, PLAIN, {}, id="nothing"),
        pytest.param(PLAIN, PLAIN[1:], {("lost", WORDS): 1}, id="lost"),
        pytest.param(PLAIN, PLAIN[2:], {("lost", WORDS): 2}, id="two-lost"),
        pytest.param(PLAIN, [*PLAIN[:3], DONE], {("lost", END): 1}, id="the-stop-lost"),
        pytest.param(PLAIN, PLAIN[:-1], {("lost", "[DONE]"): 1}, id="the-end-lost"),
        pytest.param(PLAIN, [*PLAIN[:3], said("four"), *PLAIN[3:]], {("new", WORDS): 1}, id="new"),
        pytest.param(PLAIN, [ODD, *PLAIN[1:]], {("replaced", WORDS): 1}, id="json-became-text"),
        pytest.param([ODD, *PLAIN[1:]], PLAIN, {("replaced", "odd"): 1}, id="text-became-json"),
        pytest.param([ODD, *PLAIN], [data("other"), *PLAIN], {("replaced", "odd"): 1}, id="text-became-another"),
        pytest.param(PLAIN, [said("one two "), *PLAIN[2:]], {("became others", WORDS): 1}, id="two-became-one"),
        pytest.param([PLAIN[0], ODD, *PLAIN[2:]], [said("x"), *PLAIN[2:]], {("became others", WORDS): 1}, id="first"),
        pytest.param(
            PLAIN, [said("eins "), *PLAIN[1:]], {("changed", "/choices/0/delta/content"): 1}, id="words-changed"
        ),
        pytest.param(PLAIN, [*without("object", "one "), *PLAIN[1:]], {("lost", "/object"): 1}, id="member-lost"),
        pytest.param([*without("object", "one "), *PLAIN[1:]], PLAIN, {("new", "/object"): 1}, id="member-new"),
        pytest.param(
            PLAIN,
            [*without("object", "two ", "three"), STOP, DONE],
            {("lost", WORDS): 1, ("lost", "/object"): 2},
            id="who-lost-a-member-is-still-the-event",
        ),
        pytest.param(
            [PLAIN[0], data(chunk({"content": "two "}, logprobs=[1])), DONE],
            [PLAIN[1], DONE],
            {("lost", WORDS): 1, ("lost", "/choices/0/logprobs"): 1},
            id="so-does-a-choice",
        ),
        pytest.param(
            [PLAIN[0], data(chunk({"content": "two ", "refusal": None})), DONE],
            [PLAIN[1], DONE],
            {("lost", WORDS): 1, ("lost", "/choices/0/delta/refusal"): 1},
            id="null-says-nothing",
        ),
        pytest.param(
            [PLAIN[0], data(chunk({"role": "a", "content": "b"})), DONE],
            [data(chunk({"content": "b", "role": "a"})), DONE],
            {("lost", WORDS): 1},
            id="order-of-members-says-nothing",
        ),
        pytest.param(
            [said("a"), data(chunk({"content": "a"}, index=1)), DONE],
            [data(chunk({"content": "a"}, index=1)), DONE],
            {("lost", WORDS): 1},
            id="of-which-choice-counts",
        ),
        pytest.param(
            [said("a"), data(chunk({"content": "a"}, index=1)), DONE],
            [said("a"), DONE],
            {("lost", WORDS): 1},
            id="so-it-does-at-the-end",
        ),
        pytest.param(
            [data(chunk(finish="length")), STOP, DONE], [STOP, DONE], {("lost", END): 1}, id="the-reason-counts"
        ),
        pytest.param(
            [STOP, data(chunk(finish="length")), DONE], [STOP, DONE], {("lost", END): 1}, id="as-does-a-second-one"
        ),
        pytest.param(
            [data({"choices": ["x"]}), data({"choices": ["y"]}), DONE],
            [data({"choices": ["y"]}), DONE],
            {("lost", "message: /choices/*"): 1},
            id="odd-choices",
        ),
        pytest.param(
            [data({"choices": ["x"]}), data({"choices": ["y"]}), DONE],
            [data({"choices": ["x"]}), DONE],
            {("lost", "message: /choices/*"): 1},
            id="odd-choices-at-the-end",
        ),
        pytest.param(
            [data({"a": 1, "b": {"c": 2, "d": None}}), data({"b": {"c": 3}, "a": 4}), DONE],
            [DONE],
            {("lost", "message: /a /b/c"): 2},
            id="a-sort-has-no-order-of-members",
        ),
        pytest.param([data("[1]"), DONE], [DONE], {("lost", "[1]"): 1}, id="a-list"),
    ],
)
def test_each_sort_of_damage_is_counted_by_what_happened_and_to_what(
    sent: list[bytes], seen: list[bytes], due: dict[Any, int]
) -> None:
    assert sorts(sent, seen) == due


def test_a_renamed_event_is_a_sort_of_its_own() -> None:
    events = message("one")
    renamed = [events[0].replace(b"event: message_start", b"event: started"), *events[1:]]
    found = damage(both(events, renamed, surface="messages"))
    place = "client stream, event 0 at byte 0"
    flaw = Flaw("message_start", "started", place, "event message_start became event started")
    assert {sort: each.told() for sort, each in found.items()} == {("renamed", "message_start"): flaw}


def test_bytes_that_are_no_characters_are_damage() -> None:
    torn = said("月").replace("月".encode(), "月".encode()[:2])
    found = sorts([said("月"), STOP, DONE], [torn, STOP, DONE])
    assert found == {("notice", NoticeKind.INVALID_UTF8): 1, ("replaced", WORDS): 1}


COUNTERS: Final = "message: /id /model /object /usage/prompt_tokens"
EMPTY: Final = data({**chunk(), "choices": [], "usage": None})


def test_of_two_counts_the_one_that_is_lost_is_told() -> None:
    assert sorts([bare(1), bare(2), DONE], [bare(2), DONE], members=ASKED) == {("lost", COUNTERS): 1}


def test_an_empty_chunk_is_told_from_counters_and_counters_are_not_lost_with_what_they_count() -> None:
    added = {("new", "message: /id /model /object"): 1}
    changed = {("changed", "/usage/prompt_tokens"): 1}
    assert sorts([STOP, bare(1), DONE], [STOP, EMPTY, bare(1), DONE], members=ASKED) == added
    assert sorts([STOP, bare(1), DONE], [STOP, EMPTY, bare(2), DONE], members=ASKED) == added | changed
    assert sorts([STOP, bare(1), DONE], [bare(2), DONE], members=ASKED) == {("lost", END): 1} | changed
    assert sorts([STOP, EMPTY, bare(1), DONE], [STOP, bare(1), DONE], members=ASKED) == {
        ("lost", "message: /id /model /object"): 1
    }


@pytest.mark.parametrize("options", [None, {"include_usage": False}, {"include_usage": 1}, {}, [True]])
def test_counters_may_be_kept_from_whoever_did_not_ask_for_them(options: Any) -> None:
    assert sorts([*PLAIN[:-1], bare(1), DONE], PLAIN, members={"stream_options": options}) == {}


def test_a_long_stream_of_the_same_words_has_lost_no_more_than_it_has() -> None:
    same = [said(word) for word in ("a ", "b ") * 125]
    assert sorts([said("first"), *same, DONE], [*same, DONE]) == {("lost", WORDS): 1}
    assert sorts([said("first"), *same], same) == {("lost", WORDS): 1}


def test_events_that_became_others_show_the_first_of_each() -> None:
    found = damage(both(PLAIN, [said("one two "), *PLAIN[2:]]))[("became others", WORDS)]
    expected, actual = (
        f'a chunk with choices [{{"index": 0, "delta": {{"content": "{text}"}}, "finish_reason": null}}]'
        for text in ("one ", "one two ")
    )
    message_ = "2 events of the upstream's became one event"
    assert found.told() == Flaw(expected, actual, "client stream, event 0 at byte 0", message_)


@pytest.mark.parametrize(
    ("sent", "seen", "expected", "actual", "message_"),
    [
        ("odd", "other", '"odd"', '"other"', "other data came"),
        ("odd", "{}", '"odd"', '"{}"', "other data came"),
        ("{}", "odd", '"{}"', '"odd"', "the event's data was JSON, and is none any more"),
    ],
)
def test_other_data_is_shown_as_it_came(sent: str, seen: str, expected: str, actual: str, message_: str) -> None:
    (found,) = damage(both([data(sent), DONE], [data(seen), DONE])).values()
    assert found.told() == Flaw(expected, actual, "client stream, event 0 at byte 0", message_)


@pytest.mark.parametrize(
    ("event", "due"),
    [
        pytest.param(chunk(), Verdict.WARN, id="nothing"),
        pytest.param(chunk({"role": "assistant", "content": ""}), Verdict.WARN, id="a-role"),
        pytest.param({"choices": []}, Verdict.WARN, id="no-choices"),
        pytest.param(chunk({"content": "x", "refusal": None}), Verdict.FAIL, id="words-and-nothing"),
        pytest.param(chunk(finish="length"), Verdict.FAIL, id="an-end"),
        pytest.param({"choices": [{"index": 0}]}, Verdict.FAIL, id="no-delta"),
        pytest.param({"choices": ["x"]}, Verdict.FAIL, id="odd-choices"),
        pytest.param({"id": "x"}, Verdict.FAIL, id="no-chunk"),
        pytest.param({"error": {}, "choices": []}, Verdict.FAIL, id="an-error"),
        pytest.param("hello", Verdict.FAIL, id="a-text"),
    ],
)
def test_a_new_event_does_harm_unless_it_says_nothing(event: Any, due: Verdict) -> None:
    (found,) = damage(both(PLAIN, [data(event), *PLAIN])).values()
    assert (found.flaw.verdict, found.flaw.expected, found.flaw.message) == (due, "no such event", NEW)


def test_of_a_translated_stream_each_part_of_the_meaning_is_told_by_itself() -> None:
    sent = [data(chunk({"content": "one", "reasoning_content": "why"})), STOP, DONE]
    parted = both(sent, message("two"), surface="messages", wire="chat")
    lost = dict(meaning_lost(parted))
    assert ("meaning", "text") in lost
    assert len(lost) > 1
    assert dict(meaning_lost(parted, "text")) == {("meaning", "text"): lost["meaning", "text"]}
    where, told = (
        "client stream, joined: text",
        "the router translates the stream, and its text is not the same afterwards",
    )
    assert lost["meaning", "text"] == Flaw('"one"', '"two"', where, told, Verdict.WARN)
    assert {*damage(parted)} == {*lost}
