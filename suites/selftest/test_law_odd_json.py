"""No law is brought down by JSON of another form than it expects."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.judge.api.law import LAWS, Law
from suites.selftest.sights import DAY, HELLO, MESSAGES, TOOL, asking, calling, contract, events, seen, stream, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kimi_conformance.judge.api.sight import Sight

ODD = (None, True, -1, 0.5, "", "odd", [], [[]], [None], {}, {"odd": []})
CALL = {"id": "a", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
ASKED = asking(
    "kimi-k2.6",
    messages=[
        {"role": "system", "content": "", "tools": [TOOL]},
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "b"}}]},
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "a", "content": "18 °C"},
        {"role": "assistant", "content": "The moon is", "partial": True},
    ],
    tools=[TOOL],
    tool_choice={"type": "function", "function": {"name": "get_weather"}},
    thinking={"type": "disabled"},
    reasoning_effort="low",
    response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}, "strict": True}},
    stop=["a"],
    temperature=0.6,
    max_tokens=64,
    max_completion_tokens=64,
    stream_options={"include_usage": True},
)
TO_MESSAGES = asking(
    max_tokens=64,
    messages=HELLO,
    tools=[{"name": "a", "input_schema": {"type": "object"}}],
    tool_choice={"type": "tool", "name": "a"},
    thinking={"type": "disabled"},
    output_config={"effort": "bogus"},
    temperature=0.5,
    system="Be brief.",
)
USED = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12, "cached_tokens": 9}
MESSAGE = {
    "id": "a",
    "type": "message",
    "role": "assistant",
    "model": "kimi-k3",
    "stop_reason": "tool_use",
    "content": [{"type": "thinking", "thinking": "a", "signature": "b"}, {"type": "tool_use", "id": "a", "input": {}}],
    "usage": {"input_tokens": 9, "output_tokens": 3, **USED},
}
CHUNK = {"id": "a", "object": "chat.completion.chunk", "created": 1, "model": "kimi-k3"}
DELTA = {"role": "assistant", "content": "a", "reasoning_content": "b", "tool_calls": [{"index": 0, **CALL}]}
CHUNKS = [
    {**CHUNK, "choices": [{"index": 0, "delta": DELTA, "finish_reason": None}]},
    {**CHUNK, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls", "usage": USED}], "usage": USED},
]
EVENTS = [
    {"type": "message_start", "message": MESSAGE},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "a"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "{}"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": MESSAGE["usage"]},
]
ERROR = {"type": "error", "request_id": "a", "error": {"type": "b", "message": "c", "code": "d", "param": "e"}}
GATEWAY = {"code": 5, "error": "url.not_found", "message": "a", "scode": "0x5", "status": False}
MODEL = {"id": "kimi-k3", "object": "model", "created": 1, "owned_by": "moonshot", "context_length": 1}
MONEY = {"available_balance": 1, "voucher_balance": 1, "cash_balance": 1}
TO_RESPONSES = {"model": "kimi-k2-turbo", "reasoning": {"effort": "none"}, "tool_choice": "a", "temperature": 0.5}

FORMS: dict[str, tuple[Any, Callable[[Any], Sight]]] = {
    "chat request": (ASKED, lambda odd: seen(200, calling(), asked=odd, on=DAY)),
    "refused chat request": (ASKED, lambda odd: seen(400, ERROR, asked=odd, on=DAY)),
    "messages request": (TO_MESSAGES, lambda odd: seen(200, MESSAGE, asked=odd, path=MESSAGES, on=DAY)),
    "responses request": (TO_RESPONSES, lambda odd: seen(400, ERROR, asked=odd, path="/v1/responses", on=DAY)),
    "chat answer": ({**whole(tool_calls=[CALL]), "usage": USED}, lambda odd: seen(200, odd, asked=ASKED)),
    "chat stream": (CHUNKS, lambda odd: stream(*(odd if isinstance(odd, list) else [odd]), asked=ASKED)),
    "message": (MESSAGE, lambda odd: seen(200, odd, asked=TO_MESSAGES, path=MESSAGES)),
    "error": (ERROR, lambda odd: seen(400, odd, asked=asking(), on=DAY)),
    "error of messages": (ERROR, lambda odd: seen(404, odd, asked=asking("kimi-k2.5"), path=MESSAGES, on=DAY)),
    "error of responses": (ERROR, lambda odd: seen(401, odd, asked=TO_RESPONSES, path="/v1/responses")),
    "rate limit": (ERROR, lambda odd: seen(429, odd, asked=asking())),
    "coding 401": (
        ERROR,
        lambda odd: seen(401, odd, asked=asking(), path="/coding/v1/chat/completions", host="coding"),
    ),
    "gateway": (GATEWAY, lambda odd: seen(404, odd, method="GET", path="/v1/embeddings")),
    "models": ({"data": [MODEL]}, lambda odd: seen(200, odd, method="GET", path="/v1/models", on=DAY)),
    "balance": ({"data": MONEY}, lambda odd: seen(200, odd, method="GET", path="/v1/users/me/balance")),
    "tokens": ({"data": {"total_tokens": 1}}, lambda odd: seen(200, odd, path="/v1/tokenizers/estimate-token-count")),
    "file": (
        {"id": "file_1", "created_at": 1795305600},
        lambda odd: seen(200, odd, method="GET", path="/v1/files/file_1"),
    ),
    "deleted": ({"id": "a", "deleted": True}, lambda odd: seen(200, odd, method="DELETE", path="/v1/files/a")),
}


def odd_ones(value: Any) -> Iterator[Any]:
    """`value` with one part of it replaced by something odd, each part in turn."""
    yield from ODD
    for key in value if isinstance(value, dict) else ():
        for odd in odd_ones(value[key]):
            yield {**value, key: odd}
    for index in range(len(value)) if isinstance(value, list) else ():
        for odd in odd_ones(value[index]):
            yield [*value[:index], odd, *value[index + 1 :]]


CONTRACT = contract()
AREAS: dict[str, list[Law]] = {}
for name in LAWS:
    AREAS.setdefault(name.split(".")[1], []).append(LAWS[name])

each_area = pytest.mark.parametrize("area", AREAS)
each_form = pytest.mark.parametrize("form", FORMS)
each_event = pytest.mark.parametrize("number", range(len(EVENTS)))


@each_area
@each_form
def test_no_law_is_brought_down_by_odd_json(form: str, area: str) -> None:
    for sight in of_form(form):
        say_all(area, sight)


@each_area
@each_event
def test_no_law_is_brought_down_by_odd_events(number: int, area: str) -> None:
    for sight in of_event(number):
        say_all(area, sight)


@each_form
def test_odd_json_is_judged(form: str) -> None:
    assert all(any(law.when(sight, CONTRACT) for law in LAWS.values()) for sight in of_form(form))


@each_event
def test_odd_events_are_judged(number: int) -> None:
    assert all(any(law.when(sight, CONTRACT) for law in LAWS.values()) for sight in of_event(number))


@lru_cache(maxsize=1)
def of_form(form: str) -> list[Sight]:
    """Exchanges of this form, each with something odd in it. What was read of one is kept for the next area."""
    value, build = FORMS[form]
    return [build(odd) for odd in odd_ones(value)]


@lru_cache(maxsize=1)
def of_event(number: int) -> list[Sight]:
    """Streams in which this event is odd."""
    before, after = EVENTS[:number], EVENTS[number + 1 :]
    odds = [odd for odd in odd_ones(EVENTS[number]) if isinstance(odd, dict) and isinstance(odd.get("type"), str)]
    return [events(*before, odd, *after, asked=TO_MESSAGES) for odd in odds]


def say_all(area: str, sight: Sight) -> None:
    """Let the laws of an area that bear on `sight` have their say."""
    for law in AREAS[area]:
        if law.when(sight, CONTRACT):
            list(law.check(sight, CONTRACT))
