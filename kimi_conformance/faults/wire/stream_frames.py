"""Streams whose events are not framed as the standard says."""

from __future__ import annotations

from typing import Final

from kimi_conformance.exchange import Piece
from kimi_conformance.faults.wire.pieces import events, raw
from kimi_conformance.faults.wire.wire_fault import wire

WELL_FORMED: Final = "api.stream.well-formed"


def _unfinished(found: list[Piece]) -> list[Piece]:
    return [*found[:-1], Piece(found[-1].t_ms, found[-1].data[:-1])]


def _marked(found: list[Piece]) -> list[Piece]:
    return [Piece(found[0].t_ms, b"\xef\xbb\xbf" + found[0].data), *found[1:]]


FAULTS: Final = (
    wire("sse-single-newline", "No blank line ends an event.", raw(lambda data: data[:-1]), WELL_FORMED, on="stream*"),
    wire(
        "sse-unfinished",
        "The last event has no blank line.",
        events(_unfinished),
        WELL_FORMED,
        "api.stream.done-once-and-last",
        on="stream*",
    ),
    wire(
        "sse-carriage-return",
        "Lines end with CR.",
        raw(lambda data: data.replace(b"\n", b"\r")),
        WELL_FORMED,
        on="stream*",
    ),
    wire(
        "sse-mixed-line-ends",
        "Some lines end with CR LF, some with LF.",
        raw(lambda data: data.replace(b"\n", b"\r\n") if b"role" in data else data),
        WELL_FORMED,
        on="stream*",
    ),
    wire("sse-byte-order-mark", "A stream begins with a byte order mark.", events(_marked), WELL_FORMED, on="stream*"),
    wire(
        "sse-bare-json",
        "Events are lines of JSON.",
        raw(lambda data: data.removeprefix(b"data: ")),
        WELL_FORMED,
        on="stream*",
    ),
    wire("sse-data-twice", "`data:` stands twice.", raw(lambda data: b"data: " + data), WELL_FORMED, on="stream*"),
    wire(
        "sse-capital-field",
        "The field is called Data.",
        raw(lambda data: data.replace(b"data:", b"Data:")),
        WELL_FORMED,
        on="stream*",
    ),
    wire(
        "sse-joined",
        "Two chunks stand in one event.",
        raw(lambda data: data[:-1] if b"reasoning" in data else data),
        WELL_FORMED,
        on="stream*",
    ),
    wire(
        "sse-list",
        "Chunks stand in lists.",
        raw(lambda data: data.replace(b"data: {", b"data: [{")[:-2] + b"]\n\n" if b"{" in data else data),
        WELL_FORMED,
        on="stream*",
    ),
)
