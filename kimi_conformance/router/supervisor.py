"""Starts a router's command, keeps its output within bounds, and ends all of its processes when the suite is gone.

Run by path, as `python -I -S supervisor.py`: it imports nothing of ours, so it starts in milliseconds. `child` is its
other end. Their pipes say all there is to say:

- stdin: one JSON line `{"command": […], "cwd": …, "env": {…}, "log": …, "suite": pid}`. After it nothing is sent: the
  end of this pipe, which the kernel brings about however the suite dies, is the order to end the router.
- stdout: JSON lines: `{"started": pid}` or `{"failed": why}`; then `{"exited": code, "after_s": …}`, where a negative
  code is the number of the signal that killed it.

Both it and the router lead sessions of their own: Ctrl-C in the terminal reaches the suite alone, which then closes.
The log is the file `log` with the first part, and `log.OFFSET` with the latest: see `Log`.
"""

# pathlib is left out for its import time.
# ruff: noqa: PTH108, PTH110, PTH118, PTH123, PTH208
from __future__ import annotations

import errno
import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress

HEAD_BYTES = 256 * 1024
SEGMENT_BYTES = 1024 * 1024
KEPT_SEGMENTS = 2
READ_BYTES = 64 * 1024
GRACE_S = 1.5
"""From SIGTERM to SIGKILL."""
LIMIT_S = 4.0
"""From SIGTERM to giving up on what even SIGKILL does not end."""
PARENT_CHECK_S = 0.5
ENDING = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


class Log:
    """The first bytes in `path`, the latest in `path.OFFSET`: each file's name says where in the output it starts.

    Only the last two of the latter are kept, so a reader finds the gap from names and sizes, at any time.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.seen = 0
        self.turn_at = HEAD_BYTES
        self.file = os.open(path, WRITE, 0o600)
        self.segments: list[str] = []

    def keep(self, data: bytes) -> None:
        """Writes `data`. What a full disk refuses is left out: the router must not stand still for its log."""
        with suppress(OSError):
            if self.seen >= self.turn_at:
                self.turn()
            os.write(self.file, data)
        self.seen += len(data)

    def turn(self) -> None:
        """Begins the next segment and drops the one before the last."""
        segment = f"{self.path}.{self.seen}"
        file = os.open(segment, WRITE, 0o600)
        os.close(self.file)
        self.file = file
        self.turn_at = self.seen + SEGMENT_BYTES
        self.segments.append(segment)
        if len(self.segments) > KEPT_SEGMENTS:
            os.unlink(self.segments.pop(0))


class Router:
    """The started command with all its descendants."""

    def __init__(self, pid: int, output: int, log: Log, inbox: int) -> None:
        self.pid = pid
        self.output = output
        self.log = log
        self.inbox = inbox
        self.began = time.monotonic()
        self.exited = False
        self.watched = {output, inbox}
        self.signals: set[int] = set()

    def turn(self, wait_s: float, *more: int) -> list[int]:
        """Waits for something to happen, keeps output, reaps the dead. Returns the descriptors that were readable."""
        readable = select.select([*self.watched, *more], [], [], wait_s)[0]
        if self.output in readable and not self.take():
            self.watched.discard(self.output)
        if self.inbox in readable:
            self.signals.update(os.read(self.inbox, READ_BYTES))
        self.reap()
        return readable

    def take(self) -> bool:
        """Moves what the output pipe holds now into the log. False: the pipe has ended, or holds nothing."""
        try:
            data = os.read(self.output, READ_BYTES)
        except BlockingIOError:
            return False
        self.log.keep(data)
        return bool(data)

    def reap(self) -> None:
        """Takes in every dead child, orphans adopted on Linux among them, and reports the router's own exit."""
        with suppress(ChildProcessError):
            while (dead := os.waitpid(-1, os.WNOHANG))[0]:
                if dead[0] == self.pid:
                    self.exited = True
                    self.drain()  # whoever reads of the exit finds the last words in the log
                    after_s = round(time.monotonic() - self.began, 3)
                    report(exited=os.waitstatus_to_exitcode(dead[1]), after_s=after_s)

    def drain(self) -> None:
        """Keeps what is left in the pipe: bounded, for a descendant may go on writing."""
        for _ in range(64):
            if not self.take():
                return

    def end(self) -> None:
        """Ends every process: SIGTERM, `GRACE_S`, then SIGKILL until none is left or `LIMIT_S` is over."""
        began = time.monotonic()
        self.send(signal.SIGTERM)
        while self.lives() and time.monotonic() - began < GRACE_S:
            self.turn(0.01)
        while self.lives() and time.monotonic() - began < LIMIT_S:
            self.send(signal.SIGKILL)
            self.turn(0.01)
        self.reap()
        self.drain()

    def send(self, number: int) -> None:
        """Sends `number` once to each process of the group, and to each descendant that left the group."""
        left = [pid for pid, group in descendants().items() if group != self.pid]
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def lives(self) -> bool:
        """Whether any process is left. macOS answers EPERM for a group that has only zombies."""
        self.reap()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, 0)
            return True
        return bool(descendants())


