"""Requests that nothing promises an answer to, and that were answered on 1 and 3 September 2026."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suites.selftest.specimen_chat import completion
from suites.selftest.specimen_parts import (
    CHAT,
    HELLO,
    RESPONSES,
    THOUGHT,
    WEATHER,
    Object,
    asking,
    chat_body,
)

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

KEEP = {"type": "enabled", "keep": "all"}
CALL = {"id": "call_0", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"北京"}'}}
HISTORY = [
    *HELLO,
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "call_0", "content": "18 °C, 多云 ⛅"},
]


def _chat(**members: Any) -> Sight:
    asked = chat_body(**members)
    return asking(CHAT, asked, 200, completion(model=asked["model"]))


def response(said: str) -> Object:
    """An answer of the Responses face: its reasoning, and what it says."""
    summary = [{"type": "summary_text", "text": THOUGHT}]
    content = [{"type": "output_text", "text": said, "annotations": []}]
    output = [
        {"type": "reasoning", "id": "rs_1", "status": "completed", "summary": summary},
        {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": content},
    ]
    head = {"id": "resp_6a997249cb22a5e7e22ad263", "object": "response", "created_at": 1788441161}
    return {**head, "status": "completed", "model": "kimi-k3", "output": output}


TOLERATED: dict[str, Sight] = {
    "taken/prediction": _chat(prediction={"type": "content", "content": "Mare"}),
    "taken/keep-all": _chat(model="kimi-k2.6", thinking=KEEP),
    "taken/reasoning-left-out": _chat(messages=HISTORY, tools=[WEATHER], reasoning_effort="low"),
    "taken/responses-thinking": asking(
        RESPONSES,
        {"model": "kimi-k3", "input": "Name one sea of the moon.", "thinking": {"type": "disabled"}},
        200,
        response("Mare Tranquillitatis, 静海 🌕"),
    ),
}
