"""A router with a network of its own (Linux, where it is allowed): what it calls comes to us whatever it calls with.

Sockets belong to the network that they were made in, whoever has them: a process in there makes them for us.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.router.driver import CannotStart
from kimi_conformance.router.names import PORT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kimi_conformance.router.names import Names
    from kimi_conformance.router.outside import Accept

PROGRAM: Final = Path(__file__).with_name("enclosed.py")
ANSWER_S: Final = 10.0
OWN_HOSTS: Final = Path("/etc/hosts")
OWN_SWITCH: Final = Path("/etc/nsswitch.conf")
SWITCH: Final = re.compile(r"^[ \t]*hosts:.*$", re.MULTILINE)
RESOLV: Final = "nameserver 127.0.0.1\nsearch .\noptions ndots:0\n"
"""A name is looked up as it is, and not in the domain of this machine; musl takes `ndots`, glibc the root as domain."""
BACKLOG: Final = 1024


def possible(command: str, cwd: Path, environment: Mapping[str, str]) -> bool:
    """Whether it can be tried: on Linux, for a command that is there (one that is not is told better without)."""
    if not sys.platform.startswith("linux"):
        return False
    return (
        (cwd / command).is_file() if "/" in command else shutil.which(command, path=environment.get("PATH")) is not None
    )


class Namespace:
    """The network of a router. Give the child `command`, then `enter`; `close` after the router has ended."""

    def __init__(self, hosts: Iterable[str]) -> None:
        """`hosts` are the names that lead to loopback in there, before all that this machine has in its own list."""
        self._folder = Path(tempfile.mkdtemp(prefix="kimi-ns-"))  # paths of sockets must be short
        names = " ".join(("localhost", *hosts))
        listed = OWN_HOSTS.read_text("utf-8", "replace") if OWN_HOSTS.is_file() else ""
        (self._folder / "hosts").write_text(f"127.0.0.1 {names}\n::1 localhost\n{listed}", "utf-8")
        (self._folder / "resolv.conf").write_text(RESOLV, "ascii")
        switch = OWN_SWITCH.read_text("utf-8", "replace") if OWN_SWITCH.is_file() else ""
        (self._folder / "nsswitch.conf").write_text(plain_switch(switch), "utf-8")
        self._waiting = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._waiting.bind(str(self._folder / "channel"))
        self._waiting.listen(1)
        self._waiting.settimeout(ANSWER_S)
        self._channel: socket.socket | None = None
        self._asking = threading.Lock()
        self._doors: dict[int, Accept] = {}
        self._servers: dict[int, asyncio.Server] = {}
        self._asked: asyncio.DatagramTransport | None = None
        self._closed = False

    def command(self, command: Sequence[str]) -> list[str]:
        """What starts `command` in this network, or where that is not allowed as it is."""
        here = (str(self._folder / "channel"), str(self._folder))
        return [sys.executable, "-I", "-S", str(PROGRAM), *here, *command]

    async def enter(self) -> bool:
        """Whether the child has entered, once it was started. Raises `CannotStart` where it says nothing."""
        try:
            said = await asyncio.to_thread(self._greeted)
        except OSError as error:
            raise CannotStart(f"the process that gives the router its network said nothing: {error}") from error
        return said == b"entered"

    async def listen(self, doors: Mapping[int, Accept]) -> None:
        """Take connections at these ports in there."""
        self._doors.update(doors)
        for port in doors:
            await self.unlock(port)

    async def lock(self, port: int) -> None:
        """Nobody listens at this port in there, until it is unlocked. Connections that were made are not ended."""
        if server := self._servers.pop(port, None):
            for listening in server.sockets:
                asyncio.get_running_loop().remove_reader(listening.fileno())
            await asyncio.sleep(0)  # asyncio loses connections that were accepted but have no transport when it closes
            server.close()

    async def unlock(self, port: int) -> None:
        """Take connections at this port in there. Raises `OSError`."""
        listening = await self._made(b"%d" % port)
        accept = self._doors[port]
        self._servers[port] = await asyncio.start_server(accept, sock=listening, backlog=BACKLOG)

    async def answer(self, names: Names) -> None:
        """Have questions for names answered in there."""
        asked = await self._made(b"udp %d" % PORT)
        self._asked, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: names, sock=asked)
        await self.listen({PORT: names.converse})

    async def begin(self) -> None:
        """The command begins, with all doors open."""
        assert self._channel is not None
        await asyncio.to_thread(self._channel.send, b"go")

    async def dial(self, host: str, port: int, **more: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to a port in there: as `asyncio.open_connection`."""
        calling = await self._made(b"connect")
        try:
            await asyncio.get_running_loop().sock_connect(calling, (host, port))
        except BaseException:
            calling.close()
            raise
        return await asyncio.open_connection(sock=calling, **more)

    def close(self) -> None:
        """Leave nothing behind."""
        self._closed = True
        for server in self._servers.values():
            server.close()
        if self._asked:
            self._asked.close()
        for each in (self._channel, self._waiting):
            if each:
                each.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _made(self, what: bytes) -> socket.socket:
        """A socket of this network. One that comes when nobody waits for it any more is closed."""
        asking = asyncio.ensure_future(asyncio.to_thread(self._ask, what))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            asking.add_done_callback(_unwanted)
            raise

    def _greeted(self) -> bytes:
        self._channel, _ = self._waiting.accept()
        self._channel.settimeout(ANSWER_S)
        return self._channel.recv(200)

    def _ask(self, what: bytes) -> socket.socket:
        """A socket of this network. Raises `OSError`."""
        if self._channel is None or self._closed:
            raise ConnectionError("the router's network is closed")
        with self._asking:
            self._channel.send(what)
            said, descriptors, _, _ = socket.recv_fds(self._channel, 200, 1)
        if not said:
            raise ConnectionRefusedError("the router's network is gone")
        if not descriptors:
            raise OSError(f"the router's network gives no socket ({said.decode()})")
        made = socket.socket(fileno=descriptors[0])
        made.settimeout(0)
        return made


def plain_switch(listed: str) -> str:
    """An nsswitch.conf as `listed`, in which hosts are looked for in /etc/hosts and then at the name server only.

    Services of this machine that know more names are reached by files, and would look in its own network.
    """
    plain = "hosts: files dns"
    changed, count = SWITCH.subn(plain, listed)
    return changed if count else f"{listed}\n{plain}\n"


def _unwanted(asking: asyncio.Future[socket.socket]) -> None:
    if not asking.cancelled() and asking.exception() is None:
        asking.result().close()
