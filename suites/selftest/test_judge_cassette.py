"""vcrpy cassettes, ours and other people's: bodies in every form that recorders write them in."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from kimi_conformance.traffic.found import Unreadable
from kimi_conformance.traffic.read import read
from suites.selftest.traffic_files import (
    ANSWER,
    ASKED,
    CHAT,
    HEADERS,
    STREAM_HEADERS,
    all_of,
    interaction,
    one,
    stream,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.judge.api.sight import Sight

TEXT = json.dumps(ANSWER)


def cassette(*interactions: Any) -> str:
    """A cassette as vcrpy writes it."""
    return yaml.safe_dump({"interactions": list(interactions), "version": 1})


def sight_of(folder: Path, one_interaction: Any) -> Sight:
    """The sight of a cassette's only interaction."""
    found = one(all_of(folder, cassette(one_interaction)))
    assert found.sight is not None
    return found.sight


@pytest.mark.parametrize("dump", [cassette, lambda *each: json.dumps({"version": 1, "interactions": each})])
def test_a_cassette_is_yaml_or_json(tmp_path: Path, dump: Any) -> None:
    first, second = all_of(tmp_path, dump(interaction(TEXT), interaction(TEXT)))
    assert first.sight is not None
    assert (first.sight.exchange.request.url, first.sight.asked, first.sight.answer) == (CHAT, ASKED, ANSWER)
    assert (first.sight.on, first.sight.host, first.sight.timed) == (date(2026, 9, 1), "platform-ai", False)
    assert (first.index, second.index) == (0, 1)


def test_a_cassette_may_have_had_its_key_filtered_out(tmp_path: Path) -> None:
    assert sight_of(tmp_path, interaction(TEXT)).key == "unknown"


@pytest.mark.parametrize(
    ("response", "body"),
    [
        ({"body": {"string": TEXT.encode()}}, TEXT.encode()),
        ({"body": {"string": "café"}}, "café".encode()),
        ({"body": {"string": None}}, b""),
        ({"body": None}, b""),
        ({"body": {"base64_string": "e30="}}, b"{}"),
        ({"body": None, "parsed_body": {"a": 1}}, b'{"a": 1}'),
        ({"body": None, "content": "{}", "status": None, "status_code": 200}, b"{}"),
    ],
    ids=["binary", "text", "null", "none", "base64", "parsed", "httpx-of-old"],
)
def test_a_response_body_is_what_was_recorded(tmp_path: Path, response: Any, body: bytes) -> None:
    sight = sight_of(tmp_path, interaction("", **response))
    assert sight.exchange.response is not None
    assert (sight.exchange.response.body, sight.status) == (body, 200)


@pytest.mark.parametrize(
    ("body", "seen"),
    [(None, b""), ("{}", b"{}"), (b"\xff{}", b"\xff{}"), ({"model": "kimi-k3"}, b'{"model": "kimi-k3"}')],
    ids=["null", "text", "binary", "an-object"],
)
def test_a_request_body_is_what_was_recorded(tmp_path: Path, body: Any, seen: bytes) -> None:
    recorded = interaction(TEXT)
    recorded["request"]["body"] = body
    assert sight_of(tmp_path, recorded).exchange.request.body == seen


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT.encode())),
        ("deflate", zlib.compress(TEXT.encode())),
        ("deflate", _raw_deflate(TEXT.encode())),
        ("gzip", TEXT),
        ("br", TEXT),
    ],
    ids=["gzip", "deflate", "deflate-without-its-frame", "gzip-undone-before", "br-undone-before"],
)
def test_a_packed_body_is_unpacked(tmp_path: Path, coding: str, body: Any) -> None:
    sight = sight_of(tmp_path, interaction(body, headers={**HEADERS, "content-encoding": coding}))
    assert (sight.answer, sight.header("content-encoding"), sight.partial) == (ANSWER, None, False)


def test_a_packed_body_that_ends_early_is_partial(tmp_path: Path) -> None:
    headers = {**STREAM_HEADERS, "content-encoding": "gzip"}
    sight = sight_of(tmp_path, interaction(gzip.compress(stream("a").encode())[:-20], headers=headers))
    assert (sight.partial, len(sight.stream.chunks) > 0) == (True, True)


