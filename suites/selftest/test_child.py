"""A router's process, its descendants and its log: nothing is left over and nobody hangs."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.router import child as child_module
from kimi_conformance.router.child import Child, Exit, StartError, read_log, start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="adopting orphans is Linux's")
BOUND_S = 5.0
ENV = {"PATH": os.environ["PATH"]}

OBEYS = "import signal; print('up', flush=True); signal.pause()"
HEARS = """
import os, signal
def say(*words): os.write(1, " ".join(map(str, words)).encode() + b"\\n")
def heard(number, frame):
    say("heard", number)
    if number == signal.SIGTERM: os._exit(0)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, heard)
say("up", os.getpid(), os.getppid())
while True: signal.pause()
"""
DEAF = HEARS.replace("if number == signal.SIGTERM: os._exit(0)", "")
UP = r"up (\d+) (\d+)\n"
FAMILY = """
import os, signal
for leave in (False, {leave}):
    if not os.fork():
        if leave:
            os.setsid()
            if os.fork(): os._exit(0)
            if {deaf}: signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("born", os.getpid(), flush=True)
        signal.pause()
{then}
"""
SUITE = """
import asyncio, os, pathlib, signal, sys
from kimi_conformance.router.child import start
async def begin():
    router = [sys.executable, "-I", "-S", "-c", sys.argv[2]]
    return await start(router, cwd=pathlib.Path("/"), env={}, log=pathlib.Path(sys.argv[1]))
async def main(body):
    child = await begin()
    try:
        await body()
    finally:
        await child.stop()
"""
WAITS = "asyncio.run(main(asyncio.Event().wait))"
FORKS = """
async def body(): os.fork(), signal.pause()
asyncio.run(main(body))
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 12))


@asynccontextmanager
async def running(tmp_path: Path, *command: str) -> AsyncIterator[Child]:
    child = await start(command, cwd=tmp_path, env=ENV, log=tmp_path / "log")
    try:
        yield child
    finally:
        await child.stop()


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(BOUND_S):
        while not happened():  # noqa: ASYNC110 (what another process does raises no event here)
            await asyncio.sleep(0.01)


async def until_said(log: Path, pattern: str, times: int = 1) -> list[Any]:
    """The matches of `pattern` in the log, once there are `times` of them."""
    await until(lambda: len(said(log, pattern)) >= times)
    return said(log, pattern)


def said(log: Path, pattern: str) -> list[Any]:
    return re.findall(pattern, read_log(log).decode(errors="replace"))


async def until_exited(child: Child) -> Exit:
    return await asyncio.wait_for(asyncio.shield(child.exited), BOUND_S)


