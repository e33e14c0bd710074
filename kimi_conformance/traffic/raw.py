"""A bare response body, JSON or an event stream, whose shape somebody names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.traffic.found import Found
from kimi_conformance.traffic.known import day_created

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.schema import Shape
    from kimi_conformance.traffic.source import Source

PRESUMED: Final = 200
UNKNOWN: Final = 0


def read_raw(file: str, source: Source, shape: Shape) -> Iterator[Found]:
    """The one answer that the file is. Its request is not known; its status is presumed 200, or of an error unknown."""
    body, status = source.rest(), UNKNOWN if shape.startswith("error") else PRESUMED
    exchange = Exchange(Request("", ""), Response(status, (), (Piece(0.0, body),)))
    yield Found(file, 0, Sight(exchange, on=day_created(body), given=shape))
