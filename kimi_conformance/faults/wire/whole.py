"""Harm to a response as a whole: its status, its head, its JSON body."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kimi_conformance.exchange import Piece, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Exchange
    from kimi_conformance.faults.wire.edit import Edit
    from kimi_conformance.faults.wire.wire_fault import Apply

HTML = b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"


def response(harm: Callable[[Response], Response]) -> Apply:
    """The response is another."""

    def apply(exchange: Exchange) -> Exchange:
        if exchange.response is None:
            raise LookupError("no response")
        return replace(exchange, response=harm(exchange.response))

    return apply


def answer(edit: Edit) -> Apply:
    """The JSON object of the body, of an answer or of an error, is edited and written anew."""

    def harm(found: Response) -> Response:
        value = found.json()
        edit(value)
        return holding(found, written(value))

    return response(harm)


def entire(made: Callable[[Any], Any]) -> Apply:
    """The JSON of the body is what `made` makes of it."""
    return response(lambda found: holding(found, written(made(found.json()))))


def status(new: int) -> Apply:
    """The status is another, and all else as it was."""
    return response(lambda found: replace(found, status=new))


def header(name: str, made: Callable[[str], str | None]) -> Apply:
    """A header that is there has the value that `made` makes of it; None: it is not there."""

    def harm(found: Response) -> Response:
        if found.header(name) is None:
            raise LookupError(f"no header {name}")
        pairs = [(key, made(value) if key.lower() == name else value) for key, value in found.headers]
        return replace(found, headers=tuple((key, value) for key, value in pairs if value is not None))

    return response(harm)


def header_added(name: str, value: str) -> Apply:
    """A header more."""
    return response(lambda found: replace(found, headers=(*found.headers, (name, value))))


def one_after_another(*harms: Apply) -> Apply:
    """Several harms at once."""

    def apply(exchange: Exchange) -> Exchange:
        for harm in harms:
            exchange = harm(exchange)
        return exchange

    return apply


def failing(code: int, value: Any) -> Apply:
    """Whatever was answered, it is this error, in JSON."""
    return response(lambda found: holding(typed(replace(found, status=code), "application/json"), written(value)))


def page(code: int) -> Apply:
    """Whatever was answered, it is a page in HTML."""
    return response(lambda found: holding(typed(replace(found, status=code), "text/html"), HTML))


def typed(found: Response, media: str) -> Response:
    """The response with this media type."""
    rest = tuple((key, value) for key, value in found.headers if key.lower() != "content-type")
    return replace(found, headers=(*rest, ("content-type", media)))


def holding(found: Response, body: bytes) -> Response:
    """The response with this body in one piece, at the time of its last one; a length in its head stays true."""
    headers = tuple((key, str(len(body)) if key.lower() == "content-length" else value) for key, value in found.headers)
    at = found.pieces[-1].t_ms if found.pieces else found.t_ms
    return replace(found, headers=headers, pieces=(Piece(at, body),))


def written(value: Any) -> bytes:
    """JSON as Kimi writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