@pytest.mark.parametrize(
    ("coding", "why"),
    [("br", "'br' cannot be undone here; record with `accept-encoding: gzip`"), ("gzip", "'gzip' is broken")],
)
def test_what_cannot_be_unpacked_is_said(tmp_path: Path, coding: str, why: str) -> None:
    packed = interaction(b"\x0b\x80\xff\xfe", headers={**HEADERS, "content-encoding": coding})
    (found,) = all_of(tmp_path, cassette(packed))
    assert found.sight is None
    assert found.why == f"its body is packed: content-encoding {why}"


def test_the_pieces_of_a_stream_have_their_times(tmp_path: Path) -> None:
    text = stream("a", "b")
    times = {"chunks": [100, len(text) - 100], "head_ms": 5.0, "at_ms": [10.5, 900.0], "end_ms": 901.0, "cut": None}
    sight = sight_of(tmp_path, interaction(text, headers=STREAM_HEADERS, stream=times))
    assert sight.exchange.response is not None
    assert [(piece.t_ms, len(piece.data)) for piece in sight.exchange.response.pieces] == [
        (10.5, 100),
        (900.0, len(text) - 100),
    ]
    assert (sight.timed, sight.exchange.end_ms, sight.exchange.error) == (True, 901.0, None)


def test_a_stream_that_was_cut_says_so(tmp_path: Path) -> None:
    text = stream("a")[:150]
    times = {"chunks": [150], "at_ms": [10], "cut": "peer closed connection"}
    sight = sight_of(tmp_path, interaction(text, headers=STREAM_HEADERS, stream=times))
    assert sight.exchange.error == "closed: peer closed connection"


def test_pieces_that_are_not_the_body_are_not_judged(tmp_path: Path) -> None:
    wrong = interaction("abc", headers=STREAM_HEADERS, stream={"chunks": [2], "at_ms": [1]})
    (found,) = all_of(tmp_path, cassette(wrong))
    assert found.why == "the pieces of its stream have 2 bytes, and its body 3"


@pytest.mark.parametrize("day", ["2026-07-17", "2026-07-17T23:59:59Z", date(2026, 7, 17)])
def test_provenance_says_when_where_and_with_whose_key(tmp_path: Path, day: Any) -> None:
    known = {"origin": "live", "recorded_at": day, "source": "a run", "host": "platform-cn", "key": "none"}
    sight = sight_of(tmp_path, interaction(TEXT, provenance=known))
    assert (sight.on, sight.host, sight.key) == (date(2026, 7, 17), "platform-cn", "none")


def test_without_any_date_the_day_is_in_the_answer_or_nowhere(tmp_path: Path) -> None:
    json_only = {"content-type": "application/json"}
    assert sight_of(tmp_path, interaction(TEXT, headers=json_only)).on == date(2026, 7, 17)
    assert sight_of(tmp_path, interaction("{}", headers=json_only)).on is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('interactions:\n- a: "b\n', r"no YAML that judge reads, line 3: .*"),
        ("interactions: 3\n", r"`interactions` must be a list: it is no vcrpy cassette"),
        ("interactions: []\n", r"is a cassette without interactions: nothing was recorded"),
        (
            "interactions:\n- !!python/object:os.system {}\n",
            r"line 2: could not determine .*os\.system.*",
        ),
        ("interactions: " + "[" * 100_000, r"no YAML that judge reads.*"),
        ('{"version": 1, "interactions": [', r"ends at byte 32 \(line 1\), in the middle of its JSON.*"),
    ],
    ids=["cut", "no-list", "none", "a-tag-that-runs-code", "deep", "json-that-was-cut"],
)
def test_what_is_no_cassette_is_said_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Unreadable) as error:
        list(read(written(tmp_path, text)))
    assert re.search(f"{said}$", str(error.value))


def test_an_interaction_that_is_none_is_told_and_the_next_one_judged(tmp_path: Path) -> None:
    first, second, third = all_of(
        tmp_path, cassette({"request": {}}, interaction(TEXT, status=None), interaction(TEXT))
    )
    assert first.why == "it is no interaction of a vcrpy cassette: /request/method: Field required"
    assert second.why == "its response has no status"
    assert third.why == ""
