"""Two answers compared by hand: the healthy one, and what became of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.drifted import Evidence
from kimi_conformance.exchange import Piece
from kimi_conformance.judge.drift.compare import compare, why_not
from kimi_conformance.judge.drift.pairs import Answer, Pair
from kimi_conformance.registry.contracts import drift_rules
from suites.selftest.sights import contract
from suites.selftest.specimens import SPECIMENS

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.contract.provenance import Origin
    from kimi_conformance.faults.wire.edit import Edit
    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.judge.drift.compare import Compared

DAY: Final = date(2026, 11, 26)


def compared(before: Sight, after: Sight) -> Compared:
    """What differs between two sights, which must be comparable."""
    assert why_not(before, after) is None
    return compare(before, after, drift_rules(), contract())


def told(before: Sight, after: Sight) -> list[str]:
    """Class, kind and place of each change."""
    return [f"{change.class_} {change.kind} {change.where}" for change in compared(before, after).changes]


def edited(name: str, *edits: Edit) -> Sight:
    """A specimen whose JSON was edited."""
    sight = SPECIMENS[name]
    body = json.loads(body_of(sight))
    for edit in edits:
        edit(body)
    return with_body(sight, json.dumps(body, ensure_ascii=False).encode())


def rewritten(name: str, change: Callable[[list[Any]], list[Any]]) -> Sight:
    """A stream whose events, each its data (JSON, or text that is none), are others."""
    sight = SPECIMENS[name]
    events = [_data(event.data) for event in sight.reading.events]
    named = sight.face == "messages"
    return with_body(sight, b"".join(_event(data, named=named) for data in change(events)))


def with_body(sight: Sight, body: bytes, status: int | None = None) -> Sight:
    """The same exchange with another body."""
    response = sight.exchange.response
    assert response is not None
    other = replace(response, pieces=(Piece(0.0, body),), status=status or response.status)
    return replace(sight, exchange=replace(sight.exchange, response=other))


def with_headers(sight: Sight, **headers: str | None) -> Sight:
    """The same exchange with other headers (`_` for `-`); one that is None is left out."""
    response = sight.exchange.response
    assert response is not None
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = [(name, value) for name, value in response.headers if name.lower() not in named]
    new = [(name, value) for name, value in named.items() if value is not None]
    return replace(sight, exchange=replace(sight.exchange, response=replace(response, headers=(*kept, *new))))


def pair(call: str, before: Sight, after: Sight, *, recorded: Origin = "observed", seen: Origin = "live") -> Pair:
    """A pair with the evidence of such origins."""
    return Pair(call, Answer(before, _evidence(recorded)), Answer(after, _evidence(seen)))


def body_of(sight: Sight) -> bytes:
    assert sight.exchange.response is not None
    return sight.exchange.response.body


def _evidence(origin: Origin) -> Evidence:
    return Evidence(origin=origin, date=DAY, source="a test")


def _data(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode()


def _event(data: Any, *, named: bool) -> bytes:
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    name = f"event: {data['type']}\n" if named and isinstance(data, dict) else ""
    return f"{name}data: {text}\n\n".encode()
