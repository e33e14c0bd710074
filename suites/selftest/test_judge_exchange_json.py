"""Exchanges as JSON: our own, one or many, and observations in the form of `evidence/`."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.exchange_json import to_json
from kimi_conformance.traffic.found import Unreadable
from kimi_conformance.traffic.read import read
from suites.selftest.traffic_files import ANSWER, ASKED, CHAT, all_of, observation, one, stream, written

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.judge.api.sight import Sight

BODY = json.dumps(ANSWER).encode()
OURS = Exchange(
    Request("POST", CHAT, (("authorization", "Bearer <secret.key>"),), json.dumps(ASKED).encode()),
    Response(
        200,
        (("content-type", "application/json"), ("date", "Tue, 01 Sep 2026 10:00:00 GMT")),
        (Piece(1.0, BODY[:9]), Piece(2.0, BODY[9:])),
        0.5,
    ),
    None,
    0.0,
    3.0,
)


def sight_of(folder: Path, document: Any) -> Sight:
    """The sight of a file's only exchange."""
    found = one(all_of(folder, json.dumps(document, indent=1)))
    assert found.sight is not None
    return found.sight


def test_our_own_exchange_comes_back_as_it_was(tmp_path: Path) -> None:
    sight = sight_of(tmp_path, to_json(OURS))
    assert sight.exchange == OURS
    assert (sight.on, sight.host, sight.key, sight.timed) == (date(2026, 9, 1), "platform-ai", "unknown", True)


def test_an_exchange_of_one_piece_has_no_times_to_go_by(tmp_path: Path) -> None:
    whole = Response(200, (), (Piece(2.0, BODY),))
    assert not sight_of(tmp_path, to_json(Exchange(OURS.request, whole, None, 0, 2))).timed


def test_headers_without_a_key_are_a_request_without_a_key(tmp_path: Path) -> None:
    keyless, bare = (Request("GET", "/v1/models", headers) for headers in ((("accept", "*/*"),), ()))
    assert sight_of(tmp_path, to_json(Exchange(keyless, None, "refused: x"))).key == "none"
    assert sight_of(tmp_path, to_json(Exchange(bare, None, "refused: x"))).key == "unknown"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (json.dumps([to_json(OURS)] * 3), 3),
        ("\n".join([json.dumps(to_json(OURS))] * 2) + "\n\n", 2),
        ("\n".join([json.dumps({"case": "c", "trip": 1, "leg": "client", "exchange": to_json(OURS)})] * 2), 2),
        (json.dumps([observation(body=ANSWER)]), 1),
    ],
    ids=["array", "lines", "kept-by-check", "array-of-observations"],
)
def test_a_file_may_have_many(tmp_path: Path, text: str, count: int) -> None:
    found = all_of(tmp_path, text)
    assert [(each.index, each.why) for each in found] == [(index, "") for index in range(count)]
    assert all(each.sight and each.sight.answer == ANSWER for each in found)


def test_bytes_that_are_no_text_are_in_base64(tmp_path: Path) -> None:
    document = to_json(OURS)
    document["response"]["pieces"] = [{"t_ms": 1, "base64": b64encode(b"\xff{}").decode()}]
    response = sight_of(tmp_path, document).exchange.response
    assert response is not None
    assert response.body == b"\xff{}"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"request": None}, "/request: it must be an object"),
        ({"response": {"status": "x"}}, "/response/status: .*integer.*"),
        ({"error": "broken"}, "/error: .*pattern.*"),
        ({"end_ms": None}, "/end_ms: .*number.*"),
        ({"request": {"method": "GET", "url": "/", "headers": [["a"]], "body": {}}}, "/request/headers/0/1: .*"),
        ({"request": {"method": "GET", "url": "/", "headers": [], "body": {}}}, "'base64'"),
    ],
)
def test_an_exchange_that_is_none_says_where(tmp_path: Path, change: Any, why: str) -> None:
    (found,) = all_of(tmp_path, json.dumps({**to_json(OURS), **change}))
    assert found.sight is None
    assert re.fullmatch(f"it is no exchange as exchange.schema.json has it: {why}", found.why), found.why


