"""Findings about the events of a stream, whole, and what stands behind a stream that cannot be looked at."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.streamed import Streamed, streamed
from suites.selftest.answered import DONE, JSON, STOP, STREAM, chunk, data, message, said, streaming
from suites.selftest.plays import again, ask, in_brief, sentences, trip
from suites.selftest.test_judge_stream import ASKED, BARE, CALLS, COUNTED, END, EQUAL, PLAIN, USAGE, fragments

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.exchange import Headers

FAIL, WARN, UNSEEN = Verdict.FAIL, Verdict.WARN, Verdict.NOT_OBSERVED
LOST: Final = trip(ask(stream=True), mark="kc7f3a2bx0000099", status=404)
"""A trip that reached nobody."""
CALLED: Final = fragments((0, "a_0", "{}"))
FAULTY: Final = {
    EQUAL: streaming(PLAIN, PLAIN[1:]),
    END: streaming(PLAIN, PLAIN[:-1]),
    USAGE: streaming([COUNTED, DONE], [STOP, DONE]),
    CALLS: streaming(CALLED, fragments((0, "b_0", "{}"))),
}


def with_headers(one: Trip, *, sent: Headers = (("content-type", STREAM),), seen: Headers) -> Trip:
    """The same trip, with these headers on its answers."""
    (arrival,) = one.arrivals
    upstream, client = arrival.exchange.response, one.client.response
    assert upstream
    assert client
    arrival = replace(arrival, exchange=replace(arrival.exchange, response=replace(upstream, headers=sent)))
    return again(one, arrivals=(arrival,), client=replace(one.client, response=replace(client, headers=seen)))


# streams that cannot be looked at

WHOLE: Final = (("content-type", STREAM),)
PACKED: Final = (*WHOLE, ("content-encoding", "br"))


@pytest.mark.parametrize("requirement", FAULTY)
@pytest.mark.parametrize(
    ("unseen", "message_"),
    [
        pytest.param(LOST, "there is no upstream answer to compare with: no upstream was called; ", id="lost"),
        pytest.param(
            with_headers(streaming(PLAIN, PLAIN), sent=(("content-type", JSON),), seen=WHOLE),
            "the router did not ask the upstream for a stream, and got none",
            id="none-asked-for",
        ),
        pytest.param(with_headers(streaming(PLAIN, PLAIN), seen=PACKED), "nothing here reads br", id="in-brotli"),
    ],
)
def test_what_is_no_stream_to_look_at_is_told_and_hides_none_behind_it(
    requirement: str, unseen: Trip, message_: str
) -> None:
    found = in_brief(requirement, unseen, FAULTY[requirement])
    assert [one[0] for one in found] == [UNSEEN, FAIL]
    assert found[1:] == in_brief(requirement, FAULTY[requirement])
    assert sentences(requirement, unseen, FAULTY[requirement])[0].startswith(message_)


@pytest.mark.parametrize("requirement", FAULTY)
def test_a_stream_that_is_none_any_more_is_told_by_what_it_became(requirement: str) -> None:
    made = streaming(PLAIN, [b'{"a": 1}'], seen_type=JSON)
    assert in_brief(requirement, made) == [(FAIL, STREAM, f'{JSON}: {{"a": 1}}', "client response content-type")]
    assert sentences(requirement, made) == [f"the stream reached the client as {JSON}"]


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", "identity"])
def test_a_stream_in_a_coding_is_read_in_it(coding: str) -> None:
    packed = [b"".join(PLAIN)] if coding == "identity" else [gzip.compress(b"".join(PLAIN))]
    made = streaming(PLAIN, packed)
    assert in_brief(EQUAL, with_headers(made, seen=(*WHOLE, ("content-encoding", coding)))) == []


def test_only_a_stream_in_a_coding_has_lost_the_times_of_its_pieces() -> None:
    made = streaming(PLAIN[:2], PLAIN[:2], seen_ms=(11, 12))
    packed = streaming(PLAIN[:2], [gzip.compress(b"".join(PLAIN[:2]))], seen_ms=(12,))
    coded = with_headers(packed, seen=(*WHOLE, ("content-encoding", "gzip")))
    both = [one for one in streamed([made, coded]) if isinstance(one, Streamed)]
    assert [[event.t_ms for event in one.seen.events] for one in both] == [[11, 12], [6, 6]]


def test_a_stream_that_is_not_in_its_coding_is_told() -> None:
    made = with_headers(streaming(PLAIN, PLAIN), seen=(*WHOLE, ("content-encoding", "gzip")))
    ((verdict, expected, actual, where),) = in_brief(EQUAL, made)
    assert (verdict, expected, where) == (FAIL, "a body in gzip", "client response content-encoding")
    assert actual == 'it begins data: {"id": "chatcmpl-1'


# events


def test_an_event_that_no_reader_can_nest_is_compared_as_text() -> None:
    deep = data("[" * 100_000)
    assert in_brief(EQUAL, streaming([deep, DONE], [deep, DONE])) == []
    ((_, expected, actual, _),) = in_brief(EQUAL, streaming([deep, DONE], [DONE]))
    assert (expected, actual) == (f"data {'[' * 160}… (100000 bytes)", "no such event")


def test_a_chunk_that_calls_itself_a_ping_is_none() -> None:
    chunky = data({"type": "ping", **chunk({"content": "one"})})
    assert [one[0] for one in in_brief(EQUAL, streaming([chunky, DONE], [DONE]))] == [FAIL]


def test_counters_beside_words_are_not_kept_from_anybody() -> None:
    words = data({**chunk({"content": "one"}), "usage": {"prompt_tokens": 1}})
    assert [one[0] for one in in_brief(EQUAL, streaming([words, DONE], [DONE]))] == [FAIL]


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        pytest.param(
            said("one"),
            'a chunk with choices [{"index": 0, "delta": {"content": "one"}, "finish_reason": null}]',
            id="a-chunk",
        ),
        pytest.param(data({"choices": []}), 'data {"choices": []}', id="without-choices"),
        pytest.param(data({"choices": {"a": 1}}), 'data {"choices": {"a": 1}}', id="odd-choices"),
        pytest.param(data("one"), "data one", id="a-text"),
        pytest.param(data("one", "two"), "event two, data one", id="named"),
        pytest.param(data("one", "message"), "data one", id="named-as-by-default"),
    ],
)
def test_a_lost_event_is_shown_by_what_it_says(event: bytes, shown: str) -> None:
    due = (FAIL, shown, "no such event", "upstream stream, event 0 at byte 0")
    assert in_brief(EQUAL, streaming([event, DONE], [DONE])) == [due]


# done-once-and-last


def ended(seen: list[bytes], **more: Any) -> list[tuple[Any, ...]]:
    made = streaming(PLAIN, seen, **more)
    return [(*one, told) for one, told in zip(in_brief(END, made), sentences(END, made), strict=True)]


LAST: Final = 'a chunk with choices [{"index": 0, "delta": {}, "finish_reason": "stop"}]'
PING: Final = data({"type": "ping"}, "ping")
MESSAGE: Final = message("one")


def place(seen: list[bytes], number: int) -> str:
    return f"client stream, event {number} at byte {sum(map(len, seen[:number]))}"


@pytest.mark.parametrize(
    ("seen", "times", "last"),
    [
        pytest.param([], 0, "no event", id="no-events"),
        pytest.param(PLAIN[:-1], 0, LAST, id="no-end"),
        pytest.param([*PLAIN, DONE], 2, "data [DONE]", id="two-ends"),
    ],
)
def test_a_chat_stream_that_does_not_end_once_is_told_with_its_last_event(
    seen: list[bytes], times: int, last: str
) -> None:
    actual = f"{times} times; the last event is {last}"
    assert ended(seen) == [(FAIL, "[DONE] once", actual, "client stream", f"the stream has {times} times [DONE]")]


@pytest.mark.parametrize(
    ("seen", "times", "last"),
    [
        pytest.param([PING], 0, "no event", id="a-ping-alone"),
        pytest.param([*MESSAGE[:-2], PING], 0, "event content_block_stop, ", id="no-end"),
        pytest.param([*MESSAGE, MESSAGE[-1]], 2, "event message_stop, ", id="two-ends"),
    ],
)
def test_a_message_stream_that_does_not_end_once_is_told_with_its_last_event(
    seen: list[bytes], times: int, last: str
) -> None:
    ((verdict, expected, actual, where, told),) = ended(seen, surface="messages")
    assert (verdict, expected, where) == (FAIL, "message_stop once", "client stream")
    assert actual.startswith(f"{times} times; the last event is {last}")
    assert told == f"the stream has {times} times message_stop"


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        pytest.param(
            said("more"),
            LAST.replace('{}, "finish_reason": "stop"', '{"content": "more"}, "finish_reason": null'),
            id="words",
        ),
        pytest.param(PING, 'event ping, data {"type": "ping"}', id="a-ping"),
    ],
)
def test_whatever_follows_the_end_of_a_chat_stream_is_told(event: bytes, shown: str) -> None:
    seen = [*PLAIN, event]
    due = (FAIL, "nothing after [DONE]", shown, place(seen, 5), "an event follows [DONE]")
    assert ended(seen) == [due]


def test_what_follows_the_end_of_a_message_is_told_but_for_pings() -> None:
    seen = [*MESSAGE, PING, DONE, data({"type": "later"})]
    at = len(MESSAGE)
    assert ended(seen, surface="messages") == [
        (verdict, "nothing after message_stop", shown, place(seen, number), "an event follows message_stop")
        for verdict, shown, number in ((WARN, "data [DONE]", at + 1), (FAIL, 'data {"type": "later"}', at + 2))
    ]


# usage-kept

JOINED: Final = "client stream, joined: "
USED: Final = '{"prompt_tokens": 5, "cached_tokens": 1}'


def used(count: int, **more: Any) -> bytes:
    return data(chunk(usage={"prompt_tokens": count}, **more))


def counted(sent: list[bytes], seen: list[bytes], **more: Any) -> list[tuple[Any, ...]]:
    made = streaming(sent, seen, **more)
    return [(*one, told) for one, told in zip(in_brief(USAGE, made), sentences(USAGE, made), strict=True)]


def test_counters_that_were_lost_are_told_with_where_they_stood() -> None:
    choice, top = "/choices/0/usage", "/usage"
    due = (FAIL, USED, "absent", f"{JOINED}{choice}", f"the counters in {choice} were lost")
    assert counted([COUNTED, DONE], [STOP, DONE]) == [due]
    moved = (WARN, USED, "absent", f"{JOINED}{choice}", f"the counters in {choice} were lost, and stand elsewhere")
    assert counted([COUNTED, BARE, DONE], [STOP, BARE, DONE], members=ASKED) == [moved]
    gone = (FAIL, USED, "absent", f"{JOINED}{top}", f"the counters in {top} were lost")
    assert counted([STOP, BARE, DONE], [STOP, DONE], members=ASKED) == [gone]


def test_counters_that_were_changed_are_told_by_their_place() -> None:
    where = "/choices/0/usage/prompt_tokens"
    due = (FAIL, "1", "2", f"{JOINED}{where}", f"{where} was changed: 1 became 2")
    assert counted([used(1), DONE], [used(2), DONE]) == [due]
    one, other = (data({**chunk(), "choices": [], "usage": {"prompt_tokens": count}}) for count in (1, 2))
    top = (FAIL, "1", "2", f"{JOINED}/usage/prompt_tokens", "/usage/prompt_tokens was changed: 1 became 2")
    assert counted([STOP, one, DONE], [STOP, other, DONE], members=ASKED) == [top]


def test_a_choice_that_is_lost_has_lost_its_counters_and_hides_no_other() -> None:
    sent = [used(1, index=1), used(2), DONE]
    where = "/choices/1/usage"
    assert counted(sent, [used(3), DONE]) == [
        (FAIL, '{"prompt_tokens": 1}', "absent", f"{JOINED}{where}", f"the counters in {where} were lost"),
        (
            FAIL,
            "2",
            "3",
            f"{JOINED}/choices/0/usage/prompt_tokens",
            "/choices/0/usage/prompt_tokens was changed: 2 became 3",
        ),
    ]


def test_the_second_of_two_counts_is_lost_where_one_is_left() -> None:
    due = "the counters in /choices/0/usage were lost"
    assert sentences(USAGE, streaming([used(1), used(2), DONE], [used(1), DONE])) == [due]


def test_each_count_of_a_message_is_looked_at() -> None:
    more = [event.replace(b'"input_tokens": 3', b'"input_tokens": 4') for event in MESSAGE]
    where = "/usage/input_tokens"
    due = (FAIL, "3", "4", f"{JOINED}{where}", f"{where} was changed: 3 became 4")
    assert counted(MESSAGE, more, surface="messages") == [due]
    cut = [event.replace(b'"usage": {"output_tokens": 2}', b'"x": 1') for event in MESSAGE]
    lost = (FAIL, '{"output_tokens": 2}', "absent", f"{JOINED}/usage", "the counters in /usage were lost")
    assert counted(MESSAGE, cut, surface="messages") == [lost]


def test_a_message_without_counters_cannot_keep_them() -> None:
    bare = [event for event in MESSAGE if b'"usage"' not in event]
    told = "the upstream's stream has no usage"
    assert counted(bare, MESSAGE, surface="messages") == [
        (UNSEEN, "an answer to compare", told, "upstream response", told)
    ]


# fragments-rejoin


def calling(name: str, *pieces: str, text: str = "") -> list[bytes]:
    """The events of a message that says a text, and calls."""
    block = {"type": "tool_use", "id": "a_0", "name": name, "input": {}}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"id": "m", "content": []}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": text}},
        {"type": "content_block_start", "index": 1, "content_block": block},
        *(
            {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": piece}}
            for piece in pieces
        ),
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
        {"type": "message_stop"},
    ]
    return [data(event, str(event["type"])) for event in events]


@pytest.mark.parametrize(
    ("seen", "due"),
    [
        pytest.param(calling("a", '{"n": 1}'), [], id="joined-earlier"),
        pytest.param(calling("a", '{"n"', ": 1}", text="other"), [], id="another-text"),
        pytest.param(calling("b", '{"n"', ": 1}"), [(FAIL, '"a"', '"b"', f"{JOINED}/calls/0/name")], id="name"),
        pytest.param(
            calling("a", '{"n"', ": 2}"),
            [(FAIL, json.dumps('{"n": 1}'), json.dumps('{"n": 2}'), f"{JOINED}/calls/0/input")],
            id="input",
        ),
    ],
)
def test_the_pieces_of_a_call_in_a_message_join_to_its_input(seen: list[bytes], due: list[Any]) -> None:
    assert in_brief(CALLS, streaming(calling("a", '{"n"', ": 1}"), seen, surface="messages")) == due


def test_a_message_without_calls_says_nothing_of_fragments() -> None:
    told = "the upstream's stream has no calls"
    made = streaming(MESSAGE, MESSAGE, surface="messages")
    assert in_brief(CALLS, made) == [(UNSEEN, "an answer to compare", told, "upstream response")]


def test_a_call_that_joins_to_another_is_told_by_its_place() -> None:
    sent, seen = fragments((0, "a_0", '{"n":'), (0, None, "1}")), fragments((0, "a_0", '{"n":'), (0, None, "2}"))
    where = f"{JOINED}/calls/0/function/arguments"
    due = (FAIL, json.dumps('{"n":1}'), json.dumps('{"n":2}'), where)
    assert in_brief(CALLS, streaming(sent, seen)) == [due]


def test_a_call_that_is_translated_to_another_is_warned_of_and_another_text_is_not() -> None:
    other = [said("other"), *fragments((0, "a_0", '{"n": 1}'))]
    named = [event.replace(b'"function": {', b'"function": {"name": "a", ') for event in other]
    sent = calling("a", '{"n": 1}')
    assert in_brief(CALLS, streaming(sent, named, wire="messages")) == []
    assert in_brief(CALLS, streaming(sent, other, wire="messages")) == [
        (WARN, '[["a", {"n": 1}]]', '[[null, {"n": 1}]]', "client stream, joined: calls")
    ]
