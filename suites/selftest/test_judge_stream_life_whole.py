"""Findings about a stream's life, whole, and what stands behind a stream that cannot be looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.trip import Arrival
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.exchange import Piece
from suites.selftest.answered import DONE, LEFT, STOP, chunk, data, message, said, streaming
from suites.selftest.plays import again, ask, in_brief, sentences, trip
from suites.selftest.test_judge_stream_life import (
    CANCEL,
    CHAT_ERROR,
    CROSS_TALK,
    CUT,
    ERROR,
    INCREMENTAL,
    NO_END,
    NO_RETRY,
    OTHER,
    TRUNCATION,
    broken,
    words,
)

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip

FAIL, WARN, UNSEEN = Verdict.FAIL, Verdict.WARN, Verdict.NOT_OBSERVED
HUNG_UP: Final = "closed: the router hung up after 90 bytes"
LOST: Final = trip(ask(stream=True), mark="kc7f3a2bx0000099", status=404)
"""A trip that reached nobody."""

WHOLE: Final = [*words(0, 1), STOP, DONE]
FAULTY: Final = {
    INCREMENTAL: streaming(words(0, 1), [b"".join(words(0, 1))], sent_ms=(1, 9), seen_ms=(10,)),
    CROSS_TALK: streaming(words(0, 1), words(0)),
    TRUNCATION: broken(WHOLE),
    ERROR: streaming([*words(0), CHAT_ERROR], words(0)),
    CANCEL: streaming(words(0, 1), words(0), sent_ms=(1, 2000), error=LEFT),
    NO_RETRY: streaming(words(0), words(0), sent_ms=(1,), seen_ms=(2,), upstream_error=CUT, error=NO_END),
}
(ONCE,) = FAULTY[NO_RETRY].arrivals
FAULTY[NO_RETRY] = again(FAULTY[NO_RETRY], arrivals=(ONCE, ONCE))


@pytest.mark.parametrize("requirement", FAULTY)
def test_a_trip_that_reached_nobody_is_told_and_hides_none_behind_it(requirement: str) -> None:
    found = in_brief(requirement, LOST, FAULTY[requirement])
    assert [one[0] for one in found] == [UNSEEN, FAIL]
    assert "no upstream was called" in sentences(requirement, LOST)[0]


def started(one: Trip, at: float) -> Trip:
    """The same trip, its client's side begun at this time."""
    return again(one, client=replace(one.client, start_ms=at))


# incremental


def test_times_are_told_from_the_begin_of_the_play() -> None:
    late = streaming(words(0, 1), [b"".join(words(0, 1))], sent_ms=(101, 109), seen_ms=(110,))
    earlier = streaming(
        words(0, 1, mark=OTHER), words(0, 1, mark=OTHER), sent_ms=(81, 84), seen_ms=(82, 85), mark=OTHER
    )
    both = (started(late, 90.0), started(earlier, 80.0))
    assert in_brief(INCREMENTAL, *both) == [
        (FAIL, "word 0 at the client before 29.0 ms", "at the client at 30.0 ms", "client stream")
    ]
    assert "sent at 21.0 ms" in sentences(INCREMENTAL, *both)[0]
    assert sentences(INCREMENTAL, *both)[0].endswith("wait for that, 8 ms later")


def test_a_word_that_comes_as_the_next_is_sent_is_in_time() -> None:
    assert in_brief(INCREMENTAL, streaming(words(0, 1), words(0, 1), sent_ms=(1, 9), seen_ms=(9, 10))) == []


def test_the_first_word_that_was_held_back_is_told_whatever_came_first() -> None:
    swapped = streaming(words(1, 0, 2), words(2, 1, 0), sent_ms=(1, 2, 3), seen_ms=(7, 8, 9))
    assert [one[2] for one in in_brief(INCREMENTAL, swapped)] == ["at the client at 9.0 ms"]


