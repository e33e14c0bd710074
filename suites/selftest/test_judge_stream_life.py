"""The judge on the life of a stream: when each word came, whose it was, and how it ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.scene import token
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge import verdict
from suites.selftest.answered import DONE, LEFT, MARK, STOP, chunk, data, message, said, streaming
from suites.selftest.plays import again, ask, findings, trip

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip

AREA: Final = "router.stream."
INCREMENTAL, TRUNCATION, ERROR = (AREA + n for n in ("incremental", "truncation-visible", "error-event-kept"))
CANCEL, CROSS_TALK, NO_RETRY = (
    AREA + n for n in ("cancel-reaches-upstream", "no-cross-talk", "no-retry-after-first-byte")
)
OTHER: Final = "kc7f3a2bx0000018"
CUT: Final = "reset: by the script, after 300 bytes"
NO_END: Final = "closed: the connection ended early"


def words(*numbers: int, mark: str = MARK) -> list[bytes]:
    return [said(token(mark, number)) for number in numbers]


@pytest.mark.parametrize("requirement", [INCREMENTAL, TRUNCATION, ERROR, CANCEL, CROSS_TALK, NO_RETRY])
def test_a_stream_that_nobody_sent_is_never_right(requirement: str) -> None:
    assert verdict(findings(requirement, trip(ask(stream=True), status=404))) is Verdict.NOT_OBSERVED


def test_words_that_wait_for_their_client_come_through_in_turn() -> None:
    made = streaming(words(0, 1, 2), words(0, 1, 2), sent_ms=(1, 3, 5), seen_ms=(2, 4, 6))
    assert findings(INCREMENTAL, made) == ()


def test_a_word_that_was_held_back_is_told_with_its_times() -> None:
    made = streaming(words(0, 1, 2), [b"".join(words(0, 1, 2))], sent_ms=(1, 4001, 4002), seen_ms=(4005,))
    (finding,) = findings(INCREMENTAL, made)
    assert finding.verdict is Verdict.FAIL
    assert finding.message == (
        "word 0 was held back: sent at 1.0 ms, it had not reached the client when the upstream ended its wait for "
        "that, 4000 ms later"
    )
    assert finding.actual == "at the client at 4005.0 ms"


def test_a_router_that_waits_for_the_end_and_leaves_has_held_back_too() -> None:
    waiting = streaming(words(0), [], sent_ms=(1,), upstream_error="closed: the router hung up after 90 bytes")
    (finding,) = findings(INCREMENTAL, again(waiting, client=replace(waiting.client, error=NO_END)))
    assert (finding.verdict, finding.actual) == (Verdict.FAIL, "never at the client")


def test_the_last_word_may_come_when_its_upstream_has_ended() -> None:
    made = streaming(words(0, 1), words(0, 1), sent_ms=(1, 3), seen_ms=(2, 99))
    assert findings(INCREMENTAL, made) == ()


def test_a_word_that_comes_in_two_pieces_is_there_with_the_second() -> None:
    first, second = (b"".join(words(0))[:60], b"".join(words(0))[60:])
    seen = [first, second, *words(1)]
    made = streaming(words(0, 1), seen, sent_ms=(1, 9), seen_ms=(2, 8, 10))
    assert verdict(findings(INCREMENTAL, made)) is Verdict.PASS
    late = streaming(words(0, 1), seen, sent_ms=(1, 9), seen_ms=(2, 9.5, 10))
    assert verdict(findings(INCREMENTAL, late)) is Verdict.FAIL


def test_words_that_never_came_whole_cannot_be_timed() -> None:
    torn = [said(token(MARK, 0)[:5]), said(token(MARK, 0)[5:])]
    assert verdict(findings(INCREMENTAL, streaming(words(0, 1), torn))) is Verdict.NOT_OBSERVED


def test_each_stream_has_its_own_words() -> None:
    one = streaming(words(0, 1), words(0, 1))
    other = streaming(words(0, 1, mark=OTHER), words(0, 1, mark=OTHER), mark=OTHER)
    assert findings(CROSS_TALK, one, other) == ()


@pytest.mark.parametrize(
    ("seen", "message_"),
    [
        pytest.param([*words(0, 1), *words(1, mark=OTHER)], "stream #1 has a word of stream #2", id="leak"),
        pytest.param(words(0), "stream #1 has other words than its upstream sent", id="lost"),
        pytest.param(words(1, 0), "stream #1 has other words than its upstream sent", id="swapped"),
        pytest.param(words(0, 0, 1), "stream #1 has other words than its upstream sent", id="doubled"),
    ],
)
def test_words_that_leaked_or_were_lost(seen: list[bytes], message_: str) -> None:
    other = streaming(words(0, 1, mark=OTHER), words(0, 1, mark=OTHER), mark=OTHER)
    found = findings(CROSS_TALK, streaming(words(0, 1), seen), other)
    assert [(one.verdict, one.message) for one in found] == [(Verdict.FAIL, message_)]


def broken(seen: list[bytes], **more: Any) -> Trip:
    return streaming(words(0, 1), seen, upstream_error=CUT, **more)


CHAT_ERROR: Final = data({"error": {"type": "overloaded", "message": "Too busy"}})


@pytest.mark.parametrize(
    ("seen", "more", "due"),
    [
        pytest.param(words(0, 1), {"error": NO_END}, Verdict.PASS, id="cut-off"),
        pytest.param([*words(0, 1), STOP, DONE], {"error": NO_END}, Verdict.PASS, id="told-and-cut-off"),
        pytest.param(words(0, 1), {}, Verdict.PASS, id="without-an-end"),
        pytest.param([*words(0, 1), DONE], {}, Verdict.PASS, id="without-a-finish"),
        pytest.param([*words(0, 1), STOP], {}, Verdict.PASS, id="without-done"),
        pytest.param([*words(0, 1), CHAT_ERROR, STOP, DONE], {}, Verdict.PASS, id="with-an-error"),
        pytest.param([*words(0, 1), data(chunk(finish="error")), DONE], {}, Verdict.PASS, id="finished-by-error"),
        pytest.param([b"{}"], {"seen_status": 502, "seen_type": "application/json"}, Verdict.PASS, id="502"),
        pytest.param([*words(0, 1), STOP, DONE], {}, Verdict.FAIL, id="told-whole"),
        pytest.param([*words(0, 1), data(chunk(finish="length")), DONE], {}, Verdict.FAIL, id="told-length"),
    ],
)
def test_a_cut_stream(seen: list[bytes], more: dict[str, Any], due: Verdict) -> None:
    assert verdict(findings(TRUNCATION, broken(seen, **more))) is due


def test_a_cut_stream_on_messages() -> None:
    begun = message("one", stop=None)
    for seen, due in ((begun, Verdict.PASS), (message("one"), Verdict.FAIL)):
        made = streaming(begun, seen, surface="messages", upstream_error=CUT)
        assert verdict(findings(TRUNCATION, made)) is due


def test_a_stream_that_came_to_its_end_was_not_cut() -> None:
    whole = [*words(0), STOP, DONE]
    assert verdict(findings(TRUNCATION, streaming(whole, whole))) is Verdict.NOT_OBSERVED


def test_a_lie_about_the_end_is_told_with_the_cut() -> None:
    (finding,) = findings(TRUNCATION, broken([*words(0, 1), STOP, DONE]))
    assert finding.message == f"the upstream's stream was cut ({CUT}), and the client is told that it is whole"
    assert finding.actual.startswith("finish_reason stop and [DONE] (client stream, event 3 at byte ")


REWORDED: Final = data({"error": {"type": "api_error", "message": "Too busy"}})


@pytest.mark.parametrize(
    ("seen", "more", "due"),
    [
        pytest.param([*words(0), CHAT_ERROR], {}, Verdict.PASS, id="kept"),
        pytest.param([*words(0), REWORDED], {}, Verdict.WARN, id="reworded"),
        pytest.param(words(0), {"error": NO_END}, Verdict.WARN, id="cut-off"),
        pytest.param(words(0), {}, Verdict.FAIL, id="swallowed"),
        pytest.param([*words(0), STOP, DONE], {}, Verdict.FAIL, id="told-whole"),
    ],
)
def test_an_error_in_the_midst(seen: list[bytes], more: dict[str, Any], due: Verdict) -> None:
    assert verdict(findings(ERROR, streaming([*words(0), CHAT_ERROR], seen, **more))) is due


def test_an_error_in_the_midst_may_change_its_wire() -> None:
    sent = [*message("one", stop=None), data({"type": "error", "error": {"type": "o", "message": "m"}}, "error")]
    kept = [*words(0), data({"error": {"type": "o", "message": "m"}})]
    assert verdict(findings(ERROR, streaming(sent, kept, wire="messages"))) is Verdict.PASS
    assert verdict(findings(ERROR, streaming(words(0), words(0)))) is Verdict.NOT_OBSERVED


def test_a_client_that_leaves() -> None:
    hung_up = streaming(words(0, 1), words(0), upstream_error="closed: the router hung up after 90 bytes", error=LEFT)
    read_on = streaming(words(0, 1), words(0), sent_ms=(1, 2000), error=LEFT)
    stayed = streaming(words(0, 1), words(0, 1))
    held_back = streaming(words(0, 1), words(0), sent_ms=(1, 2), error=LEFT)
    assert verdict(findings(CANCEL, hung_up)) is Verdict.PASS
    assert verdict(findings(CANCEL, read_on)) is Verdict.FAIL
    assert verdict(findings(CANCEL, stayed)) is Verdict.NOT_OBSERVED
    assert verdict(findings(CANCEL, held_back)) is Verdict.NOT_OBSERVED
    (finding,) = findings(CANCEL, read_on)
    assert finding.actual == "it read the whole stream"
    assert f"{len(words(1)[0])} bytes" in finding.message


def test_a_stream_that_broke_is_not_begun_anew() -> None:
    once = streaming(words(0), words(0), sent_ms=(1,), seen_ms=(2,), upstream_error=CUT, error=NO_END)
    (arrival,) = once.arrivals
    twice = replace(once, arrivals=(arrival, replace(arrival, t_ms=95.0)))
    assert findings(NO_RETRY, once) == ()
    (finding,) = findings(NO_RETRY, twice)
    assert finding.verdict is Verdict.FAIL
    assert finding.actual == "gateway at 5 ms, gateway at 95 ms"
    unseen = replace(twice, client=replace(twice.client, response=replace(once.client.response, pieces=())))
    assert verdict(findings(NO_RETRY, unseen)) is Verdict.WARN
    assert verdict(findings(NO_RETRY, replace(unseen, arrivals=(arrival,)))) is Verdict.NOT_OBSERVED


def test_a_client_that_got_an_error_and_nothing_else_can_tell() -> None:
    made = broken(words(0), error="closed: the connection ended before the response began")
    assert verdict(findings(TRUNCATION, replace(made, client=replace(made.client, response=None)))) is Verdict.PASS
