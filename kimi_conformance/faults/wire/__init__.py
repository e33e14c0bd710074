"""Deliberate defects of the wire, by id: pure functions from the exchange as it was to the exchange with the defect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.wire import (
    accepting,
    answers,
    errors,
    files,
    headers,
    keys,
    limits,
    lists,
    message_events,
    message_usage,
    messages,
    partial,
    reasoning,
    refusals,
    refusing,
    stream_calls,
    stream_end,
    stream_frames,
    stream_order,
    text,
    tool_calls,
    usage,
)
from kimi_conformance.faults.wire.wire_fault import DoesNotFit, WireFault

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["WIRE", "DoesNotFit", "WireFault"]


def _by_id(faults: Iterable[WireFault]) -> dict[str, WireFault]:
    found: dict[str, WireFault] = {}
    for fault in faults:
        if fault.id in found:
            raise ValueError(f"two faults of the wire are called {fault.id}")
        found[fault.id] = fault
    return found


_MODULES: Final = (
    *(refusing, accepting, refusals, keys, limits, errors, headers),
    *(answers, text, partial, reasoning, usage, tool_calls),
    *(stream_frames, stream_order, stream_end, stream_calls),
    *(messages, message_events, message_usage, lists, files),
)

WIRE: Final[dict[str, WireFault]] = _by_id(fault for module in _MODULES for fault in module.FAULTS)
