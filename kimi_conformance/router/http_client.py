"""Sends one request over a socket of its own and keeps what comes back, byte for byte, with the time of each read.

No connection is used twice. A server may close an idle connection just as the next request is on its way (RFC 9112,
9.3.1): a healthy router would stand accused, and to send the request again could bill it twice.

h11 rather than a client library: nothing is added, decoded, followed or repeated behind our back, the answer is read
while the request is still being written (else a router that answers 413 early and closes looks like one that resets),
and what went wrong is told from what happened instead of from an exception's wording.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

import h11

from kimi_conformance.router.arriving import SENT_TOO_MUCH, Arriving

if TYPE_CHECKING:
    from kimi_conformance.exchange import Exchange, Request
    from kimi_conformance.router.arriving import Clock, OnPiece
    from kimi_conformance.router.driver import Dial

ANSWER_S: Final = 15.0
READ_BYTES: Final = 64 * 1024
HEAD_BYTES: Final = 100 * 1024
TOO_LARGE: Final = 431  # RFC 6585, 5: what h11 hints at for a head without end
SWITCHING: Final = (b"HTTP/1.1 101 ", b"HTTP/1.0 101 ")
OUT_OF_SOCKETS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM})


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads. `path` has the query, and is as it was written: neither encoded nor normalised."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str


def target_of(url: str) -> Target:
    """Takes an absolute http or https URL apart. Raises `ValueError` for any other."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"not an absolute http(s) URL: {url!r}")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, parts.netloc.rpartition("@")[2], path)


def wire_headers(request: Request, authority: str) -> list[tuple[bytes, bytes]]:
    """The headers of `request`, and where they lack them the two that HTTP needs (RFC 9112, 3.2; RFC 9110, 8.6).

    Raises `ValueError` for a character beyond Latin-1.
    """
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
    if request.header("host") is None:
        headers.insert(0, (b"Host", authority.encode("latin-1")))
    framed = request.header("content-length") is not None or request.header("transfer-encoding") is not None
    if not framed and (request.body or request.method in {"POST", "PUT", "PATCH"}):
        headers.append((b"Content-Length", str(len(request.body)).encode()))
    return headers


class HttpClient:
    """HTTP/1.1 over TCP or TLS, without proxies. Certificates are checked unless the host is loopback."""

    def __init__(self, dial: Dial | None = None) -> None:
        """`dial` makes its connections, where they are not this machine's usual ones."""
        self._dial = dial or asyncio.open_connection
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        """The client itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """As `close`."""
        await self.close()

    async def send(
        self,
        request: Request,
        *,
        clock: Clock,
        on_piece: OnPiece | None = None,
        give_up: asyncio.Event | None = None,
        timeout_s: float = ANSWER_S,
    ) -> Exchange:
        """Sends `request`, whose URL is absolute, and returns what came of it.

        Redirects are not followed, bodies not decoded, interim (1xx) responses skipped; a body that is longer than any
        may be is read no further. `give_up` ends it with the error `closed`; cancelling does too, without an exchange.
        Either closes the connection at once.

        Raises what is not the router's doing: `ValueError` for a request that cannot be sent (h11 says why),
        `OSError` where this machine is out of sockets.
        """
        target = target_of(request.url)
        connection, data = _written(request, target)
        arriving = Arriving(request, clock, on_piece)
        work = self._converse(target, data, connection, arriving)
        return await arriving.settle(work, timeout_s=timeout_s, give_up=give_up)

    async def close(self) -> None:
        """Closes every connection. Requests under way end with the error `closed`."""
        for writer in self._open:
            writer.transport.abort()

    async def _converse(
        self, target: Target, data: bytes, connection: h11.Connection, arriving: Arriving
    ) -> str | None:
        """Connects, writes, and reads to the end of the response. Returns the error."""
        try:
            context = tls_context(target.host) if target.scheme == "https" else None
            reader, writer = await self._dial(target.host, target.port, ssl=context)
        except ssl.SSLError as error:
            return f"protocol: TLS: {error}"
        except OSError as error:
            if error.errno in OUT_OF_SOCKETS:
                raise
            return f"refused: {target.authority}: {error.strerror or error}"
        self._open.add(writer)
        try:
            if writer.get_extra_info("sockname") == writer.get_extra_info("peername"):
                # RFC 9293, 3.5: a port that nobody listens on, when it is lent to us as our own, connects to itself.
                return f"refused: {target.authority}: nobody listens there"
            writer.write(data)  # not awaited: the answer may come before all is written
            return await _read(reader, connection, arriving)
        except ssl.SSLError as error:
            return f"protocol: TLS: {error}"
        except OSError as error:
            return f"reset: {error.strerror or error}"
        finally:
            self._open.discard(writer)
            writer.transport.abort()


def _written(request: Request, target: Target) -> tuple[h11.Connection, bytes]:
    """`request` as bytes, and the state in which its answer can be read. Raises `ValueError`."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
    headers = wire_headers(request, target.authority)
    try:
        head = h11.Request(method=request.method, target=target.path, headers=headers)
        events = (head, h11.Data(data=request.body), h11.EndOfMessage())
        return connection, b"".join(connection.send(event) or b"" for event in events)
    except h11.LocalProtocolError as error:
        raise ValueError(f"{request.method} {request.url} cannot be sent: {error}") from error


async def _read(reader: asyncio.StreamReader, connection: h11.Connection, arriving: Arriving) -> str | None:
    """Reads one response. Returns the error; raises `OSError`."""
    while data := await reader.read(READ_BYTES):
        connection.receive_data(data)
        try:
            ended = _take(connection, arriving)
        except h11.RemoteProtocolError as error:
            return f"protocol: {_broken(error, data, arriving)}"
        if arriving.too_much:
            return SENT_TOO_MUCH
        if ended:
            return None
    connection.receive_data(b"")
    try:
        _take(connection, arriving)
    except h11.RemoteProtocolError as error:
        return f"closed: {error}" if arriving.begun else "closed: the connection ended before the response began"
    return None


def _broken(error: h11.RemoteProtocolError, data: bytes, arriving: Arriving) -> str:
    """What was wrong with a response, in words of ours where h11's are for those who know h11."""
    if data.startswith(SWITCHING) and not arriving.begun:
        return "switched protocols (101), which nobody asked for"
    if error.error_status_hint == TOO_LARGE and not arriving.begun:
        return f"sent a head of more than {HEAD_BYTES // 1024} KB"
    return str(error)


def _take(connection: h11.Connection, arriving: Arriving) -> bool:
    """Takes what the latest read brought: its body bytes are one piece, however they were chunked. True: the end."""
    body = bytearray()
    try:
        while (event := connection.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.Response):
                arriving.head(event.status_code, event.headers.raw_items())
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) or event is h11.PAUSED:
                return True
        return False
    finally:
        arriving.piece(bytes(body))


def tls_context(host: str) -> ssl.SSLContext:
    """How to speak TLS with `host`."""
    if not _is_loopback(host):
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loads no CA bundle, which takes 30 ms and more
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _is_loopback(host: str) -> bool:
    """Whether `host` is this machine by its very name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
