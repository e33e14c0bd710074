"""Texts that are damaged, and JSON that is none."""

from __future__ import annotations

from typing import Final

from kimi_conformance.faults.wire.edit import change
from kimi_conformance.faults.wire.pieces import each_chunk, first_chunk, raw, without
from kimi_conformance.faults.wire.whole import answer, holding, response
from kimi_conformance.faults.wire.wire_fault import wire

UTF8: Final = "api.chat.text-is-utf8"
OBJECT: Final = "api.response-format.json-object-is-json"
KEPT: Final = "api.response-format.json-schema-is-kept"
CONTENT: Final = "choices/0/message/content"
REASONING: Final = "choices/0/message/reasoning_content"
PIECE: Final = "choices/0/delta/content"


def _lost(text: str) -> str:
    """What is not ASCII was lost."""
    return text.encode("ascii", "replace").decode().replace("?", "\ufffd")


def _in_pieces(text: str) -> str:
    """Read byte by byte, as who decodes each packet alone does."""
    return text.encode().decode("ascii", "replace")


FAULTS: Final = (
    wire("utf8-mangled", "Characters were replaced by U+FFFD.", answer(change(CONTENT, _lost)), UTF8, on="chat"),
    wire(
        "utf8-mangled-reasoning",
        "Characters of the reasoning were replaced by U+FFFD.",
        answer(change(REASONING, _in_pieces)),
        UTF8,
        on="chat",
    ),
    wire(
        "utf8-cut",
        "A character lost its last byte.",
        response(lambda found: holding(found, found.body.replace("🌕".encode(), "🌕".encode()[:3]))),
        UTF8,
        on="chat",
    ),
    wire(
        "latin-1",
        "A stream is in Latin-1.",
        raw(lambda data: data.replace(b"Mare", b"M\xe4re")),
        UTF8,
        "api.stream.well-formed",
        on="stream",
    ),
    wire(
        "stream-utf8-mangled",
        "Packets of a stream were decoded one by one.",
        each_chunk(change(PIECE, _in_pieces)),
        UTF8,
        on="stream",
    ),
    wire(
        "stream-utf8-cut",
        "A character of a stream lost its last byte.",
        raw(lambda data: data.replace("🌕".encode(), "🌕".encode()[:3])),
        UTF8,
        "api.stream.well-formed",
        on="stream",
    ),
    wire(
        "json-fenced",
        "JSON comes in a fence of Markdown.",
        answer(change(CONTENT, lambda text: f"```json\n{text}\n```")),
        OBJECT,
        on="chat-json",
    ),
    wire(
        "json-introduced",
        "JSON comes with a sentence before it.",
        answer(change(CONTENT, lambda text: f"Here it is: {text}")),
        OBJECT,
        on="chat-json",
    ),
    wire(
        "json-list",
        "A list comes where an object was asked for.",
        answer(change(CONTENT, lambda text: f"[{text}]")),
        OBJECT,
        on="chat-json",
    ),
    wire(
        "json-cut", "JSON ends before its end.", answer(change(CONTENT, lambda text: text[:-1])), OBJECT, on="chat-json"
    ),
    wire(
        "schema-broken",
        "JSON has not the members of its schema.",
        answer(change(CONTENT, lambda text: text.replace('"km"', '"distance"'))),
        KEPT,
        on="chat-schema",
    ),
    wire(
        "schema-mistyped",
        "A number of the schema is a string.",
        answer(change(CONTENT, lambda text: text.replace("384400", '"384400"'))),
        KEPT,
        on="chat-schema",
    ),
    wire(
        "schema-fenced",
        "JSON of a schema comes in a fence.",
        answer(change(CONTENT, lambda text: f"```json\n{text}\n```")),
        KEPT,
        on="chat-schema",
    ),
    wire(
        "schema-indented",
        "Strict JSON is laid out over several lines.",
        answer(change(CONTENT, lambda text: text.replace(",", ",\n  "))),
        "api.response-format.strict-is-compact",
        on="chat-schema",
    ),
    wire(
        "stream-json-piece-lost",
        "A piece of streamed JSON is lost.",
        without(rb'\\"km'),
        OBJECT,
        on="stream-asked-json",
    ),
    wire(
        "stream-json-fenced",
        "Streamed JSON begins with a fence.",
        first_chunk(change(PIECE, lambda text: f"```json\n{text}" if text else text)),
        OBJECT,
        on="stream-asked-json",
    ),
)
