"""Whatever stands where in a request or an answer, it is judged: laws find, they do not fall over."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.judge.api.law import Contract
from kimi_conformance.judge.api.sight import Sight
from kimi_conformance.registry.contracts import catalogue, requirements, wire_schemas
from kimi_conformance.traffic.judged import said_of
from suites.selftest.traffic_files import ANSWER, ASKED, CHAT, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

ODD: Final[tuple[Any, ...]] = (
    *(None, True, 0, -1, 1.5, 10**30, float("nan"), "", "x", "\ud83d"),
    *([], {}, [None], [[]], {"a": 1}, [1, "a", {}], {"type": "text"}, {"type": []}),
)
MEMBERS: Final = (
    *("choices", "content", "delta", "error", "function", "index", "message", "messages", "model", "n", "partial"),
    *("reasoning_effort", "response_format", "role", "stop", "stream", "stream_options", "temperature", "thinking"),
    *("tool_call_id", "tool_calls", "tool_choice", "tools", "type", "usage"),
)
CALL: Final = {"index": 0, "id": "f:0", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TOOL: Final = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
HISTORY: Final = [
    {"role": "user", "content": "x"},
    {"role": "assistant", "content": "", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "f:0", "content": "1"},
]
ASKS: Final = (
    ASKED,
    {**ASKED, "messages": HISTORY, "tools": [TOOL], "thinking": {"type": "disabled"}, "max_tokens": 9},
)
MESSAGE: Final = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "model": "kimi-k3",
    "content": [{"type": "thinking", "thinking": "", "signature": ""}, {"type": "tool_use", "id": "1", "input": {}}],
    "stop_reason": "tool_use",
    "usage": {"input_tokens": 1, "output_tokens": 1},
}
ERROR: Final = {"error": {"message": "Invalid request: x", "type": "invalid_request_error"}}
GATEWAY: Final = {"code": 5, "error": "url.not_found", "message": "x", "method": "GET", "scode": "0x5", "status": False}
CALLED: Final = {**ANSWER["choices"][0], "message": {"role": "assistant", "content": "", "tool_calls": [CALL, CALL]}}
ANSWERS: Final = (ANSWER, {**ANSWER, "choices": [CALLED]}, MESSAGE, ERROR, {**ERROR, "type": "error"}, GATEWAY)
EVENTS: Final = (
    {"type": "message_start", "message": {**MESSAGE, "content": []}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "1", "input": {}}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "{}"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 1}},
    {"type": "message_stop"},
)
URLS: Final = (CHAT, *(f"https://api.moonshot.ai{path}" for path in ("/anthropic/v1/messages", "/v1/responses")))
CONTRACT: Final = Contract(catalogue(), wire_schemas())


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each value within `value`."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


def spoilt(value: Any, dice: random.Random) -> Any:
    """`value` with something odd in it: in another's place, or beside it."""
    value = copy.deepcopy(value)
    *path, last = dice.choice(list(places(value)))
    inside = value
    for key in path:
        inside = inside[key]
    way = dice.random()
    if way < 0.2:
        del inside[last]
    elif way < 0.4 and isinstance(inside, dict):
        inside[dice.choice(MEMBERS)] = dice.choice(ODD)
    else:
        inside[last] = dice.choice(ODD)
    return value


def spoilt_stream(dice: random.Random) -> bytes:
    """A stream of either wire, one event of it spoilt."""
    chunks = [json.loads(line[6:]) for line in stream("a").splitlines() if line.startswith("data: {")]
    events = dice.choice((chunks, list(EVENTS)))
    at = dice.randrange(len(events))
    events[at] = spoilt(events[at], dice)
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()


def odd_sight(dice: random.Random) -> Sight:
    """An exchange in which something is odd."""
    streamed = dice.random() < 0.4
    body = spoilt_stream(dice) if streamed else json.dumps(spoilt(dice.choice(ANSWERS), dice)).encode()
    asked = spoilt({**dice.choice(ASKS), "stream": streamed}, dice)
    kind = "text/event-stream" if streamed else "application/json"
    status = dice.choice((200, 200, 200, 400, 401, 404, 429, 500))
    request = Request("POST", dice.choice(URLS), (("authorization", "Bearer x"),), json.dumps(asked).encode())
    response = Response(status, (("content-type", kind),), (Piece(0.0, body),))
    sight = Sight(Exchange(request, response), host="platform-ai")
    return replace(sight, partial=dice.random() < 0.2)


@pytest.mark.parametrize("seed", range(8))
def test_no_odd_value_makes_a_law_fall_over(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - nothing secret
    known = requirements("api")
    told = [
        said.as_json()
        for sight in (odd_sight(dice) for _ in range(250))
        for _, group in said_of(sight, known, CONTRACT, drifting=True)
        for said in group
    ]
    assert len(told) > 250
