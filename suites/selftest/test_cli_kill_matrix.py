"""`kill-matrix`: what it says and leaves behind, as a developer has it."""

from __future__ import annotations

import json
import shutil
import signal
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.registry.home import data_root
from kimi_conformance.reporting.kill_file import seal
from suites.selftest.command import Done, left_over, run, start, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REPORTS = data_root() / "reports"
FAULT = "models.doubled"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a copy of the committed matrix."""
    (tmp_path / "reports").mkdir()
    for name in ("kill-matrix.json", "kill-matrix.md"):
        shutil.copy(REPORTS / name, tmp_path / "reports")
    return tmp_path


def kill(folder: Path, *words: str) -> Done:
    """The command, with a work folder of its own."""
    return run("kill-matrix", "--work", "work", *words, cwd=folder)


def edit(folder: Path, change: Callable[[dict[str, Any]], Any], *, sealed: bool = True) -> None:
    """Change the copy, and seal it as if it had been written so."""
    path = folder / "reports" / "kill-matrix.json"
    data = json.loads(path.read_bytes())
    change(data)
    if sealed:
        data["sha256"] = seal({name: value for name, value in data.items() if name != "sha256"})
    path.write_text(json.dumps(data), "utf-8")


def test_what_is_committed_is_that_of_today(folder: Path) -> None:
    done = kill(folder, "--check")
    assert (done.code, done.err) == (0, "")
    assert "reports/kill-matrix.json and kill-matrix.md are those of today" in done.out


def test_what_is_stale_is_named_and_nothing_is_written(folder: Path) -> None:
    edit(folder, lambda data: data["router"]["areas"].update(gate="other"))
    before = (folder / "reports" / "kill-matrix.json").read_bytes()
    done = kill(folder, "--check")
    assert done.code == 1
    assert "cases or checks have changed in gate" in done.out
    assert "Mend it: kimi-conformance kill-matrix" in done.err
    assert (folder / "reports" / "kill-matrix.json").read_bytes() == before
    assert not (folder / "work").exists()


def test_a_page_that_was_edited_is_named(folder: Path) -> None:
    page = folder / "reports" / "kill-matrix.md"
    page.write_text(page.read_text("utf-8").replace("# Kill matrix", "# Kill"), "utf-8")
    done = kill(folder, "--check")
    assert done.code == 1
    assert "kill-matrix.md is not what kill-matrix.json renders to" in done.out


@pytest.mark.parametrize("words", [(), ("--check",), ("--list",)])
def test_a_matrix_that_was_edited_is_refused(words: tuple[str, ...], folder: Path) -> None:
    edit(folder, lambda data: data["router"]["faults"][0].update(fail="0"), sealed=False)
    done = kill(folder, *words)
    assert done.code == 2
    assert "was edited by hand" in done.err
    assert "git checkout" in done.err


def test_a_matrix_of_another_schema_is_refused(folder: Path) -> None:
    edit(folder, lambda data: data.update(schema=7))
    done = kill(folder)
    assert done.code == 2
    assert "has schema 7" in done.err


def test_a_fault_that_is_not_there_gets_the_nearest(folder: Path) -> None:
    done = kill(folder, "--only", "models.doubeld")
    assert done.code == 2
    assert "names no fault of a router; did you mean 'models.doubled'?" in done.err


def test_what_would_be_played_is_listed(folder: Path) -> None:
    edit(folder, lambda data: data["router"]["faults"][3].update(digest="other"))
    done = kill(folder, "--list")
    assert done.code == 0
    assert done.out.endswith(": all\n")
    assert done.out.count("\n") == 1


def test_one_fault_is_played_told_and_kept(folder: Path) -> None:
    edit(folder, lambda data: data["router"]["areas"].update(models="other"))
    done = kill(folder, "--only", FAULT)
    assert done.code == 0
    assert f"{FAULT}\n  router.models.shape (named): " in done.out
    assert "nothing is written: " in done.err
    again = kill(folder, "--only", FAULT)
    assert (again.code, again.out) == (0, done.out)
    assert "to play" not in again.err


def test_ctrl_c_keeps_what_was_played(folder: Path) -> None:
    edit(folder, lambda data: data["router"].update(common="other"))
    going = start("kill-matrix", "--work", "work", "-n", "1", "--only", FAULT, cwd=folder)
    wait_for(lambda: (folder / "work" / "playing").exists() and going.children())
    going.process.send_signal(signal.SIGINT)
    done = going.end()
    assert done.code == 130
    assert "0 of 1 are kept in " in done.err
    assert done.err.endswith("the same command goes on from there\ninterrupted\n")
    assert left_over(going.mark, 30) == []