def test_a_stream_that_broke_otherwise_waited_for_nobody() -> None:
    cut = streaming(words(0), [], sent_ms=(1,), upstream_error=CUT)
    quiet = streaming(words(0), [], sent_ms=(1,))
    for one in (cut, quiet):
        (found,) = in_brief(INCREMENTAL, one)
        assert (found[0], found[3]) == (UNSEEN, "upstream response")
        assert found[2].startswith("no word of the stream could be timed; the client got 200: ")


# no-cross-talk


def test_words_of_a_stream_that_is_not_of_this_play_are_nobodys() -> None:
    stranger = words(5, mark="kc7f3a2bx0004711")
    assert in_brief(CROSS_TALK, streaming(words(0, 1), [*words(0, 1), *stranger])) == []


def test_a_leak_is_told_once_with_its_word_and_place() -> None:
    leaked = [*words(0, 1), *words(0, 1, mark=OTHER)]
    other = streaming(words(0, 1, mark=OTHER), words(0, 1, mark=OTHER), mark=OTHER)
    at = b"".join(leaked).index(b"0000018")
    assert in_brief(CROSS_TALK, streaming(words(0, 1), leaked), other) == [
        (FAIL, "words of its own only", "0000018-000", f"client stream #1, byte {at}")
    ]


def test_lost_words_are_told_by_their_numbers() -> None:
    assert in_brief(CROSS_TALK, streaming(words(0, 1, 2), words(0, 2))) == [
        (FAIL, "3 words: 0, 1, 2", "2 words: 0, 2", "client stream #1")
    ]
    assert [one[2] for one in in_brief(CROSS_TALK, streaming(words(0), [said("nothing")]))] == ["no words"]


# truncation-visible


def unanswered(**more: Any) -> Trip:
    """A cut stream of which the client has seen nothing."""
    one = broken(words(0), **more)
    return again(one, client=replace(one.client, response=None))


def test_a_client_without_answer_and_error_shows_nothing() -> None:
    assert [one[0] for one in in_brief(TRUNCATION, unanswered())] == [UNSEEN]
    assert in_brief(TRUNCATION, unanswered(error=NO_END)) == []


def test_an_upstream_that_never_answered_shows_nothing_of_a_cut() -> None:
    one = broken(words(0), error=NO_END)
    (arrival,) = one.arrivals
    silent = replace(arrival, exchange=replace(arrival.exchange, response=None))
    assert [one[0] for one in in_brief(TRUNCATION, again(one, arrivals=(silent,)))] == [UNSEEN]
    tried = again(unanswered(error=NO_END), arrivals=(silent, arrival))
    assert in_brief(TRUNCATION, tried) == []


def test_clients_that_heard_of_the_cut_hide_none_behind_them() -> None:
    heard = (broken(words(0), error=NO_END), unanswered(error=NO_END))
    for one in heard:
        assert [found[0] for found in in_brief(TRUNCATION, one, FAULTY[TRUNCATION])] == [FAIL]


def test_an_answer_of_failure_tells_of_the_cut_whatever_it_holds() -> None:
    assert in_brief(TRUNCATION, broken(WHOLE, seen_status=502)) == []


def test_a_stream_that_ended_early_without_a_cut_is_told_so() -> None:
    ended = streaming(words(0, 1), WHOLE)
    assert "was cut (it ended early, without a finish), and" in sentences(TRUNCATION, ended)[0]


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        (message("one"), [UNSEEN]),
        (message("one", stop="refusal"), [UNSEEN]),
        (message("one", stop=None), [FAIL]),
        (message("one")[:-1], [FAIL]),
    ],
)
def test_the_end_of_an_upstream_on_messages_is_its_last_event(sent: list[bytes], due: list[Verdict]) -> None:
    made = streaming(sent, WHOLE, wire="messages", upstream_error=CUT)
    assert [one[0] for one in in_brief(TRUNCATION, made)] == due


