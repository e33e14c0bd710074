"""Calls an ASGI application in this process: a transport with live receive and send.

Messages and scopes are those of the ASGI specification 3.0: HTTP 2.4, lifespan 2.0.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import unquote

from kimi_conformance.router.arriving import SENT_TOO_MUCH, Arriving
from kimi_conformance.router.http_client import ANSWER_S, target_of, wire_headers
from kimi_conformance.router.load import ERROR_CHARS, raised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kimi_conformance.exchange import Exchange, Request
    from kimi_conformance.router.arriving import Clock, OnPiece

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

START_S: Final = 30.0
STOP_S: Final = 5.0
CANCELLED_S: Final = 1.0
"""For tasks of the app to end once they are cancelled."""
BODY_BYTES: Final = 64 * 1024
"""A larger request body comes in several messages, as a real server has it."""
CLIENT: Final = ("127.0.0.1", 50000)


class LifespanError(Exception):
    """An application that said it could not start, or did not say that it has."""


class AsgiApp:
    """A running application. `start` before, `close` after; requests may run side by side."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._state: dict[str, Any] = {}
        self._life = _Life(app, self._state)
        self._running: set[asyncio.Task[None]] = set()

    async def start(self, timeout_s: float = START_S) -> None:
        """Runs the app's lifespan startup, where it has one. Raises `LifespanError`."""
        await self._life.start(timeout_s)

    async def send(
        self,
        request: Request,
        *,
        clock: Clock,
        on_piece: OnPiece | None = None,
        give_up: asyncio.Event | None = None,
        timeout_s: float = ANSWER_S,
    ) -> Exchange:
        """Calls the app with `request` and returns what came of it, as `HttpClient.send` does.

        The URL may be a path alone. Where this side times out, gives up or is cancelled, the app hears
        `http.disconnect` and its `send` raises; it runs on until it ends or `close` cancels it. An app that raises, or
        returns before its response is complete, is an exchange with the error `closed`. Raises `ValueError` for a
        request that HTTP cannot carry.
        """
        scope = _scope(request, self._state)
        arriving = Arriving(request, clock, on_piece)
        call = _Call(request.body, arriving)
        task = asyncio.create_task(call.run(self._app, scope))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await arriving.settle(call.answered(), timeout_s=timeout_s, give_up=give_up)
        finally:
            call.hang_up()

    async def close(self, timeout_s: float = STOP_S) -> None:
        """Cancels what still runs, then does the app's lifespan shutdown. What resists is left after a bound."""
        await _cancel(self._running)
        await self._life.stop(timeout_s)


class _Call:
    """One request as the app has it: what it receives and where its messages go."""

    def __init__(self, body: bytes, arriving: Arriving) -> None:
        starts = range(0, len(body), BODY_BYTES) or range(1)
        self._unread = [body[start : start + BODY_BYTES] for start in reversed(starts)]
        self._arriving = arriving
        self._over = asyncio.Event()
        self._gone = False
        self._error: str | None = None

    async def answered(self) -> str | None:
        """Waits for the end of the response. Returns the error."""
        await self._over.wait()
        return self._error

    def hang_up(self) -> None:
        """Tells the app that the client is gone, unless it has answered."""
        if not self._over.is_set():
            self._gone = True
            self._over.set()

    async def run(self, app: App, scope: Message) -> None:
        """Runs the app to its end."""
        try:
            await app(scope, self._receive, self._send)
        except asyncio.CancelledError:
            self._end("closed: the app was cancelled")
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 (foreign code: anything may come out of it)
            self._end(f"closed: the app raised {raised(error)}")
        else:
            begun = self._arriving.begun
            self._end(
                f"closed: the app returned {'before its response was complete' if begun else 'without a response'}"
            )

    async def _receive(self) -> Message:
        if self._unread and not self._over.is_set():
            body = self._unread.pop()
            return {"type": "http.request", "body": body, "more_body": bool(self._unread)}
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await asyncio.sleep(0)  # an app that never waits for anything else must not keep the bounds from being noticed
        if self._gone:
            raise ConnectionResetError("the client is gone")  # HTTP 2.4, "Disconnected Client": a subclass of OSError
        kind = message["type"]
        if self._over.is_set():
            raise RuntimeError(f"{kind} after the response was complete")
        if kind == "http.response.start" and not self._arriving.begun:
            self._arriving.head(message["status"], message.get("headers", ()))
        elif kind == "http.response.body" and self._arriving.begun:
            self._arriving.piece(bytes(message.get("body", b"")))
            if self._arriving.too_much:
                self._end(SENT_TOO_MUCH)
                self._gone = True
            elif not message.get("more_body", False):
                self._end(None)
        else:
            where = "after" if self._arriving.begun else "before"
            self._end(f"protocol: the app sent {kind} {where} http.response.start")
            raise RuntimeError(f"{kind} {where} http.response.start")

    def _end(self, error: str | None) -> None:
        """Ends the exchange, once."""
        if not self._over.is_set():
            self._error = error
            self._over.set()


class _Life:
    """The lifespan of an app: one task from startup to shutdown."""

    def __init__(self, app: App, state: dict[str, Any]) -> None:
        self._app = app
        self._state = state
        self._said: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self, timeout_s: float) -> None:
        """Startup. Raises `LifespanError`."""
        self._task = asyncio.create_task(self._run())
        try:
            answer = await self._ask("lifespan.startup", timeout_s)
        except TimeoutError:
            await self.stop(0)
            raise LifespanError(f"the app's lifespan startup was not complete after {timeout_s:g} s") from None
        if answer["type"] == "lifespan.startup.failed":
            await self.stop(0)
            raise LifespanError(f"the app's lifespan startup failed: {answer.get('message', '')[-ERROR_CHARS:]}")

    async def stop(self, timeout_s: float) -> None:
        """Shutdown, where it is still running; then the task's end."""
        if self._task and not self._task.done():
            with suppress(TimeoutError):
                await self._ask("lifespan.shutdown", timeout_s)
            await _cancel({self._task})

    async def _ask(self, kind: str, timeout_s: float) -> Message:
        """Says `kind` to the app and waits for what it answers. Raises `TimeoutError`."""
        self._said.put_nowait({"type": kind})
        async with asyncio.timeout(timeout_s):
            return await self._answers.get()

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        with suppress(Exception, SystemExit):  # lifespan 2.0, "Scope": an app that raises has no lifespan
            await self._app(scope, self._said.get, self._answers.put)
        self._answers.put_nowait({"type": "ended"})


async def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels `tasks` and gives them a bounded time to end."""
    left = set(tasks)
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=CANCELLED_S)


def _scope(request: Request, state: dict[str, Any]) -> Message:
    """The HTTP connection scope of `request`. Raises `ValueError`."""
    url = f"http://127.0.0.1{request.url}" if request.url.startswith("/") else request.url
    target = target_of(url)
    path, _, query = target.path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": target.scheme,
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in wire_headers(request, target.authority)],
        "client": CLIENT,
        "server": (target.host, target.port),
        "state": state.copy(),
    }
