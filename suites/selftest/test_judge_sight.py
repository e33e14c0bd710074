"""What is read of an exchange with Kimi: its shape, its body, and how findings show it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.judge.api.places import LONGEST, answered, count, outlined, shown, usages
from kimi_conformance.judge.api.shapes import error_shape, face_of
from kimi_conformance.judge.api.sight import NO_JSON, Sight
from suites.selftest.sights import CHAT, chat, error, seen, whole

SILENT = Sight(Exchange(Request("POST", CHAT, (), b"")))


def typed(body: bytes, kind: str | None = None, **known: Any) -> Sight:
    return seen(200, body, headers={} if kind is None else {"content-type": kind}, **known)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (NO_JSON, "no JSON"),
        ("月", '"月"'),
        ({1}, '"{1}"'),
        ("a" * (LONGEST - 2), '"' + "a" * (LONGEST - 2) + '"'),
        ("a" * (LONGEST - 1), '"' + "a" * (LONGEST - 2) + "…"),
    ],
)
def test_a_value_is_shown_as_short_json(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("sight", "long", "short"),
    [
        (SILENT, "no response", "no response"),
        (replace(SILENT, exchange=replace(SILENT.exchange, error="closed")), "closed", "closed"),
        (typed(b"a" * 161), f"200  {'a' * 160}", "200"),
        (typed(b"\xff", "Text/HTML; charset=a;b"), "200 text/html \\xff", "200 text/html"),
        (typed(b"", " text/html "), "200 text/html", "200 text/html"),
        (typed(b""), "200", "200"),
        (seen(200, {"error": {"type": "a"}}), '200 application/json {"error":{"type":"a"}}', "200 application/json"),
        (seen(400, {"error": {"type": 5}}), '400 application/json {"error":{"type":5}}', "400 application/json"),
        (seen(400, {"error": {"type": "a"}}), '400 application/json {"error":{"type":"a"}}', "400 a"),
    ],
)
def test_an_answer_is_told_in_a_line_and_in_a_few_words(sight: Sight, long: str, short: str) -> None:
    assert (answered(sight), outlined(sight)) == (long, short)


@pytest.mark.parametrize(
    ("sight", "streamed"),
    [
        (typed(b"data: {}\n\n"), True),
        (typed(b"\n event: a\n"), True),
        (typed(b": ping\n"), True),
        (typed(b" " * 59 + b"data:"), True),
        (typed(b" " * 60 + b"data:"), False),
        (typed(b"{}"), False),
        (typed(b"data: {}\n\n", "application/json"), False),
        (typed(b"{}", "text/event-stream"), True),
        (typed(b"{}", given="chat.completion.chunk"), True),
        (typed(b"{}", given="message.events"), True),
        (typed(b"data: {}\n\n", "text/event-stream", given="message"), False),
        (SILENT, False),
    ],
)
def test_a_stream_is_known_by_its_given_shape_its_media_type_or_its_first_bytes(
    sight: Sight, *, streamed: bool
) -> None:
    assert sight.streamed is streamed


def test_where_nothing_came_there_is_no_status_kind_header_shape_body_or_event() -> None:
    assert (SILENT.status, SILENT.kind, SILENT.header("date"), SILENT.shape) == (0, "", None, None)
    assert (SILENT.body, SILENT.reading.events) == (NO_JSON, ())
    assert not replace(SILENT, partial=True).torn


@pytest.mark.parametrize(
    ("status", "shape"), [(199, None), (200, "chat.completion"), (302, None), (399, None), (400, "error")]
)
def test_the_shape_goes_by_the_status(status: int, shape: str | None) -> None:
    assert seen(status, {}).shape == shape


def test_a_path_asked_by_a_method_that_it_does_not_know_is_about_nothing() -> None:
    assert seen(200, {}, method="POST").face == "chat"
    assert seen(200, {}, method="GET").face is None


def test_a_path_shared_with_the_managed_agents_is_theirs_where_their_version_is_asked_for() -> None:
    files = {"method": "GET", "path": "/v1/files"}
    assert seen(200, {}, **files).face == "files"
    assert seen(200, {}, sent={"Kimi-API-Version": "2026-09-01"}, **files).face is None


@pytest.mark.parametrize(
    ("sight", "torn"),
    [
        (typed(b'{"a": ', "application/json", partial=True), True),
        (typed(b'{"a": ', "application/json"), False),
        (typed(b'{"a": 1}', "application/json", partial=True), False),
        (typed(b"data: ", "text/event-stream", partial=True), False),
    ],
)
def test_a_document_is_torn_where_its_source_shows_a_part_that_is_no_json(sight: Sight, *, torn: bool) -> None:
    assert sight.torn is torn


@pytest.mark.parametrize(
    ("face", "body", "shape"),
    [
        ("chat", {"error": "no", "code": 5}, "error.gateway"),
        ("chat", {"error": "no", "scode": "0x5"}, "error.gateway"),
        ("chat", {"error": "no"}, "error"),
        ("chat", {"type": "error", "error": {}}, "error.messages"),
        ("responses", {"error": {"code": "a"}}, "error.responses"),
        ("responses", {"error": {"param": None}}, "error.responses"),
        ("responses", {"error": {"type": "a"}}, "error"),
        ("chat", {"error": {"code": "a", "param": None}}, "error"),
        ("responses", {"error": "code"}, "error"),
        ("chat", [], "error"),
    ],
)
def test_an_error_belongs_to_the_family_that_it_looks_like(face: Any, body: object, shape: str) -> None:
    assert error_shape(face, body) == shape


@pytest.mark.parametrize(
    ("path", "face"),
    [
        ("/v1/chat/completions", "chat"),
        ("/kimi/v1/chat/completions/", "chat"),
        ("/v1/chat/completions/more", None),
        ("/v1/messages", "messages"),
        ("/anthropic/messages", "messages"),
        ("/coding/messages", "messages"),
        ("/chat/messages", None),
        ("/v1/responses", "responses"),
        ("/coding/models", "coding.models"),
        ("/coding/v1/models", "coding.models"),
        ("/v1/models", "models"),
        ("/anthropic/v1/models", None),
        ("/v1/users/me/balance", "balance"),
        ("/v1/tokenizers/estimate-token-count", "tokens"),
        ("/v1/files", "files"),
        ("/v1/files/a", "file"),
        ("/v1/files/a/content", "file.content"),
        ("/v1/batches", "batches"),
        ("/v1/batches/a", "batch"),
        ("/v1/batches/a/cancel", "batch"),
        ("/coding/v1/usages", "coding.usages"),
    ],
)
def test_a_path_is_about_what_its_end_says(path: str, face: str | None) -> None:
    assert face_of(path) == face


@pytest.mark.parametrize(
    ("used", "found"), [({"a": {"b": 5}}, 5), ({"a": {"b": True}}, None), ({"a": {"b": "5"}}, None), ({"a": 5}, None)]
)
def test_a_counter_is_an_integer_or_not_there(used: dict[str, Any], found: int | None) -> None:
    assert count(used, "a", "b") == found


def test_a_whole_answer_has_one_usage_and_an_error_none() -> None:
    assert [at for at, _ in usages(chat(whole()))] == ["response /usage"]
    assert list(usages(error(400, "a", "b"))) == []
