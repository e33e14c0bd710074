"""HAR files are read entry by entry; what browsers leave out is told apart from what Kimi left out."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.traffic.found import Found, Unreadable
from kimi_conformance.traffic.read import read
from suites.selftest.traffic_files import ANSWER, ASKED, CHAT, all_of, entry, har, one, stream, written

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.judge.api.sight import Sight


def sight_of(folder: Path, one_entry: Any) -> Sight:
    """The sight of a HAR's only entry."""
    found = one(all_of(folder, har(one_entry)))
    assert found.sight is not None
    return found.sight


def test_an_entry_is_an_exchange_with_its_day_in_utc_and_its_host(tmp_path: Path) -> None:
    sight = sight_of(tmp_path, entry(json.dumps(ANSWER)))
    assert (sight.exchange.request.method, sight.exchange.request.url) == ("POST", CHAT)
    assert sight.exchange.request.headers == (("Accept", "*/*"),)
    assert (sight.asked, sight.answer, sight.status) == (ASKED, ANSWER, 200)
    assert (sight.on, sight.host, sight.shape) == (date(2026, 9, 2), "platform-ai", "chat.completion")
    assert sight.exchange.end_ms - sight.exchange.start_ms == 1500
    assert not sight.timed


def test_a_browser_may_have_taken_the_key_out(tmp_path: Path) -> None:
    assert sight_of(tmp_path, entry(json.dumps(ANSWER))).key == "unknown"


def test_a_body_in_base64_is_decoded(tmp_path: Path) -> None:
    text = b64encode(stream("你好").encode()).decode()
    sight = sight_of(tmp_path, entry({"text": text, "encoding": "base64", "mimeType": "text/event-stream"}))
    assert sight.exchange.response is not None
    assert sight.exchange.response.body.decode() == stream("你好")


def test_the_media_type_stands_in_for_a_missing_header_only(tmp_path: Path) -> None:
    streamed = {"text": stream("a"), "mimeType": "text/event-stream"}
    assert sight_of(tmp_path, entry(streamed, headers=[])).shape == "chat.completion.chunk"
    assert sight_of(tmp_path, entry(streamed)).kind == "application/json"


def test_a_content_encoding_is_undone_already_and_its_header_goes(tmp_path: Path) -> None:
    headers = [{"name": "Content-Encoding", "value": "br"}, {"name": "Content-Length", "value": "99"}]
    sight = sight_of(tmp_path, entry(json.dumps(ANSWER), headers=headers))
    assert sight.answer == ANSWER
    assert (sight.header("content-encoding"), sight.header("content-length")) == (None, None)


def test_a_form_without_text_is_put_together(tmp_path: Path) -> None:
    asked = entry("{}", url="https://api.moonshot.ai/v1/files")
    asked["request"]["postData"] = {"mimeType": "x", "params": [{"name": "purpose", "value": "a b"}, {"name": "file"}]}
    assert sight_of(tmp_path, asked).exchange.request.body == b"purpose=a+b&file="


@pytest.mark.parametrize(
    ("content", "status", "method"),
    [({"size": 0}, 200, "POST"), ({"size": 7, "text": ""}, 200, "POST"), ({}, 429, "GET")],
    ids=["no-text", "empty-text-of-some-size", "nothing"],
)
def test_a_body_that_the_browser_dropped_is_not_judged_as_an_empty_one(
    tmp_path: Path, content: Any, status: int, method: str
) -> None:
    (found,) = all_of(tmp_path, har(entry(content, status=status, method=method)))
    assert found.sight is None
    assert found.why.startswith("the HAR has no body for this answer")


