"""`check --install`, with an npm of our own: what it installs is checked, what fails is told, what hangs is ended."""

from __future__ import annotations

import os
import secrets
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from suites.selftest.command import ODD_ROUTER, left_over, odd_profile, run, start, wait_for

if TYPE_CHECKING:
    from pathlib import Path

A_FEW = ("--only", "router.gate.missing*")
WORKS = f'echo called >> "$TRACE"; cp {ODD_ROUTER} router.py'
FAILS = "echo 'E404 no such package: router@1.0.0' >&2; exit 7"
HANGS = 'sleep 600 & touch "$TRACE"; wait'


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A profile of a router that npm installs."""
    path = odd_profile(tmp_path, "plain", secrets.token_hex(8))
    text = path.read_text("utf-8").replace(str(ODD_ROUTER), '"{tools}/router.py"')
    path.write_text(f'{text}install: {{npm: ["router@1.0.0"]}}\n', "utf-8")
    return path


def surroundings(folder: Path, npm: str) -> dict[str, str]:
    """Variables for a run with this npm, and with a cache folder of its own."""
    tool = folder / "bin" / "npm"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\n{npm}\n", "utf-8")
    tool.chmod(0o755)
    path = f"{tool.parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "XDG_CACHE_HOME": str(folder / "cache"), "TRACE": str(folder / "trace")}


def test_what_is_installed_once_is_checked_from_then_on(profile: Path, tmp_path: Path) -> None:
    env = surroundings(tmp_path, WORKS)
    before = run("check", profile, *A_FEW, cwd=tmp_path, env=env)
    assert before.code == 2
    assert before.err == f"odd is not installed: `kimi-conformance check {profile} --install` does it\n"
    first = run("check", profile, *A_FEW, "--install", cwd=tmp_path, env=env)
    assert (first.code, first.err) == (0, "npm install --no-audit --no-fund --silent router@1.0.0\n")
    again = run("check", profile, *A_FEW, "--install", cwd=tmp_path, env=env)
    assert (again.code, again.err) == (0, "")
    assert (tmp_path / "trace").read_text("utf-8") == "called\n"


def test_an_installation_that_fails_is_told_with_its_words(profile: Path, tmp_path: Path) -> None:
    done = run("check", profile, "--install", cwd=tmp_path, env=surroundings(tmp_path, FAILS))
    assert (done.code, done.out) == (3, "")
    assert "npm install --no-audit --no-fund --silent router@1.0.0 ended with exit code 7:\nE404" in done.err
    assert "Traceback" not in done.err


def test_a_tool_that_is_not_there_is_named(profile: Path, tmp_path: Path) -> None:
    env = surroundings(tmp_path, WORKS) | {"PATH": "/nowhere"}
    done = run("check", profile, "--install", cwd=tmp_path, env=env)
    assert done.code == 3
    assert done.err.splitlines()[-1] == "npm is not installed here"


def test_a_cache_folder_that_cannot_be_made_is_named(profile: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file", "utf-8")
    done = run("check", profile, "--install", cwd=tmp_path, env=surroundings(tmp_path, WORKS))
    assert done.code == 3
    assert done.err.startswith(f"cannot install odd into {tmp_path}/cache/")


@pytest.mark.skipif(sys.platform != "linux", reason="processes are told by /proc")
def test_an_interrupted_installation_leaves_no_process(profile: Path, tmp_path: Path) -> None:
    going = start("check", profile, "--install", cwd=tmp_path, env=surroundings(tmp_path, HANGS))
    wait_for((tmp_path / "trace").exists)
    going.process.send_signal(signal.SIGINT)
    done = going.end()
    assert done.code == 130
    assert done.err.endswith("\ninterrupted\n")
    assert left_over(going.mark, 30) == []
