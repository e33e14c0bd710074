"""`merge` as a user starts it: shards of real runs come to what the whole run came to; bad files are told."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jsonschema
import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.registry.home import contracts
from kimi_conformance.reporting.write import read_results
from suites.selftest.command import run
from suites.selftest.frame import framed
from suites.selftest.shards import verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from suites.selftest.command import Done

AGENTS: Final = Path(__file__).resolve().parents[1] / "routing" / "examples" / "agents"
DAY: Final = ("--date", "2026-11-26")
COUNTS: Final = (1, 2, 5)
KNOWN: Final = """
known_failing:
  - {case: router.gate.built-in-names-are-names, reason: two of them take the plan route}
  - {case: router.gate.prefix-test-ignores-case, reason: it does by now}
"""
HABIT: Final = """

def decide(question: dict[str, Any], rightly: Any = decide) -> dict[str, str]:
    \"\"\"As above, but for one built-in name of a model, and one that is empty.\"\"\"
    odd = question.get("model") in {"toString", ""}
    return {"route": "plan", "tier": "max"} if odd else rightly(question)
"""
WHAT: Final[Mapping[str, Sequence[str]]] = {
    "check": ("check", "./decide-callable.yaml", *DAY, "--only", "router.gate.*", "--only", "router.models.*"),
    "verify": ("verify", *DAY, "--only", "api.limits.*", "--only", "api.sampling.*"),
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with whole runs and their shards: of a router (a known failure, a stale one, a failure), and of Kimi."""
    folder = tmp_path_factory.mktemp("shards")
    for name in ("decision.py", "decide-callable.yaml"):
        shutil.copy(AGENTS / name, folder)
    with (folder / "decision.py").open("a", encoding="utf-8") as file:
        file.write(HABIT)
    with (folder / "decide-callable.yaml").open("a", encoding="utf-8") as file:
        file.write(KNOWN)
    parts = {
        "check": [f"{index}/{count}" for count in COUNTS for index in range(1, count + 1)],
        "verify": ["1/2", "2/2"],
    }
    runs = [
        (*words, *options, "--json", f"{name}-{label}.json")
        for name, words in WHAT.items()
        for options, label in [((), "whole"), *((("--shard", part), part.replace("/", "-of-")) for part in parts[name])]
    ]
    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(lambda words: run(*words, cwd=folder), runs):
            assert done.code in {0, 1}, done.out + done.err
    return folder


@pytest.fixture
def merge(played: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run `merge WORDS` there."""
    return lambda *words: framed(played, monkeypatch, capsys, "merge", *words)


@pytest.mark.parametrize(("name", "count"), [*(("check", count) for count in COUNTS), ("verify", 2)], ids=str)
def test_shards_of_a_real_run_merge_to_the_whole(
    played: Path, merge: Callable[..., Done], name: str, count: int
) -> None:
    shards = sorted(path.name for path in played.glob(f"{name}-*-of-{count}.json"))
    assert len(shards) == count
    done = merge(*shards, "--json", f"{name}-merged.json", "--junit", f"{name}-merged.xml")
    merged, whole = (read_results(played / f"{name}-{which}.json") for which in ("merged", "whole"))
    assert verdicts(merged) == verdicts(whole)
    assert (merged.totals, merged.conformant, merged.target) == (whole.totals, whole.conformant, whole.target)
    assert done.code == (0 if whole.conformant else 1)
    assert f"merged from {count} shard" in done.out
    schema = json.loads((contracts() / "schemas" / "results.schema.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(json.loads((played / f"{name}-merged.json").read_bytes()))
    assert (played / f"{name}-merged.xml").read_bytes().startswith(b"<?xml")


def test_the_run_has_the_verdicts_that_depend_on_each_other(played: Path) -> None:
    totals = read_results(played / "check-whole.json").totals
    assert all(totals[verdict] for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.KNOWN_FAIL, Verdict.STALE_KNOWN))
    assert not any(read_results(path).totals[Verdict.STALE_KNOWN] for path in played.glob("check-*-of-5.json"))


def test_a_user_merges_from_a_shell_and_is_told_what_a_whole_run_would_have_told(played: Path) -> None:
    done = run("merge", "check-2-of-2.json", "check-1-of-2.json", cwd=played)
    lines = done.out.splitlines()
    assert (done.code, done.err) == (1, "")
    assert lines[0] == lines[-1] == "NOT CONFORMANT  decide-callable"
    assert "STALE router.gate.prefix-test-ignores-case" in done.out
    assert "see more  kimi-conformance check ./decide-callable.yaml --only router.gate.missing-model" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param([], "Missing argument 'RESULTS...'", id="nothing"),
        pytest.param(["gone.json"], "gone.json cannot be read: No such file or directory", id="no file"),
        pytest.param(["."], ". cannot be read: Is a directory", id="a folder"),
        pytest.param(["cut.json"], "cut.json:1: this is no JSON: ", id="truncated"),
        pytest.param(["later.json"], "later.json has schema 2; this version of kimi-conformance reads 1", id="schema"),
        pytest.param(["list.json"], "list.json is no results.json: it is no JSON object with a member", id="a list"),
        pytest.param(["check-whole.json"], "check-whole.json is a whole run, or was merged already", id="whole"),
        pytest.param(["check-1-of-2.json"], "shard 2/2 is missing", id="missing"),
        pytest.param(
            ["check-1-of-2.json", "verify-2-of-2.json"], "are of different commands: check and", id="commands"
        ),
    ],
)
def test_what_makes_no_run_is_one_message_and_exit_code_2(
    played: Path, merge: Callable[..., Done], words: list[str], said: str
) -> None:
    (played / "cut.json").write_bytes((played / "check-1-of-2.json").read_bytes().replace(b"\n", b"")[:-40])
    (played / "later.json").write_text('{"schema": 2}', "utf-8")
    (played / "list.json").write_text("[]", "utf-8")
    done = merge(*words, "--json", "never.json")
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err
    assert not (played / "never.json").exists()
