"""How a call of an ASGI application ends: by itself, by an error, by this side."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.router.asgi import AsgiApp
from suites.selftest.asgi_apps import BOUND_S, END, START, ask, body, clock, only_http, raising, run, sending

if TYPE_CHECKING:
    from kimi_conformance.router.asgi import App, Message, Receive, Send


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
