"""The command line as a user has it: a process of its own, its exit code and words, and what it leaves behind."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sysconfig
import time
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

COMMAND: Final = str(Path(sysconfig.get_path("scripts")) / "kimi-conformance")
MARK: Final = "KIMI_CONFORMANCE_TEST_MARK"
ODD_ROUTER: Final = Path(__file__).with_name("odd_router.py")
LONGEST_S: Final = 60.0
STEP_S: Final = 0.02

PROFILE: Final = Template("""\
name: odd
start:
  command: ["{python}", -S, $router, "{port}", $habit, $folder]
  env: {UPSTREAM: "{upstream.kimi}", $name: $mark}
  ready: {timeout_s: $ready_s}
surfaces: {chat: /v1/chat/completions}
upstreams: {kimi: {speaks: kimi}}
routes: {kimi: {upstream: kimi}}
policy: {models: {kimi-k3: kimi}, default: kimi}
limits: {answer_s: $answer_s}
""")


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str
    took_s: float


@dataclass(slots=True)
class Going:
    """A command that runs. Every process that it starts, and all they start, carries `mark` in its environment."""

    process: subprocess.Popen[str]
    mark: str
    began: float = field(default_factory=time.monotonic)

    def end(self, within_s: float = LONGEST_S) -> Done:
        """Wait for its end. Raises `subprocess.TimeoutExpired`, and ends it, where that does not come."""
        try:
            out, err = self.process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return Done(self.process.returncode, out, err, time.monotonic() - self.began)

    def children(self) -> list[int]:
        """Its own children."""
        return [pid for pid in marked(self.mark) if parent(pid) == self.process.pid]


def start(
    *words: str | Path,
    cwd: Path | str,
    mark: str = "",
    env: Mapping[str, str | None] | None = None,
    stdout: int = subprocess.PIPE,
    command: Sequence[str] = (COMMAND,),
) -> Going:
    """Start `kimi-conformance WORDS` in `cwd`, with `env` added to the environment (`None` takes a variable away)."""
    mark = mark or secrets.token_hex(8)
    wanted = {**os.environ, MARK: mark, **(env or {})}
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*command, *map(str, words)],
        cwd=cwd,
        env={name: value for name, value in wanted.items() if value is not None},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    return Going(process, mark)


def run(*words: str | Path, cwd: Path | str, env: Mapping[str, str | None] | None = None) -> Done:
    """Run `kimi-conformance WORDS` to its end."""
    return start(*words, cwd=cwd, env=env).end()


def odd_profile(
    folder: Path, habit: str, mark: str, *, ready_s: float = 20, answer_s: float = 10, router: Path = ODD_ROUTER
) -> Path:
    """A profile in `folder` for a router with one bad habit (of `router`); its processes carry `mark`."""
    text = PROFILE.substitute(
        router=router,
        habit=habit,
        folder=json.dumps(str(folder)),
        name=MARK,
        mark=f'"{mark}"',
        ready_s=f"{ready_s:g}",
        answer_s=f"{answer_s:g}",
    )
    path = folder / "router.yaml"
    path.write_text(text, "utf-8")
    return path


def marked(mark: str) -> list[int]:
    """The processes (zombies left out) that carry `mark`, from /proc."""
    sought = f"{MARK}={mark}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if sought in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:  # it has ended meanwhile, or is not ours
                continue
    return found


def left_over(mark: str, within_s: float = 5.0) -> list[str]:
    """The command lines of the processes that still carry `mark` after `within_s`; none, as soon as there is none."""
    end = time.monotonic() + within_s
    while (pids := marked(mark)) and time.monotonic() < end:
        time.sleep(STEP_S)
    return [f"{pid}: {command_line(pid)}" for pid in pids]


def command_line(pid: int) -> str:
    """The words of a process; empty, where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def wait_for(what: Callable[[], object], within_s: float = 20.0) -> None:
    """Wait until `what` is true. Raises `TimeoutError`."""
    end = time.monotonic() + within_s
    while not what():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(STEP_S)


def parent(pid: int) -> int:
    """The process that started another, or took it in; 0, where that has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[1])
    except OSError:
        return 0
