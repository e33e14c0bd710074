"""Standard streams that are closed, full, or left by their reader: the verdict stays, nothing more is said."""

from __future__ import annotations

import json
import os
import secrets
import sys
from typing import TYPE_CHECKING

import pytest

from suites.selftest.command import COMMAND, Done, odd_profile, run, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FAILS = ("--only", "router.gate.non-string-model-is-refused@*model=model-number")


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """A profile of a router that is not conformant."""
    return odd_profile(tmp_path, "dies-of-numbers", secrets.token_hex(8))


@pytest.fixture
def nobody() -> Iterator[int]:
    """The end of a pipe whose reader has left."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def through_shell(line: str, *words: str | Path, cwd: Path) -> Done:
    """Run the command as a line of the shell: `"$@"` stands for it and its words."""
    return start(*words, cwd=cwd, command=("/bin/sh", "-c", line, "sh", COMMAND)).end()


def test_a_list_may_be_cut_by_its_reader(tmp_path: Path) -> None:
    done = through_shell('{ "$@"; echo "code $?" >&2; } | head -n 1', "check", "--list", cwd=tmp_path)
    assert done.out.startswith("router.gate.claude-takes-plan-route  MUST  ")
    assert done.out.count("\n") == 1
    assert done.err == "code 0\n"


def test_a_verdict_counts_although_nobody_reads_the_summary(failing: Path, nobody: int) -> None:
    done = start("check", failing, *FAILS, cwd=failing.parent, stdout=nobody).end()
    assert (done.code, done.err) == (1, "")


def test_a_verdict_counts_although_nobody_reads_the_results(failing: Path, nobody: int) -> None:
    done = start("check", failing, *FAILS, "--json", "-", cwd=failing.parent, stdout=nobody).end()
    assert done.code == 1
    assert done.err.startswith("NOT CONFORMANT  odd\n")
    assert done.err.endswith("NOT CONFORMANT  odd\n")


@pytest.mark.parametrize("words", [["--version"], ["explain"], ["init", "router.yaml"]], ids=lambda words: words[0])
def test_nobody_needs_to_read_what_a_command_prints(tmp_path: Path, nobody: int, words: list[str]) -> None:
    done = start(*words, cwd=tmp_path, stdout=nobody).end()
    assert (done.code, done.err) == (0, "")


def test_closed_streams_change_no_verdict(failing: Path) -> None:
    done = through_shell('"$@" >&- 2>&- <&-', "check", failing, *FAILS, cwd=failing.parent)
    assert (done.code, done.out, done.err) == (1, "", "")


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
@pytest.mark.parametrize("words", [["check", "--list"], ["--version"]], ids=lambda words: words[0])
def test_a_full_disk_is_told_in_one_line(tmp_path: Path, words: list[str]) -> None:
    done = through_shell('"$@" >/dev/full', *words, cwd=tmp_path)
    assert (done.code, done.err) == (2, "cannot write to standard output: No space left on device\n")


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_report_that_cannot_be_written_in_the_end_is_told_in_one_line_below_what_was_seen(failing: Path) -> None:
    done = run("check", failing, *FAILS, "--junit", "/dev/full", cwd=failing.parent)
    assert done.code == 2
    assert done.out.startswith("NOT CONFORMANT  odd\n")
    assert done.err == "a report cannot be written: [Errno 28] No space left on device\n"


def test_what_the_locale_cannot_write_is_escaped(tmp_path: Path) -> None:
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = run("init", "路由.yaml", cwd=tmp_path, env=env)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("\\")
    assert (tmp_path / "路由.yaml").is_file()


def test_results_on_standard_output_are_json_alone_and_know_the_command(failing: Path) -> None:
    done = run("check", "./router.yaml", *FAILS, "--json", "-", cwd=failing.parent)
    results = json.loads(done.out)
    assert results["command"] == ["kimi-conformance", "check", "./router.yaml", *FAILS, "--json", "-"]
    assert done.err.startswith("NOT CONFORMANT  odd\n")
    assert f"kimi-conformance check ./router.yaml --only {results['requirements'][0]['id']}\n" in done.err


@pytest.mark.parametrize(
    ("words", "taught"),
    [
        ([], ["kimi-conformance check  ", "kimi-conformance init", "kimi-conformance explain"]),
        (["check", "--help"], ["--only", "--shard", "check ./router.yaml --list", "130  interrupted", "3    nothing"]),
        (["explain", "-h"], ["--observe", "explain ./router.yaml --observe"]),
        (["init", "-h"], ["--force", "kimi-conformance init "]),
        (["report", "-h"], ["--allure-html", "report results.json --html", "KIMI_REQUIREMENT_URL", "3    Allure"]),
    ],
    ids=["main", "check", "explain", "init", "report"],
)
def test_help_teaches_by_examples(tmp_path: Path, words: list[str], taught: list[str]) -> None:
    done = run(*words, cwd=tmp_path, env={"COLUMNS": "80"})
    text = done.out + done.err
    assert [phrase for phrase in taught if phrase not in text] == []
    assert max(map(len, text.splitlines())) <= 100
