"""ASGI applications in this process: their scope, live messages, ends of every kind, lifespan and import."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.router.asgi import BODY_BYTES, AsgiApp, LifespanError, LoadError, load, load_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable
    from pathlib import Path

    from starlette.requests import Request as StarletteRequest

    from kimi_conformance.router.asgi import App, Message, Receive, Send

BOUND_S = 3.0
START: Message = {"type": "http.response.start", "status": 200, "headers": [(b"X-Raw", b"\xe9"), (b"x-raw", b"2")]}
END: Message = {"type": "http.response.body", "body": b"end"}


def body(data: bytes) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": True}


def clock() -> float:
    return time.monotonic() * 1000


def run(test: Awaitable[Any]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(BOUND_S):
            return await test

    return asyncio.run(bounded())


def ask(app: App, request: Request | None = None, **options: Any) -> Exchange:
    """One request to a started app, which is closed after it."""

    async def test() -> Exchange:
        asgi = AsgiApp(app)
        await asgi.start()
        try:
            return await asgi.send(request or Request("GET", "/"), clock=clock, **options)
        finally:
            await asgi.close()

    exchange: Exchange = run(test())
    return exchange


def only_http(app: App) -> App:
    """`app` without lifespan, as many are."""

    async def call(scope: Message, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        await app(scope, receive, send)

    return call


def sending(*messages: Message) -> App:
    """An app that sends `messages` and returns."""

    @only_http
    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


def test_the_scope_is_that_of_a_real_server() -> None:
    scopes: list[Message] = []

    @only_http
    async def app(scope: Message, _receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await send(START)
        await send(END)

    headers = (("X-A", "1"), ("x-a", "é"), ("Authorization", "Bearer x"))
    url = "http://router.test:81/a%20b/%E6%9C%88//c?q=%20+&q=1"
    ask(app, Request("POST", url, headers, b"{}"))
    assert scopes == [
        {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/a b/月//c",
            "raw_path": b"/a%20b/%E6%9C%88//c",
            "query_string": b"q=%20+&q=1",
            "root_path": "",
            "headers": [
                (b"host", b"router.test:81"),
                (b"x-a", b"1"),
                (b"x-a", b"\xe9"),
                (b"authorization", b"Bearer x"),
                (b"content-length", b"2"),
            ],
            "client": ("127.0.0.1", 50000),
            "server": ("router.test", 81),
            "state": {},
        }
    ]


def test_a_path_alone_is_enough() -> None:
    @only_http
    async def app(scope: Message, _receive: Receive, send: Send) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": scope["raw_path"]})

    exchange = ask(app, Request("GET", "//v1/models?x"))
    assert exchange.response is not None
    assert exchange.response.body == b"//v1/models"


def test_status_raw_headers_and_body_are_kept() -> None:
    exchange = ask(sending(START, body(b""), END))
    assert exchange.response is not None
    assert (exchange.status, exchange.error) == (200, None)
    assert exchange.response.headers == (("X-Raw", "\xe9"), ("x-raw", "2"))
    assert [piece.data for piece in exchange.response.pieces] == [b"end"]
    assert exchange.start_ms <= exchange.response.t_ms <= exchange.response.pieces[0].t_ms <= exchange.end_ms


def test_a_starlette_app_answers() -> None:
    async def chat(request: StarletteRequest) -> JSONResponse:
        return JSONResponse({"model": (await request.json())["model"]}, 201)

    app = Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])
    exchange = ask(app, Request("POST", "/v1/chat/completions", body=b'{"model":"kimi-k2.6"}'))
    assert exchange.response is not None
    assert (exchange.status, exchange.response.json()) == (201, {"model": "kimi-k2.6"})


@pytest.mark.parametrize("size", [0, 1, BODY_BYTES, BODY_BYTES + 1, 3 * BODY_BYTES])
def test_a_large_body_comes_in_several_messages_and_then_the_client_stays(size: int) -> None:
    whole = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    async def test() -> list[Message]:
        received: asyncio.Queue[list[Message]] = asyncio.Queue()

        @only_http
        async def app(_scope: Message, receive: Receive, send: Send) -> None:
            messages = [await receive()]
            while messages[-1]["more_body"]:
                messages.append(await receive())
            late = asyncio.ensure_future(receive())
            await send(START)
            assert not late.done()
            await send(END)
            received.put_nowait([*messages, await late])

        exchange = await AsgiApp(app).send(Request("POST", "/", body=whole), clock=clock)
        assert exchange.error is None
        return await received.get()

    *messages, last = run(test())
    assert b"".join(message["body"] for message in messages) == whole
    assert max(len(message["body"]) for message in messages) <= BODY_BYTES
    assert last == {"type": "http.disconnect"}


def test_each_piece_is_seen_before_the_next_is_sent() -> None:
    seen: asyncio.Queue[bytes] = asyncio.Queue()

    async def stream() -> AsyncIterator[bytes]:
        for data in (b"a", b"b", b"c"):
            yield data
            assert await seen.get() == data

    async def chat(_request: StarletteRequest) -> StreamingResponse:
        return StreamingResponse(stream())

    app = Starlette(routes=[Route("/", chat)])
    exchange = ask(app, on_piece=lambda piece: seen.put_nowait(piece.data))
    assert exchange.response is not None
    assert ([piece.data for piece in exchange.response.pieces], exchange.error) == ([b"a", b"b", b"c"], None)


def raising(error: BaseException, *messages: Message) -> App:
    @only_http
    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        raise error

    return app


@pytest.mark.parametrize(
    ("app", "error"),
    [
        pytest.param(raising(ValueError("no\nmodel")), "closed: the app raised ValueError: no model", id="raises"),
        pytest.param(raising(KeyError()), "closed: the app raised KeyError", id="raises-without-words"),
        pytest.param(raising(SystemExit(1)), "closed: the app raised SystemExit: 1", id="exits"),
        pytest.param(
            raising(ExceptionGroup("g", [OSError("up")])), "closed: the app raised OSError: up", id="raises-in-a-group"
        ),
        pytest.param(raising(asyncio.CancelledError()), "closed: the app was cancelled", id="cancels-itself"),
        pytest.param(sending(), "closed: the app returned without a response", id="returns"),
        pytest.param(sending(END), "protocol: the app sent http.response.body before http.response.start", id="body"),
        pytest.param(sending({"type": "x"}), "protocol: the app sent x before http.response.start", id="unknown"),
    ],
)
def test_without_a_response_the_error_says_why(app: App, error: str) -> None:
    exchange = ask(app)
    assert (exchange.response, exchange.error) == (None, error)


@pytest.mark.parametrize(
    ("app", "error"),
    [
        pytest.param(
            raising(ValueError("x"), START, body(b"half")), "closed: the app raised ValueError: x", id="raise"
        ),
        pytest.param(
            sending(START, body(b"half")), "closed: the app returned before its response was complete", id="return"
        ),
        pytest.param(
            sending(START, body(b"half"), START),
            "protocol: the app sent http.response.start after http.response.start",
            id="start-again",
        ),
    ],
)
def test_a_response_that_is_cut_keeps_what_arrived(app: App, error: str) -> None:
    exchange = ask(app)
    assert exchange.response is not None
    assert (exchange.response.body, exchange.error) == (b"half", error)


def test_what_an_app_does_after_its_response_changes_nothing() -> None:
    exchange = ask(raising(ValueError("late"), START, END))
    assert (exchange.status, exchange.error) == (200, None)


def test_a_message_after_the_response_is_refused() -> None:
    async def test() -> list[bytes]:
        pieces: list[bytes] = []
        refused: asyncio.Queue[RuntimeError] = asyncio.Queue()

        @only_http
        async def app(_scope: Message, _receive: Receive, send: Send) -> None:
            await send(START)
            await send(END)
            try:
                await send(body(b"more"))
            except RuntimeError as error:
                refused.put_nowait(error)

        await AsgiApp(app).send(Request("GET", "/"), clock=clock, on_piece=lambda piece: pieces.append(piece.data))
        assert str(await refused.get()) == "http.response.body after the response was complete"
        return pieces

    assert run(test()) == [b"end"]


def test_the_exchange_ends_with_the_response_though_the_app_goes_on() -> None:
    @only_http
    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        await send(START)
        await send(END)
        await asyncio.Event().wait()

    assert ask(app).error is None


@pytest.mark.parametrize("begun", [pytest.param(False, id="no-answer"), pytest.param(True, id="in-the-body")])
def test_an_app_that_does_not_answer_is_a_timeout(begun: bool) -> None:  # noqa: FBT001 (a parameter of pytest's)
    @only_http
    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        if begun:
            await send(START)
            await send(body(b"half"))
        await asyncio.Event().wait()

    exchange = ask(app, timeout_s=0.02)
    how = "the answer was not whole after" if begun else "no answer within"
    assert exchange.error == f"timeout: {how} 0.02 s"
    assert (exchange.response.body if exchange.response else None) == (b"half" if begun else None)


def test_an_app_that_sends_without_end_cannot_keep_the_bound_from_being_noticed() -> None:
    @only_http
    async def app(_scope: Message, _receive: Receive, send: Send) -> None:
        await send(START)
        while True:
            await send(body(b"x"))

    assert (ask(app, timeout_s=0.02).error or "").startswith("timeout: ")


@pytest.mark.parametrize("way", ["cancel", "give-up", "timeout"])
def test_the_app_hears_that_the_client_is_gone(way: str) -> None:
    async def test() -> None:
        heard: asyncio.Queue[Message] = asyncio.Queue()
        refused: asyncio.Queue[OSError] = asyncio.Queue()
        seen = asyncio.Event()
        give_up = asyncio.Event()

        @only_http
        async def app(_scope: Message, receive: Receive, send: Send) -> None:
            await receive()
            await send(START)
            await send(body(b"half"))
            heard.put_nowait(await receive())
            try:
                await send(END)
            except OSError as error:
                refused.put_nowait(error)

        asgi = AsgiApp(app)
        timeout_s = 0.02 if way == "timeout" else BOUND_S
        work = asgi.send(
            Request("GET", "/"), clock=clock, on_piece=lambda _: seen.set(), give_up=give_up, timeout_s=timeout_s
        )
        task = asyncio.create_task(work)
        await seen.wait()
        assert heard.empty()
        if way == "cancel":
            task.cancel()
        elif way == "give-up":
            give_up.set()
        assert await heard.get() == {"type": "http.disconnect"}
        assert isinstance(await refused.get(), ConnectionResetError)
        [ended] = await asyncio.gather(task, return_exceptions=True)
        if way == "cancel":
            assert isinstance(ended, asyncio.CancelledError)
        else:
            assert isinstance(ended, Exchange)
            assert ended.response is not None
            expected = "closed: this side gave up" if way == "give-up" else "timeout: "
            assert (ended.response.body, (ended.error or "").startswith(expected)) == (b"half", True)

    run(test())


def test_requests_run_side_by_side() -> None:
    async def test() -> list[Exchange]:
        everybody = asyncio.Barrier(50)

        @only_http
        async def app(scope: Message, _receive: Receive, send: Send) -> None:
            await everybody.wait()
            await send(START)
            await send({"type": "http.response.body", "body": scope["raw_path"]})

        asgi = AsgiApp(app)
        return await asyncio.gather(*(asgi.send(Request("GET", f"/{n}"), clock=clock) for n in range(50)))

    exchanges: list[Exchange] = run(test())
    assert [exchange.response and exchange.response.body for exchange in exchanges] == [
        f"/{n}".encode() for n in range(50)
    ]


def test_closing_ends_what_still_runs() -> None:
    async def test() -> None:
        cancelled = asyncio.Event()

        @only_http
        async def app(_scope: Message, _receive: Receive, send: Send) -> None:
            try:
                await send(START)
                await send(END)
                await asyncio.Event().wait()
            finally:
                cancelled.set()

        asgi = AsgiApp(app)
        await asgi.send(Request("GET", "/"), clock=clock)
        assert not cancelled.is_set()
        await asgi.close()
        assert cancelled.is_set()
        await asgi.close()

    run(test())


def test_the_lifespan_surrounds_the_requests_and_its_state_reaches_them() -> None:
    said: list[str] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        said.append("startup")
        yield {"table": {"kimi-k2.6": "kimi"}}
        said.append("shutdown")

    async def table(request: StarletteRequest) -> JSONResponse:
        said.append("request")
        return JSONResponse(request.state.table)

    exchange = ask(Starlette(routes=[Route("/", table)], lifespan=lifespan))
    assert exchange.response is not None
    assert exchange.response.json() == {"kimi-k2.6": "kimi"}
    assert said == ["startup", "request", "shutdown"]


def test_a_startup_that_fails_is_said() -> None:
    no_tables: dict[str, str] = {}

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {"table": no_tables["kimi"]}

    with pytest.raises(LifespanError, match=r"(?s)startup failed: .*KeyError: 'kimi'"):
        run(AsgiApp(Starlette(lifespan=lifespan)).start())


async def silent(_scope: Message, _receive: Receive, _send: Send) -> None:
    """Never says anything."""
    await asyncio.Event().wait()


async def hanging(_scope: Message, receive: Receive, send: Send) -> None:
    """Starts where it is told to; never ends."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await asyncio.Event().wait()


