"""Findings about answers, whole, and what stands behind an answer that cannot be looked at."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.verdict import Verdict
from suites.selftest.answered import JSON, STREAM, answered
from suites.selftest.plays import again, ask, in_brief, sentences, trip
from suites.selftest.test_judge_response import (
    BODY,
    CALL,
    CALLS,
    EVERY,
    FINISH,
    GZIP,
    ID,
    REASONING,
    REQUEST_ID,
    SAID,
    STATUS,
    THOUGHT,
    TYPE,
    USAGE,
    USED,
    UTF8,
    with_message,
)

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip

FAIL, WARN, UNSEEN = Verdict.FAIL, Verdict.WARN, Verdict.NOT_OBSERVED
LOST: Final = trip(ask(), mark="kc7f3a2bx0000099", status=404)
"""A trip that reached nobody."""
ONLY: Final = {"choices": [{"message": {"content": "Hi."}}]}
"""An answer that has no portion to keep."""
(CHOICE,) = SAID["choices"]
FAULTY: Final = {
    BODY: answered(SAID, {**SAID, "id": "mine"}),
    REASONING: answered(SAID, with_message(reasoning_content="Oh.")),
    CALLS: answered(SAID, with_message(tool_calls=[{**CALL, "id": "x"}])),
    USAGE: answered(SAID, {**SAID, "usage": {**USED, "cached_tokens": 0}}),
    FINISH: answered(SAID, {**SAID, "choices": [{**CHOICE, "finish_reason": "stop"}]}),
    STATUS: answered(SAID, SAID, seen_status=201),
    TYPE: answered(SAID, SAID, seen_headers=(("content-type", "text/plain"),)),
    REQUEST_ID: answered(SAID, SAID, sent_headers=ID),
    UTF8: answered(SAID, with_message(content="e?")),
    GZIP: answered(SAID, with_message(content="e?")),
}
BAD: Final = {requirement: in_brief(requirement, one) for requirement, one in FAULTY.items()}
OF_BODIES: Final = (BODY, REASONING, CALLS, USAGE, FINISH, UTF8, GZIP)


def whole(requirement: str, *trips: Trip) -> list[tuple[Any, ...]]:
    """All that is found, with its sentences."""
    return [
        (*one, told) for one, told in zip(in_brief(requirement, *trips), sentences(requirement, *trips), strict=True)
    ]


# answers that cannot be looked at


@pytest.mark.parametrize("requirement", EVERY)
def test_what_arrives_as_it_was_hides_none_behind_it(requirement: str) -> None:
    kept = answered(SAID, SAID, sent_headers=ID, seen_headers=ID)
    assert in_brief(requirement, kept, FAULTY[requirement]) == BAD[requirement]


@pytest.mark.parametrize("requirement", EVERY)
def test_a_trip_that_reached_nobody_is_told_and_hides_none_behind_it(requirement: str) -> None:
    why = "no upstream was called; the client got 404: {}"
    message = f"there is no upstream answer to compare with: {why}"
    assert whole(requirement, LOST, FAULTY[requirement])[0] == (
        UNSEEN,
        "an answer of the upstream",
        why,
        "upstream",
        message,
    )
    assert in_brief(requirement, LOST, FAULTY[requirement])[1:] == BAD[requirement]


@pytest.mark.parametrize("requirement", OF_BODIES)
@pytest.mark.parametrize(
    ("unseen", "message"),
    [
        pytest.param(
            answered(b"data: [DONE]\n\n", SAID, sent_headers=(("Content-Type", STREAM),)),
            "the upstream was asked for a stream, and answered with one",
            id="a-stream",
        ),
        pytest.param(
            answered(b"[]", SAID),
            "the upstream's own answer is no JSON object: the client got no JSON object",
            id="no-object",
        ),
    ],
)
def test_what_is_no_json_of_the_upstreams_is_told_and_hides_none_behind_it(
    requirement: str, unseen: Trip, message: str
) -> None:
    told = (UNSEEN, "an answer to compare", message, "upstream response")
    assert in_brief(requirement, unseen, FAULTY[requirement]) == [told, *BAD[requirement]]


@pytest.mark.parametrize(("requirement", "meant"), [(REASONING, "reasoning"), (CALLS, "calls"), (USAGE, "usage")])
def test_an_answer_without_a_portion_hides_none_behind_it(requirement: str, meant: str) -> None:
    told = f"the upstream's answer has no {meant}"
    due = (UNSEEN, "an answer to compare", told, "upstream response")
    assert in_brief(requirement, answered(ONLY, ONLY), FAULTY[requirement]) == [due, *BAD[requirement]]


@pytest.mark.parametrize("status", [199, 300, 301])
def test_only_an_answer_of_success_is_compared(status: int) -> None:
    ((verdict, *_, where),) = in_brief(BODY, answered(SAID, {}, sent_status=status))
    assert (verdict, where) == (UNSEEN, "upstream")
    ((verdict, *_, where),) = in_brief(BODY, answered(SAID, SAID, seen_status=status))
    assert (verdict, where) == (FAIL, "client response")


@pytest.mark.parametrize(
    ("seen", "error", "shown"),
    [
        pytest.param(b"x" * 160, None, "x" * 160, id="as-long-as-it-may-be"),
        pytest.param(b"x" * 161, None, f"{'x' * 160}… (161 bytes)", id="longer"),
        pytest.param(b"\xff", None, "\\xff", id="no-text"),
        pytest.param(b"x", "closed: early", "x, cut short: closed: early", id="cut"),
    ],
)
def test_what_the_client_got_instead_is_shown(seen: bytes, error: str | None, shown: str) -> None:
    made = answered(SAID, seen, seen_status=502, error=error)
    due = (FAIL, "the upstream's answer, 200", f"the client got 502: {shown}", "client response")
    assert in_brief(BODY, made) == [due]


def test_a_client_without_an_answer_is_told_so() -> None:
    one = answered(SAID, SAID, error="reset: x")
    made = again(one, client=replace(one.client, response=None))
    assert [each[2] for each in in_brief(BODY, made)] == ["the client got no answer: reset: x"]


# bodies


@pytest.mark.parametrize(
    ("seen", "shown", "message"),
    [
        pytest.param(b"<html>", "<html>", "Expecting value: line 1 column 1 (char 0)", id="html"),
        pytest.param(b"\x1f\x8b{", "\x1f\\x8b{", "gzip without a Content-Encoding that says so", id="gzip"),
        pytest.param(b"{\x1f\x8b", "{\x1f\\x8b", "'utf-8' codec can't decode byte 0x8b in position 2", id="no-text"),
        pytest.param(b"[" * 100_000, f"{'[' * 160}… (100000 bytes)", "maximum recursion depth", id="too-deep"),
    ],
)
def test_a_body_that_is_no_json_is_shown_with_what_is_wrong(seen: bytes, shown: str, message: str) -> None:
    made = answered(SAID, seen)
    ((verdict, expected, actual, where, told),) = whole(BODY, made)
    assert (verdict, expected, where) == (FAIL, "a JSON body", "client response")
    assert actual == shown
    assert told.startswith(f"the client's body is no JSON: {message}")


PLAIN: Final = json.dumps(SAID).encode()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(PLAIN)),
        ("x-gzip", gzip.compress(PLAIN)),
        ("deflate", zlib.compress(PLAIN)),
        (" GZip ", gzip.compress(PLAIN)),
        ("Identity", PLAIN),
    ],
)
def test_a_body_is_read_in_the_coding_that_its_header_names(coding: str, packed: bytes) -> None:
    made = answered(SAID, packed, seen_headers=(("Content-Encoding", coding),))
    assert in_brief(BODY, made) == []


def test_a_body_in_another_coding_is_shown_from_its_begin() -> None:
    where = "client response content-encoding"
    made = answered(SAID, b"x" * 30, seen_headers=(("Content-Encoding", "gzip"),))
    assert in_brief(BODY, made) == [(FAIL, "a body in gzip", f"it begins {'x' * 24}", where)]
    cut = answered(SAID, gzip.compress(PLAIN)[:-9], seen_headers=(("Content-Encoding", "gzip"),))
    assert in_brief(BODY, cut) == [(FAIL, "a whole body in gzip", "cut short", where)]


@pytest.mark.parametrize(
    "kind",
    ["application/json ", "application/json ; a=b", "Application/JSON; a=b; c=d", "application/json;a=b;c=d;e=f"],
)
def test_parameters_and_blanks_are_not_of_the_media_type(kind: str) -> None:
    made = answered(SAID, {**SAID, "id": "x"}, sent_headers=(("content-type", kind),))
    assert [one[0] for one in in_brief(BODY, made)] == [FAIL]
    assert in_brief(TYPE, answered(SAID, SAID, sent_headers=(("content-type", kind),))) == []


def elsewhere(one: Trip, path: str) -> Trip:
    """The same trip, with its upstream called at another path."""
    (arrival,) = one.arrivals
    exchange = arrival.exchange
    request = replace(exchange.request, url=path)
    return again(one, arrivals=(replace(arrival, exchange=replace(exchange, request=request)),))


def test_an_upstream_at_a_path_of_its_own_answers_on_the_clients_wire() -> None:
    assert in_brief(BODY, elsewhere(FAULTY[BODY], "/v2/generate")) == BAD[BODY]


# portions


@pytest.mark.parametrize(
    ("requirement", "seen", "due"),
    [
        pytest.param(
            REASONING, with_message(reasoning_content="Oh."), ('"Hm."', '"Oh."', "/reasoning/0"), id="reasoning"
        ),
        pytest.param(
            CALLS, with_message(tool_calls=[{**CALL, "id": "x"}]), ('"get_0"', '"x"', "/calls/0/id"), id="calls"
        ),
        pytest.param(
            USAGE, {**SAID, "usage": {**USED, "cached_tokens": 0}}, ("1", "0", "/usage/cached_tokens"), id="usage"
        ),
        pytest.param(
            USAGE,
            {name: value for name, value in SAID.items() if name != "usage"},
            (json.dumps(USED), "absent", "/usage"),
            id="no-usage",
        ),
        pytest.param(
            FINISH,
            {**SAID, "choices": [{**CHOICE, "finish_reason": "stop"}]},
            ('"tool_calls"', '"stop"', "/finish/0"),
            id="finish",
        ),
        pytest.param(
            FINISH, {**SAID, "choices": [{"index": 0}]}, ('"tool_calls"', "absent", "/finish/0"), id="no-finish"
        ),
        pytest.param(
            FINISH,
            {**SAID, "choices": [{**CHOICE, "finish_reason": None}]},
            ('"tool_calls"', "null", "/finish/0"),
            id="finish-null",
        ),
    ],
)
def test_a_portion_that_is_not_kept_is_told_by_its_place(
    requirement: str, seen: dict[str, Any], due: tuple[str, str, str]
) -> None:
    sent, got, at = due
    assert in_brief(requirement, answered(SAID, seen)) == [(FAIL, sent, got, f"client response {at}")]


REDACTED: Final = {"type": "redacted_thinking", "data": "x"}
BLOCKS: Final = [REDACTED, *THOUGHT["content"]]


@pytest.mark.parametrize(
    ("requirement", "seen", "due"),
    [
        pytest.param(
            REASONING,
            {**THOUGHT, "content": [{**REDACTED, "data": "y"}, *BLOCKS[1:]]},
            [('"x"', '"y"', "/reasoning/0/data")],
            id="redacted",
        ),
        pytest.param(
            REASONING,
            {**THOUGHT, "content": [*BLOCKS[:1], {**BLOCKS[1], "signature": "t"}, *BLOCKS[2:]]},
            [('"s"', '"t"', "/reasoning/1/signature")],
            id="signed-by-another",
        ),
        pytest.param(
            REASONING,
            {**THOUGHT, "content": [*BLOCKS[:2], {"type": "text", "text": "other"}, *BLOCKS[3:], "x"]},
            [],
            id="other-words",
        ),
        pytest.param(
            CALLS,
            {**THOUGHT, "content": [*BLOCKS[:3], {**BLOCKS[3], "input": {"n": 2}}]},
            [("1", "2", "/calls/0/input/n")],
            id="input",
        ),
        pytest.param(
            FINISH,
            {name: value for name, value in THOUGHT.items() if name != "stop_reason"},
            [('"tool_use"', "absent", "/finish")],
            id="no-reason",
        ),
        pytest.param(FINISH, {**THOUGHT, "stop_reason": None}, [('"tool_use"', "null", "/finish")], id="reason-null"),
    ],
)
def test_a_portion_of_a_message_is_kept_block_by_block(
    requirement: str, seen: dict[str, Any], due: list[tuple[str, str, str]]
) -> None:
    made = answered({**THOUGHT, "content": BLOCKS}, seen, surface="messages")
    assert in_brief(requirement, made) == [(FAIL, sent, got, f"client response {at}") for sent, got, at in due]


@pytest.mark.parametrize(
    ("text", "message"),
    [("\u00e9", "the text was normalized on its way"), ("e", "characters of the text were changed")],
)
def test_what_became_of_characters_is_told(text: str, message: str) -> None:
    due = (FAIL, json.dumps("e\u0301"), json.dumps(text), "client response text", message)
    assert whole(UTF8, answered(SAID, with_message(content=text))) == [due]


# heads


def test_a_status_that_is_not_kept_is_told() -> None:
    message = "the upstream answered 202, the client got 200"
    due = (WARN, "202", "200", "client response status", message)
    assert whole(STATUS, answered(SAID, SAID, sent_status=202)) == [due]


@pytest.mark.parametrize(
    ("kind", "charset"),
    [
        ("application/json; profile=x; charset=utf-8", True),
        ("application/json; profile=x", True),
        ('application/json; Charset = "UTF8" ', True),
        ("application/json; charset", True),
        ("application/json; charset= latin-1 ", False),
        ("application/json; profile=utf-8; CHARSET=latin-1", False),
        ("application/json; charset=utf-8X", False),
        ("application/json; charset=x=utf-8", False),
    ],
)
def test_no_charset_but_utf_8_is_named(kind: str, charset: bool) -> None:  # noqa: FBT001 - whether it is right
    message = f"JSON and event streams are UTF-8, not {kind}"
    due = (FAIL, "charset=utf-8, or none", kind, "client response content-type", message)
    assert whole(TYPE, answered(SAID, SAID, seen_headers=(("content-type", kind),))) == ([] if charset else [due])


def bare(one: Trip, *, sent: bool = False, seen: bool = False) -> Trip:
    """The same trip, without headers on the upstream's answer, or on the client's."""
    (arrival,) = one.arrivals
    upstream, client = arrival.exchange.response, one.client.response
    assert upstream
    assert client
    if sent:
        arrival = replace(arrival, exchange=replace(arrival.exchange, response=replace(upstream, headers=())))
    return again(
        one,
        arrivals=(arrival,),
        client=replace(one.client, response=replace(client, headers=() if seen else client.headers)),
    )


def test_answers_without_a_type_keep_it_and_one_that_gets_it_or_loses_it_is_told() -> None:
    made = answered(SAID, SAID)
    where = "client response content-type"
    assert in_brief(TYPE, bare(made, sent=True, seen=True)) == []
    assert in_brief(TYPE, bare(made, sent=True)) == [(FAIL, "no type", JSON, where)]
    assert in_brief(TYPE, bare(made, seen=True)) == [(FAIL, JSON, "no type", where)]


@pytest.mark.parametrize("requirement", OF_BODIES)
def test_what_the_upstream_does_not_call_json_is_not_compared(requirement: str) -> None:
    assert [one[0] for one in in_brief(requirement, bare(FAULTY[requirement], sent=True))] == [UNSEEN]


@pytest.mark.parametrize(
    ("headers", "there"),
    [
        pytest.param((), "no header with an id", id="none"),
        pytest.param((("X-Request-ID", "a"),), "X-Request-ID: a", id="another"),
        pytest.param((("x-trace", "c"), ("x-call-id", "a"), ("b-id", "b")), "x-call-id: a, b-id: b", id="several"),
    ],
)
def test_a_request_id_that_is_lost_is_told_with_the_ids_that_came(headers: Any, there: str) -> None:
    message = "Msh-Request-Id did not reach the client: support cannot be asked about this request"
    due = (WARN, "Msh-Request-Id: 11f1-22", there, "client response headers", message)
    assert whole(REQUEST_ID, answered(SAID, SAID, sent_headers=ID, seen_headers=headers)) == [due]


@pytest.mark.parametrize("name", ["request-id", "X-Request-Id", "msh-request-id"])
def test_each_name_of_a_request_id_is_known(name: str) -> None:
    message = f"{name} did not reach the client: support cannot be asked about this request"
    assert sentences(REQUEST_ID, answered(SAID, SAID, sent_headers=((name, "11f1-22"),))) == [message]


PACKED: Final = gzip.compress(PLAIN)
NAMED: Final = (("content-encoding", "gzip"),)


@pytest.mark.parametrize(
    ("asked", "expected", "accepts"),
    [
        pytest.param({}, "no coding", "nothing in particular", id="nothing-said"),
        pytest.param({"accept-encoding": ""}, "no coding", "nothing in particular", id="nothing"),
        pytest.param({"accept-encoding": "Identity"}, "identity", "identity", id="another"),
    ],
)
def test_a_coding_that_the_client_does_not_take_is_warned_of(
    asked: dict[str, str], expected: str, accepts: str
) -> None:
    made = answered(PACKED, PACKED, sent_headers=NAMED, seen_headers=NAMED, asked=asked)
    where = "client response content-encoding"
    assert whole(GZIP, made) == [(WARN, expected, "gzip", where, f"the client got gzip, and accepts {accepts}")]


def test_a_coding_may_be_spelled_in_capitals() -> None:
    asked = {"accept-encoding": "GZIP"}
    assert in_brief(GZIP, answered(PACKED, PACKED, sent_headers=NAMED, seen_headers=NAMED, asked=asked)) == []
