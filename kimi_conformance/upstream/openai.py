"""An OpenAI-compatible service: OpenAI itself, OpenRouter (below `/api`) and their like, healthy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from kimi_conformance.upstream import asked, openai_chat
from kimi_conformance.upstream.reply import DEFAULT, Reply
from kimi_conformance.upstream.script import Script, compact, json_answer, sse_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Headers, Request

CHAT = "/v1/chat/completions"
LIST = "/v1/models"


@dataclass(frozen=True, slots=True)
class Config:
    """`secret` None takes any key or none; without `serves` (globs) every model is served."""

    secret: str | None = None
    serves: tuple[str, ...] = ()
    models: tuple[str, ...] = ("openai/gpt-oss-120b", "moonshotai/kimi-k2.6")
    reply: Reply = DEFAULT


def answerer(config: Config) -> Callable[[Request], Script]:
    """Answers as a healthy OpenAI-compatible service does."""
    return partial(answer, config=config)


def answer(request: Request, config: Config) -> Script:
    """The answer to one request; `/api` before the path is what OpenRouter has."""
    path = asked.path(request).removeprefix("/api")
    if (request.method, path) not in {("POST", CHAT), ("GET", LIST)}:
        return error(404, f"Invalid URL ({request.method} {asked.path(request)})")
    if config.secret is not None and asked.bearer(request) != config.secret:
        if request.header("authorization") is None:
            return error(401, "You didn't provide an API key.")
        return error(401, "Incorrect API key provided.", code="invalid_api_key")
    if path == LIST:
        return json_answer(200, listing(config.models))
    body = asked.body(request)
    if body is None:
        return error(400, "We could not parse the JSON body of your request.")
    return refusal(body, config) or chat(body, config.reply)


def refusal(body: dict[str, Any], config: Config) -> Script | None:
    """Why a chat request cannot be served, if so."""
    model, said = body.get("model"), body.get("messages")
    if not isinstance(model, str):
        return error(400, "you must provide a model parameter")
    if not isinstance(said, list) or not said:
        return error(400, "Missing required parameter: 'messages'.", param="messages")
    if not asked.served(model, config.serves):
        return error(
            404, f"The model `{model}` does not exist or you do not have access to it.", code="model_not_found"
        )
    return None


def chat(body: dict[str, Any], reply: Reply) -> Script:
    """The healthy answer, streamed where the body asks for that."""
    if not asked.wants_stream(body):
        return json_answer(200, openai_chat.completion(reply, body["model"]))
    chunks = openai_chat.chunks(reply, body["model"], include_usage=asked.wants_usage(body))
    return sse_answer([compact(chunk).decode() for chunk in chunks])


def listing(ids: tuple[str, ...]) -> dict[str, Any]:
    """The body of `GET /v1/models`."""
    entries = [{"id": id_, "object": "model", "created": DEFAULT.created, "owned_by": "system"} for id_ in ids]
    return {"object": "list", "data": entries}


def error(
    status: int,
    message: str,
    *,
    type_: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
    more: Headers = (),
) -> Script:
    """An error in the OpenAI shape, with all four of its members; `more` headers with it."""
    body = {"message": message, "type": type_, "param": param, "code": code}
    return json_answer(status, {"error": body}, more)