def test_lifespans_are_bounded() -> None:
    async def test() -> None:
        never = AsgiApp(silent)
        with pytest.raises(LifespanError, match=r"not complete after 0\.02 s"):
            await never.start(0.02)
        await never.close()
        asgi = AsgiApp(hanging)
        await asgi.start()
        await asgi.close(0.02)
        assert len(asyncio.all_tasks()) == 1

    run(test())


def write(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


APP = """
import json
from suite_helper import NAME
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps([NAME, scope["path"]]).encode()})
def make():
    return app
"""


@pytest.mark.parametrize(
    ("spec", "factory"),
    [pytest.param("suite_pkg.web:app", False, id="app"), pytest.param("suite_pkg.web:make", True, id="factory")],
)
def test_an_app_is_imported_from_its_folder_and_leaves_no_trace(
    spec: str,
    factory: bool,  # noqa: FBT001 (a parameter of pytest's)
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    write(tmp_path, suite_pkg__web=APP, suite_helper="NAME = 'mine'")
    path = [*sys.path]
    exchange = ask(only_http(load_app(spec, tmp_path, factory=factory)))
    assert exchange.response is not None
    assert json.loads(exchange.response.body) == ["mine", "/"]
    assert (sys.path, sys.dont_write_bytecode) == (path, False)
    assert not [*tmp_path.rglob("*.pyc")]


def test_each_load_has_a_state_and_helpers_of_its_own(tmp_path: Path) -> None:
    text = "import suite_helper\nseen = []\ndef take(x):\n    seen.append(x)\n    return suite_helper.NAME, len(seen)"
    folders = [write(tmp_path / name, suite_app=text, suite_helper=f"NAME = {name!r}") for name in ("a", "b")]
    taken = [load("suite_app:take", folder)(0) for folder in [*folders, folders[0]]]
    assert taken == [("a", 1), ("b", 1), ("a", 1)]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        pytest.param("suite_bad", "'suite_bad' is not of the form package.module:attribute", id="no-colon"),
        pytest.param("suite_bda:app", "no module suite_bda in .* \\(the nearest is 'suite_bad'\\)", id="no-module"),
        pytest.param("suite_bad.web:app", "no module suite_bad.web in ", id="no-submodule"),
        pytest.param("suite_bad:ap", "no attribute 'ap' \\(the nearest is 'app'\\)", id="near-attribute"),
        pytest.param("suite_bad:zzzz", "has no attribute 'zzzz'$", id="no-attribute"),
        pytest.param("suite_bad:number", "suite_bad:number is not callable: 5", id="not-callable"),
        pytest.param(
            "suite_raises:app", "importing suite_raises raised ZeroDivisionError: .*raises.py:2\\)", id="raises"
        ),
        pytest.param("suite_exits:app", "importing suite_exits raised SystemExit: 3", id="exits"),
        pytest.param(
            "suite_wrong:app", "importing suite_wrong raised SyntaxError: .*suite_wrong.py, line 1", id="syntax"
        ),
        pytest.param("suite_needs:app", "importing suite_needs raised ModuleNotFoundError: .*'no_such'", id="needs"),
        pytest.param(
            "json:app", "json.py cannot be imported: .*json.__init__.py has the name 'json' already", id="taken"
        ),
    ],
)
def test_what_cannot_be_imported_is_said(spec: str, message: str, tmp_path: Path) -> None:
    write(
        tmp_path,
        suite_bad="def app(): ...\nnumber = 5",
        suite_raises="\n1 / 0",
        suite_exits="import sys; sys.exit(3)",
        suite_wrong="def",
        suite_needs="import no_such",
        json="def app(): ...",
    )
    with pytest.raises(LoadError, match=message):
        load(spec, tmp_path)
    assert json is sys.modules["json"]


def test_a_factory_that_raises_is_said(tmp_path: Path) -> None:
    write(tmp_path, suite_bad="def make():\n    raise KeyError('PORTKEY_URL')")
    with pytest.raises(LoadError, match=r"suite_bad:make\(\) raised KeyError: 'PORTKEY_URL' \(.*suite_bad\.py:2\)"):
        load_app("suite_bad:make", tmp_path, factory=True)
