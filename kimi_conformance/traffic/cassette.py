"""vcrpy cassettes, YAML or JSON, our own with the pieces of streams among them.

Their form is vcrpy's serialize.py, version 1; what older releases and pydantic-ai write is read, too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import yaml

from kimi_conformance.contract.calls import Host
from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.judge.api.sight import Key, Sight
from kimi_conformance.traffic.encodings import pairs, unbase64, unpacked, utf8
from kimi_conformance.traffic.found import Found, Odd, Unreadable
from kimi_conformance.traffic.json_stream import elements
from kimi_conformance.traffic.known import day_of, day_of_response, host_of
from kimi_conformance.traffic.loose import Loose, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kimi_conformance.traffic.source import Source


class Asked(Loose):
    """A request. The body is text, bytes, what it was parsed to, or nothing."""

    method: str
    uri: str
    headers: dict[str, Any] | None = None
    body: Any = None
    parsed_body: Any = None


class Status(Loose):
    """A status line."""

    code: int


class Times(Loose):
    """How the body came: the sizes of its pieces, when each was there (ms from the start), and what cut it short."""

    chunks: tuple[int, ...] = ()
    at_ms: tuple[float, ...] = ()
    head_ms: float | None = None
    end_ms: float | None = None
    cut: str | None = None


class Provenance(Loose):
    """Where an answer comes from."""

    recorded_at: Any = None
    host: Any = None
    key: Any = None


class Answered(Loose):
    """A response. Older releases write `status_code` and `content` for httpx."""

    status: Status | None = None
    status_code: int | None = None
    headers: dict[str, Any] | None = None
    body: Any = None
    parsed_body: Any = None
    content: Any = None
    stream: Times | None = None
    provenance: Provenance | None = None


class Interaction(Loose):
    """A request with its response."""

    request: Asked
    response: Answered
    recorded_at: Any = None


def read_json_cassette(file: str, source: Source) -> Iterator[Found]:
    """The interactions of a cassette in JSON. Raises `Unreadable`."""
    return _read(file, source, elements(source, "interactions"))


def read_yaml_cassette(file: str, source: Source) -> Iterator[Found]:
    """The interactions of a cassette in YAML, which is read as a whole. Raises `Unreadable`."""
    try:
        document = yaml.load(source.rest(), yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Unreadable(f"{source.name}: no YAML that judge reads{line}: {error.problem}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Unreadable(f"{source.name}: no YAML that judge reads: {' '.join(str(error).split())}") from error
    found = document.get("interactions") if isinstance(document, dict) else None
    if not isinstance(found, list):
        raise Unreadable(f"{source.name}: `interactions` must be a list: it is no vcrpy cassette")
    return _read(file, source, found)


def _read(file: str, source: Source, interactions: Iterable[Any]) -> Iterator[Found]:
    index = -1
    for index, value in enumerate(interactions):
        try:
            yield Found(file, index, _sight(parsed(Interaction, value, "interaction of a vcrpy cassette")))
        except Odd as odd:
            yield Found(file, index, None, str(odd))
    if index < 0:
        raise Unreadable(f"{source.name} is a cassette without interactions: nothing was recorded")


def _sight(found: Interaction) -> Sight:
    asked, answered = found.request, found.response
    request = Request(asked.method, asked.uri, pairs(asked.headers), _bytes(asked.body, asked.parsed_body))
    status = answered.status.code if answered.status else answered.status_code
    if status is None:
        raise Odd("its response has no status")
    kept = pairs(answered.headers)
    packed = _bytes(_string(answered), answered.parsed_body)
    headers, body, whole = unpacked(kept, packed)
    times = answered.stream or Times()
    timed = len(times.at_ms) == len(times.chunks) > 0 and headers == kept
    pieces = _pieces(body, times) if timed else (Piece(0.0, body),)
    end = times.end_ms or max((piece.t_ms for piece in pieces), default=0.0)
    cut = None if times.cut is None else f"closed: {times.cut}"
    response = Response(status, headers, pieces, times.head_ms or 0.0)
    known = answered.provenance or Provenance()
    return Sight(
        Exchange(request, response, cut, 0.0, end),
        day_of(known.recorded_at, found.recorded_at) or day_of_response(response),
        known.host if known.host in get_args(Host) else host_of(asked.uri),
        known.key if known.key in get_args(Key) else "unknown",
        partial=not whole and cut is None,
        timed=timed,
    )


def _string(answered: Answered) -> Any:
    body = answered.body if answered.body is not None else answered.content
    if isinstance(body, dict) and "base64_string" in body:
        return unbase64(str(body["base64_string"]))
    return body["string"] if isinstance(body, dict) and "string" in body else body


def _bytes(body: Any, parsed_body: Any) -> bytes:
    """What stands for a body, as bytes. What was parsed is written as JSON again."""
    value = parsed_body if body is None else body
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return utf8(value)
    return b"" if value is None else json.dumps(value, default=str).encode()


def _pieces(body: bytes, times: Times) -> tuple[Piece, ...]:
    if sum(times.chunks) != len(body):
        raise Odd(f"the pieces of its stream have {sum(times.chunks)} bytes, and its body {len(body)}")
    pieces, start = [], 0
    for size, at in zip(times.chunks, times.at_ms, strict=True):
        pieces.append(Piece(at, body[start : start + size]))
        start += size
    return tuple(pieces)
