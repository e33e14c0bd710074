"""Exchanges as JSON: our own (exchange.schema.json, also as `check --keep` writes them) and those of `evidence/`.

A file has one, an array of them, or one on each line.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from kimi_conformance.exchange import first
from kimi_conformance.exchange_json import from_json
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.traffic.evidence import KEYS, evidence_sight
from kimi_conformance.traffic.found import Found, Odd, Unreadable
from kimi_conformance.traffic.json_stream import elements
from kimi_conformance.traffic.known import day_of_response, host_of
from kimi_conformance.traffic.loose import Loose, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kimi_conformance.traffic.source import Source

OURS: Final = frozenset({"start_ms", "end_ms", "error"})
"""Members that only our own exchanges have, beside request and response."""


class Bytes(Loose):
    """Bytes, as text or in base64."""

    text: str | None = None
    base64: str | None = None


class Timed(Bytes):
    """Bytes and when they came."""

    t_ms: float


class Asked(Loose):
    """A request."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: Bytes


class Answered(Loose):
    """A response."""

    status: int
    headers: tuple[tuple[str, str], ...]
    t_ms: float
    pieces: tuple[Timed, ...]


class Ours(Loose):
    """An exchange as exchange.schema.json has it."""

    request: Asked
    response: Answered | None
    error: Annotated[str, Field(pattern=r"^(refused|reset|timeout|closed|protocol): ")] | None
    start_ms: float
    end_ms: float


def read_exchanges(file: str, source: Source) -> Iterator[Found]:
    """The exchanges of a file. Raises `Unreadable`, where it has come to a line or an element that is no JSON."""
    for index, document in enumerate(_documents(source)):
        try:
            yield Found(file, index, _sight(document))
        except Odd as odd:
            yield Found(file, index, None, str(odd))


def _documents(source: Source) -> Iterator[Any]:
    if source.head.lstrip().startswith(b"["):
        yield from elements(source)
        return
    line = source.head.partition(b"\n")[0]
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        yield _parsed(source.rest(), source.name)
        return
    for number, each in enumerate(source.lines(), 1):
        if each.strip():
            yield _parsed(each, source.name, number)


def _parsed(text: bytes, name: str, line: int = 1) -> Any:
    """The JSON in `text`, which begins on `line` of the file. Raises `Unreadable`."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        ended = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
        ends = "; it was cut, or not written to its end" if ended else ""
        place = f"{name}, line {line + error.lineno - 1}"
        raise Unreadable(f"{place}: no JSON: {error.msg}, column {error.colno}{ends}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name}, line {line}: its byte {error.start} is not UTF-8") from error
    except (RecursionError, ValueError) as error:
        raise Unreadable(f"{name}, line {line}: its JSON cannot be read: {error}") from error


def _sight(document: Any) -> Sight:
    inner = document["exchange"] if isinstance(document, dict) and "exchange" in document else document
    if not isinstance(inner, dict):
        raise Odd("it is no JSON object")
    return _own_sight(inner) if OURS & inner.keys() else evidence_sight(inner)


def _own_sight(document: Mapping[str, Any]) -> Sight:
    parsed(Ours, document, "exchange as exchange.schema.json has it")
    try:
        exchange = from_json(document)
    except (KeyError, ValueError) as error:
        raise Odd(f"it is no exchange as exchange.schema.json has it: {error}") from error
    request, response = exchange.request, exchange.response
    return Sight(
        exchange,
        day_of_response(response) if response else None,
        host_of(request.url),
        "none" if request.headers and not any(first(request.headers, name) for name in KEYS) else "unknown",
        timed=response is not None and len(response.pieces) > 1,
    )
