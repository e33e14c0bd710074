"""`POST /v1/responses`: refusals and whole answers as observed, and a stream of a modelled shape (facts 2.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.serve.answering import reply_to
from kimi_conformance.serve.asking import member, objects, text
from kimi_conformance.serve.inference import admitted, understood
from kimi_conformance.serve.invalid import TYPE
from kimi_conformance.serve.reading import body_of
from kimi_conformance.serve.responses_answer import answer
from kimi_conformance.serve.shapes import refuse
from kimi_conformance.upstream import asked as request
from kimi_conformance.upstream.kimi_wire import JSON, STREAM, Problem, headers, refusal
from kimi_conformance.upstream.script import compact, json_answer, sse_answer

if TYPE_CHECKING:
    from kimi_conformance.serve.call import Call
    from kimi_conformance.upstream.script import Script

EFFORTS: Final = ("low", "medium", "high", "max")


def respond(call: Call) -> Script:
    """The answer, streamed where the body asks for that."""
    body = body_of(call.request)
    if refused := admitted(call, body, _said(body or {})):
        return refused
    body = body or {}
    if refused := _refused(body):
        return refused
    asked = understood(call, as_chat(body))
    if isinstance(asked, Problem):
        if asked.status == 404:  # noqa: PLR2004 - chat's status for it
            return _error(asked.message, "model", "model_not_found")
        return refuse(asked, call.face, call.host)
    reply = reply_to(call, asked)
    whole = answer(reply, asked.model.id)
    if not request.wants_stream(body):
        return json_answer(200, whole, headers(JSON, reply.usage.cached))
    events = [{"type": "response.created", "response": {**whole, "status": "in_progress", "output": []}}]
    events += [{"type": "response.output_text.delta", "delta": reply.text}] if reply.text else []
    events += [{"type": "response.completed", "response": whole}]
    named = [(str(event["type"]), compact(event).decode()) for event in events]
    return sse_answer(named, headers=headers(STREAM, reply.usage.cached), done=False)


def as_chat(body: dict[str, Any]) -> dict[str, Any]:
    """The body that asks the chat wire for the same, as far as this face goes: text in, text out."""
    given = body.get("input")
    said = (
        [{"role": "user", "content": given}] if isinstance(given, str) else [_message(item) for item in objects(given)]
    )
    chat = {"model": body.get("model"), "messages": said, "max_completion_tokens": body.get("max_output_tokens")}
    return {name: value for name, value in chat.items() if value is not None}


def _message(item: dict[str, Any]) -> dict[str, Any]:
    return {"role": item.get("role") or "user", "content": text(item.get("content")) or "…"}


def _said(body: dict[str, Any]) -> str:
    given = body.get("input")
    return given if isinstance(given, str) else "\n".join(text(item.get("content")) for item in objects(given))


def _refused(body: dict[str, Any]) -> Script | None:
    """Members with values that this face does not take, in the published words; their order is modelled."""
    effort = member(body.get("reasoning"), "effort")
    if effort is not None and effort not in EFFORTS:
        return _error(f"{TYPE}: {TYPE}: reasoning.effort value {_shown(effort)} is not supported")
    choice = body.get("tool_choice")
    if choice not in (None, "auto"):
        return _error(f"{TYPE}: responses: unsupported tool_choice value: {_shown(choice)}")
    if member(member(body.get("text"), "format"), "type") == "json_object":
        return _error(f'{TYPE}: {TYPE}: text.format: unsupported type "json_object"')
    if body.get("prompt_cache_retention") is not None:
        return _error(f"{TYPE}: {TYPE}: prompt_cache_retention is not supported")
    if body.get("temperature") not in (None, 1):
        return _error("invalid temperature: only 1 is allowed for this model")
    return None


def _shown(value: Any) -> str:
    return compact(value).decode("utf-8", "replace")


def _error(message: str, param: str | None = None, code: str = TYPE) -> Script:
    """A refusal of this face, which names no charset."""
    refused = refusal(400, {"error": {"message": message, "type": TYPE, "param": param, "code": code}})
    head = ((name, "application/json" if value == JSON else value) for name, value in refused.headers)
    return replace(refused, headers=tuple(head))
