"""Waiting for a router: it returns as soon as it can, gives up in time, and says what it saw."""

from __future__ import annotations

import asyncio
import functools
import os
import socket
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.router import ready
from kimi_conformance.router.child import Child, start
from kimi_conformance.router.ready import NeverReady, free_port, port_in_use_by_other, wait_ready

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="macOS has no 127.0.0.2")
HOST = "127.0.0.1"
LISTENS = """
import signal, socket, sys
door = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listening", flush=True)
"""


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 10))


@asynccontextmanager
async def running(tmp_path: Path, code: str, *arguments: object) -> AsyncIterator[Child]:
    command = [sys.executable, "-I", "-S", "-c", code, *map(str, arguments)]
    child = await start(command, cwd=tmp_path, env={"PATH": os.environ["PATH"]}, log=tmp_path / "log")
    try:
        yield child
    finally:
        await child.stop()


@asynccontextmanager
async def answering(*answers: bytes | None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that gives each answer once, the last for ever (None: never answers): its port and what it was asked."""
    asked: list[bytes] = []
    left = list(answers)
    over = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        data = left.pop(0) if len(left) > 1 else left[0]
        if data is None:
            await over.wait()
        else:
            writer.write(data)
        writer.close()

    async with await asyncio.start_server(answer, HOST, 0) as server:
        yield server.sockets[0].getsockname()[1], asked
        over.set()


def http(status: int) -> bytes:
    return b"HTTP/1.1 %d Whatever\r\nContent-Length: 2\r\n\r\nok" % status


def test_without_a_path_an_accepting_port_is_ready(tmp_path: Path) -> None:
    async def story() -> None:
        port = await free_port()
        async with running(tmp_path, LISTENS + "signal.pause()", port) as child:
            await wait_ready(child, host=HOST, port=port, path=None, status=200, timeout_s=5)
            _, writer = await asyncio.open_connection(HOST, port)
            writer.close()

    run(story())


def test_with_a_path_the_status_counts(tmp_path: Path) -> None:
    async def story() -> None:
        async with (
            running(tmp_path, "import signal; signal.pause()") as child,
            answering(http(503), http(404), http(204)) as (port, asked),
        ):
            await wait_ready(child, host=HOST, port=port, path="/health?full=1", status=204, timeout_s=5)
            assert len(asked) == 3
            assert asked[0].startswith(b"GET /health?full=1 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % port)

    run(story())


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        pytest.param(http(503), "answered 503", id="other-status"),
        pytest.param(None, "accepted but did not answer", id="never-answers"),
        pytest.param(b"", "accepted, then closed without an answer", id="closes"),
        pytest.param(b"HTTP/1", "answered something that is not HTTP/1.1: b'HTTP/1'", id="half-an-answer"),
        pytest.param(
            b"SSH-2.0-x\r\n", r"answered something that is not HTTP/1.1: b'SSH-2.0-x\r\n'", id="other-protocol"
        ),
        pytest.param(b"x" * 100_000, "Separator is not found, and chunk exceed the limit", id="endless-line"),
    ],
)
def test_a_router_that_is_never_ready_is_given_up_in_time(tmp_path: Path, answer: bytes | None, seen: str) -> None:
    async def story() -> None:
        code = "import signal; [print('line', n) for n in range(30)]; print(end='', flush=True); signal.pause()"
        async with running(tmp_path, code) as child, answering(answer) as (port, _):
            began = time.monotonic()
            with pytest.raises(NeverReady) as caught:
                await wait_ready(child, host=HOST, port=port, path="/health", status=200, timeout_s=0.15)
            assert 0.15 <= time.monotonic() - began < 1
            told = str(caught.value)
            assert f"not ready within 0.15 s; its process {child.pid} was still running\n" in told
            assert f"  tried: GET http://127.0.0.1:{port}/health, until it answers 200 (times: " in told
            assert f"  last seen: {seen}" in told
            assert told.endswith("\n".join(["the end of its log:", *(f"    line {n}" for n in range(10, 30))]))

    run(story())


def test_nobody_listening_is_told_as_refused(tmp_path: Path) -> None:
    async def story() -> None:
        port = await free_port()
        async with running(tmp_path, "import signal; signal.pause()") as child:
            with pytest.raises(NeverReady) as caught:
                await wait_ready(child, host=HOST, port=port, path=None, status=200, timeout_s=0.2)
            told = str(caught.value)
            assert f"tried: 127.0.0.1:{port}, until it accepts (times: " in told
            assert "last seen: connection refused\n  its log is empty" in told
            assert "IPv6" not in told

    run(story())


def test_a_router_that_listens_on_ipv6_alone_is_found_out(tmp_path: Path) -> None:
    taken = socket.socket()
    taken.bind((HOST, 0))  # nobody else may listen at the port on IPv4, nor does this
    port = taken.getsockname()[1]
    try:
        door = socket.create_server(("::1", port), family=socket.AF_INET6)
    except OSError:
        taken.close()
        pytest.skip("no IPv6 here")

    async def story() -> None:
        async with running(tmp_path, "import signal; signal.pause()") as child:
            with pytest.raises(NeverReady, match=rf"\[::1\]:{port} accepts, so it may listen on IPv6 only"):
                await wait_ready(child, host=HOST, port=port, path="/", status=200, timeout_s=0.3)
            await wait_ready(child, host="::1", port=port, path=None, status=200, timeout_s=1)
            with pytest.raises(NeverReady, match=rf"tried: GET http://\[::1\]:{port}/, until"):
                await wait_ready(child, host="::1", port=port, path="/", status=200, timeout_s=0.3)

    with taken, door:
        run(story())


@pytest.mark.parametrize(
    ("code", "end"),
    [
        pytest.param("raise SystemExit('no key')", "exit code 1", id="at-once"),
        pytest.param(LISTENS + "door.accept()[0].recv(1); raise SystemExit('no key')", "exit code 1", id="asked"),
        pytest.param(
            LISTENS + "sys.stderr.write('no key\\n'); kept = door.accept(); import os; os.kill(os.getpid(), 9)",
            "killed by SIGKILL",
            id="killed-while-asked",
        ),
    ],
)
def test_a_router_that_ends_is_noticed_at_once(tmp_path: Path, code: str, end: str) -> None:
    async def story() -> None:
        port = await free_port()
        async with running(tmp_path, code, port) as child:
            began = time.monotonic()
            with pytest.raises(
                NeverReady, match=rf"process ended before it was ready: {end} after [01]\.\d\d s\n"
            ) as caught:
                await wait_ready(child, host=HOST, port=port, path="/", status=200, timeout_s=8)
            assert time.monotonic() - began < 2
            assert str(caught.value).endswith("\n    no key")

    run(story())


def test_a_port_that_accepts_is_not_ready_where_the_process_has_ended(tmp_path: Path) -> None:
    async def story() -> None:
        async with running(tmp_path, "") as child, answering(http(200)) as (port, _):
            await asyncio.wait({child.exited}, timeout=5)
            with pytest.raises(NeverReady, match="exit code 0"):
                await wait_ready(child, host=HOST, port=port, path=None, status=200, timeout_s=1)

    run(story())


def test_an_unanswered_try_is_given_up_and_another_one_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "PROBE_S", 0.05)

    async def story() -> None:
        async with (
            running(tmp_path, "import signal; signal.pause()") as child,
            answering(None, http(200)) as (port, asked),
        ):
            await wait_ready(child, host=HOST, port=port, path="/", status=200, timeout_s=5)
            assert len(asked) == 2

    run(story())


def test_a_connection_to_itself_is_no_listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        port = await free_port()
        itself = functools.partial(asyncio.open_connection, local_addr=(HOST, port))
        monkeypatch.setattr(asyncio, "open_connection", itself)
        async with running(tmp_path, "import signal; signal.pause()") as child:
            with pytest.raises(NeverReady, match="last seen: connection refused"):
                await wait_ready(child, host=HOST, port=port, path=None, status=200, timeout_s=0.1)

    run(story())


def test_free_ports_differ_and_can_be_bound() -> None:
    async def story() -> None:
        ports = [await free_port() for _ in range(20)]
        assert len(set(ports)) == 20
        for port in ports:
            socket.create_server((HOST, port)).close()

    run(story())


def test_a_port_given_once_is_not_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    names = iter([("", 4001), ("", 4001), ("", 4002)])
    monkeypatch.setattr(ready, "_given", set())
    monkeypatch.setattr(socket.socket, "getsockname", lambda _: next(names), raising=False)

    async def story() -> None:
        assert [await free_port(), await free_port()] == [4001, 4002]

    asyncio.run(story())


def bound(address: str) -> socket.socket:
    door = socket.socket()
    door.bind((address, 0))
    return door


@pytest.mark.parametrize(
    ("taken", "in_use"),
    [
        pytest.param(lambda: socket.create_server((HOST, 0)), True, id="listener"),
        pytest.param(lambda: socket.create_server(("", 0)), True, id="listener-on-all-addresses"),
        pytest.param(lambda: bound(HOST), True, id="bound"),
        pytest.param(lambda: bound("127.0.0.2"), False, id="other-address", marks=linux_only),
    ],
)
def test_a_port_in_use_is_seen(taken: Callable[[], socket.socket], *, in_use: bool) -> None:
    with taken() as door:
        port = door.getsockname()[1]
        assert asyncio.run(port_in_use_by_other(HOST, port)) is in_use
    assert not asyncio.run(port_in_use_by_other(HOST, port))


def test_a_port_with_connections_in_time_wait_is_not_in_use() -> None:
    with socket.create_server((HOST, 0)) as door:
        port = door.getsockname()[1]
        with socket.create_connection((HOST, port)) as client:
            door.accept()[0].close()  # the side that closes first keeps TIME_WAIT
            assert client.recv(1) == b""
    assert not asyncio.run(port_in_use_by_other(HOST, port))