@pytest.mark.parametrize(
    ("seen", "end"),
    [
        (message("one"), ["message_stop, stop_reason end_turn"]),
        (message("one")[:-1], []),
        (message("one", stop="error"), []),
        *(
            (message("one", stop=reason), [f"message_stop, stop_reason {reason}"])
            for reason in ("max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal")
        ),
    ],
)
def test_the_end_that_a_client_on_messages_is_told(seen: list[bytes], end: list[str]) -> None:
    made = streaming(message("one", stop=None), seen, surface="messages", upstream_error=CUT)
    assert [one[1:] for one in in_brief(TRUNCATION, made)] == [
        ("an error, or no end", each, "client stream") for each in end
    ]


@pytest.mark.parametrize("finish", ["stop", "length", "tool_calls", "content_filter", "function_call"])
def test_the_end_that_a_client_on_chat_is_told(finish: str) -> None:
    told = [*words(0, 1), data(chunk(finish=finish)), DONE]
    ((_, _, end, _),) = in_brief(TRUNCATION, broken(told))
    assert end.startswith(f"finish_reason {finish} and [DONE] (client stream, event 3 at byte ")


def test_a_second_choice_may_be_the_one_that_finished() -> None:
    late = {"index": 1, "delta": {}, "finish_reason": "stop"}
    sent = [*words(0), data({**chunk(), "choices": [late]})]
    assert [one[0] for one in in_brief(TRUNCATION, streaming(sent, WHOLE, upstream_error=CUT))] == [UNSEEN]


# error-event-kept

SAID: Final = "{'type': 'overloaded', 'message': 'Too busy'}"


@pytest.mark.parametrize(
    ("seen", "more", "due", "actual", "says"),
    [
        (words(0), {}, FAIL, "the client got 200: data: ", "the upstream's error was swallowed"),
        (words(0), {"error": NO_END}, WARN, "the client got 200: data: ", "the client hears of an error, but not of"),
        (
            words(0),
            {"seen_status": 502},
            WARN,
            "the client got 502: data: ",
            "the client hears of an error, but not of",
        ),
        (
            [data({"error": {"type": "overloaded", "message": "Busy"}})],
            {},
            WARN,
            "{'type': 'overloaded', 'message': 'Busy'}",
            "the client hears of an error, but not of",
        ),
        (
            [data({"error": "Too busy"})],
            {},
            WARN,
            "{'message': 'Too busy'}",
            "the client hears of an error, but not of",
        ),
        ([data("oh", "error")], {}, WARN, "{'message': 'oh'}", "the client hears of an error, but not of"),
    ],
)
def test_an_error_that_was_lost_is_told_by_what_the_client_got(
    seen: list[bytes], more: dict[str, Any], due: Verdict, actual: str, says: str
) -> None:
    made = streaming([*words(0), CHAT_ERROR], seen, **more)
    ((found, expected, told, where),) = in_brief(ERROR, made)
    assert (found, expected, where) == (due, SAID, "client stream")
    assert told.startswith(actual)
    assert sentences(ERROR, made)[0].startswith(says)


def test_streams_without_an_error_and_kept_ones_hide_none_behind_them() -> None:
    plain, kept = streaming(words(0), words(0)), streaming([CHAT_ERROR], [CHAT_ERROR])
    assert [one[0] for one in in_brief(ERROR, plain, FAULTY[ERROR])] == [UNSEEN, FAIL]
    assert [one[0] for one in in_brief(ERROR, kept, FAULTY[ERROR])] == [FAIL]


# cancel-reaches-upstream


def test_a_router_that_read_on_is_told_with_how_long_and_how_much() -> None:
    assert in_brief(CANCEL, FAULTY[CANCEL]) == [
        (FAIL, "the router hangs up soon after its client", "it read the whole stream", "upstream connection")
    ]
    read_on = len(words(1)[0])
    assert f"to the end: -10 ms, {read_on} bytes" in sentences(CANCEL, FAULTY[CANCEL])[0]


def test_a_connection_that_ended_otherwise_is_told_so() -> None:
    reset = streaming(words(0, 1), words(0), sent_ms=(1, 2000), upstream_error="reset", error=LEFT)
    assert [one[2] for one in in_brief(CANCEL, reset)] == ["reset"]


