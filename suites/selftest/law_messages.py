"""The laws of messages, the Anthropic face: whole ones and streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suites.selftest.sights import ID, MESSAGES, asking, error, events, seen

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

USED = {"input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 88, "output_tokens": 70}
TWINS = {"prompt_tokens": 88, "completion_tokens": 70, "total_tokens": 158, "cached_tokens": 88}
FRESH = {"input_tokens": 88, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 0}
START = {
    "type": "message_start",
    "message": {
        "id": ID,
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": "kimi-k2.6",
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**FRESH, "prompt_tokens": 88, "cached_tokens": 0},
    },
}
THINKING: dict[str, object] = {"type": "thinking", "thinking": "", "signature": ""}
TEXT: dict[str, object] = {"type": "text", "text": ""}
TOOL: dict[str, object] = {"type": "tool_use", "id": "get_weather_0", "name": "get_weather", "input": {}}
STOP = {"type": "message_stop"}
NAMES, ORDER, SHAPE = "api.messages.event-names", "api.messages.event-order", "api.messages.stream-shape"
REASON, FITS, JOINS = "api.messages.stop-reason", "api.messages.tool-use-fits-stop", "api.messages.tool-input-joins"
SPLIT, UNSIGNED = "api.messages.usage-split", "api.messages.no-signature"


def begin(index: int, block: dict[str, object]) -> dict[str, object]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def piece(index: int, kind: str, **text: str) -> dict[str, object]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": f"{kind}_delta", **text}}


def end(index: int) -> dict[str, object]:
    return {"type": "content_block_stop", "index": index}


def last(reason: str | None = "end_turn", **used: int) -> dict[str, object]:
    delta = {"stop_reason": reason, "stop_sequence": None}
    return {"type": "message_delta", "delta": delta, "usage": {**USED, **TWINS, **used}}


THOUGHT = (begin(0, THINKING), piece(0, "thinking", thinking="The"), piece(0, "thinking", thinking=" user"), end(0))
HELLO = (begin(1, TEXT), piece(1, "text", text="Hel"), piece(1, "text", text="lo"), end(1))
ALL = (START, *THOUGHT, *HELLO, last(), STOP)
PIECES = (piece(0, "input_json", partial_json='{"city":'), piece(0, "input_json", partial_json='"Paris"}'))
USING = (START, begin(0, TOOL), *PIECES, end(0), last("tool_use"), STOP)


def whole(*blocks: dict[str, object], reason: str = "end_turn", **changes: object) -> Sight:
    body = {
        "id": ID,
        "type": "message",
        "role": "assistant",
        "content": list(blocks) or [{"type": "text", "text": "Hello!"}],
        "model": "kimi-k3",
        "stop_reason": reason,
        "usage": {**USED, **TWINS},
        **changes,
    }
    return seen(200, body, asked=asking(max_tokens=64), path=MESSAGES)


FINE = [
    *((REASON, events(START, last(reason), STOP)) for reason in ("stop_sequence", "refusal", "max_tokens")),
    (FITS, events(START, begin(0, TOOL), end(0), last("refusal"), STOP)),
    ("api.messages.shape", whole()),
    ("api.messages.shape", whole({**TOOL, "input": {"city": "Paris"}}, reason="tool_use")),
    *((requirement, events(*ALL)) for requirement in (SHAPE, ORDER, NAMES, REASON, FITS, SPLIT, UNSIGNED)),
    *((requirement, events(*USING)) for requirement in (SHAPE, ORDER, FITS, JOINS)),
    ("api.messages.model-echoed", events(*ALL)),
    ("api.messages.model-echoed", whole()),
    (ORDER, events(*ALL[:4], {"type": "ping"}, *ALL[4:])),
    (ORDER, events(*ALL[:6], partial=True)),
    (JOINS, events(START, begin(0, TOOL), end(0), last("tool_use"), STOP)),
    (JOINS, events(START, begin(0, TOOL), *PIECES, {**PIECES[0], **end(0)}, last("tool_use"), STOP)),
    (FITS, events(START, begin(0, TOOL), end(0), last("max_tokens"), STOP)),
    ("api.messages.usage-in-message-delta", events(*ALL)),
    (SPLIT, whole()),
]
DONE = seen(
    200,
    'event: message_stop\ndata: {"type": "message_stop"}\n\ndata: [DONE]\n\n',
    headers={"content-type": "text/event-stream"},
    path=MESSAGES,
)

WRONG = [
    (NAMES, DONE, "response event 1"),
    ("api.messages.shape", whole(id=""), "response /id"),
    ("api.messages.shape", whole({**TOOL, "input": "{}"}), "response /content/0/input"),
    (SHAPE, events(*ALL[:-1], {"type": "message_halt"}), "response event 10 /type"),
    (SHAPE, events(START, begin(0, {"type": "text"})), "response event 1 /content_block/text"),
    (SHAPE, seen(200, "", headers={"content-type": "text/event-stream"}, path=MESSAGES), "response body"),
    (ORDER, events(*ALL[:-1]), "response, its end"),
    (ORDER, events(*ALL[1:]), ", ".join(f"response event {number}" for number in range(len(ALL) - 1))),
    (ORDER, events(START, *ALL), "response event 1"),
    (
        ORDER,
        events(START, begin(1, TEXT), end(1), last(), STOP),
        ", ".join(f"response event {number}" for number in (1, 2, 3)),
    ),
    (ORDER, events(START, begin(0, TEXT), begin(1, TEXT), last(), STOP), "response event 2, response event 3"),
    (ORDER, events(START, begin(0, TEXT), end(0), end(0), last(), STOP), "response event 3"),
    (ORDER, events(START, begin(0, TEXT), last(), STOP), "response event 2"),
    (ORDER, events(START, STOP), "response event 1"),
    (ORDER, events(START, last(), STOP, STOP), "response event 3"),
    (NAMES, events(*ALL, names={0: "message"}), "response event 0"),
    ("api.messages.model-echoed", whole(model="kimi-k9"), "response /model"),
    (REASON, events(START, last(None), STOP), "response, message_delta, /delta/stop_reason"),
    (REASON, whole(reason="stop"), "response /stop_reason"),
    (FITS, whole(TOOL), "response /content/0"),
    (FITS, whole(content=["odd", TOOL]), "response /content/1"),
    (FITS, whole(reason="tool_use"), "response"),
    (
        JOINS,
        events(START, begin(0, TOOL), PIECES[0], end(0), last("tool_use"), STOP),
        "response event 1 /content_block",
    ),
    (SPLIT, events(START, last(input_tokens=88), STOP), "response event 1 usage/input_tokens"),
    (SPLIT, events(START, last(total_tokens=1), STOP), "response event 1 usage/total_tokens"),
    (
        "api.messages.usage-in-message-delta",
        events(START, last(output_tokens=0), STOP),
        "response event 1 /usage/output_tokens",
    ),
    ("api.messages.usage-in-message-delta", events(START, STOP), "response"),
    (UNSIGNED, whole({**THINKING, "signature": "abc"}), "response /content/0/signature"),
    (UNSIGNED, events(START, {"type": "ping"}), "response event 1"),
    (UNSIGNED, events(START, begin(0, THINKING), piece(0, "signature", signature="a")), "response event 2"),
]
SILENT = [
    ("api.messages.shape", error(400, "invalid_request_error", "no", path=MESSAGES)),
    (SHAPE, whole()),
    (ORDER, seen(200, "", headers={"content-type": "text/event-stream"}, path=MESSAGES)),
    ("api.messages.model-echoed", events(*ALL, host="coding")),
    (REASON, events(*ALL[:6], partial=True)),
    (REASON, events(START, {"type": "message_delta", "usage": USED}, STOP)),
    (JOINS, events(*ALL)),
    (JOINS, events(START, begin(0, TOOL), PIECES[0], end(0), last("max_tokens"), STOP)),
    (SPLIT, whole(usage=USED)),
    ("api.messages.usage-in-message-delta", whole()),
]
