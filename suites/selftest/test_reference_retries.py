"""The reference router when an upstream fails: how often it tries, how long it waits, and where else it goes."""

from __future__ import annotations

import asyncio
import gzip
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.reference import create
from kimi_conformance.reference.attempts import LARGEST_ERROR
from kimi_conformance.reference.config import read_config
from kimi_conformance.reference.failure import Failure, failure_of
from kimi_conformance.reference.retry import LONGEST_WAIT_S, again, delay
from suites.selftest.reference_bench import BODY, OK, STREAM, ask, bench, hang_up, keep_silent, run, shut_down, told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from suites.selftest.reference_bench import Bench

    Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

RATE, OVERLOADED, QUOTA = "rate_limit_reached_error", "engine_overloaded_error", "exceeded_current_quota_error"
DIRECT = BODY.replace(b"kimi-k3", b"kimi-k3.1-pro-highspeed")
"""Its route has a fallback, and no retry."""
STRANGER = BODY.replace(b"kimi-k3", b"somebody")
"""Its route has neither."""
KIMI = read_config(told(1)).models["kimi-k3"]


def error(status: int, type_: str = "", *, headers: str = "") -> bytes:
    body = json.dumps({"error": {"message": "no", "type": type_}}).encode()
    return f"HTTP/1.1 {status} X\r\n{headers}content-length: {len(body)}\r\n\r\n".encode() + body


async def answer_and_close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(OK)
    writer.close()


def in_turn(answers: Iterable[bytes]) -> Behave:
    """The answers one after another; the last one stays."""
    left = [*answers]

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])

    return behave


async def routes_taken(made: Bench) -> list[str]:
    """What marked each call so far, in order: the virtual key at Portkey, else the path."""
    seen = [made.calls.get_nowait() for _ in range(made.calls.qsize())]
    return [one.headers.get("x-portkey-virtual-key") or one.target.split("/")[1] for one in seen]


FIRST, BACKUP = "moonshot-kimi-84f4a1", "openrouter-backup"


@pytest.mark.parametrize(
    ("answers", "status", "taken"),
    [
        pytest.param([error(429, RATE)] * 3 + [OK], 200, [FIRST] * 4, id="rate"),
        pytest.param([error(429, OVERLOADED), error(503), OK], 200, [FIRST] * 3, id="overload-and-5xx"),
        pytest.param([error(429, RATE)] * 4 + [OK], 200, [FIRST] * 4 + [BACKUP], id="exhausted"),
        pytest.param([error(429, QUOTA), OK], 200, [FIRST, BACKUP], id="quota"),
        pytest.param([error(500)], 500, [FIRST] * 4 + [BACKUP], id="both-fail"),
        *(
            pytest.param([error(status), OK], status, [FIRST], id=str(status))
            for status in (400, 401, 403, 404, 422, 499)
        ),
    ],
)
def test_a_route_is_tried_as_often_as_it_promises(answers: list[bytes], status: int, taken: list[str]) -> None:
    async def story() -> None:
        async with bench(in_turn(answers)) as made:
            assert (await ask(made.app).answer())[0] == status
            assert await routes_taken(made) == taken
            row = await made.row()
            assert (row["status"], row["attempts"]) == (status, len(taken))

    run(story())


def test_the_first_error_is_shown_where_the_fallback_fails_too() -> None:
    async def story() -> None:
        async with bench(in_turn([error(503, "first"), error(500, "second")])) as made:
            status, _, body = await ask(made.app, DIRECT).answer()
            assert (status, json.loads(body)["error"]["type"]) == (503, "first")
            assert await routes_taken(made) == ["kimi", "openrouter"]

    run(story())


def test_a_route_without_promise_is_tried_once() -> None:
    async def story() -> None:
        async with bench(in_turn([error(503), OK])) as made:
            assert (await ask(made.app, STRANGER).answer())[0] == 503
            assert made.calls.qsize() == 1

    run(story())


def test_the_fallback_gets_its_own_key_and_nothing_of_the_firsts() -> None:
    async def story() -> None:
        async with bench(in_turn([error(503), OK])) as made:
            assert (await ask(made.app, DIRECT).answer())[0] == 200
            first, second = made.calls.get_nowait(), made.calls.get_nowait()
            assert first.headers["authorization"] == "Bearer {secret.kimi}"
            assert second.headers["authorization"] == "Bearer {secret.openrouter}"
            assert first.body == second.body == DIRECT

    run(story())


@pytest.mark.parametrize("behave", [pytest.param(hang_up, id="hangs-up"), pytest.param(keep_silent, id="silent")])
def test_what_may_have_been_done_is_not_done_again_on_the_same_route(behave: Any) -> None:
    async def story() -> None:
        async with bench(behave, answer_s=0.1) as made:
            assert (await ask(made.app).answer())[0] == (502 if behave is hang_up else 504)
            assert await routes_taken(made) == [FIRST, BACKUP]

    run(story())


