"""The reference router between a client and its upstreams: whole calls, cut calls, and the rows that are written."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.reference import create
from kimi_conformance.reference.upstream import UpstreamError
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
EVENTS = (b"data: one\n\n", b"data: two\xe2\x80\xa8\n\n", b"data: [DONE]\n\n")


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

    async def row(self) -> dict[str, Any]:
        """The next row of the ledger."""
        values: dict[str, Any] = json.loads((await self.rows.get()).body)
        return values


@asynccontextmanager
async def bench(behave: Any = answer_ok, *, ledger: Any = answer_ok, **changed: Any) -> AsyncIterator[Bench]:
    """A bench whose model upstreams behave so, once they have read a request."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen = await read(reader)
        on_ledger = seen.target.startswith("/ledger")
        (made.rows if on_ledger else made.calls).put_nowait(seen)
        await (ledger if on_ledger else behave)(reader, writer)

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
    for name in ("shortcut", "portkey", "kimi", "ledger"):
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


def test_a_call_is_carried_there_and_back() -> None:
    async def story() -> None:
        async with bench() as made:
            status, headers, body = await ask(
                made.app, path=f"{CHAT}?beta=true", headers={"x-trace-id": "trace-1"}
            ).answer()
            assert (status, headers["content-type"], body) == (200, "application/json", b"ok")
            seen = await made.calls.get()
            assert (seen.target, seen.body) == (f"/portkey{CHAT}?beta=true", BODY)
            assert seen.headers["x-portkey-virtual-key"] == "moonshot-kimi-84f4a1"
            assert seen.headers["x-trace-id"] == "trace-1"
            assert KEY not in str(seen.headers)

    run(story())


def test_kimi_itself_and_the_plan_get_credentials_of_ours() -> None:
    async def story() -> None:
        async with bench() as made:
            await ask(made.app, b'{"model":"kimi-k3.1-pro-highspeed"}').answer()
            seen = await made.calls.get()
            assert (seen.target, seen.headers["authorization"]) == (f"/kimi{CHAT}", "Bearer {secret.kimi}")
            await ask(made.app, b'{"model":"claude"}', MESSAGES, headers={"x-agent-id": "dispo"}).answer()
            seen = await made.calls.get()
            assert (seen.target, seen.headers["x-api-key"]) == (f"/shortcut{MESSAGES}", "{secret.shortcut}")

    run(story())


def test_a_prefix_is_stripped_from_a_large_body() -> None:
    async def story() -> None:
        async with bench() as made:
            filler = b"\xe4\xb8\xad" * 1_000_000
            await ask(made.app, b'{"a":"' + filler + b'","model":"moonshot/kimi-k3"}').answer()
            assert (await made.calls.get()).body == b'{"a":"' + filler + b'","model":"kimi-k3"}'

    run(story())


def test_nothing_is_decoded_and_hop_by_hop_fields_stay_behind() -> None:
    zipped = gzip.compress(b"ok" * 100)
    head = f"HTTP/1.1 429 Slow Down\r\nContent-Encoding: gzip\r\nRetry-After: 7\r\nContent-Length: {len(zipped)}\r\n"
    hops = "Connection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nSet-Cookie: a=b\r\n\r\n"

    async def zip_it(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((head + hops).encode() + zipped)

    async def story() -> None:
        async with bench(zip_it) as made:
            status, headers, body = await ask(made.app).answer()
            assert (status, body) == (429, zipped)
            assert headers == {
                "content-encoding": "gzip",
                "retry-after": "7",
                "content-length": str(len(zipped)),
                "set-cookie": "a=b",
            }

    run(story())


def test_a_stream_is_relayed_event_by_event() -> None:
    turns: asyncio.Queue[bytes] = asyncio.Queue()

    async def stream(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM)
        while event := await turns.get():
            writer.write(b"%x\r\n%b\r\n" % (len(event), event))
        writer.write(b"0\r\n\r\n")

    async def story() -> None:
        async with bench(stream) as made:
            client = ask(made.app)
            assert (await client.messages.get())["status"] == 200
            for event in EVENTS:
                turns.put_nowait(event)
                assert (await client.messages.get())["body"] == event
            turns.put_nowait(b"")
            assert await client.messages.get() == {"type": "http.response.body", "body": b""}
            await client.calling

    run(story())


def test_a_client_that_hangs_up_ends_the_call_upstream() -> None:
    left = asyncio.Event()

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM + b"5\r\nhello\r\n")
        with suppress(ConnectionResetError):
            assert not await reader.read()
        left.set()

    async def story() -> None:
        async with bench(stream) as made:
            client = ask(made.app)
            assert (await client.messages.get())["status"] == 200
            assert (await client.messages.get())["body"] == b"hello"
            client.leave()
            await left.wait()
            await client.calling
            assert (await made.row())["status"] == 499

    run(story())