@pytest.mark.parametrize(
    ("content", "status", "method"),
    [({}, 204, "GET"), ({}, 200, "HEAD"), ({"text": "", "size": 0}, 200, "POST")],
    ids=["no-content", "head", "empty"],
)
def test_an_answer_that_has_no_body_is_an_answer(tmp_path: Path, content: Any, status: int, method: str) -> None:
    sight = sight_of(tmp_path, entry(content, status=status, method=method))
    assert sight.exchange.response is not None
    assert sight.exchange.response.pieces == ()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (None, "closed: the HAR has status 0"),
        ("net::ERR_CONNECTION_REFUSED", "refused: net::ERR_CONNECTION_REFUSED"),
        ("net::ERR_CONNECTION_RESET", "reset: net::ERR_CONNECTION_RESET"),
        ("net::ERR_TIMED_OUT", "timeout: net::ERR_TIMED_OUT"),
    ],
)
def test_status_0_is_no_response(tmp_path: Path, said: str | None, error: str) -> None:
    sight = sight_of(tmp_path, entry({}, status=0, _error=said))
    assert (sight.exchange.response, sight.exchange.error) == (None, error)


def test_a_stream_that_the_client_left_is_partial_and_one_that_broke_is_not(tmp_path: Path) -> None:
    left = sight_of(tmp_path, entry(stream("a")[:200], _error="net::ERR_ABORTED"))
    broken = sight_of(tmp_path, entry(stream("a")[:200], _error="net::ERR_INCOMPLETE_CHUNKED_ENCODING"))
    assert (left.partial, broken.partial) == (True, False)
    assert broken.exchange.error == "closed: net::ERR_INCOMPLETE_CHUNKED_ENCODING"


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (7, "it is no HAR entry: /: it must be an object"),
        ({"request": {"method": "GET"}}, "it is no HAR entry: /request/url: Field required"),
        (entry("{}", status="ok"), "it is no HAR entry: /response/status: .*integer.*"),  # type: ignore[arg-type]
        (entry("{}", url="http://[::1/v1/models"), "its URL cannot be read: .*"),
        (entry({"text": "!", "encoding": "base64"}), "its body is said to be base64, and is not: .*"),
    ],
    ids=["no-object", "no-url", "no-status", "broken-url", "no-base64"],
)
def test_an_entry_that_is_none_is_told_and_the_next_one_judged(tmp_path: Path, bad: Any, why: str) -> None:
    first, second = all_of(tmp_path, har(bad, entry(json.dumps(ANSWER))))
    assert first.sight is None
    assert re.fullmatch(why, first.why)
    assert (second.index, second.why) == (1, "")


def test_web_sockets_and_all_else_that_is_not_http_is_passed_over(tmp_path: Path) -> None:
    more = {**entry(json.dumps(ANSWER)), "_webSocketMessages": [{"type": "send", "data": "x"}], "cache": {}}
    assert sight_of(tmp_path, more).answer == ANSWER


def test_a_har_that_was_cut_is_read_up_to_there(tmp_path: Path) -> None:
    whole = har(*[entry(json.dumps(ANSWER))] * 3)
    cut = whole[: whole.rindex('"postData"')]
    found: list[Found] = []
    with pytest.raises(Unreadable, match=rf"ends at byte {len(cut)} \(line \d+\), in the middle of its JSON"):
        found.extend(read(written(tmp_path, cut)))
    assert [each.index for each in found] == [0, 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (har(), "is a HAR without entries"),
        ('{"log": {}}', "is a HAR without entries"),
        ('{"log": {"entries": {"a": 1}}}', "is a HAR without entries"),
        ('{"log": {"entries": [nul]}}', "no JSON: lexical error: .*, near line 1, behind byte 0"),
        (b'{"log": {"entries": ["caf\xe9"]}}', "no JSON: .*invalid bytes in UTF8"),
        ('{"log": {"entries": [' + "[" * 100_000, "nested more than 500 deep"),
    ],
    ids=["none", "no-list", "an-object", "no-json", "not-utf-8", "deep"],
)
def test_what_is_no_har_is_said_in_one_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said) as error:
        list(read(written(tmp_path, text)))
    assert len(str(error.value).splitlines()) == 1
