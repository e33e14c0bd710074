"""Canaries are found in whatever way they are written, and nothing else is taken for one."""

from __future__ import annotations

import gzip
import json
import zlib
from base64 import b64encode, urlsafe_b64encode
from typing import Final
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_conformance.judge.canaries import OWN_CHARS, found, head, needles, readings

KEY: Final = "sk-kc-portkey-0123456789abcdef01234567"
OTHER: Final = "sk-kc-kimi-89abcdef0123456789abcdef"
WANTED: Final = needles({"portkey": KEY, "kimi": OTHER})
SSE: Final = (("Content-Type", "text/event-stream"),)


def names(data: bytes) -> set[tuple[str, str]]:
    return {(needle.name, needle.encoding) for needle in found(WANTED, data)}


@pytest.mark.parametrize(
    ("written", "encoding"),
    [
        pytest.param(f'{{"key": "{KEY}"}}'.encode(), "plain", id="plain"),
        pytest.param(KEY[-24:].encode(), "plain", id="without-what-stands-before"),
        pytest.param(KEY.upper().encode(), "upper case", id="upper-case"),
        pytest.param(quote(KEY, safe="").encode(), "plain", id="quoted"),
        pytest.param("".join(f"%{byte:02x}" for byte in KEY.encode()).encode(), "URL-encoded", id="every-character"),
        pytest.param("".join(f"\\u{byte:04x}" for byte in KEY.encode()).encode(), "JSON-escaped", id="escaped"),
        pytest.param(KEY.encode().hex().encode(), "hex", id="hex"),
    ],
)
def test_a_key_is_found_as_it_is_written(written: bytes, encoding: str) -> None:
    assert names(written) == {("portkey", encoding)}


@pytest.mark.parametrize("before", range(4))
def test_of_a_key_within_base64_every_character_counts(before: int) -> None:
    def written(key: str) -> set[tuple[str, str]]:
        return names(b64encode(b"." * before + key.encode() + b"."))

    assert written(KEY) == {("portkey", "base64")}
    assert written(f"{KEY[:-1]}w") == written(f"{KEY[:-24]}1{KEY[-23:]}") == set()


@given(before=st.binary(max_size=20), after=st.binary(max_size=20))
def test_a_key_is_found_anywhere_within_base64(before: bytes, after: bytes) -> None:
    whole = before + KEY.encode() + after
    for encode in (b64encode, urlsafe_b64encode):
        assert ("portkey", "base64") in names(encode(whole))


@given(st.text(alphabet="0123456789abcdef-", max_size=200))
def test_nothing_else_is_taken_for_a_key(text: str) -> None:
    taken = {name for name, _ in names(text.encode())}
    assert taken == {name for name, key in (("portkey", KEY), ("kimi", OTHER)) if key[-OWN_CHARS:] in text}


def test_half_a_key_is_none() -> None:
    assert names(KEY[:-6].encode()) == set()


def test_an_empty_secret_is_none() -> None:
    assert needles({"none": ""}) == ()


@pytest.mark.parametrize("encoding", ["gzip", "X-Gzip", "deflate"])
def test_a_compressed_body_is_read_decoded_too(encoding: str) -> None:
    body = (zlib.compress if encoding == "deflate" else gzip.compress)(KEY.encode())
    plain, decoded = readings(body, (("content-encoding", encoding),))
    assert (plain, decoded) == (body, KEY.encode())


def test_of_a_compressed_body_that_was_cut_what_came_is_read() -> None:
    body = gzip.compress(KEY.encode() + bytes(range(256)) * 40)
    assert names([*readings(body[:-30], (("Content-Encoding", "gzip"),))][1]) == {("portkey", "plain")}


def test_of_a_compressed_body_without_end_64_mebibytes_are_read() -> None:
    packing = zlib.compressobj(1, wbits=-zlib.MAX_WBITS)
    begin = gzip.compress(b"")[:10]
    block = packing.compress(bytes(1 << 20)) + packing.flush(zlib.Z_FULL_FLUSH)
    _, decoded = readings(begin + block * 66, (("Content-Encoding", "gzip"),))
    assert len(decoded) == 67_108_864


def test_what_is_called_compressed_and_is_not_is_read_as_it_is() -> None:
    assert [*readings(KEY.encode(), (("Content-Encoding", "gzip"),))] == [KEY.encode(), b""]


def test_a_key_in_the_texts_of_several_events_is_found() -> None:
    parts = (KEY[:18], KEY[18:30], KEY[30:])
    events = (json.dumps({"choices": [{"delta": {"content": part}}]}) for part in parts)
    body = "".join(f"data: {event}\n\n" for event in events).encode()
    whole, texts = readings(body, SSE)
    assert names(whole) == set()
    assert names(texts) == {("portkey", "plain")}
    assert [*readings(body, (("content-type", "Text/Event-Stream; charset=utf-8"),))] == [body, texts]
    assert [*readings(body, (("content-type", "application/text/event-stream"),))] == [body]


def test_the_head_of_a_message_has_its_first_line_and_every_field() -> None:
    assert head(f"GET /?key={KEY}", (("a", "b"),)) == f"GET /?key={KEY}\r\na: b".encode()


def test_a_head_may_have_bytes_that_are_no_text() -> None:
    assert head("GET /", (("a", "\udcff"),)) == b"GET /\r\na: \xff"
