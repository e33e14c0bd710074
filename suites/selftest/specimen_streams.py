"""Chat streams, as evidence 004 and 070 have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suites.selftest.specimen_chat import BEGUN, BEIJING, FACTS, PARIS, used
from suites.selftest.specimen_parts import CHAT, WEATHER, Object, chat_body, event_stream, request, sight, written

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

DONE = b"data: [DONE]\n\n"
FINGERPRINT = {"system_fingerprint": "fpv0_25844b67"}
ASKED = {"stream": True, "stream_options": {"include_usage": True}}


def chunk(delta: Object | None, **choice: Any) -> bytes:
    """An event; without a delta it has no choice, and `choice` stands at its top."""
    head = {"id": "chatcmpl-6a5aba7e3fbb8333b875d4a9", "object": "chat.completion.chunk", "created": 1788396033}
    whole: Object = {**head, "model": "kimi-k3"}
    if delta is None:
        whole = {**whole, "choices": [], **choice}
    else:
        whole = {**whole, "choices": [{"index": 0, "delta": delta, "finish_reason": None, **choice}], **FINGERPRINT}
    return b"data: " + written(whole) + b"\n\n"


ROLE = chunk({"role": "assistant", "content": ""})
THINKING = [chunk({"reasoning_content": each}) for each in ("A sea", " is asked for,", " 一个就够了。")]
SPOKEN = [chunk({"content": each}) for each in ("Mare Tranq", "uillitatis, ", "静海", " 🌕")]
COUNTED = used(89, 67)


def _finish(reason: str, usage: Object = COUNTED) -> bytes:
    return chunk({}, finish_reason=reason, usage=usage)


def _begun(made: Object) -> bytes:
    function = {"name": made["function"]["name"], "arguments": ""}
    return chunk({"tool_calls": [{"index": made["index"], "id": made["id"], "type": "function", "function": function}]})


def _arguments(made: Object) -> list[bytes]:
    """The arguments in three fragments, of which none is like another."""
    text = made["function"]["arguments"]
    parts = (text[:5], text[5:11], text[11:])
    return [chunk({"tool_calls": [{"index": made["index"], "function": {"arguments": each}}]}) for each in parts]


def _streamed(asked: Object, *blocks: bytes, step_ms: float = 10.0, timed: bool = False) -> Sight:
    answered = event_stream([ROLE, *THINKING, *blocks, DONE], step_ms=step_ms)
    return sight(request("POST", CHAT, asked), answered, timed=timed, end_ms=answered.pieces[-1].t_ms + 5)


JSON_PARTS = ('{"na', 'me":"月', '亮 🌓",', '"km":38', "4400}")
CALLS = (_begun(PARIS), *_arguments(PARIS), _begun(BEIJING), *_arguments(BEIJING))
TOLD = chunk(None, usage=COUNTED)
CUT = used(89, 12, reasoning=10)

STREAMS: dict[str, Sight] = {
    "stream": _streamed(chat_body(stream=True), *SPOKEN, _finish("stop")),
    "stream-repeat": _streamed(
        chat_body(stream=True, messages=[{"role": "user", "content": "Repeat exactly: kimi-conformance sees 静海 🌕"}]),
        *(chunk({"content": each}) for each in ("kimi-conf", "ormance ", "sees 静", "海 🌕")),
        _finish("stop"),
    ),
    "stream-asked-usage": _streamed(chat_body(**ASKED), *SPOKEN, _finish("stop"), TOLD),
    "stream-asked-tools": _streamed(chat_body(**ASKED, tools=[WEATHER]), *CALLS, _finish("tool_calls"), TOLD),
    "stream-asked-json": _streamed(
        chat_body(**ASKED, messages=FACTS, response_format={"type": "json_object"}),
        *(chunk({"content": each}) for each in JSON_PARTS),
        _finish("stop"),
        TOLD,
    ),
    "stream-partial": _streamed(
        chat_body(stream=True, messages=BEGUN),
        *(chunk({"content": each}) for each in (" the Sea", " of Tranq", "uility, ", "静海")),
        _finish("stop"),
    ),
    "stream-asked-length": _streamed(
        chat_body(**ASKED, max_completion_tokens=12), _finish("length", CUT), chunk(None, usage=CUT)
    ),
    "stream-asked-timed": _streamed(
        chat_body(**ASKED), *SPOKEN, *SPOKEN, _finish("stop"), TOLD, step_ms=60.0, timed=True
    ),
}
