"""The shelf: what is no cassette is said to be none, and is never taken for an empty one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from vcr.record_mode import RecordMode

from kimi_conformance.cassette.problems import BadCassette
from kimi_conformance.cassette.shelf import load, names, path_of, provenances, save
from suites.selftest.socket_server import OK, saying
from suites.selftest.taping import recorded

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = {
    "empty": b"",
    "blank": b"\n \n",
    "no UTF-8": b"version: 1\ninteractions: '\xff'\n",
    "no YAML": b"interactions: [",
    "a list": b"- a\n",
    "a word": b"hello\n",
    "no interactions": b"version: 1\n",
    "no request": b"version: 1\ninteractions: [{response: {}}]\n",
    "no status": b"interactions:\n- request: {method: GET, uri: a, body: '', headers: {}}\n  response: {headers: {}}\n",
    "no headers": b"interactions:\n- request: {method: GET, uri: a, body: '', headers: {}}\n"
    b"  response: {status: {code: 200}, body: {string: ''}}\n",
    "no response": b"interactions:\n- request: {method: GET, uri: a, body: '', headers: {}}\n  response:\n",
}


@pytest.mark.parametrize("mode", [RecordMode.NONE, RecordMode.ONCE, RecordMode.ALL])
@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_no_cassette_is_named_and_kept(tmp_path: Path, content: bytes, mode: RecordMode) -> None:
    path = tmp_path / "call.yaml"
    path.write_bytes(content)
    with pytest.raises(BadCassette, match=r"call\.yaml is no cassette: .+: restore it"):
        load(path, mode)
    assert path.read_bytes() == content


def test_a_missing_cassette_says_what_makes_it(tmp_path: Path) -> None:
    with pytest.raises(BadCassette, match="kimi-conformance record"):
        load(tmp_path / "call.yaml")


def test_a_missing_cassette_is_empty_while_recording_and_nothing_is_written_for_nothing(tmp_path: Path) -> None:
    cassette = load(tmp_path / "call.yaml", RecordMode.ONCE)
    save(cassette)
    assert len(cassette) == 0
    assert names(tmp_path) == ()


def test_cassettes_are_named_by_area_and_call(tmp_path: Path) -> None:
    for name in ("tools/kimi-k3-auto", "chat/kimi-k2.6-hello"):
        recorded(path_of(name, tmp_path), saying(OK))
    assert names(tmp_path) == ("chat/kimi-k2.6-hello", "tools/kimi-k3-auto")


def test_an_answer_without_provenance_is_no_evidence(tmp_path: Path) -> None:
    path = tmp_path / "call.yaml"
    recorded(path, saying(OK))
    head, found, _ = path.read_text(encoding="utf-8").partition("    provenance:")
    assert found
    path.write_text(head, encoding="utf-8")
    with pytest.raises(BadCassette, match="no `provenance`"):
        provenances(path)


def test_an_origin_that_nobody_knows_is_no_provenance(tmp_path: Path) -> None:
    path = tmp_path / "call.yaml"
    recorded(path, saying(OK))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("origin: modelled", "origin: dreamt"), encoding="utf-8")
    with pytest.raises(BadCassette, match="origin"):
        provenances(path)
