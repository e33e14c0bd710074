"""The reference router between a client and upstreams that do as a test says."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kimi_conformance.reference import create
from kimi_conformance.registry.home import contracts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping

    from kimi_conformance.reference.asgi import App

BOUND_S = 5.0
CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
KEY = "client-key"
BODY = b'{"model":"kimi-k3","messages":[{"role":"user","content":"Say ok."}]}'
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\nok"
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, BOUND_S))


@dataclass
class Seen:
    """A request as an upstream saw it."""

    target: str
    headers: dict[str, str]
    body: bytes


async def answer_ok(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(OK)


@dataclass
class Bench:
    """A router whose upstreams are one server, each under a path of its own."""

    app: App
    calls: asyncio.Queue[Seen] = field(default_factory=asyncio.Queue)
    rows: asyncio.Queue[Seen] = field(default_factory=asyncio.Queue)
    alerts: asyncio.Queue[Seen] = field(default_factory=asyncio.Queue)

    async def row(self) -> dict[str, Any]:
        """The next row of the ledger."""
        values: dict[str, Any] = json.loads((await self.rows.get()).body)
        return values


@asynccontextmanager
async def bench(
    behave: Any = answer_ok, *, ledger: Any = answer_ok, webhook: Any = answer_ok, **changed: Any
) -> AsyncIterator[Bench]:
    """A bench whose model upstreams behave so, once they have read a request."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen = await read(reader)
        aside = {"ledger": (made.rows, ledger), "alerts": (made.alerts, webhook)}
        seen_by, does = aside.get(seen.target.split("/")[1], (made.calls, behave))
        seen_by.put_nowait(seen)
        await does(reader, writer)

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(lambda _: writer.close())

    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=1 << 20)
    made = Bench(create({**told(server.sockets[0].getsockname()[1]), **changed}))
    try:
        yield made
    finally:
        await shut_down(made.app)
        server.close()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def told(port: int) -> dict[str, Any]:
    """The bundled config for upstreams on `port`."""
    text = (contracts() / "routers/configs/reference.json").read_text("utf-8")
    for name in ("shortcut", "portkey", "kimi", "openrouter", "ledger", "alerts"):
        text = text.replace(f"{{upstream.{name}}}", f"http://127.0.0.1:{port}/{name}")
    config: dict[str, Any] = json.loads(text)
    return {**config, "client_key": KEY}


async def read(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
    return Seen(head[0].split(" ")[1], headers, await reader.readexactly(int(headers["content-length"])))


async def shut_down(app: App) -> None:
    """What a server tells an application at its end."""
    said = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Any:
        return next(said)

    async def send(_: Any) -> None:
        pass

    await app({"type": "lifespan"}, receive, send)


@dataclass
class Client:
    """A client in the midst of a call: `leave` hangs up, `messages` are what it gets."""

    messages: asyncio.Queue[dict[str, Any]]
    leave: Callable[[], None]
    calling: asyncio.Task[None]

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The whole answer. Raises what the application raises."""
        await self.calling
        got = [self.messages.get_nowait() for _ in range(self.messages.qsize())]
        headers = {name.decode(): value.decode() for name, value in got[0]["headers"]}
        assert not got[-1].get("more_body")
        return got[0]["status"], headers, b"".join(message.get("body", b"") for message in got)


def ask(
    app: App,
    body: bytes = BODY,
    path: str = CHAT,
    *,
    method: str = "POST",
    key: str | None = f"Bearer {KEY}",
    headers: Mapping[str, str] | None = None,
) -> Client:
    """Begins a call; the body comes in two pieces."""
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    got: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    half = len(body) // 2
    incoming.put_nowait({"type": "http.request", "body": body[:half], "more_body": True})
    incoming.put_nowait({"type": "http.request", "body": body[half:]})

    async def send(message: Any) -> None:
        got.put_nowait(message)

    named = {**({"authorization": key} if key else {}), **(headers or {})}
    plain, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": plain,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }
    calling = asyncio.ensure_future(_called(app, scope, incoming.get, send))
    return Client(got, lambda: incoming.put_nowait({"type": "http.disconnect"}), calling)


async def _called(app: App, *arguments: Any) -> None:
    await app(*arguments)


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def keep_silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def talk_nonsense(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"nonsense\r\n\r\n")