def test_refused_is_tried_again() -> None:
    async def story() -> None:
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        config = told(port)
        config["routes"]["kimi"] = {**config["routes"]["kimi"], "fallback": "direct"}
        app = create(config)
        client = ask(app)
        await asyncio.sleep(0.02)  # within the wait of 40 ms
        back = await asyncio.start_server(answer_and_close, "127.0.0.1", port)
        assert (await client.answer())[0] == 200
        back.close()
        await shut_down(app)

    run(story())


def test_nothing_is_tried_again_once_a_byte_is_out() -> None:
    async def story() -> None:
        async with bench(in_turn([STREAM + b"5\r\nhello\r\n"])) as made:
            client = ask(made.app)
            with suppress(Exception):
                await client.calling
            assert (await client.messages.get())["status"] == 200
            assert made.calls.qsize() == 1

    run(story())


def test_a_client_that_leaves_between_two_attempts_ends_them() -> None:
    async def story() -> None:
        async with bench(in_turn([error(429, RATE, headers="retry-after: 3\r\n")])) as made:
            client = ask(made.app)
            await made.calls.get()
            await asyncio.sleep(0.05)
            client.leave()
            await client.calling
            row = await made.row()
            assert (row["status"], row["attempts"]) == (499, 1)
            assert made.calls.empty()

    run(story())


def test_a_large_error_goes_on_whole() -> None:
    size = 2 * LARGEST_ERROR
    large = f"HTTP/1.1 503 X\r\ncontent-length: {size}\r\n\r\n".encode() + b"x" * size

    async def story() -> None:
        async with bench(in_turn([large])) as made:
            status, _, body = await ask(made.app).answer()
            assert (status, len(body)) == (503, size)
            assert made.calls.qsize() == 1

    run(story())


def test_an_error_that_is_cut_looks_cut() -> None:
    async def story() -> None:
        async with bench(in_turn([b"HTTP/1.1 400 X\r\ncontent-length: 9\r\n\r\nhello"])) as made:
            client = ask(made.app)
            with pytest.raises(Exception, match="peer closed"):
                await client.calling
            got = [client.messages.get_nowait() for _ in range(client.messages.qsize())]
            assert [message.get("body") for message in got] == [None, b"hello"]

    run(story())


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, b'{"error":{"type":"rate_limit_reached_error"}}', "rate_limit"),
        (429, b'{"error":{"type":"engine_overloaded_error"}}', "overloaded"),
        (429, b'{"error":{"type":"exceeded_current_quota_error"}}', "quota"),
        (403, b'{"error":{"type":"exceeded_current_quota_error"}}', "quota"),
        (529, b'{"type":"error","error":{"type":"overloaded_error"}}', "overloaded"),
        (429, b"<html>", "rate_limit"),
        (429, b'{"error":"a string"}', "rate_limit"),
        (429, b"[" * 100_000, "rate_limit"),
        (504, b"<html>", "server_error"),
        (404, b"", "client_error"),
        (200, b"", None),
    ],
)
def test_a_failure_is_told_by_status_and_type(status: int, body: bytes, kind: str | None) -> None:
    failure = failure_of(status, (), body)
    assert (failure and failure.kind) == kind
    packed = failure_of(status, ((b"content-encoding", b"gzip"),), gzip.compress(body))
    assert packed == failure


def test_a_packed_body_that_is_none_is_read_as_nothing() -> None:
    assert failure_of(429, ((b"content-encoding", b"gzip"),), b"no gzip") == Failure("rate_limit")


def test_each_wait_is_twice_as_long_as_the_one_before() -> None:
    failure = Failure("rate_limit")
    assert [delay(KIMI, failure, n) for n in (1, 2, 3)] == [0.04, 0.08, 0.16]


@pytest.mark.parametrize(
    ("said", "waits"), [("1", 1.0), ("0", 0.04), ("7", 7.0), ("Wed, 21 Oct 2026", 0.04), ("²", 0.04)]
)
def test_the_upstream_is_left_alone_for_as_long_as_it_asks(said: str, waits: float) -> None:
    failure = failure_of(429, ((b"retry-after", said.encode("latin-1")),), b"")
    assert failure is not None
    assert delay(KIMI, failure, 1) == waits


def test_nobody_is_waited_for_too_long() -> None:
    assert again(KIMI, Failure("rate_limit", LONGEST_WAIT_S), 1)
    assert not again(KIMI, Failure("rate_limit", LONGEST_WAIT_S + 1), 1)
