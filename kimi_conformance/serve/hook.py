"""Where faults of the wire take hold: an answer as the exchange that it would be, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.exchange import Exchange, Piece, Response
from kimi_conformance.upstream.script import Close, Pause, Reset, Script, Send
from kimi_conformance.upstream.sender import bodiless, wire_headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Headers, Request
    from kimi_conformance.upstream.script import Framing, Step

    Answer = Callable[[Request], Script]

FRAMING: Final = ("content-length", "transfer-encoding")


def faulty(answer: Answer, fault: Callable[[Exchange], Exchange]) -> Answer:
    """The same answers with a fault in each."""
    return lambda request: as_script(fault(as_exchange(request, answer(request))))


def as_exchange(request: Request, script: Script) -> Exchange:
    """What a client would see of `script`, sent without loss: a piece for each send, times from the pauses.

    Raises `ValueError` for a script that does more than send and pause.
    """
    now, pieces = 0.0, []
    for step in (*script.before, *script.steps):
        match step:
            case Send(data):
                if data and not bodiless(script.status, request.method):
                    pieces.append(Piece(now, data))
            case Pause(seconds):
                now += seconds * 1000
            case _:
                raise ValueError(f"no exchange has a {step}")
    return Exchange(request, Response(script.status, wire_headers(script), tuple(pieces)), end_ms=now)


def as_script(exchange: Exchange) -> Script:
    """The script that sends what `exchange` has: its pieces at their times, cut or reset where it ended in an error.

    A Content-Length is that of the pieces, whatever the exchange says; of a cut answer it promises more.
    """
    response = exchange.response
    if response is None:
        return Script(before=(_end(exchange.error or ""),))
    framing, headers = _framing(response.headers)
    steps: list[Step] = []
    now = response.t_ms
    for piece in response.pieces:
        if piece.t_ms > now:
            steps.append(Pause((piece.t_ms - now) / 1000))
            now = piece.t_ms
        steps.append(Send(piece.data))
    if exchange.error is None:
        return Script(response.status, headers, tuple(steps), framing=framing)
    return Script(
        response.status,
        headers,
        (*steps, _end(exchange.error)),
        framing=framing,
        declared=len(response.body) + 1 if framing == "length" else None,
    )


def _framing(headers: Headers) -> tuple[Framing, Headers]:
    names = {name.lower() for name, _ in headers}
    rest = tuple((name, value) for name, value in headers if name.lower() not in FRAMING)
    return "chunked" if "transfer-encoding" in names else "length", rest


def _end(error: str) -> Step:
    return Reset() if error.startswith("reset") else Close()
