"""`record --from-har`: somebody's own traffic becomes cassettes, without keys, and only what passes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kimi_conformance.cassette.shelf import load, names, path_of, provenances
from suites.selftest.command import run
from suites.selftest.traffic_files import ANSWER, entry, har

if TYPE_CHECKING:
    from pathlib import Path

    from suites.selftest.command import Done

KEY = "sk-somebodys-own-key-0123456789"


def recorded(folder: Path, *entries: dict[str, Any]) -> Done:
    (folder / "Traffic 1.har").write_text(har(*entries), "utf-8")
    return run("record", "--from-har", "Traffic 1.har", "--shelf", folder / "shelf", cwd=folder)


def with_key(found: dict[str, Any]) -> dict[str, Any]:
    found["request"]["headers"].append({"name": "Authorization", "value": f"Bearer {KEY}"})
    return found


def test_what_passes_goes_on_tape_under_kimis_own_host_and_with_its_key_by_name(tmp_path: Path) -> None:
    done = recorded(tmp_path, with_key(entry(json.dumps(ANSWER))))
    assert done.code == 0
    assert names(tmp_path / "shelf") == ("own/har-traffic-1-har-0001-chat",)
    path = path_of("own/har-traffic-1-har-0001-chat", tmp_path / "shelf")
    (asked,) = load(path).requests
    assert (asked.method, asked.uri) == ("POST", "https://api.moonshot.ai/v1/chat/completions")
    assert asked.headers["authorization"] == "Bearer <key platform-ai>"
    (provenance,) = provenances(path)
    assert (provenance.origin, str(provenance.recorded_at)) == ("observed", "2026-09-02")
    assert KEY not in path.read_text("utf-8")


def test_what_does_not_pass_is_left_out_with_the_reason(tmp_path: Path) -> None:
    wrong = {**ANSWER, "usage": {**ANSWER["usage"], "total_tokens": 5}}
    elsewhere = entry(json.dumps(ANSWER), url="https://router.test/v1/chat/completions")
    done = recorded(tmp_path, entry(json.dumps(ANSWER)), entry(json.dumps(wrong)), elsewhere)
    assert done.code == 0
    assert len(names(tmp_path / "shelf")) == 1
    assert "left out 1: does not pass: api.usage.total-is-sum" in done.err
    assert "left out 1: another host than Kimi's" in done.err


def test_an_answer_with_the_key_in_it_is_never_written(tmp_path: Path) -> None:
    choice = {**ANSWER["choices"][0], "message": {**ANSWER["choices"][0]["message"], "content": f"Your key is {KEY}."}}
    done = recorded(tmp_path, with_key(entry(json.dumps({**ANSWER, "choices": [choice]}))))
    assert done.code == 2
    assert names(tmp_path / "shelf") == ()
    assert "a key stands in the answer" in done.err


def test_a_file_that_is_no_traffic_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.har").write_text("no HAR at all", "utf-8")
    done = run("record", "--from-har", "notes.har", "--shelf", tmp_path / "shelf", cwd=tmp_path)
    assert (done.code, done.err.count("\n")) == (2, 1)
