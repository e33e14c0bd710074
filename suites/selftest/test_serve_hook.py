"""Faults of the wire take hold of an answer as an exchange: nothing is lost on the way there and back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.router.http_client import HttpClient
from kimi_conformance.serve import State, answerer, as_exchange, as_script, faulty
from kimi_conformance.upstream.script import Gate, Pause, Script, Send
from kimi_conformance.upstream.watched import watched
from suites.selftest.serve_client import CHAT, CONFIG, Hand, asked_of, body, chunks, get, post
from suites.selftest.socket_server import clock, run

if TYPE_CHECKING:
    from collections.abc import Callable

WHOLE = post(CHAT, body("Repeat exactly: one two"))
STREAM = post(CHAT, body("Repeat exactly: one two", stream=True))
SLOW = replace(CONFIG, delay_s=0.01)


def answer(request: Request) -> Script:
    return answerer(SLOW, State(Hand()))(request)


def ask_once(script: Callable[[Request], Script], request: Request) -> Exchange:
    """One answer, which may be broken off."""

    async def sent() -> Exchange:
        async with watched(script) as (standin, _), HttpClient() as client:
            return await client.send(replace(request, url=standin.url + request.url), clock=clock)

    found: Exchange = run(sent())
    return found


@pytest.mark.parametrize("request_", [WHOLE, STREAM, get("/v1/models"), get("/nowhere"), post(CHAT, b"")])
def test_an_answer_comes_back_as_it_went(request_: Request) -> None:
    script = answer(request_)
    back = as_script(as_exchange(request_, script))
    assert (back.status, back.headers, back.framing, back.body) == (
        script.status,
        script.headers,
        script.framing,
        script.body,
    )
    assert [step for step in back.steps if isinstance(step, Send)] == [
        step for step in script.steps if isinstance(step, Send)
    ]
    assert sum(step.seconds for step in back.steps if isinstance(step, Pause)) == pytest.approx(
        sum(step.seconds for step in script.steps if isinstance(step, Pause))
    )


def test_the_exchange_has_a_piece_for_each_event_at_its_time_and_the_header_of_the_framing() -> None:
    exchange = as_exchange(STREAM, answer(STREAM))
    assert exchange.response is not None
    times = [piece.t_ms for piece in exchange.response.pieces]
    assert times == pytest.approx([10 * (at + 1) for at in range(len(times))])
    assert exchange.end_ms == times[-1]
    assert exchange.response.header("transfer-encoding") == "chunked"


def test_a_fault_of_the_wire_is_served() -> None:
    def renamed(exchange: Exchange) -> Exchange:
        assert exchange.response is not None
        pieces = tuple(
            replace(piece, data=piece.data.replace(b'"model":"kimi-k3"', b'"model":"gpt"'))
            for piece in exchange.response.pieces
        )
        return replace(exchange, response=replace(exchange.response, pieces=pieces))

    whole, stream = asked_of(faulty(answer, renamed), WHOLE, STREAM)
    assert whole.response is not None
    assert whole.response.json()["model"] == "gpt"
    assert {chunk["model"] for chunk in chunks(stream)} == {"gpt"}
    (healthy,) = asked_of(answer, WHOLE)
    assert healthy.response is not None
    assert healthy.response.json()["model"] == "kimi-k3"


@pytest.mark.parametrize("request_", [WHOLE, STREAM])
@pytest.mark.parametrize("error", ["closed: early", "reset: early"])
def test_an_answer_that_was_cut_is_cut_again(request_: Request, error: str) -> None:
    def cut(exchange: Exchange) -> Exchange:
        assert exchange.response is not None
        first = exchange.response.pieces[0]
        pieces = (replace(first, data=first.data[:20]),)
        return replace(exchange, response=replace(exchange.response, pieces=pieces), error=error)

    found = ask_once(faulty(answer, cut), request_)
    assert found.error is not None
    assert found.response is not None
    if error.startswith("closed"):  # what a reset leaves to be read is chance
        assert len(found.response.body) == 20


def test_no_response_at_all_is_no_response_at_all() -> None:
    found = ask_once(faulty(answer, lambda exchange: replace(exchange, response=None, error="reset: at once")), WHOLE)
    assert found.response is None
    assert found.error is not None


def test_pieces_that_come_at_once_or_earlier_than_the_head_are_sent_without_a_pause() -> None:
    response = Response(200, (), (Piece(0, b"a"), Piece(5, b"b"), Piece(5, b"c"), Piece(9, b"d")), t_ms=4)
    script = as_script(Exchange(WHOLE, response))
    assert script.steps == (Send(b"a"), Pause(0.001), Send(b"b"), Send(b"c"), Pause(0.004), Send(b"d"))


@pytest.mark.parametrize(("method", "status", "seen"), [("GET", 200, b"ab"), ("HEAD", 200, b""), ("GET", 204, b"")])
def test_an_answer_that_has_no_body_has_no_pieces(method: str, status: int, seen: bytes) -> None:
    exchange = as_exchange(Request(method, "/"), Script(status, steps=(Send(b"a"), Send(b""), Send(b"b"))))
    assert exchange.response is not None
    assert exchange.response.body == seen
    assert all(piece.data for piece in exchange.response.pieces)


def test_a_script_that_waits_for_a_gate_is_no_exchange() -> None:
    with pytest.raises(ValueError, match="no exchange has a Gate"):
        as_exchange(WHOLE, Script(steps=(Gate("x"),)))
