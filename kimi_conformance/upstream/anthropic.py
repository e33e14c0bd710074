"""Anthropic's own wire, healthy: also the local shortcut, which serves Claude only and answers 404 to all else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from kimi_conformance.upstream import asked, messages
from kimi_conformance.upstream.reply import DEFAULT, Reply
from kimi_conformance.upstream.script import Script, json_answer, sse_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Headers, Request
    from kimi_conformance.upstream.reply import Usage

MESSAGES = "/v1/messages"
LIST = "/v1/models"
SIGNATURE = "EqQBCkYIChgCKkBzdGFuZC1pbg=="


@dataclass(frozen=True, slots=True)
class Config:
    """`secret` None takes any key or none; without `serves` (globs, in any case) every model is served."""

    secret: str | None = None
    serves: tuple[str, ...] = ()
    models: tuple[str, ...] = ("claude-opus-4-8", "claude-sonnet-4-6")
    reply: Reply = DEFAULT


def answerer(config: Config) -> Callable[[Request], Script]:
    """Answers as a healthy Anthropic does."""
    return partial(answer, config=config)


def answer(request: Request, config: Config) -> Script:
    """The answer to one request."""
    asked_for = (request.method, asked.path(request))
    if asked_for not in {("POST", MESSAGES), ("GET", LIST)}:
        return error(404, "not_found_error", "Not Found")
    keys = (request.header("x-api-key"), asked.bearer(request))
    if config.secret is not None and config.secret not in keys:
        missing = keys == (None, None)
        return error(401, "authentication_error", "x-api-key header is required" if missing else "invalid x-api-key")
    if asked_for[1] == LIST:
        return json_answer(200, listing(config.models), headers())
    body = asked.body(request)
    if body is None:
        return error(400, "invalid_request_error", "The request body is not valid JSON.")
    return refusal(body, config) or message(body, config.reply)


def refusal(body: dict[str, Any], config: Config) -> Script | None:
    """Why a message request cannot be served, if so."""
    model, said = body.get("model"), body.get("messages")
    if not isinstance(model, str):
        return error(400, "invalid_request_error", "model: Field required")
    if not isinstance(said, list) or not said:
        return error(400, "invalid_request_error", "messages: at least one message is required")
    if not asked.served(model, config.serves):
        return error(404, "not_found_error", f"model: {model}")
    return None


def message(body: dict[str, Any], reply: Reply) -> Script:
    """The healthy answer, streamed where the body asks for that."""
    model, used = body["model"], usage(reply.usage)
    id_ = reply.id or f"msg_01{secrets.token_hex(11)}"
    if not asked.wants_stream(body):
        return json_answer(200, messages.message(reply, model, id_=id_, signature=SIGNATURE, usage=used), headers())
    started = {**used, "output_tokens": 1}
    ended = {"output_tokens": reply.usage.completion}
    events = messages.events(reply, model, id_=id_, signature=SIGNATURE, ping=True, started=started, ended=ended)
    stream = (("Content-Type", "text/event-stream; charset=utf-8"), ("Cache-Control", "no-cache"), *headers())
    return sse_answer(list(events), headers=stream, done=False)


def usage(used: Usage) -> dict[str, Any]:
    """Usage: input tokens without the cached ones."""
    return {
        "input_tokens": used.prompt - used.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": used.cached,
        "output_tokens": used.completion,
        "service_tier": "standard",
    }


def headers() -> Headers:
    """The header with the id that support asks for."""
    return (("request-id", request_id()),)


def request_id() -> str:
    """A fresh one."""
    return f"req_01{secrets.token_hex(11)}"


def listing(ids: tuple[str, ...]) -> dict[str, Any]:
    """The body of `GET /v1/models`, in one page."""
    entries = [{"type": "model", "id": id_, "display_name": id_, "created_at": "2026-01-01T00:00:00Z"} for id_ in ids]
    return {
        "data": entries,
        "has_more": False,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }


def error(status: int, type_: str, message: str, more: Headers = ()) -> Script:
    """An error in the Anthropic shape; its request id is the header's. `more` headers with it."""
    id_ = request_id()
    body = {"type": "error", "error": {"type": type_, "message": message}, "request_id": id_}
    return json_answer(status, body, (("request-id", id_), *more))
