"""The judge where it sees the client's side alone: which answers are of a model, and in what form they come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.relayed import shown_bytes
from suites.selftest.answered import DONE as END
from suites.selftest.answered import data, message, said
from suites.selftest.plays import ask, trip
from suites.selftest.test_judge_one_side import DONE, EVENTS, NOT_404, alone

if TYPE_CHECKING:
    from kimi_conformance.contract.reach import Surface
    from kimi_conformance.contract.trip import Trip

TYPE: Final = "router.response.content-type-kept"
SHAPE, BEGINS, BLOCKS, ENDS, NAMES = (
    f"router.messages.{name}"
    for name in ("answer-shape", "stream-begins", "stream-blocks-in-order", "stream-ends", "stream-event-names")
)
FAIL, WARN, UNSEEN = Verdict.FAIL, Verdict.WARN, Verdict.NOT_OBSERVED
KIND: Final = "client response content-type"
JSON, STREAM = "application/json", "text/event-stream"

CHOICES: Final = {"choices": [{"index": 0, "message": {"content": "ok"}}]}
USED: Final = {"input_tokens": 3, "output_tokens": 0}
FRAME: Final = {"id": "msg_1", "type": "message", "role": "assistant", "model": "kimi-k3", "usage": USED}
MESSAGE: Final = {**FRAME, "content": [{"type": "text", "text": "ok"}], "stop_reason": "end_turn"}
BEGUN: Final = data({"type": "message_start", "message": {**FRAME, "content": []}}, "message_start")
WHOLE: Final = [BEGUN, *message("ok")[1:]]
CHAT: Final = [said("ok"), END]

Told = list[tuple[Verdict, str, str, str, str]]


def got(
    body: Any,
    kind: str | None = JSON,
    *,
    surface: Surface = "messages",
    stream: bool = False,
    status: int = 200,
    coding: str = "",
    model: Any = "kimi-k3",
) -> Trip:
    """What a client got: JSON, or bytes, or the events of a stream."""
    raw = b"".join(body) if isinstance(body, list) else body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = [("Content-Type", kind)] if kind is not None else []
    headers += [("Content-Encoding", coding)] if coding else []
    return trip(ask(model, surface=surface, stream=stream), answer=raw, headers=tuple(headers), status=status)


def streamed(body: Any, kind: str = STREAM, **more: Any) -> Trip:
    return got(body, kind, stream=True, **more)


def told(requirement: str, *trips: Trip) -> Told:
    found = alone(requirement, *trips)
    return [(one.verdict, one.expected, one.actual, one.where, one.message) for one in found]


def unseen(*messages: str) -> Told:
    return [(UNSEEN, "what the client's side shows", one, "client response", one) for one in messages]


NONE: Final = "the answer is none of a model, which shows nothing here: the client got 200: "
NOT_SERVED: Final = "the client was not served, which shows nothing here: the client got "
NO_STREAM: Final = "a stream was asked for, and the client got none"


# what is an answer of a model


@pytest.mark.parametrize(
    ("surface", "body"),
    [
        ("chat", CHOICES),
        ("messages", MESSAGE),
        ("messages", {"content": []}),
        ("chat", CHAT),
        ("messages", WHOLE),
        ("messages", WHOLE[:1]),
    ],
)
def test_an_answer_of_a_model_shows_that_it_is_served(surface: Surface, body: Any) -> None:
    assert told(NOT_404, got(body, surface=surface)) == []


@pytest.mark.parametrize(
    ("surface", "body"),
    [
        ("chat", {}),
        ("chat", MESSAGE),
        ("messages", CHOICES),
        ("chat", {"choices": []}),
        ("chat", {"choices": "ok"}),
        ("messages", {"content": "ok"}),
        ("messages", {"content": None}),
        ("chat", [END]),
        ("chat", WHOLE),
        ("messages", CHAT),
        ("messages", [data({"type": "ping"}, "ping")]),
        ("messages", b"<html>"),
    ],
)
def test_an_answer_of_nobody_shows_nothing(surface: Surface, body: Any) -> None:
    made = got(body, surface=surface)
    assert made.client.response is not None
    assert told(NOT_404, made) == unseen(NONE + shown_bytes(made.client.response.body))


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_an_answer_that_cannot_be_unpacked_shows_nothing(coding: str) -> None:
    for body in (MESSAGE, WHOLE):
        (found,) = alone(NOT_404, got(body, coding=coding))
        assert found.verdict is UNSEEN
        assert found.message.startswith(NONE)


@pytest.mark.parametrize(
    ("status", "due"),
    [
        (400, NOT_SERVED + '400: "no"'),
        (500, NOT_SERVED + '500: "no"'),
        (401, "the router does not take the client's key (401): `client_headers:`, or --key-env, has it"),
        (403, "the router does not take the client's key (403): `client_headers:`, or --key-env, has it"),
    ],
)
def test_a_client_that_is_not_served_is_told_so(status: int, due: str) -> None:
    for requirement in (NOT_404, TYPE, SHAPE, DONE, ENDS):
        assert told(requirement, got("no", status=status)) == unseen(due)


def test_a_404_where_no_model_was_named_is_no_word_on_one() -> None:
    for model in (3, None, ABSENT):
        assert told(NOT_404, got("no", status=404, model=model)) == [
            (
                FAIL,
                "the model is served",
                'the client got 404: "no"',
                "client response",
                '404 to a registered model, and no upstream\'s word on a model: the client got 404: "no"',
            )
        ]


# content-type-kept


@pytest.mark.parametrize("kind", [JSON, "Application/JSON ; charset=UTF-8", 'application/json; charset="utf-8"'])
def test_json_that_is_called_so_is_right(kind: str) -> None:
    assert told(TYPE, got(MESSAGE, kind), got(CHOICES, kind, surface="chat")) == []


def test_a_stream_that_is_called_so_is_right() -> None:
    assert told(TYPE, streamed(WHOLE), streamed(CHAT, f"{STREAM}; charset=utf-8", surface="chat")) == []


@pytest.mark.parametrize(
    ("body", "kind", "read", "called"),
    [
        (MESSAGE, "text/plain", JSON, "text/plain"),
        (MESSAGE, None, JSON, "no type"),
        (MESSAGE, STREAM, JSON, STREAM),
        (WHOLE, JSON, STREAM, JSON),
    ],
)
def test_what_is_called_otherwise_is_found(body: Any, kind: str | None, read: str, called: str) -> None:
    assert told(TYPE, got(body, kind, stream=True)) == [
        (FAIL, read, called, KIND, f"what reads as {read} reaches the client as {called}")
    ]


def test_another_charset_is_found() -> None:
    kind = "application/json; charset=latin-1"
    assert told(TYPE, got(MESSAGE, kind)) == [
        (FAIL, "charset=utf-8, or none", kind, KIND, f"JSON and event streams are UTF-8, not {kind}")
    ]


@pytest.mark.parametrize("requirement", [TYPE, SHAPE])
def test_an_answer_where_a_stream_was_asked_for_may_be_the_upstreams(requirement: str) -> None:
    asked = streamed(MESSAGE, JSON)
    assert told(requirement, asked) == unseen(NO_STREAM)
    assert told(requirement, asked, got("no", status=400), asked) == unseen(
        NO_STREAM, NOT_SERVED + '400: "no"', NO_STREAM
    )


# answer-shape


@pytest.mark.parametrize("made", [got(MESSAGE), streamed(WHOLE)])
def test_an_answer_in_the_form_that_was_asked_for_is_right(made: Trip) -> None:
    assert told(SHAPE, made) == []


def test_an_answer_in_another_form_is_found() -> None:
    assert told(SHAPE, got({**MESSAGE, "role": "user"})) == [
        (FAIL, "assistant", '"user"', "client response /role", "`role` has not the form of Anthropic's message")
    ]
    form = "the answer comes in another form than was asked for"
    assert told(SHAPE, got(WHOLE, STREAM)) == [(FAIL, JSON, STREAM, KIND, form)]
    assert told(SHAPE, streamed(WHOLE, JSON)) == [(FAIL, STREAM, JSON, KIND, form)]


# streams

UNHEARD: Final[list[tuple[Trip, str]]] = [
    (streamed(MESSAGE, JSON), f"a stream was asked for; the client got none: {json.dumps(MESSAGE)[:160]}"),
    (streamed(WHOLE[:-1]), "the stream has no end; it may have been cut before it came to the router"),
    (
        streamed([*WHOLE, data({"type": "error", "error": {"message": "no"}}, "error")]),
        "there is an error in the stream, which may be the upstream's",
    ),
    (streamed("no", status=400), NOT_SERVED + '400: "no"'),
]
FAULTY: Final = {
    DONE: [*WHOLE, WHOLE[-1]],
    BEGINS: message("ok"),
    BLOCKS: [BEGUN, *WHOLE[2:]],
    ENDS: [*WHOLE, data("[DONE]")],
    NAMES: [BEGUN.replace(b"event: message_start", b"event: message_begin"), *WHOLE[1:]],
    EVENTS: [*WHOLE, b"data: {"],
}


@pytest.mark.parametrize("requirement", [DONE, BEGINS, BLOCKS, ENDS, NAMES])
def test_a_whole_stream_is_right(requirement: str) -> None:
    assert told(requirement, streamed(WHOLE)) == []


@pytest.mark.parametrize("requirement", FAULTY)
def test_a_stream_that_shows_nothing_is_told_and_hides_none_behind_it(requirement: str) -> None:
    due = [WARN] if requirement == EVENTS else [FAIL]
    faulty = streamed(FAULTY[requirement])
    assert list({one.verdict for one in alone(requirement, faulty)}) == due
    for lost, why in UNHEARD:
        found = told(requirement, lost, faulty)
        (first,) = found[:1]
        assert first[0] is UNSEEN
        assert first[4].startswith(why)
        assert found[1:] == told(requirement, faulty)
