"""Starting a router's process: why it cannot, what it is given, how its end is told."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.router.child import Exit, StartError, start
from suites.selftest.processes import (
    BOUND_S,
    DEAF,
    ENV,
    HEARS,
    UP,
    lives,
    python,
    run,
    running,
    said,
    until_exited,
    until_gone,
    until_said,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("code", "says"),
    [
        pytest.param("print('last words')", "exit code 0", id="in-peace"),
        pytest.param("raise SystemExit('last words')", "exit code 1", id="with-a-code"),
        pytest.param(
            "import os; print('last words', flush=True); os.kill(os.getpid(), 11)", "killed by SIGSEGV", id="by-signal"
        ),
    ],
)
def test_an_exit_is_told_with_the_last_words_in_the_log(tmp_path: Path, code: str, says: str) -> None:
    async def story() -> None:
        async with running(tmp_path, *python(code)) as child:
            end = await until_exited(child)
            assert end.says == says
            assert 0 < end.after_s < BOUND_S
            assert child.log_tail() == "last words"
            await until_gone(child.pid)

    run(story())


def test_a_signal_without_a_name_is_told_by_number() -> None:
    assert Exit(0.1, signal=40).says == "killed by signal 40"


@pytest.mark.parametrize(
    ("command", "cwd", "why"),
    [
        pytest.param("no-such-router", "", "could not start no-such-router: not found in PATH=", id="not-found"),
        pytest.param("./gone", "", "could not start ./gone: {cwd}/./gone does not exist", id="no-such-file"),
        pytest.param("./plain", "", "could not start ./plain: {cwd}/./plain is not executable", id="not-executable"),
        pytest.param("./orphan", "", "the interpreter named in the first line of {cwd}/./orphan", id="no-interpreter"),
        pytest.param("orphan", "", "the interpreter named in the first line of {cwd}/orphan", id="no-interpreter-path"),
        pytest.param("./text", "", "./text is neither a program for this machine nor a script", id="no-program"),
        pytest.param("true", "/gone", "its folder {cwd}/gone: No such file or directory", id="no-folder"),
        pytest.param("true", "/plain", "its folder {cwd}/plain: Not a directory", id="folder-is-a-file"),
        pytest.param("tr\0ue", "", "embedded null byte", id="nul"),
    ],
)
def test_a_command_that_cannot_start_says_why(tmp_path: Path, command: str, cwd: str, why: str) -> None:
    for name, text, mode in (("plain", "", 0o644), ("orphan", "#!/no/such/interpreter\n", 0o755), ("text", "?", 0o755)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    env = {"PATH": f"{ENV['PATH']}:{tmp_path}"}

    async def story() -> None:
        with pytest.raises(StartError, match=f"^could not start {re.escape(command)}: [^\n]+$") as caught:
            await start([command, "secret"], cwd=tmp_path / cwd.lstrip("/"), env=env, log=tmp_path / "log")
        assert why.format(cwd=tmp_path) in str(caught.value)
        assert "secret" not in str(caught.value)

    run(story())


def test_a_log_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    async def story() -> None:
        with pytest.raises(StartError, match=r"could not start true: .*No such file"):
            await start(["true"], cwd=tmp_path, env=ENV, log=tmp_path / "gone" / "log")

    run(story())


def test_the_environment_is_the_given_one_and_nothing_else(tmp_path: Path) -> None:
    env = {"PATH": ENV["PATH"], "NAME": "a b=c €", "EMPTY": ""}

    async def story() -> None:
        child = await start(["env"], cwd=tmp_path, env=env, log=tmp_path / "log")
        await until_exited(child)
        await child.stop()
        assert sorted(child.log_tail().splitlines()) == sorted(f"{name}={value}" for name, value in env.items())

    run(story())


def test_router_supervisor_and_suite_lead_separate_sessions(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, *python(HEARS)) as child:
            ((router, supervisor),) = await until_said(child.log, UP)
            assert int(router) == child.pid == os.getsid(child.pid) == os.getpgid(child.pid)
            assert int(supervisor) == os.getsid(int(supervisor)) == os.getpgid(int(supervisor))

    run(story())


def test_a_start_that_is_cancelled_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    supervisors: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def seen(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        supervisors.append(popen(*args, **options))
        return supervisors[-1]

    monkeypatch.setattr(subprocess, "Popen", seen)

    async def story() -> None:
        starting = asyncio.create_task(start(python(DEAF), cwd=tmp_path, env=ENV, log=tmp_path / "log"))
        await asyncio.wait({starting}, timeout=0.001)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert [supervisor.returncode for supervisor in supervisors] == [0]
        assert [pid for pid, _ in said(tmp_path / "log", UP) if lives(int(pid))] == []

    run(story())
