"""`verify` and `record` say what is wrong with their options, before anything is sent."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

import pytest
import typer
from typer.testing import CliRunner

from kimi_conformance.cli.verify import record, verify
from kimi_conformance.reporting.write import CannotWrite
from suites.selftest.command import run

if TYPE_CHECKING:
    from pathlib import Path


APP: Final = typer.Typer(rich_markup_mode=None)
APP.command("verify")(verify)
APP.command("record")(record)


def called(*words: str) -> tuple[int, str, str]:
    """Exit code, standard output and error, of the command in this process: it never comes to a run."""
    done = CliRunner().invoke(APP, words)
    return done.exit_code, done.stdout, " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--mode", "lives"), "'lives' is no mode: it is replay or live", id="unknown mode"),
        pytest.param(("--base-url", "http://a"), "--base-url: it goes with --mode live", id="base URL in replay"),
        pytest.param(("--verification", "v.json"), "--verification: it goes with --mode live", id="notes in replay"),
        pytest.param(("--smoke",), "--smoke: it goes with --mode live", id="smoke in replay"),
        pytest.param(("--cap", "3"), "--cap: it goes with --mode live", id="a cap in replay"),
        pytest.param(("--rpm", "3"), "--rpm: it goes with --mode live", id="a pace in replay"),
        pytest.param(("--mode", "live", "-n", "2"), "a live run asks one question at a time", id="workers in live"),
        pytest.param(("--mode", "live", "--shard", "1/2"), "--shard: a live run asks one question", id="a live shard"),
        pytest.param(("--mode", "live", "--cap", "0"), "--cap", id="no calls at all"),
        pytest.param(("--only", "api.limits.quota"), "did you mean 'api.limits.quota-429", id="a name that is near"),
        pytest.param(("--only", "zzz"), "`kimi-conformance verify --list` lists them all", id="a name that is not"),
        pytest.param(("--shard", "3/2"), "3/2", id="no shard"),
        pytest.param(("--only", "api.batches.shape", "--shard", "2/2"), "part 2 of 2 is empty", id="an empty shard"),
        pytest.param(("--date", "soon"), "'soon' is no date", id="no date"),
    ],
)
def test_a_mistake_in_the_options_is_named(words: tuple[str, ...], said: str) -> None:
    code, out, error = called("verify", *words)
    assert code == 2
    assert said in error
    assert out == ""


def test_the_list_names_requirements_and_cases_and_sends_nothing() -> None:
    words = ("verify", "--mode", "live", "--list", "--only", "api.limits.*")
    code, out, error = called(*words)
    assert (code, error) == (0, "")
    assert "api.limits.quota-429" in out
    assert "limits.quota-drained" in out
    assert "limits.quota-suspended" not in out


def test_the_list_of_a_replay_has_what_is_past() -> None:
    code, out, _ = called("verify", "--list", "--only", "api.limits.*")
    assert code == 0
    assert "limits.quota-suspended" in out


def test_the_list_of_a_smoke_test_is_short() -> None:
    _, out, _ = called("verify", "--mode", "live", "--smoke", "--list")
    cases = set(re.findall(r"@call=(\S+)", out))
    assert cases <= {"hosts.models-ai", "hosts.models-ai-no-key", "chat.kimi-k3-hello"}
    assert cases


def test_two_shards_are_the_whole() -> None:
    listed = [
        called("verify", "--list", "--only", "api.models.*", *words)[1]
        for words in ((), ("--shard", "1/2"), ("--shard", "2/2"))
    ]
    whole, *parts = [set(re.findall(r"api\.models\.\S+@\S+", text)) for text in listed]
    assert parts[0] | parts[1] == whole != set()
    assert not parts[0] & parts[1]


def test_a_shelf_that_cannot_be_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "shelf").write_text("a file", "utf-8")
    with pytest.raises(CannotWrite, match="--shelf"):
        CliRunner().invoke(APP, ["record", "--shelf", str(tmp_path / "shelf")], catch_exceptions=False)


@pytest.mark.parametrize(
    "words", [("--only", "api.chat.*"), ("--list",), ("--base-url", "http://a"), ("--cap", "3"), ("--json", "-")]
)
def test_what_belongs_to_a_live_run_is_refused_beside_a_har(words: tuple[str, ...], tmp_path: Path) -> None:
    code, _, error = called("record", "--from-har", "traffic.har", "--shelf", str(tmp_path / "shelf"), *words)
    assert code == 2
    assert f"{words[0]}: it goes with a live run, not with --from-har" in error
    assert not (tmp_path / "shelf").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_gaps_that_cannot_be_written_are_told_in_one_line(tmp_path: Path) -> None:
    done = run("verify", "--only", "api.balance.*", "--gaps", "/dev/full", cwd=tmp_path)
    assert (done.code, done.err) == (2, "--gaps: /dev/full cannot be written: No space left on device\n")
    assert "2 requirements" in done.out
