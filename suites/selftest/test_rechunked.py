"""What is judged of a stream does not depend on how the network cut it: not within a line, not within a character."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kimi_conformance.api.material import material
from kimi_conformance.api.replay import Replay
from kimi_conformance.cassette.shelf import names, path_of
from kimi_conformance.exchange import Piece
from kimi_conformance.faults.wire import WIRE, DoesNotFit
from kimi_conformance.judge.api.judging import bears, findings
from kimi_conformance.judge.api.law import LAWS, Contract
from kimi_conformance.registry.contracts import calls, catalogue, requirements, wire_schemas
from suites.selftest.specimens import SPECIMENS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.verdict import Finding
    from kimi_conformance.judge.api.sight import Sight

DAY = date(2026, 11, 23)
CONTRACT = Contract(catalogue(), wire_schemas())
REQUIREMENTS = requirements("api")
CALLS = material(calls(), catalogue(), DAY).calls

STREAMS = [name for name, sight in SPECIMENS.items() if sight.streamed]
TAPED = [name for name in names() if name in CALLS and b"text/event-stream" in path_of(name).read_bytes()]


def _harmed() -> Iterator[tuple[str, str, Sight]]:
    """Two streams with each fault that fits them."""
    for name in ("stream-asked-tools", "message-stream-tools"):
        for fault in WIRE.values():
            with suppress(DoesNotFit):
                yield name, fault.id, replace(SPECIMENS[name], exchange=fault.apply(SPECIMENS[name].exchange))


HARMED = [pytest.param(sight, id=f"{name}-{fault}") for name, fault, sight in _harmed() if sight.streamed]

# No verdict may hang on how busy the machine is: neither a deadline nor the health check that times the examples.
steady = settings(
    derandomize=True, database=None, max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
cuts = st.lists(st.floats(0, 1), max_size=60)


@pytest.mark.parametrize("name", STREAMS)
@given(at=cuts)
@steady
def test_a_specimen_judges_the_same_however_it_is_cut(name: str, at: list[float]) -> None:
    sight = _untimed(SPECIMENS[name])
    assert _judged(_cut(sight, at)) == _judged(sight)


@pytest.mark.parametrize("name", STREAMS)
def test_a_specimen_judges_the_same_byte_by_byte(name: str) -> None:
    sight = _untimed(SPECIMENS[name])
    assert _judged(_byte_by_byte(sight)) == _judged(sight)


@pytest.mark.parametrize("sight", HARMED)
def test_a_fault_judges_the_same_byte_by_byte(sight: Sight) -> None:
    assert _judged(_byte_by_byte(sight)) == _judged(sight)


def test_there_are_streams_on_tape() -> None:
    assert TAPED


@pytest.mark.parametrize("name", TAPED)
@given(at=cuts)
@steady
def test_a_tape_judges_the_same_however_it_is_cut(name: str, at: list[float]) -> None:
    sight = _taped(name)
    assert sight.streamed
    assert _judged(_cut(sight, at)) == _judged(sight)


@pytest.mark.parametrize("name", TAPED)
def test_a_tape_judges_the_same_byte_by_byte(name: str) -> None:
    sight = _taped(name)
    assert _judged(_byte_by_byte(sight)) == _judged(sight)


@cache
def _taped(name: str) -> Sight:
    return _untimed(Replay()(CALLS[name]).sight)


def _untimed(sight: Sight) -> Sight:
    """The same, of which nobody knows when its pieces came: another cut has other times."""
    return replace(sight, timed=False)


def _judged(sight: Sight) -> list[Finding]:
    """All that any law says, notes and what was not observed included."""
    bearing = [name for name in LAWS if bears(name, sight, CONTRACT)]
    assert bearing
    return [found for name in bearing for found in findings(REQUIREMENTS[name], sight, CONTRACT)]


def _cut(sight: Sight, at: list[float]) -> Sight:
    """The same bytes, cut at these parts of the whole."""
    size = len(sight.exchange.response.body)
    return _in_pieces(sight, sorted({round(each * size) for each in at}))


def _byte_by_byte(sight: Sight) -> Sight:
    return _in_pieces(sight, list(range(len(sight.exchange.response.body))))


def _in_pieces(sight: Sight, at: list[int]) -> Sight:
    response = sight.exchange.response
    ends = [*at, len(response.body)]
    pieces = tuple(Piece(float(end), response.body[start:end]) for start, end in zip([0, *at], ends, strict=True))
    assert b"".join(each.data for each in pieces) == response.body
    return replace(sight, exchange=replace(sight.exchange, response=replace(response, pieces=pieces)))
