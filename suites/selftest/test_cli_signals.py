"""Interrupts and kills in the middle of a run: what was played is told, and no process outlives the command."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from suites.selftest.command import (
    COMMAND,
    Going,
    command_line,
    left_over,
    marked,
    odd_profile,
    parent,
    start,
    wait_for,
)
from suites.selftest.odd_router import SOME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are told by /proc")

DEAF_TO_CTRL_C = ("/bin/sh", "-c", 'trap "" INT; exec "$0" "$@"', COMMAND)
"""As a script starts a job in the background."""

HEARS_HANGUP = ("env", "--default-signal=HUP", COMMAND)
"""As a terminal starts it, though these tests themselves be run under nohup, which everything inherits."""


@dataclass(frozen=True, slots=True)
class Blow:
    """What is done to a command that plays, or whose router does not become ready; it ends `within_s`.

    A worker's death does not end it: it plays on, and has as long as a whole run.
    """

    strike: Callable[[Going], None]
    words: tuple[str, ...] = ()
    habit: str = "holds"
    command: tuple[str, ...] = (COMMAND,)
    within_s: float = 10


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of it. `after_s`: from the blow to the end."""

    code: int
    out: str
    err: str
    after_s: float
    results: Mapping[str, Any] | None
    left: list[str]


def to_command(number: int) -> Callable[[Going], None]:
    """A signal for the command's own process."""
    return lambda going: going.process.send_signal(number)


def to_group(number: int) -> Callable[[Going], None]:
    """A signal for all processes of the command's group, as a terminal sends it."""
    return lambda going: os.killpg(going.process.pid, number)


def to_child(number: int) -> Callable[[Going], None]:
    """A signal for the process in which pytest plays the cases."""

    def strike(going: Going) -> None:
        for pid in going.children():
            os.kill(pid, number)

    return strike


def to_worker(number: int) -> Callable[[Going], None]:
    """A signal for the one of xdist's workers whose router holds a request."""

    def strike(going: Going) -> None:
        (router,) = (pid for pid in marked(going.mark) if "odd_router" in command_line(pid) and _holds(pid))
        os.kill(parent(parent(router)), number)  # between them is the supervisor

    return strike


def _holds(router: int) -> bool:
    folder = Path(command_line(router).split()[-1])
    return (folder / "holder").read_text("utf-8") == str(router)


BLOWS = {
    "ctrl-c": Blow(to_command(signal.SIGINT)),
    "ctrl-c-in-a-terminal": Blow(to_group(signal.SIGINT)),
    "ctrl-c-with-workers": Blow(to_command(signal.SIGINT), words=("-n", "2")),
    "ctrl-c-before-ready": Blow(to_command(signal.SIGINT), habit="never-ready"),
    "terminated": Blow(to_command(signal.SIGTERM)),
    "terminal-closed": Blow(to_command(signal.SIGHUP), command=HEARS_HANGUP),
    "child-interrupted": Blow(to_child(signal.SIGINT)),
    "killed": Blow(to_command(signal.SIGKILL)),
    "killed-with-workers": Blow(to_command(signal.SIGKILL), words=("-n", "2")),
    "killed-in-the-background": Blow(to_command(signal.SIGKILL), command=DEAF_TO_CTRL_C),
    "worker-killed": Blow(to_worker(signal.SIGKILL), words=("-n", "2"), habit="holds-once", within_s=60),
    "child-killed": Blow(to_child(signal.SIGKILL)),
    "child-killed-with-workers": Blow(to_child(signal.SIGKILL), words=("-n", "2")),
}

GATE = ("--only", "router.gate.*")
"""What is played: enough to be interrupted, and nothing that takes its time."""

GONE_S = 30
"""So long processes may take to end by themselves: interrupted workers took 6 s where two cores ran eighteen."""

READY_S = 60
"""So long a router may take until it holds a request: three runs are started side by side, beside other tests."""

HELD = {"holds": "holding", "holds-once": "holder"}
"""The file by which a router says that it holds a request."""

INTERRUPTED = {
    "ctrl-c": 130,
    "ctrl-c-in-a-terminal": 130,
    "ctrl-c-with-workers": 130,
    "child-interrupted": 130,
    "terminated": 143,
    "terminal-closed": 129,
}


