"""Catches the calls of hosts that a router has hard-coded, and hands them to the stand-ins: the code stays as it is.

A proxy of ours takes what programs send to proxies; a listener of ours takes TLS from those that are led to it.
"""

from __future__ import annotations

import asyncio
import json
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from kimi_conformance.router.certificates import Certificates

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping

    from kimi_conformance.router.certificates import Hello
    from kimi_conformance.router.outside import Accept
    from kimi_conformance.upstream.server import StandIn

    Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]

LOOPBACK: Final = "127.0.0.1"
HTTPS: Final = 443
HTTP: Final = 80
HOST_FIELD: Final = re.compile(rb"\r\nhost:[ \t]*([^\r\n]*?)[ \t]*\r\n", re.IGNORECASE)
PRELOAD: Final = Path(__file__).with_name("preload.cjs")
LEADING: Final = "KIMI_CONFORMANCE_INTERCEPT"
HEAD_S: Final = 5.0
HANDSHAKE_S: Final = 10.0
ESTABLISHED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
NOBODY: Final = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Interception:
    """The stand-ins for `hosts`, reached as these hosts are. What is for other hosts is refused by `outside`.

    `lost` is told of every host that was called and not caught, and why.
    """

    def __init__(self, hosts: Mapping[str, StandIn], outside: StandIn, lost: Callable[[str, str], None]) -> None:
        self._hosts = hosts
        self._outside = outside
        self._lost = lost
        self._certificates = Certificates(hosts)
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.proxy = 0
        """The port of the proxy, once started."""
        self.direct = 0
        """The port at which every host answers in TLS, once started."""

    async def start(self) -> None:
        """Listen, on loopback."""
        self.proxy = await self._listen(self._proxied)
        self.direct = await self._listen(self._secured)

    async def stop(self) -> None:
        """Stop listening. What the stand-ins have taken over is theirs to end."""
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def environment(self, folder: Path) -> dict[str, str]:
        """What a program's environment needs for its calls to be caught; a file for it is written to `folder`.

        Programs that heed proxies come to ours by HTTPS_PROXY. Node 20 does not: what is loaded before its own code
        leads its sockets here.
        """
        leading = {
            "hosts": {host: stand_in.port for host, stand_in in self._hosts.items()},
            "direct": self.direct,
            "proxy": self.proxy,
        }
        return {
            **self._certificates.trusted(folder),
            "NODE_USE_ENV_PROXY": "1",
            "NODE_OPTIONS": f"--require {json.dumps(str(PRELOAD))}",
            LEADING: json.dumps(leading),
        }

    def doors(self, stand_ins: Iterable[StandIn]) -> dict[int, Accept]:
        """What is to be found at which port of a loopback to which the names of these hosts lead."""
        by_name, by_proxy = partial(self._begin, self._secured), partial(self._begin, self._proxied)
        own: dict[int, Accept] = {stand_in.port: stand_in.adopt for stand_in in stand_ins}
        return own | {HTTPS: by_name, self.direct: by_name, HTTP: by_proxy, self.proxy: by_proxy}

    async def _listen(self, connected: Connected) -> int:
        server = await asyncio.start_server(partial(self._begin, connected), LOOPBACK, 0, backlog=1024)
        self._servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    def _begin(self, connected: Connected, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(connected(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _proxied(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection to the proxy: a tunnel, or a request in absolute form (RFC 9112, 3.2)."""
        try:
            async with asyncio.timeout(HEAD_S):
                head = await reader.readuntil(b"\r\n\r\n")
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.transport.abort()
            return
        method, _, rest = head.partition(b" ")
        target = rest.split(b" ", 1)[0].decode("latin-1")
        tunnel = method == b"CONNECT"
        url = urlsplit(f"//{target}" if tunnel else target)
        named = _host_field(head) if target.startswith("/") else url.hostname
        host = (named or "").lower()
        stand_in = self._hosts.get(host)
        if stand_in is None:
            self._outside.adopt(reader, writer, head)
        elif not stand_in.listens:
            writer.write(NOBODY)
            writer.close()
        elif tunnel:
            writer.write(ESTABLISHED)
            await self._take(self._certificates.hello(host), reader, writer)
        elif target.startswith("/"):  # the name led here, not a proxy's address
            stand_in.adopt(reader, writer, head)
        else:
            origin = (url.path or "/") + (f"?{url.query}" if url.query else "")
            stand_in.adopt(
                reader, writer, head.replace(target.encode("latin-1"), origin.encode("latin-1"), 1), once=True
            )

    async def _secured(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection that begins with TLS: the client names the host."""
        await self._take(self._certificates.hello(), reader, writer)

    async def _take(self, hello: Hello, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Shake hands, then hand it over. Nothing may be awaited before: what was read by then would be lost."""
        try:
            await writer.start_tls(hello.context, ssl_handshake_timeout=HANDSHAKE_S)
        except OSError as error:  # an SSLError is one, and so is a TimeoutError
            self._lost(hello.host, _why(hello.host, error, known=hello.host in self._hosts))
            writer.transport.abort()
            return
        self._hosts[hello.host].adopt(reader, writer)


def _host_field(head: bytes) -> str | None:
    """The host that a request in origin form is for."""
    found = HOST_FIELD.search(head)
    return urlsplit(f"//{found[1].decode('latin-1')}").hostname if found else None


def _why(host: str, error: OSError, *, known: bool) -> str:
    """Why a handshake failed, and how to mend it."""
    if not known:
        return f"{host or 'a host that was not named'} is not intercepted"
    said = getattr(error, "reason", None) or str(error) or type(error).__name__
    return (
        f"the router did not take the suite's certificate for {host} ({said}): make it trust the authorities in "
        "SSL_CERT_FILE, NODE_EXTRA_CA_CERTS, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, which lead to the suite's"
    )
