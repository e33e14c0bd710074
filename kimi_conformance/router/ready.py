"""Waiting until a started router can be asked, and the ports it listens on."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kimi_conformance.router.child import Child
    from kimi_conformance.router.driver import Dial

FIRST_PAUSE_S = 0.01
LONGEST_PAUSE_S = 0.1
PROBE_S = 5.0
"""For one try: a router that accepts and does not answer is asked again after this."""
ACCEPT_S = 1.0
REFUSED = "connection refused"
NEITHER = "the connection was neither accepted nor refused"
STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})\b")  # RFC 9112, 4

_given: set[int] = set()


class NeverReady(Exception):
    """A router that did not become ready: what was tried, what was seen, its exit, the end of its log."""


@dataclass(slots=True)
class _Seen:
    """What the tries saw so far. `last` also holds while a try hangs."""

    tries: int = 0
    last: str = "nothing"


async def wait_ready(
    child: Child,
    *,
    host: str,
    port: int,
    path: str | None,
    status: int,
    timeout_s: float,
    dial: Dial = asyncio.open_connection,
) -> None:
    """Returns once `host:port` accepts or, where `path` is given, once GET `path` answers `status`.

    Raises `NeverReady` after `timeout_s` seconds, or as soon as the process has ended.
    """
    seen = _Seen()
    polling = asyncio.create_task(_poll(host, port, path, status, seen, dial=dial))
    try:
        either: tuple[asyncio.Future[Any], ...] = (polling, child.exited)
        await asyncio.wait(either, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        ready = polling.done() and not child.exited.done()
    finally:
        polling.cancel()
        await asyncio.wait({polling})
    if ready:
        return polling.result()
    where = _authority(host, port)
    tried = f"{where}, until it accepts" if path is None else f"GET http://{where}{path}, until it answers {status}"
    if child.exited.done():
        end = child.exited.result()
        fate = f"the router's process ended before it was ready: {end.says} after {end.after_s:.2f} s"
    else:
        fate = f"the router was not ready within {timeout_s:g} s; its process {child.pid} was still running"
        if host == "127.0.0.1" and seen.last == REFUSED and await accepts("::1", port):
            fate += f"; [::1]:{port} accepts, so it may listen on IPv6 only"
    tail = child.log_tail().replace("\n", "\n    ")
    log = f"the end of its log:\n    {tail}" if tail else "its log is empty"
    raise NeverReady(f"{fate}\n  tried: {tried} (times: {seen.tries})\n  last seen: {seen.last}\n  {log}")


async def free_port() -> int:
    """A loopback port that nobody uses now, another one on every call."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


async def port_in_use_by_other(host: str, port: int) -> bool:
    """Whether somebody has `host:port` already, asked before a router with a fixed port is started."""
    if await accepts(host, port):  # macOS lets one bind beside a listener on all addresses
        return True
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections in TIME_WAIT are no obstacle
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


async def _poll(host: str, port: int, path: str | None, status: int, seen: _Seen, *, dial: Dial) -> None:
    """Tries until one try succeeds, pausing a little longer after each."""
    pause_s = FIRST_PAUSE_S
    while not await _try(host, port, path, status, seen, dial=dial):
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


async def _try(host: str, port: int, path: str | None, status: int, seen: _Seen, *, dial: Dial) -> bool:
    """One try, within `PROBE_S`. Says in `seen` how far it came; one that is cut short leaves what the last one saw."""
    seen.tries += 1
    if seen.tries == 1:
        seen.last = NEITHER
    accepted = False
    try:
        async with asyncio.timeout(PROBE_S):
            reader, writer = await dial(host, port)
            try:
                if _called_itself(writer):
                    seen.last = REFUSED
                    return False
                if path is None:
                    return True
                accepted = True
                seen.last = "accepted but did not answer"
                head = (
                    f"GET {path} HTTP/1.1\r\nHost: {_authority(host, port)}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
                )
                writer.write(head.encode())
                line = await reader.readline()
            finally:
                writer.close()
    except TimeoutError:
        if not accepted:
            seen.last = NEITHER
        return False
    except ConnectionRefusedError:
        seen.last = REFUSED
        return False
    except OSError as error:
        seen.last = error.strerror or str(error)
        return False
    except ValueError as error:  # a line without end
        seen.last = str(error)
        return False
    seen.last = _answer(line)
    return seen.last == f"answered {status}"


def _answer(line: bytes) -> str:
    """What the first line of an answer says."""
    if not line:
        return "accepted, then closed without an answer"
    if match := STATUS_LINE.match(line):
        return f"answered {int(match[1])}"
    return f"answered something that is not HTTP/1.1: {line[:60]!r}"


async def accepts(host: str, port: int, within_s: float = ACCEPT_S, dial: Dial = asyncio.open_connection) -> bool:
    """Whether somebody listens on `host:port`."""
    try:
        async with asyncio.timeout(within_s):
            _, writer = await dial(host, port)
    except OSError:
        return False
    itself = _called_itself(writer)
    writer.close()
    return not itself


def _called_itself(writer: asyncio.StreamWriter) -> bool:
    """Whether a connection leads to itself: a simultaneous open (RFC 9293, 3.5) from the very port it calls.

    Such a one is reset on closing: in TIME_WAIT it would keep the router from its port.
    """
    if writer.get_extra_info("sockname") != writer.get_extra_info("peername"):
        return False
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return True


def _authority(host: str, port: int) -> str:
    """`host:port` as a URL has it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
