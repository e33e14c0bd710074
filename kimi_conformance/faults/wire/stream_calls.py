"""Tool calls of streams whose fragments do not find together."""

from __future__ import annotations

from typing import Final

from kimi_conformance.faults.wire.edit import both, change, drop, put
from kimi_conformance.faults.wire.pieces import each_chunk, first_chunk, last_chunk, swapped, twice, without
from kimi_conformance.faults.wire.wire_fault import wire

JOIN: Final = "api.stream.fragments-join"
JSON: Final = "api.tools.arguments-are-json"
ON: Final = "stream-asked-tools"
CALL: Final = "choices/0/delta/tool_calls/0"
NAME: Final = f"{CALL}/function/name"
ARGUMENTS: Final = f"{CALL}/function/arguments"
BEGUN: Final = rb'"id":"get_weather'
FRAGMENT: Final = rb'"function":\{"arguments":"\{'
NEXT: Final = rb'"index":0,"function":\{"arguments":"[^{"]'

FAULTS: Final = (
    wire(
        "tool-index-missing",
        "Fragments do not say of which call they are.",
        each_chunk(drop(f"{CALL}/index")),
        JOIN,
        on=ON,
    ),
    wire(
        "tool-index-all-zero",
        "All fragments are of call 0.",
        each_chunk(both(change(f"{CALL}/index", int), put(f"{CALL}/index", 0))),
        JOIN,
        JSON,
        on=ON,
    ),
    wire(
        "tool-index-from-one",
        "Calls are numbered from 1.",
        each_chunk(change(f"{CALL}/index", lambda found: found + 1)),
        JOIN,
        on=ON,
    ),
    wire(
        "tool-index-as-text", "The index of a call is a string.", each_chunk(change(f"{CALL}/index", str)), JOIN, on=ON
    ),
    wire(
        "stream-tool-id-missing",
        "The first fragment of a call has no id.",
        each_chunk(drop(f"{CALL}/id")),
        JOIN,
        "api.tools.call-shape",
        on=ON,
    ),
    wire(
        "stream-tool-type-missing",
        "The first fragment of a call has no type.",
        each_chunk(drop(f"{CALL}/type")),
        JOIN,
        "api.tools.call-shape",
        on=ON,
    ),
    wire(
        "stream-tool-name-missing",
        "The first fragment of a call has no name.",
        each_chunk(drop(NAME)),
        JOIN,
        "api.tools.call-shape",
        on=ON,
    ),
    wire(
        "stream-tool-name-mangled",
        "The name of a streamed call is put in order.",
        each_chunk(change(NAME, lambda name: name.replace("_", "-"))),
        "api.tools.name-is-declared",
        on=ON,
    ),
    wire(
        "stream-tool-ids-equal",
        "Both calls have one id.",
        each_chunk(both(change(f"{CALL}/id", str), put(f"{CALL}/id", "call_0"))),
        "api.tools.ids-unique",
        on=ON,
    ),
    wire(
        "stream-tool-id-each",
        "Every fragment has an id of its own.",
        each_chunk(both(change(ARGUMENTS, str), put(f"{CALL}/id", "call_9"))),
        JOIN,
        on=ON,
    ),
    wire(
        "stream-tool-named-again",
        "Every fragment names its call again.",
        last_chunk(both(change(ARGUMENTS, str), put(NAME, "get_weather"))),
        JOIN,
        on=ON,
    ),
    wire("stream-drop-fragment", "A fragment of the arguments is lost.", without(FRAGMENT), JSON, on=ON),
    wire("stream-drop-beginning", "The fragment that begins a call is lost.", without(BEGUN), JOIN, on=ON),
    wire("stream-dup-fragment", "A fragment of the arguments comes twice.", twice(FRAGMENT), JSON, on=ON),
    wire("stream-dup-beginning", "The fragment that begins a call comes twice.", twice(BEGUN), JOIN, on=ON),
    wire(
        "stream-swap-fragments", "Two fragments of the arguments change places.", swapped(FRAGMENT, NEXT), JSON, on=ON
    ),
    wire("stream-swap-beginning", "A call begins after its first fragment.", swapped(BEGUN, FRAGMENT), JOIN, on=ON),
    wire(
        "stream-fragment-of-another-call",
        "The last fragment of the second call is given to the first.",
        last_chunk(change(f"{CALL}/index", lambda found: 1 - found)),
        JSON,
        on=ON,
    ),
    wire(
        "stream-args-cut",
        "The arguments of a streamed call lose their end.",
        last_chunk(change(ARGUMENTS, lambda text: text[:-1])),
        JSON,
        on=ON,
    ),
    wire(
        "stream-args-object",
        "The arguments of a streamed call are an object.",
        first_chunk(change(ARGUMENTS, lambda _: {"city": "Paris"})),
        "api.stream.chunk-shape",
        on=ON,
    ),
)
