"""The judge on streams: the events that the upstream sent, against those that the client got."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge import verdict
from suites.selftest.answered import DONE, STOP, chunk, data, message, said, streaming
from suites.selftest.plays import ask, findings, trip

AREA: Final = "router.stream."
EQUAL, END, USAGE, CALLS = (
    AREA + name for name in ("events-equal-in-order", "done-once-and-last", "usage-kept", "fragments-rejoin")
)
SPLIT: Final = AREA + "any-packet-split-same-events"
TWINS: Final = (SPLIT, *(AREA + n for n in ("utf8-across-packets", "line-separators-kept", "comments-tolerated")))

PLAIN: Final = [said("one "), said("two "), said("three"), STOP, DONE]
USED: Final = {"prompt_tokens": 5, "cached_tokens": 1}
ASKED: Final = {"stream_options": {"include_usage": True}}
COUNTED: Final = data(chunk(finish="stop", usage=USED))
BARE: Final = data({**chunk(), "choices": [], "usage": USED})


def of(requirement: str, sent: list[bytes], seen: list[bytes], **more: Any) -> Verdict:
    return verdict(findings(requirement, streaming(sent, seen, **more)))


@pytest.mark.parametrize("requirement", [EQUAL, END])
@pytest.mark.parametrize("how", ["as-it-came", "one-piece", "by-bytes", "crlf", "spaceless", "commented"])
def test_events_are_compared_and_never_their_packets(requirement: str, how: str) -> None:
    whole = b"".join(PLAIN)
    seen = {
        "as-it-came": PLAIN,
        "one-piece": [whole],
        "by-bytes": [bytes([byte]) for byte in whole],
        "crlf": [whole.replace(b"\n", b"\r\n")],
        "spaceless": [whole.replace(b"data: ", b"data:")],
        "commented": [b": hello\n\n", whole],
    }[how]
    assert findings(requirement, streaming(PLAIN, seen)) == ()


@pytest.mark.parametrize(
    ("seen", "due", "message_"),
    [
        pytest.param(PLAIN[1:], Verdict.FAIL, "an event of the upstream's never reached the client", id="lost"),
        pytest.param(
            [PLAIN[0], *PLAIN], Verdict.FAIL, "the client got an event that the upstream never sent", id="doubled"
        ),
        pytest.param([said("one two "), *PLAIN[2:]], Verdict.FAIL, "2 events of the upstream's became one event"),
        pytest.param(
            [said("one "), said("too "), *PLAIN[2:]],
            Verdict.FAIL,
            '/choices/0/delta/content was changed: "two " became "too "',
            id="changed",
        ),
        pytest.param(
            [data({**chunk({"content": "one "}), "provider": "x"}), *PLAIN[1:]],
            Verdict.WARN,
            '/provider was added by the router: "x"',
            id="member-added",
        ),
        pytest.param(
            [data({**chunk(), "choices": []}), *PLAIN],
            Verdict.WARN,
            "the client got an event that the upstream never sent",
            id="empty-chunk-added",
        ),
        pytest.param(
            [data(chunk({"role": "assistant", "content": ""})), *PLAIN],
            Verdict.WARN,
            "the client got an event that the upstream never sent",
            id="role-added",
        ),
        pytest.param(
            [*PLAIN[:2], said("and a half "), *PLAIN[2:]],
            Verdict.FAIL,
            "the client got an event that the upstream never sent",
            id="words-added",
        ),
    ],
)
def test_what_became_of_the_events(seen: list[bytes], due: Verdict, message_: str) -> None:
    found = findings(EQUAL, streaming(PLAIN, seen))
    assert verdict(found) is due
    assert message_ in [finding.message for finding in found]


def test_swapped_events_are_noticed() -> None:
    assert of(EQUAL, PLAIN, [PLAIN[1], PLAIN[0], *PLAIN[2:]]) is Verdict.FAIL


def test_damage_of_one_sort_is_told_once() -> None:
    dropped = [data({n: v for n, v in chunk({"content": t}).items() if n != "object"}) for t in ("one ", "two ")]
    (finding,) = findings(EQUAL, streaming(PLAIN, [*dropped, *PLAIN[2:]]))
    assert finding.message == '/object was lost: "chat.completion.chunk" (and 1 times more)'
    assert finding.where == "client stream, event 0 at byte 0, /object"


def test_the_client_may_get_the_name_by_which_it_asked() -> None:
    renamed = [event.replace(b'"kimi-k2.6"', b'"kimi"') for event in PLAIN]
    assert of(EQUAL, renamed, PLAIN) is Verdict.PASS
    assert of(EQUAL, PLAIN, renamed) is Verdict.FAIL


def test_counters_that_nobody_asked_for_may_be_kept_by_the_router() -> None:
    counted = [*PLAIN[:-1], BARE, DONE]
    assert of(EQUAL, counted, PLAIN) is Verdict.PASS
    assert of(EQUAL, counted, PLAIN, members=ASKED) is Verdict.FAIL
    assert of(USAGE, counted, PLAIN, members=ASKED) is Verdict.FAIL


def test_pings_come_and_go() -> None:
    ping = data({"type": "ping"}, "ping")
    first, *rest = message("one")
    assert of(EQUAL, [first, ping, *rest], [first, *rest], surface="messages") is Verdict.PASS
    assert of(EQUAL, [first, *rest], [first, ping, *rest], surface="messages") is Verdict.PASS


def test_the_names_of_events_count() -> None:
    nameless = [event.partition(b"\n")[2] for event in message("one")]
    assert of(EQUAL, message("one"), nameless, surface="messages") is Verdict.FAIL


def test_a_stream_that_is_no_stream_any_more_is_lost() -> None:
    assert of(EQUAL, PLAIN, [b"{}"], seen_type="application/json") is Verdict.FAIL
    assert verdict(findings(EQUAL, trip(ask(stream=True), status=404))) is Verdict.NOT_OBSERVED


def test_broken_characters_and_ends_are_told() -> None:
    torn = said("月").replace("月".encode(), "月".encode()[:2])
    assert of(EQUAL, [said("月"), STOP, DONE], [torn, STOP, DONE]) is Verdict.FAIL
    assert of(EQUAL, PLAIN, [*PLAIN[:-1], b"data: [DONE]"]) is Verdict.FAIL


@pytest.mark.parametrize("requirement", TWINS)
def test_an_odd_stream_is_blamed_for_what_befalls_it_alone(requirement: str) -> None:
    lossy = [event.replace(b'"object": "chat.completion.chunk", ', b"") for event in PLAIN]
    whole, hurt, gone = streaming(PLAIN, PLAIN), streaming(PLAIN, lossy), streaming(PLAIN, PLAIN[1:])
    assert verdict(findings(requirement, whole, whole)) is Verdict.PASS
    assert verdict(findings(requirement, hurt, hurt)) is Verdict.PASS
    assert verdict(findings(requirement, whole, hurt)) is Verdict.FAIL
    assert verdict(findings(requirement, hurt, gone)) is Verdict.FAIL
    unseen = trip(ask(stream=True), status=404)
    assert verdict(findings(requirement, unseen, whole)) is Verdict.NOT_OBSERVED
    assert verdict(findings(requirement, whole, unseen)) is Verdict.NOT_OBSERVED


@pytest.mark.parametrize(
    ("seen", "due"),
    [
        pytest.param(PLAIN, Verdict.PASS, id="once"),
        pytest.param(PLAIN[:-1], Verdict.FAIL, id="never"),
        pytest.param([*PLAIN, DONE], Verdict.FAIL, id="twice"),
        pytest.param([*PLAIN, BARE], Verdict.FAIL, id="not-last"),
    ],
)
def test_the_end_of_a_chat_stream(seen: list[bytes], due: Verdict) -> None:
    assert of(END, PLAIN, seen) is due


@pytest.mark.parametrize(
    ("more", "due"),
    [
        pytest.param([], Verdict.PASS, id="once"),
        pytest.param([data({"type": "ping"}, "ping")], Verdict.PASS, id="ping-behind"),
        pytest.param([DONE], Verdict.WARN, id="done-behind"),
        pytest.param([data({"type": "message_stop"}, "message_stop")], Verdict.FAIL, id="twice"),
    ],
)
def test_the_end_of_a_stream_on_messages(more: list[bytes], due: Verdict) -> None:
    assert of(END, message("one"), [*message("one"), *more], surface="messages") is due


@pytest.mark.parametrize(
    ("sent", "seen", "due"),
    [
        pytest.param([COUNTED, DONE], [COUNTED, DONE], Verdict.PASS, id="in-the-choice"),
        pytest.param([COUNTED, DONE], [STOP, DONE], Verdict.FAIL, id="choice-lost"),
        pytest.param([COUNTED, BARE, DONE], [STOP, BARE, DONE], Verdict.WARN, id="choice-lost-chunk-kept"),
        pytest.param([STOP, BARE, DONE], [STOP, DONE], Verdict.FAIL, id="chunk-lost"),
        pytest.param([COUNTED, DONE], [data(chunk(finish="stop", usage={})), DONE], Verdict.FAIL, id="emptied"),
        pytest.param([STOP, DONE], [STOP, DONE], Verdict.NOT_OBSERVED, id="no-counters"),
    ],
)
def test_counters_of_a_chat_stream(sent: list[bytes], seen: list[bytes], due: Verdict) -> None:
    assert of(USAGE, sent, seen, members=ASKED) is due


def test_counters_of_a_stream_on_messages() -> None:
    fewer = [event.replace(b'"usage": {"output_tokens": 2}', b'"usage": {}') for event in message("one")]
    assert of(USAGE, message("one"), message("one"), surface="messages") is Verdict.PASS
    assert of(USAGE, message("one"), fewer, surface="messages") is Verdict.FAIL


def fragments(*calls: tuple[int, str | None, str]) -> list[bytes]:
    """Fragments of calls: index, id of a call that begins, piece of its arguments."""
    made = [
        {"index": index, **({"id": id_, "type": "function"} if id_ else {}), "function": {"arguments": piece}}
        for index, id_, piece in calls
    ]
    return [*(data(chunk({"tool_calls": [call]})) for call in made), data(chunk(finish="tool_calls")), DONE]


INTERLEAVED: Final = ((0, "a_0", '{"x"'), (1, "b_1", '{"y"'), (0, None, ":1}"), (1, None, ":2}"))


@pytest.mark.parametrize(
    ("seen", "due"),
    [
        pytest.param(INTERLEAVED, Verdict.PASS, id="as-sent"),
        pytest.param(((0, "a_0", '{"x":1}'), (1, "b_1", '{"y":2}')), Verdict.PASS, id="joined-earlier"),
        pytest.param(tuple((0, *rest) for _, *rest in INTERLEAVED), Verdict.FAIL, id="all-of-the-first"),
        pytest.param(tuple((index + 1, *rest) for index, *rest in INTERLEAVED), Verdict.FAIL, id="from-1"),
        pytest.param(((0, "a_0", '{"x": 1}'), (1, "b_1", '{"y":2}')), Verdict.WARN, id="written-anew"),
        pytest.param(INTERLEAVED[:2], Verdict.FAIL, id="cut"),
        pytest.param(((0, "c", '{"x":1}'), (1, "b_1", '{"y":2}')), Verdict.FAIL, id="other-id"),
    ],
)
def test_fragments_join_to_the_calls(seen: Any, due: Verdict) -> None:
    assert of(CALLS, fragments(*INTERLEAVED), fragments(*seen)) is due


def test_a_stream_without_calls_says_nothing_of_fragments() -> None:
    assert of(CALLS, PLAIN, PLAIN) is Verdict.NOT_OBSERVED


def test_a_translated_stream_is_judged_by_what_it_says() -> None:
    start = data(chunk({"role": "assistant", "content": ""}))
    seen = [start, said("one "), said("two"), data(chunk(finish="stop", usage={})), DONE]
    used = data({**chunk(), "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}})
    kept = [*seen[:-1], used, DONE]
    assert of(EQUAL, message("one ", "two"), kept, wire="messages") is Verdict.PASS
    assert of(EQUAL, message("one ", "two"), [start, said("one "), *kept[3:]], wire="messages") is Verdict.WARN
    assert of(USAGE, message("one ", "two"), kept, wire="messages") is Verdict.PASS
    assert of(USAGE, message("one ", "two"), seen, wire="messages") is Verdict.WARN
    assert of(CALLS, message("one ", "two"), kept, wire="messages") is Verdict.PASS