@pytest.mark.parametrize(
    ("left_ms", "sent_ms", "due"),
    [
        pytest.param(90.0, (1, 2), [UNSEEN], id="as-the-stream-ended"),
        pytest.param(90.0, (1, 90), [UNSEEN], id="with-its-last-word"),
        pytest.param(89.5, (1, 2), [FAIL], id="just-before"),
        pytest.param(95.0, (1, 96), [FAIL], id="before-its-last-word"),
    ],
)
def test_a_stream_that_was_over_shows_nothing_of_a_client_that_leaves(
    left_ms: float, sent_ms: tuple[float, ...], due: list[Verdict]
) -> None:
    made = streaming(words(0, 1), words(0), sent_ms=sent_ms, error=LEFT, end_ms=left_ms)
    assert [one[0] for one in in_brief(CANCEL, made)] == due


def test_clients_that_did_not_leave_hide_none_behind_them() -> None:
    stayed = streaming(words(0, 1), words(0, 1))
    over = streaming(words(0, 1), words(0), sent_ms=(1, 2), error=LEFT)
    for one in (stayed, over):
        assert [found[0] for found in in_brief(CANCEL, one, FAULTY[CANCEL])] == [UNSEEN, FAIL]
    (found,) = in_brief(CANCEL, stayed)
    assert found[2].startswith("the client saw no word at which it could leave; the client got 200: ")


def test_an_upstream_that_never_answered_sent_nothing_after_its_client_left() -> None:
    one = FAULTY[CANCEL]
    (arrival,) = one.arrivals
    silent = replace(arrival, exchange=replace(arrival.exchange, response=None))
    assert [found[0] for found in in_brief(CANCEL, again(one, arrivals=(silent,)))] == [UNSEEN]


# no-retry-after-first-byte


def anew(seen_ms: float, *at_ms: float, broke_ms: float = 90.0) -> Trip:
    """A stream that broke, begun at these times, with its word at the client at that time."""
    one = streaming(words(0), words(0), sent_ms=(1,), seen_ms=(seen_ms,), upstream_error=CUT, error=NO_END)
    (arrival,) = one.arrivals
    broke = replace(arrival.exchange, end_ms=broke_ms)
    calls = tuple(Arrival("gateway", broke, at) for at in at_ms)
    return again(one, arrivals=calls)


def test_a_stream_that_was_begun_anew_is_told_with_its_calls() -> None:
    both = (started(anew(12.0, 15.0, 95.0), 10.0), started(anew(12.0, 15.0), 11.0))
    assert in_brief(NO_RETRY, *both) == [(FAIL, "one call of a model", "gateway at 5 ms, gateway at 85 ms", "upstream")]
    assert "the client saw a word at 2 ms, the stream broke" in sentences(NO_RETRY, *both)[0]


@pytest.mark.parametrize(
    ("seen_ms", "due"),
    [pytest.param(89.0, FAIL, id="before"), pytest.param(90.0, FAIL, id="as"), pytest.param(91.0, WARN, id="after")],
)
def test_a_word_that_was_seen_only_after_the_break_counts_as_none(seen_ms: float, due: Verdict) -> None:
    assert [one[0] for one in in_brief(NO_RETRY, anew(seen_ms, 5.0, 95.0))] == [due]


def test_a_stream_that_was_begun_anew_before_any_word_is_only_warned_of() -> None:
    assert in_brief(NO_RETRY, anew(91.0, 5.0, 95.0)) == [(WARN, "one call", "2 calls", "upstream")]
    assert [one[0] for one in in_brief(NO_RETRY, anew(91.0, 5.0))] == [UNSEEN]


def test_the_pieces_of_a_stream_are_compared_by_their_own_times() -> None:
    one = streaming(words(0), words(0), sent_ms=(1,), seen_ms=(2,), upstream_error=CUT, error=NO_END)
    late = replace(one.client.response, pieces=(Piece(2.0, b": hello\n\n"), Piece(91.0, words(0)[0])))
    assert [found[0] for found in in_brief(NO_RETRY, again(one, client=replace(one.client, response=late)))] == [UNSEEN]