def lives(pid: int) -> bool:
    """Whether a process runs. One that only waits to be reaped by init, which may take its time, does not."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat").read_text()
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # ended just now, or macOS
        return not Path("/proc").exists()
    return stat.rpartition(")")[2].split()[0] != "Z"


async def until_gone(*pids: int) -> None:
    await until(lambda: not any(lives(pid) for pid in pids))


def size(folder: Path) -> int:
    """The bytes of the files in `folder`, which may vanish meanwhile."""
    total = 0
    for file in folder.iterdir():
        with suppress(FileNotFoundError):
            total += file.stat().st_size
    return total


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


def test_stop_asks_once_and_lets_the_router_finish(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, *python(HEARS)) as child:
            await until_said(child.log, UP)
            await child.stop()
            assert child.exited.result().says == "exit code 0"
            assert child.log_tail().splitlines()[1:] == ["heard 15"]

    run(story())


@pytest.mark.parametrize(
    ("leave", "deaf"),
    [
        pytest.param(False, False, id="in-group"),
        pytest.param(True, False, id="one-daemonised", marks=linux_only),
        pytest.param(True, True, id="the-daemonised-one-ignores-sigterm", marks=linux_only),
    ],
)
def test_stop_ends_every_descendant(tmp_path: Path, *, leave: bool, deaf: bool) -> None:
    code = FAMILY.format(leave=leave, deaf=deaf, then="signal.pause()")

    async def story() -> None:
        async with running(tmp_path, *python(code)) as child:
            pids = [int(pid) for pid in await until_said(child.log, r"born (\d+)\n", times=2)]
            began = time.monotonic()
            await child.stop()
            assert time.monotonic() - began < (BOUND_S if deaf else 1.0)
            assert [pid for pid in (child.pid, *pids) if lives(pid)] == []
            assert child.exited.result().says == "killed by SIGTERM"

    run(story())


@pytest.mark.parametrize("leave", [False, pytest.param(True, marks=linux_only)], ids=["in-group", "one-daemonised"])
def test_descendants_end_with_the_router(tmp_path: Path, *, leave: bool) -> None:
    code = FAMILY.format(leave=leave, deaf=False, then="signal.sigtimedwait([], 0.2); os._exit(0)")

    async def story() -> None:
        async with running(tmp_path, *python(code)) as child:
            pids = [int(pid) for pid in await until_said(child.log, r"born (\d+)\n", times=2)]
            assert (await until_exited(child)).says == "exit code 0"
            await until_gone(child.pid, *pids)

    run(story())


def test_stop_may_be_called_any_number_of_times(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, *python(OBEYS)) as child:
            await asyncio.gather(child.stop(), child.stop())
            assert not lives(child.pid)
            await child.stop()

    run(story())


def test_stopping_one_router_leaves_the_other(tmp_path: Path) -> None:
    async def story() -> None:
        first, second = await asyncio.gather(
            start(python(OBEYS), cwd=tmp_path, env=ENV, log=tmp_path / "first"),
            start(python(OBEYS), cwd=tmp_path, env=ENV, log=tmp_path / "second"),
        )
        await until_said(second.log, "up")
        await first.stop()
        assert not lives(first.pid)
        assert lives(second.pid)
        assert not second.exited.done()
        await second.stop()

    run(story())


def test_a_router_whose_supervisor_is_killed_is_killed_too(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, *python(DEAF)) as child:
            ((_, supervisor),) = await until_said(child.log, UP)
            os.kill(int(supervisor), signal.SIGKILL)
            assert (await until_exited(child)).says == "killed by SIGKILL"
            await until_gone(child.pid)

    run(story())


def test_a_supervisor_that_stands_still_is_killed_with_its_router(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "STOP_S", 0.1)

    async def story() -> None:
        async with running(tmp_path, *python(HEARS)) as child:
            ((_, supervisor),) = await until_said(child.log, UP)
            os.kill(int(supervisor), signal.SIGSTOP)
            await asyncio.wait_for(child.stop(), 1)
            await until_gone(child.pid, int(supervisor))

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


def test_a_flood_of_1_gb_is_kept_within_bounds_and_told(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, "head", "-c", "1000000000", "/dev/zero") as child:
            most = 0
            while not child.exited.done():
                await asyncio.wait({child.exited}, timeout=0.05)
                most = max(most, size(tmp_path))
                assert len(child.log_tail()) < 1000
            assert child.exited.result().says == "exit code 0"
            assert most < 3_000_000
            await child.stop()
            kept = read_log(child.log)
            (left_out,) = re.findall(rb"\n\[\.\.\. (\d+) bytes left out \.\.\.\]\n", kept)
            assert int(left_out) + kept.count(b"\0") == 1_000_000_000
            assert kept.index(b"[") >= 256 * 1024

    run(story())
    assert list(tmp_path.iterdir()) == [tmp_path / "log"]


def test_an_endless_flood_is_stopped(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, "yes") as child:
            await until_said(child.log, "y", times=1000)
            began = time.monotonic()
            await child.stop()
            assert time.monotonic() - began < BOUND_S
            assert not lives(child.pid)

    run(story())


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")  # noqa: PTH110 (a device, not a path)
def test_a_full_disk_does_not_stop_the_router(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to("/dev/full")

    async def story() -> None:
        async with running(tmp_path, *python("print('x' * 200_000)")) as child:
            assert (await until_exited(child)).says == "exit code 0"

    run(story())


def test_the_log_is_begun_anew(tmp_path: Path) -> None:
    for name in ("log", "log.300000"):
        (tmp_path / name).write_text("old")

    async def story() -> None:
        async with running(tmp_path, "echo", "new") as child:
            await until_exited(child)
            assert read_log(child.log) == b"new\n"

    run(story())


def test_a_dropped_segment_is_told_as_left_out(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for name, text in (("log", "head"), ("log.10", "tail"), ("log.14", "end"), ("log.old", "not ours")):
        (tmp_path / name).write_text(text)
    assert read_log(log) == b"head\n[... 6 bytes left out ...]\ntailend"


def test_the_tail_of_a_log_is_fit_for_a_terminal(tmp_path: Path) -> None:
    text = "old\n" * 30 + "\x1b[31mred\x1b[0m\tand\0more\x1b]0;title\x07\n" + "long" * 1000 + "\n" + "bad \\xff €"
    code = f"import sys; sys.stdout.buffer.write({text!r}.encode().replace(b'\\\\xff', b'\\xff'))"

    async def story() -> None:
        async with running(tmp_path, *python(code)) as child:
            await until_exited(child)
            mark = "\N{REPLACEMENT CHARACTER}"
            old, red, long, bad = child.log_tail(4).splitlines()
            assert old == "old"
            assert red == f"red\tand{mark}more{mark}]0;title{mark}"
            assert long == "long" * 75 + "…"
            assert bad == f"bad {mark} €"
            assert len(child.log_tail().splitlines()) == 20

    run(story())


@contextmanager
def a_suite(log: Path, router: str, last: str) -> Iterator[subprocess.Popen[bytes]]:
    """A suite in a process and a group of its own, with `last` as its last line."""
    command = [sys.executable, "-c", SUITE + last, str(log), router]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:  # noqa: S603 (our own code)
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("router", "last"),
    [
        pytest.param(HEARS, WAITS, id="router-obeys"),
        pytest.param(DEAF, WAITS, id="router-ignores-sigterm"),
        pytest.param(HEARS, FORKS, id="a-fork-holds-the-pipe"),
    ],
)
def test_a_suite_killed_with_sigkill_leaves_no_router(tmp_path: Path, router: str, last: str) -> None:
    async def story() -> None:
        with a_suite(tmp_path / "log", router, last) as process:
            ((pid, _),) = await until_said(tmp_path / "log", UP)
            process.kill()
            await until_gone(int(pid))

    run(story())


def test_ctrl_c_reaches_the_suite_alone_which_ends_the_router(tmp_path: Path) -> None:
    async def story() -> None:
        with a_suite(tmp_path / "log", HEARS, WAITS) as process:
            ((pid, supervisor),) = await until_said(tmp_path / "log", UP)
            os.killpg(process.pid, signal.SIGINT)
            assert await asyncio.to_thread(process.wait, BOUND_S) == -signal.SIGINT
            assert (lives(int(pid)), lives(int(supervisor))) == (False, False)
            assert said(tmp_path / "log", r"heard (\d+)") == ["15"]

    run(story())


def test_a_loop_that_ends_without_stop_leaves_no_router(tmp_path: Path) -> None:
    last = "kept = asyncio.run(begin()); print(kept.pid, flush=True); signal.pause()"

    async def story() -> None:
        with a_suite(tmp_path / "log", OBEYS, last) as process:
            assert process.stdout is not None
            pid = int(await asyncio.to_thread(process.stdout.readline))
            await until_gone(pid)
            assert process.poll() is None

    run(story())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_supervisor_that_is_asked_to_end_ends_the_router(tmp_path: Path, number: signal.Signals) -> None:
    async def story() -> None:
        async with running(tmp_path, *python(HEARS)) as child:
            ((_, supervisor),) = await until_said(child.log, UP)
            os.kill(int(supervisor), number)
            assert (await until_exited(child)).says == "exit code 0"
            assert child.log_tail().splitlines()[1:] == ["heard 15"]

    run(story())