def descendants() -> dict[int, int]:
    """Our descendants and their process groups, from /proc; empty where there is none (macOS)."""
    children: dict[int, list[tuple[int, int]]] = {}
    with suppress(FileNotFoundError):
        for name in os.listdir("/proc"):
            if name.isdigit():
                with suppress(FileNotFoundError, ProcessLookupError), open(f"/proc/{name}/stat", "rb") as file:
                    # proc_pid_stat(5): the name in brackets may hold anything; then state, parent, group.
                    _, parent, group = file.read().rpartition(b")")[2].split()[:3]
                    children.setdefault(int(parent), []).append((int(name), int(group)))
    found: dict[int, int] = {}
    parents = [os.getpid()]
    while parents:
        born = children.get(parents.pop(), [])
        found.update(born)
        parents.extend(pid for pid, _ in born)
    return found


def adopt_orphans() -> None:
    """Makes descendants whose parent died ours (Linux), so that a daemonised one is still found. Best effort."""
    if sys.platform == "linux":
        with suppress(ImportError, OSError, AttributeError):
            import ctypes  # noqa: PLC0415 (missing from some Python builds)

            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def report(**what: object) -> None:
    """Writes one line to the suite, which may be gone."""
    with suppress(BrokenPipeError):
        os.write(1, json.dumps(what).encode() + b"\n")


def why(error: OSError | ValueError, name: str, cwd: str, env: dict[str, str]) -> str:
    """What kept the command `name` from starting, in words."""
    if isinstance(error, ValueError):  # a NUL byte, or `=` in the name of a variable
        return str(error)
    if error.filename == cwd:
        return f"its folder {cwd}: {error.strerror}"
    folders = [cwd] if "/" in name else os.get_exec_path(env)
    file = next((file for folder in folders if os.path.exists(file := os.path.join(folder, name))), None)
    if file is None:
        return f"{os.path.join(cwd, name)} does not exist" if "/" in name else f"not found in PATH={':'.join(folders)}"
    if error.errno == errno.ENOENT:
        return f"the interpreter named in the first line of {file} does not exist"
    if error.errno == errno.EACCES:
        return f"{file} is not executable"
    if error.errno == errno.ENOEXEC:
        return f"{file} is neither a program for this machine nor a script that begins with #!"
    return error.strerror or str(error)


def main() -> None:
    """Runs one router from start to end."""
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):  # the suite died while it was speaking
        return
    spec = json.loads(line)
    inbox, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, *ENDING):
        signal.signal(number, lambda *_: None)  # not SIG_IGN, which the router would inherit
    adopt_orphans()
    log = Log(spec["log"])
    try:
        process = subprocess.Popen(  # noqa: S603 (the command is the user's own)
            spec["command"],
            cwd=spec["cwd"],
            env=spec["env"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        report(failed=why(error, spec["command"][0], spec["cwd"], spec["env"]))
        return
    assert process.stdout is not None
    output = process.stdout.fileno()
    os.set_blocking(output, False)
    report(started=process.pid)
    router = Router(process.pid, output, log, inbox)
    # The parent is looked at too: a fork of the suite that outlives it would hold the pipe open.
    while not router.exited and not router.signals & ENDING and os.getppid() == spec["suite"]:
        if 0 in router.turn(PARENT_CHECK_S, 0):
            break
    router.end()


if __name__ == "__main__":
    main()