def test_a_client_that_leaves_before_its_body_is_whole_reaches_nothing() -> None:
    async def story() -> None:
        async with bench() as made:
            said = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

            async def receive() -> Any:
                return next(said)

            headers = [(b"authorization", f"Bearer {KEY}".encode())]
            scope = {"type": "http", "method": "POST", "path": CHAT, "query_string": b"", "headers": headers}
            got: asyncio.Queue[Any] = asyncio.Queue()
            await made.app(scope, receive, got.put)
            assert got.empty()
            assert made.calls.empty()

    run(story())


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def keep_silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def talk_nonsense(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"nonsense\r\n\r\n")


@pytest.mark.parametrize(
    ("behave", "expected"),
    [
        pytest.param(hang_up, 502, id="hangs-up"),
        pytest.param(talk_nonsense, 502, id="talks-nonsense"),
        pytest.param(keep_silent, 504, id="keeps-silent"),
    ],
)
def test_an_upstream_without_an_answer_is_a_gateway_error(behave: Any, expected: int) -> None:
    async def story() -> None:
        async with bench(behave, answer_s=0.2 if behave is keep_silent else BOUND_S) as made:
            status, _, body = await ask(made.app).answer()
            assert (status, set(json.loads(body))) == (expected, {"error"})
            assert (await made.row())["status"] == expected

    run(story())


def test_an_upstream_that_refuses_is_a_502_in_the_shape_of_the_surface() -> None:
    async def story() -> None:
        server = await asyncio.start_server(answer_ok, "127.0.0.1", 0)
        app = create(told(server.sockets[0].getsockname()[1]))
        server.close()
        status, _, body = await ask(app, path=MESSAGES).answer()
        said = json.loads(body)
        assert (status, said["type"], said["error"]["type"]) == (502, "error", "api_error")
        await shut_down(app)

    run(story())


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello", id="short-of-its-length"),
        pytest.param(STREAM + b"5\r\nhello\r\n", id="within-chunks"),
    ],
)
@pytest.mark.parametrize("silent", [False, True], ids=["closed", "silent"])
def test_an_answer_that_is_cut_looks_cut(cut: bytes, silent: bool) -> None:  # noqa: FBT001 - an axis
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(cut)
        if silent:
            await reader.read()

    async def story() -> None:
        async with bench(break_off, gap_s=0.2 if silent else BOUND_S) as made:
            client = ask(made.app)
            with pytest.raises(UpstreamError):
                await client.calling
            got = [client.messages.get_nowait() for _ in range(client.messages.qsize())]
            assert [message.get("body") for message in got] == [None, b"hello"]
            assert (await made.row())["status"] == 200

    run(story())


def test_an_answer_is_relayed_though_the_upstream_has_not_read_the_whole_request() -> None:
    async def story() -> None:
        enough = asyncio.Event()

        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
            await enough.wait()
            writer.transport.abort()

        server = await asyncio.start_server(refuse, "127.0.0.1", 0, limit=1024)
        app = create(told(server.sockets[0].getsockname()[1]))
        status, _, body = await ask(app, b'{"a":"' + b"x" * 20_000_000 + b'"}').answer()
        assert (status, body) == (413, b"no")
        enough.set()
        await shut_down(app)
        server.close()

    run(story())


def test_the_row_says_what_became_of_the_call() -> None:
    async def story() -> None:
        async with bench() as made:
            await ask(made.app, headers={"x-agent-id": "dispo", "x-trace-id": "trace-1"}).answer()
            assert await made.row() == {
                "trace_id": "trace-1",
                "agent_id": "dispo",
                "model": "kimi-k3",
                "status": 200,
                "tier": "specialty",
                "attempts": 1,
            }

    run(story())