def _router(mark: str) -> bool:
    """Whether a router of this run has begun."""
    return any("odd_router.py" in command_line(pid) for pid in marked(mark))


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Ended]:
    """Every blow, dealt while a request is being held by the router."""
    folders = {name: tmp_path_factory.mktemp(name) for name in BLOWS}

    def deal(name: str) -> Ended:
        folder, blow = folders[name], BLOWS[name]
        mark = secrets.token_hex(8)
        profile = odd_profile(folder, blow.habit, mark, ready_s=READY_S, answer_s=60)
        words = ("check", profile, *GATE, "--json", "r.json", "--concurrency", "1", *blow.words)
        going = start(*words, cwd=folder, mark=mark, command=blow.command)
        held = folder / HELD.get(blow.habit, "")
        try:
            wait_for(lambda: _router(mark) if blow.habit == "never-ready" else held.exists(), within_s=READY_S)
        except TimeoutError:
            going.process.kill()
            raise
        struck = time.monotonic()
        blow.strike(going)
        done = going.end()
        after_s = time.monotonic() - struck
        found = folder / "r.json"
        results = json.loads(found.read_bytes()) if found.exists() else None
        return Ended(done.code, done.out, done.err, after_s, results, left_over(mark, GONE_S))

    with ThreadPoolExecutor(3) as pool:
        return dict(zip(BLOWS, pool.map(deal, BLOWS), strict=True))


@pytest.mark.parametrize("name", BLOWS)
def test_no_process_outlives_the_command_and_the_end_comes_soon(ended: Mapping[str, Ended], name: str) -> None:
    one = ended[name]
    assert one.left == []
    assert one.after_s < BLOWS[name].within_s
    assert "Traceback" not in one.out + one.err


@pytest.mark.parametrize("name", INTERRUPTED)
def test_an_interrupted_run_reports_what_it_has_played(ended: Mapping[str, Ended], name: str) -> None:
    one = ended[name]
    assert one.code == INTERRUPTED[name]
    assert one.err == "interrupted\n"
    assert one.out.startswith("COULD NOT TELL  odd\n")
    assert one.out.count("interrupted before its verdict was known") == 1
    assert one.results is not None
    assert not one.results["conformant"]
    assert one.results["totals"]["fail"] == 0
    played = one.results["totals"]["pass"] + one.results["totals"]["warn"]
    assert 0 < played <= 2 * SOME  # some cases make several requests, and those come first


def test_an_interrupt_while_the_router_is_started_ends_it_at_once(ended: Mapping[str, Ended]) -> None:
    one = ended["ctrl-c-before-ready"]
    assert (one.code, one.err) == (130, "interrupted\n")
    assert one.results is not None
    assert one.results["totals"]["pass"] == 0
    assert one.after_s < 5


@pytest.mark.parametrize("name", ["child-killed", "child-killed-with-workers"])
def test_when_the_child_is_killed_nothing_is_said_of_the_router(ended: Mapping[str, Ended], name: str) -> None:
    one = ended[name]
    assert (one.code, one.out, one.results) == (3, "", None)
    assert one.err.count("\n") == 1
    assert "was killed by SIGKILL" in one.err


def test_what_a_killed_worker_left_is_played_again_and_judged_whole(ended: Mapping[str, Ended]) -> None:
    one = ended["worker-killed"]
    assert one.code == 0
    assert one.out.startswith("CONFORMANT  odd\n")
    assert one.results is not None
    assert "infra-error" not in {verdict for verdict, count in one.results["totals"].items() if count}


@pytest.mark.parametrize("name", ["killed", "killed-with-workers", "killed-in-the-background"])
def test_a_command_that_is_killed_writes_nothing(ended: Mapping[str, Ended], name: str) -> None:
    one = ended[name]
    assert (one.code, one.out, one.err, one.results) == (-signal.SIGKILL, "", "", None)


def test_an_interrupt_in_the_midst_of_imports_is_one_word(tmp_path: Path) -> None:
    """Ctrl-C comes when `typer` is about to be imported."""
    code = """
import os, signal, sys
class Finder:
    def find_spec(self, name, *_):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from kimi_conformance.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")
