"""`POST /v1/chat/completions`, on the platform and below `/coding`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.serve.answering import reply_to
from kimi_conformance.serve.asking import objects, text
from kimi_conformance.serve.inference import admitted, understood
from kimi_conformance.serve.pace import paced
from kimi_conformance.serve.reading import body_of
from kimi_conformance.serve.shapes import refuse
from kimi_conformance.upstream import asked as request
from kimi_conformance.upstream import kimi_chat
from kimi_conformance.upstream.kimi_wire import JSON, STREAM, Problem, headers
from kimi_conformance.upstream.script import compact, json_answer, sse_answer

if TYPE_CHECKING:
    from typing import Any

    from kimi_conformance.serve.call import Call
    from kimi_conformance.upstream.script import Script


def chat(call: Call) -> Script:
    """The answer, streamed where the body asks for that."""
    body = body_of(call.request)
    if refused := admitted(call, body, user_words(body)):
        return refused
    body = body or {}
    asked = understood(call, body)
    if isinstance(asked, Problem):
        return refuse(asked, call.face, call.host)
    reply, model = reply_to(call, asked), asked.model.id
    if not request.wants_stream(body):
        whole = json_answer(200, kimi_chat.completion(reply, model), headers(JSON, reply.usage.cached))
        return paced(whole, model, call.config.delay_s)
    chunks = kimi_chat.chunks(reply, model, include_usage=request.wants_usage(body))
    events = [compact(chunk).decode("utf-8", "replace") for chunk in chunks]
    return paced(sse_answer(events, headers=headers(STREAM, reply.usage.cached)), model, call.config.delay_s)


def user_words(body: dict[str, Any] | None) -> str:
    """All that users say in a body; empty, where it is none."""
    said = objects((body or {}).get("messages"))
    return "\n".join(text(message.get("content")) for message in said if message.get("role") == "user")
