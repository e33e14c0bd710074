"""The little of ASGI 3 that the router needs: https://asgi.readthedocs.io/en/latest/specs/www.html."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kimi_conformance.reference.call import Answer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class ClientGoneError(Exception):
    """The client left before its request was whole: there is nobody to answer."""


async def read_body(receive: Receive, largest: int) -> bytes | None:
    """The whole body; None for one of more than `largest` bytes, of which no more is kept. Raises `ClientGoneError`."""
    pieces: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        piece = message.get("body", b"")
        size += len(piece)
        if size <= largest:
            pieces.append(piece)
        more = message.get("more_body", False)
    return b"".join(pieces) if size <= largest else None


async def send_answer(send: Send, answer: Answer) -> None:
    """Gives the client a whole answer."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})


async def until_gone(receive: Receive) -> None:
    """Returns when the client has left, or has been answered."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def live(receive: Receive, send: Send, finish: Callable[[], Awaitable[None]]) -> None:
    """The application's life under a server that tells of its start and its end; `finish` is awaited before the end."""
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await finish()
    await send({"type": "lifespan.shutdown.complete"})
