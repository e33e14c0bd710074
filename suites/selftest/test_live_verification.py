"""reports/verification.json: what is noted of a live run, and what stays."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance import __version__
from kimi_conformance.api.problems import BadVerification
from kimi_conformance.api.trial import Trial
from kimi_conformance.api.verification import noted, read_verification
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.judging import Outcome
from suites.selftest.command import run
from suites.selftest.nights import TODAY, live, plan
from suites.selftest.offline_kimi import at, kimi, started

if TYPE_CHECKING:
    from pathlib import Path

NAME: Final = "api.chat.budget-kept"
OLD: Final = {"held": "2026-01-02", "where": "127.0.0.1:8080", "suite": "0.0.1"}
AT_KIMI: Final = {**OLD, "where": "api.moonshot.ai"}
CASES: Final = [case for case in plan().cases.values() if case.requirement == NAME]


def after(folder: Path, *verdicts: Verdict, before: dict[str, object] | None = None) -> dict[str, object]:
    """What is noted after cases of one requirement came to these verdicts."""
    file = folder / "v.json"
    if before is not None:
        file.write_text(json.dumps(before), "utf-8")
    trials = [Trial(case, Outcome(verdict), ()) for case, verdict in zip(CASES, verdicts, strict=False)]
    found: dict[str, object] = json.loads(noted(file, trials, live(at("http://127.0.0.1:1"), folder)))
    return found


@pytest.mark.parametrize("bad", [Verdict.FAIL, Verdict.WARN])
def test_one_case_that_does_not_hold_keeps_the_entry_of_before(bad: Verdict, tmp_path: Path) -> None:
    assert after(tmp_path, Verdict.PASS, bad, before={NAME: OLD}) == {NAME: OLD}
    assert after(tmp_path, bad, Verdict.PASS, before={NAME: OLD}) == {NAME: OLD}
    assert after(tmp_path, Verdict.PASS, bad, before={}) == {}


def test_what_was_not_seen_changes_nothing(tmp_path: Path) -> None:
    assert after(tmp_path, Verdict.NOT_OBSERVED, before={NAME: OLD}) == {NAME: OLD}


def test_what_holds_is_noted_beside_what_is_there(tmp_path: Path) -> None:
    found = after(tmp_path, Verdict.PASS, Verdict.NOT_OBSERVED, before={"api.models.shape": OLD, NAME: OLD})
    assert found["api.models.shape"] == OLD
    assert found[NAME] == {
        "held": str(TODAY),
        "where": "127.0.0.1:1",
        "model": CASES[0].calls[-1].model,
        "suite": __version__,
    }


def test_what_held_elsewhere_does_not_replace_what_held_at_kimi(tmp_path: Path) -> None:
    assert after(tmp_path, Verdict.PASS, before={NAME: AT_KIMI}) == {NAME: AT_KIMI}


def test_what_holds_at_kimi_replaces_what_held_anywhere(tmp_path: Path) -> None:
    for before in (OLD, AT_KIMI):
        (tmp_path / "v.json").write_text(json.dumps({NAME: before}), "utf-8")
        trial = Trial(CASES[0], Outcome(Verdict.PASS), ())
        found = json.loads(noted(tmp_path / "v.json", [trial], live(at("https://api.moonshot.ai"), tmp_path)))
        assert (found[NAME]["held"], found[NAME]["where"]) == (str(TODAY), "api.moonshot.ai")


def test_the_first_night_makes_the_file(tmp_path: Path) -> None:
    assert set(after(tmp_path, Verdict.PASS)) == {NAME}
    assert read_verification(tmp_path / "none.json") == {}


def test_the_last_request_is_named_where_a_case_took_several(tmp_path: Path) -> None:
    with started(kimi(TODAY)) as server:
        see = live(at(server.url), tmp_path)
        call = CASES[0].calls[-1]
        seen = [(replace(call, name=name), see(replace(call, name=name), 0)) for name in ("chat/one", "chat/two")]
    trial = Trial(replace(CASES[0], calls=(seen[1][0],)), Outcome(Verdict.PASS), tuple(seen))
    entry = json.loads(noted(tmp_path / "v.json", [trial], see))[NAME]
    last = see.seen["chat/two", 0].sight.header("msh-request-id")
    assert entry["request_id"] == last
    assert last != see.seen["chat/one", 0].sight.header("msh-request-id")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{", "Invalid JSON", id="half a file"),
        pytest.param("[]", "should be an object", id="a list"),
        pytest.param('{"api.x.y": {"held": "soon", "where": "a", "suite": "1"}}', "/api.x.y/held", id="no date"),
        pytest.param('{"api.x.y": {"held": "2026-01-01", "suite": "1"}}', "/api.x.y/where", id="a member missing"),
    ],
)
def test_a_damaged_file_is_named_with_the_place(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "v.json"
    file.write_text(text, "utf-8")
    with pytest.raises(BadVerification, match=r"v\.json is no verification\.json") as refused:
        read_verification(file)
    assert said in str(refused.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadVerification, match="cannot be read"):
        read_verification(tmp_path)


@pytest.mark.parametrize("words", [("verify", "--mode", "live"), ("plan",)])
def test_with_a_damaged_file_nothing_is_sent(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "v.json").write_bytes(b"\xff{")
    with started(kimi(TODAY)) as server:
        done = run(*words, "--verification", "v.json", cwd=tmp_path, env=at(server.url))
    assert done.code == 2
    assert server.requests == []
    assert "v.json cannot be read" in done.err
    assert done.err.count("\n") == 1
