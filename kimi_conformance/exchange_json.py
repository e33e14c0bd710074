"""Exchanges as JSON documents (contracts/schemas/exchange.schema.json): how they are kept, and come from others.

A body that is UTF-8 is kept as `text`, any other as `base64`; headers are pairs, in order and with duplicates.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from kimi_conformance.exchange import Exchange, Headers, Piece, Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping


def to_json(exchange: Exchange) -> dict[str, Any]:
    """The document of `exchange`. Times are milliseconds on the clock of the run."""
    request, response = exchange.request, exchange.response
    return {
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": [list(header) for header in request.headers],
            "body": _bytes_to_json(request.body),
        },
        "response": response
        and {
            "status": response.status,
            "headers": [list(header) for header in response.headers],
            "t_ms": round(response.t_ms, 3),
            "pieces": [{"t_ms": round(piece.t_ms, 3), **_bytes_to_json(piece.data)} for piece in response.pieces],
        },
        "error": exchange.error,
        "start_ms": round(exchange.start_ms, 3),
        "end_ms": round(exchange.end_ms, 3),
    }


def from_json(document: Mapping[str, Any]) -> Exchange:
    """The exchange of a document that fits the schema. Raises `KeyError` or `ValueError` for one that does not."""
    request, response = document["request"], document["response"]
    return Exchange(
        Request(request["method"], request["url"], _headers(request["headers"]), _bytes_from_json(request["body"])),
        response
        and Response(
            response["status"],
            _headers(response["headers"]),
            tuple(Piece(piece["t_ms"], _bytes_from_json(piece)) for piece in response["pieces"]),
            response["t_ms"],
        ),
        document["error"],
        document["start_ms"],
        document["end_ms"],
    )


def _headers(pairs: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in pairs)


def _bytes_to_json(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode("ascii")}


def _bytes_from_json(kept: Mapping[str, Any]) -> bytes:
    return kept["text"].encode("utf-8") if "text" in kept else b64decode(kept["base64"], validate=True)