def test_a_line_that_is_no_json_ends_the_file_and_what_came_before_is_read(tmp_path: Path) -> None:
    found: list[Any] = []
    text = f'{json.dumps(to_json(OURS))}\n{{"request":'
    with pytest.raises(Unreadable, match="traffic, line 2: no JSON: Expecting value, column 12; it was cut, or"):
        found.extend(read(written(tmp_path, text)))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"request": {},\n "response": {"a', r"line 2: no JSON: Unterminated .*; it was cut, or not written .*"),
        (b'{"request": {},\n "a": "\xe9"}', r"its byte 23 is not UTF-8"),
        ('{"request":' * 100_000, r"its JSON cannot be read: .*recursion.*"),
        ('[{"request": {}}, ', r"ends at byte 18 \(line 1\), in the middle of its JSON.*"),
    ],
    ids=["cut", "not-utf-8", "deep", "an-array-that-was-cut"],
)
def test_what_is_no_json_is_said_in_one_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(Unreadable) as error:
        list(read(written(tmp_path, text)))
    assert re.search(f"{said}$", str(error.value))


def test_an_observation_is_read_with_its_host_and_the_day_in_its_body(tmp_path: Path) -> None:
    sight = sight_of(tmp_path, observation(body=ANSWER))
    assert (sight.exchange.request.url, sight.asked, sight.answer) == (CHAT, ASKED, ANSWER)
    assert (sight.on, sight.host, sight.key, sight.partial) == (date(2026, 7, 17), "platform-ai", "unknown", False)


def test_an_observed_stream_is_a_stream_whatever_is_known_of_its_headers(tmp_path: Path) -> None:
    data = [line.removeprefix("data: ") for line in stream("a").splitlines() if line]
    sight = sight_of(tmp_path, observation(sse=data))
    assert (sight.shape, sight.on, len(sight.stream.done)) == ("chat.completion.chunk", date(2026, 7, 17), 1)


def test_names_of_observed_events_stand_before_their_data(tmp_path: Path) -> None:
    document = observation(sse=['{"type":"message_stop"}'], sse_events=["message_stop"])
    document["request"]["path"] = "/anthropic/v1/messages"
    sight = sight_of(tmp_path, document)
    assert (sight.shape, sight.reading.events[0].type) == ("message.events", "message_stop")


@pytest.mark.parametrize("more", [{"complete": False}, {"doubts": ["text-shortened"]}])
def test_what_is_incomplete_is_partial(tmp_path: Path, more: Any) -> None:
    assert sight_of(tmp_path, {**observation(body=ANSWER), **more}).partial


def test_a_host_that_is_presumed_is_not_known(tmp_path: Path) -> None:
    assert sight_of(tmp_path, {**observation(body=ANSWER), "doubts": ["host-or-path-presumed"]}).host is None


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (observation(quoted={"usage": 1}), "its source shows only pieces of it"),
        (observation(body=None), "its source shows no body"),
        ({**observation(body={}), "doubts": ["authenticity"]}, "its source may have changed it (authenticity)"),
        ({"request": {}, "response": {}}, "it is no exchange: /host: Field required"),
    ],
    ids=["quoted", "no-body", "authenticity", "no-observation"],
)
def test_what_an_observation_does_not_show_is_not_judged(tmp_path: Path, document: Any, why: str) -> None:
    (found,) = all_of(tmp_path, json.dumps(document))
    assert (found.sight, found.why) == (None, why)


def test_half_of_a_surrogate_pair_is_no_text(tmp_path: Path) -> None:
    document = to_json(OURS)
    document["request"]["body"] = {"text": "\ud83d"}
    (found,) = all_of(tmp_path, json.dumps(document))
    assert found.why.startswith("it is no exchange as exchange.schema.json has it: 'utf-8' codec can't encode")