def test_a_refused_call_has_no_row() -> None:
    async def story() -> None:
        async with bench() as made:
            await ask(made.app, b'{"model":3}').answer()
            await ask(made.app).answer()
            assert (await made.row())["model"] == "kimi-k3"
            assert made.rows.empty()

    run(story())


def test_a_ledger_keeps_no_call_waiting_but_the_end_waits_for_the_ledger() -> None:
    async def story() -> None:
        enough = asyncio.Event()
        written: list[bool] = []

        async def dawdle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await enough.wait()
            writer.write(OK)
            written.append(True)

        async with bench(ledger=dawdle) as made:
            for _ in range(3):
                assert (await ask(made.app).answer())[0] == 200
                await made.rows.get()
            assert not written
            enough.set()
        assert written == [True] * 3

    run(story())


@pytest.mark.parametrize(
    ("ledger", "said"), [(hang_up, "row of trace-1 is lost"), (talk_nonsense, "row of trace-1 is lost")]
)
def test_a_lost_row_is_told_in_the_log(ledger: Any, said: str, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        async with bench(ledger=ledger) as made:
            assert (await ask(made.app, headers={"x-trace-id": "trace-1"}).answer())[0] == 200

    with caplog.at_level(logging.WARNING):
        run(story())
    assert said in caplog.text
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    ("key", "named"),
    [(None, {}), ("Bearer other", {}), (f"Basic {KEY}", {}), (KEY, {}), (None, {"x-api-key": "other"})],
)
@pytest.mark.parametrize("path", [CHAT, MESSAGES, "/v1/models", "/nowhere"])
def test_nobody_is_served_without_the_key(path: str, key: str | None, named: dict[str, str]) -> None:
    async def story() -> None:
        async with bench() as made:
            status, headers, body = await ask(made.app, path=path, key=key, headers=named).answer()
            assert (status, headers["www-authenticate"]) == (401, "Bearer")
            assert ("type" in json.loads(body)) == (path == MESSAGES)
            assert made.calls.empty()

    run(story())


@pytest.mark.parametrize(("key", "named"), [(f"Bearer {KEY}", {}), (f"bearer {KEY}", {}), (None, {"x-api-key": KEY})])
def test_the_key_may_come_in_either_header(key: str | None, named: dict[str, str]) -> None:
    async def story() -> None:
        async with bench() as made:
            assert (await ask(made.app, key=key, headers=named).answer())[0] == 200

    run(story())


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/health", 200),
        ("GET", "/v1/models", 200),
        ("POST", "/v1/models", 405),
        ("GET", CHAT, 405),
        ("HEAD", "/health", 405),
        ("POST", "/v1/embeddings", 404),
        ("POST", f"{CHAT}/", 404),
    ],
)
def test_other_paths_and_methods_are_answered_by_the_router(method: str, path: str, expected: int) -> None:
    async def story() -> None:
        async with bench() as made:
            status, headers, _ = await ask(made.app, path=path, method=method).answer()
            assert (status, "allow" in headers) == (expected, expected == 405)
            assert made.calls.empty()

    run(story())


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"", 400), (b'{"model":', 400), (b'{"model":3}', 400), (b'{"model":"' + b"k" * 1000 + b'"}', 413)],
    ids=["empty", "malformed", "non-string", "too-large"],
)
def test_a_body_that_is_refused_reaches_nothing(body: bytes, expected: int) -> None:
    async def story() -> None:
        async with bench(max_body=1000) as made:
            for path, shape in ((CHAT, {"error"}), (MESSAGES, {"type", "error"})):
                status, _, said = await ask(made.app, body, path).answer()
                assert (status, set(json.loads(said))) == (expected, shape)
            assert made.calls.empty()

    run(story())


def test_fifty_at_once_keep_apart() -> None:
    async def echo(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = await models.get()
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {len(name)}\r\n\r\n{name}".encode())

    models: asyncio.Queue[str] = asyncio.Queue()

    async def story() -> None:
        async with bench(echo) as made:
            clients = [ask(made.app, b'{"model":"%d"}' % number) for number in range(50)]
            for _ in clients:
                models.put_nowait(json.loads((await made.calls.get()).body)["model"])
            answers = [await client.answer() for client in clients]
            assert [answer[2] for answer in answers] == [b"%d" % number for number in range(50)]

    run(story())
