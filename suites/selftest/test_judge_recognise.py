"""Which reader a file gets is told by how it begins; what judge cannot read is named for what it is."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.traffic.found import Unreadable
from kimi_conformance.traffic.read import read
from suites.selftest.traffic_files import ANSWER, all_of, entry, har, one, stream, written

if TYPE_CHECKING:
    from pathlib import Path

HAR = har(entry(json.dumps(ANSWER))).encode()


@pytest.mark.parametrize(
    "data", [HAR, b"\xef\xbb\xbf" + HAR, b"\n \t" + HAR, gzip.compress(HAR)], ids=["plain", "bom", "blanks", "gzip"]
)
def test_a_har_is_known_by_its_first_key(tmp_path: Path, data: bytes) -> None:
    found = one(all_of(tmp_path, data))
    assert found.sight is not None
    assert found.sight.answer == ANSWER


def test_standard_input_is_a_file_like_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open(written(tmp_path, HAR), "rb") as file:  # noqa: PTH123 - what stands for standard input
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        assert one(read("-")).file == "-"


def test_a_pipe_is_a_file_like_others() -> None:
    out, into = os.pipe()
    with os.fdopen(into, "wb") as pipe:
        pipe.write(HAR)
    assert one(read(f"/dev/fd/{out}")).index == 0
    os.close(out)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (b"\x89PNG\r\n", r"is no text: byte 0 \(0x89\) is not UTF-8"),
        (b"log\0", "is no text: it has a NUL at character 3"),
        ("{}".encode("utf-16"), r"is UTF-16: save it as UTF-8 .*"),
        (gzip.compress(HAR, mtime=0)[:50], "the gzip file ends early: .*"),
        (b"\x1f\x8b\x08\0garbage garbage garbage", "it begins like a gzip file, and is broken: .*"),
        (b"data: {}\n\n", "is a bare event stream: say which with --shape .* or --shape .*"),
        (b"event: message_stop\n", "is a bare event stream: .*"),
        (b": ping\n", "is a bare event stream: .*"),
        (b"<html>", "is HTML or XML: judge reads a HAR, .*"),
        (b'"log"', "is JSON, but no object: judge reads .*"),
        (b"null\n", "is JSON, but no object: judge reads .*"),
        (b"hello: world\n", "is no kind of traffic: judge reads .*"),
        (b"{}", "is JSON, .* a bare response body is judged with --shape NAME"),
        (b'{"choices": []}', "is JSON, .* a bare response body is judged with --shape NAME"),
        (b'[{"id": 1}, {"request": 1}]', "is JSON, .*"),
        (b"[1, 2]", "is JSON, .*"),
        (b"[" * 100_000, "is JSON, or begins like it, .*"),
    ],
)
def test_what_cannot_be_read_is_named_for_what_it_is(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as error:
        all_of(tmp_path, data)
    assert re.search(f"{said}$", str(error.value)), error.value
    assert str(error.value).startswith(str(tmp_path / "traffic"))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda _: None, "No such file or directory"),
        (lambda path: path.mkdir(), "is a folder: name the files in it"),
        (lambda path: path.symlink_to(path), "symbolic links"),
    ],
    ids=["missing", "folder", "loop"],
)
def test_a_path_that_is_no_file_is_named(tmp_path: Path, make: Any, said: str) -> None:
    make(tmp_path / "x")
    with pytest.raises(Unreadable, match=said):
        list(read(str(tmp_path / "x")))


def test_a_bare_body_has_the_shape_that_is_said(tmp_path: Path) -> None:
    whole = one(all_of(tmp_path, json.dumps(ANSWER), "chat.completion")).sight
    streamed = one(all_of(tmp_path, stream("a"), "chat.completion.chunk")).sight
    error = one(all_of(tmp_path, "{}", "error")).sight
    assert whole is not None
    assert streamed is not None
    assert error is not None
    assert (whole.shape, whole.status, whole.answer) == ("chat.completion", 200, ANSWER)
    assert (streamed.shape, len(streamed.stream.done)) == ("chat.completion.chunk", 1)
    assert (error.shape, error.status) == ("error", 0)


def test_a_bare_body_says_its_day_itself(tmp_path: Path) -> None:
    bodies = (json.dumps(ANSWER), stream("a"), "{", "[")
    days = [one(all_of(tmp_path, body, "chat.completion")).sight for body in bodies]
    assert [str(sight.on) for sight in days if sight] == ["2026-07-17", "2026-07-17", "None", "None"]


def test_what_has_whole_exchanges_in_it_is_no_bare_body(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="has whole exchanges in it: leave --shape out"):
        all_of(tmp_path, HAR, "chat.completion")
