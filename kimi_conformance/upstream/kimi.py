"""Kimi: api.moonshot.ai and .cn, both faces, healthy. Shapes and texts from `kimi-facts.md` and `evidence/`.

Texts that nobody has published (for a body that is no JSON object, a model that is no string) are modelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from kimi_conformance.upstream import asked, kimi_chat, kimi_messages, messages
from kimi_conformance.upstream.kimi_models import MODELS, listing
from kimi_conformance.upstream.kimi_problems import NO_KEY, WRONG_KEY, unknown_model
from kimi_conformance.upstream.kimi_wire import JSON, STREAM, Problem, anthropic_error, error, headers, not_found
from kimi_conformance.upstream.reply import DEFAULT, Reply
from kimi_conformance.upstream.script import Script, compact, json_answer, sse_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Request

CHAT = "/v1/chat/completions"
MESSAGES = "/anthropic/v1/messages"
LIST = "/v1/models"


@dataclass(frozen=True, slots=True)
class Config:
    """`secret` None takes any key or none; without `serves` (globs) every model is served."""

    secret: str | None = None
    serves: tuple[str, ...] = ()
    models: tuple[str, ...] = MODELS
    reply: Reply = DEFAULT


def answerer(config: Config) -> Callable[[Request], Script]:
    """Answers as a healthy Kimi does."""
    return partial(answer, config=config)


def answer(request: Request, config: Config) -> Script:
    """The answer to one request."""
    asked_for = (request.method, asked.path(request))
    if asked_for not in {("POST", CHAT), ("POST", MESSAGES), ("GET", LIST)}:
        return not_found(request)
    if problem := unauthorized(request, config):
        return error(problem)
    if asked_for[1] == LIST:
        return json_answer(200, listing(config.models), headers(JSON))
    on_messages = asked_for[1] == MESSAGES
    body = checked(request, config)
    if isinstance(body, Problem):
        return anthropic_error(body) if on_messages else error(body)
    return message(body, config.reply) if on_messages else chat(body, config.reply)


def unauthorized(request: Request, config: Config) -> Problem | None:
    """401, in two kinds: no key at all, and a wrong one (facts 1.6, 1.7). The Anthropic face takes x-api-key too."""
    if config.secret is None:
        return None
    key_header = request.header("x-api-key") if asked.path(request) == MESSAGES else None
    if request.header("authorization") is None and key_header is None:
        return NO_KEY
    return None if config.secret in (asked.bearer(request), key_header) else WRONG_KEY


def checked(request: Request, config: Config) -> dict[str, Any] | Problem:
    """The body of a request that can be served: it names a served model and has messages."""
    body = asked.body(request)
    if body is None:
        return Problem(400, "invalid_request_error", "Invalid request: the body is not a JSON object")
    model, said = body.get("model"), body.get("messages")
    if not isinstance(model, str):
        return Problem(400, "invalid_request_error", "Invalid request: model must be a string")
    if not isinstance(said, list) or not said:
        return Problem(400, "invalid_request_error", "Invalid request: messages must not be empty")
    if not asked.served(model, config.serves):
        return unknown_model(model)
    return body


def chat(body: dict[str, Any], reply: Reply) -> Script:
    """The healthy answer on the chat face, streamed where the body asks for that."""
    if not asked.wants_stream(body):
        return json_answer(200, kimi_chat.completion(reply, body["model"]), headers(JSON, reply.usage.cached))
    chunks = kimi_chat.chunks(reply, body["model"], include_usage=asked.wants_usage(body))
    events = [compact(chunk).decode() for chunk in chunks]
    return sse_answer(events, headers=headers(STREAM, reply.usage.cached))


def message(body: dict[str, Any], reply: Reply) -> Script:
    """The healthy answer on the Anthropic face: ids of the chat wire, no ping, no signatures (evidence 077)."""
    model, used = body["model"], reply.usage
    if not asked.wants_stream(body):
        whole = messages.message(reply, model, id_=reply.chat_id, signature="", usage=kimi_messages.whole(used))
        return json_answer(200, whole, headers(JSON, used.cached))
    events = messages.events(
        reply,
        model,
        id_=reply.chat_id,
        signature="",
        ping=False,
        started=kimi_messages.started(used),
        ended=kimi_messages.ended(used),
    )
    return sse_answer(list(events), headers=headers(STREAM, used.cached), done=False)
