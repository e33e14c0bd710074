"""The name server of a router that has a network of its own: it tells which hosts were looked up that nobody plays."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.router.dns import answer, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PORT: Final = 53
QUESTION_S: Final = 5.0
LENGTH: Final = 2
"""Over TCP a message comes with its length before it (RFC 1035, 4.2.2)."""


class Names(asyncio.DatagramProtocol):
    """Answers questions for names. `hosts` are here; of any other that a program would call `lost` is told."""

    def __init__(self, hosts: Iterable[str], lost: Callable[[str], None]) -> None:
        self._here = frozenset((*(host.lower() for host in hosts), *_own()))
        self._lost = lost
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:
        """The socket is there."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """A question, or anything else, which is not answered."""
        if self._transport and (said := self.answer(data)):
            self._transport.sendto(said, addr)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The questions that come over a connection."""
        try:
            while True:
                async with asyncio.timeout(QUESTION_S):
                    length = int.from_bytes(await reader.readexactly(LENGTH))
                    said = self.answer(await reader.readexactly(length))
                    if said is None:
                        break
                    writer.write(len(said).to_bytes(LENGTH) + said)
                    await writer.drain()
        except (OSError, asyncio.IncompleteReadError):  # TimeoutError is an OSError
            pass
        finally:
            writer.close()

    def answer(self, message: bytes) -> bytes | None:
        """The answer to `message`; None where it is no question."""
        question = read(message)
        if question is None:
            return None
        known = question.name in self._here or question.name.endswith(".localhost")
        if question.for_address and question.name and not known:
            self._lost(question.name)
        return answer(question, known=known)


def _own() -> tuple[str, ...]:
    """The names of this very machine: a program that looks for itself calls nobody."""
    return "localhost", "localhost.localdomain", socket.gethostname().lower()
