"""The Anthropic face: `POST /anthropic/v1/messages` on the platform, `POST /coding/v1/messages` on the coding host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kimi_conformance.serve.answering import base62, reply_to
from kimi_conformance.serve.anthropic_body import as_chat
from kimi_conformance.serve.chat import user_words
from kimi_conformance.serve.inference import admitted, understood
from kimi_conformance.serve.invalid import invalid_request
from kimi_conformance.serve.pace import paced
from kimi_conformance.serve.reading import body_of
from kimi_conformance.serve.shapes import refuse
from kimi_conformance.upstream import asked as request
from kimi_conformance.upstream import kimi_messages, messages
from kimi_conformance.upstream.kimi_wire import JSON, STREAM, Problem, headers
from kimi_conformance.upstream.script import json_answer, sse_answer

if TYPE_CHECKING:
    from kimi_conformance.serve.call import Call
    from kimi_conformance.upstream.reply import Reply, Usage
    from kimi_conformance.upstream.script import Script

NO_BOUND = invalid_request("max_tokens is required")
"""modelled: the member is documented as required"""


def message(call: Call) -> Script:
    """The answer, streamed where the body asks for that."""
    body = body_of(call.request)
    if refused := admitted(call, body, user_words(body)):
        return refused
    chat = as_chat(body or {})
    asked = understood(call, chat)
    if not isinstance(asked, Problem) and chat.get("max_tokens") is None:
        asked = NO_BOUND
    if isinstance(asked, Problem):
        return refuse(asked, call.face, call.host)
    return _said(call, reply_to(call, asked), asked.model.id, stream=request.wants_stream(chat))


def _said(call: Call, reply: Reply, model: str, *, stream: bool) -> Script:
    """The coding host: ids and spacing of its own, and the true split of the prompt from the start (evidence 080)."""
    coding, used = call.host == "coding", reply.usage
    id_ = f"msg_{base62()}" if coding else reply.chat_id
    if not stream:
        whole = messages.message(reply, model, id_=id_, signature="", usage=kimi_messages.whole(used))
        return json_answer(200, whole, headers(JSON, used.cached))
    started = {**kimi_messages.started(used), **(_split(used) if coding else {})}
    ended = kimi_messages.ended(used)
    events = messages.events(reply, model, id_=id_, signature="", ping=False, started=started, ended=ended)
    sent = sse_answer(list(events), headers=headers(STREAM, used.cached), done=False, space_after_colon=not coding)
    return paced(sent, model, call.config.delay_s)


def _split(used: Usage) -> dict[str, Any]:
    return {
        "input_tokens": used.prompt - used.cached,
        "cache_read_input_tokens": used.cached,
        "cached_tokens": used.cached,
    }
