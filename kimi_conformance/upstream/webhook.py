"""A webhook in Discord's manner: takes any message that Discord would take, and refuses the others in its words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from kimi_conformance.judge.discord import Breach, breaches, message_of
from kimi_conformance.upstream import asked
from kimi_conformance.upstream.script import Script, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kimi_conformance.exchange import Request


@dataclass(frozen=True, slots=True)
class Config:
    """`message_id` is the id of the message that `?wait=true` gives back; `secret` None takes any path or key.

    A webhook's secret is the last word of its path. One in the manner of Discord only may want it in a header.
    """

    secret: str | None = None
    message_id: str = "1268800000000000000"


def answerer(config: Config) -> Callable[[Request], Script]:
    """Answers as Discord's webhooks do."""
    return partial(answer, config=config)


def answer(request: Request, config: Config) -> Script:
    """204 to every message that can be sent; with `?wait=true` the message as it was posted."""
    if request.method != "POST":
        return json_answer(405, {"message": "405: Method Not Allowed", "code": 0})
    given = (asked.path(request).rstrip("/").rsplit("/", 1)[-1], asked.bearer(request), request.header("apikey"))
    if config.secret is not None and config.secret not in given:
        return json_answer(401, {"message": "Invalid Webhook Token", "code": 50027})
    message = _message(request)
    if message is None:
        return json_answer(400, {"message": "The request body contains invalid JSON.", "code": 50109})
    if wrong := tuple(breaches(message)):
        return json_answer(400, refusal(wrong))
    if asked.query(request).get("wait") != "true":
        return Script(204)
    posted = {"content": message.get("content", ""), "embeds": message.get("embeds", [])}
    return json_answer(200, {"id": config.message_id, "type": 0, **posted})


def refusal(wrong: Iterable[Breach]) -> dict[str, Any]:
    """The body of a 400: a code for the whole message, or a tree of what is wrong where."""
    errors: dict[str, Any] = {}
    for breach in wrong:
        if not breach.where:
            return {"message": breach.says, "code": int(breach.code)}
        at = errors
        for step in breach.where.split("."):
            at = at.setdefault(step, {})
        at.setdefault("_errors", []).append({"code": breach.code, "message": breach.says})
    return {"message": "Invalid Form Body", "code": 50035, "errors": errors}


def _message(request: Request) -> dict[str, Any] | None:
    """The message: the body itself, or the part `payload_json` of a form with files."""
    kind = request.header("content-type") or ""
    if not kind.startswith("multipart/form-data"):
        return message_of(request.body)
    _, _, part = request.body.partition(b'name="payload_json"')
    _, _, told = part.partition(b"\r\n\r\n")
    return message_of(told.partition(b"\r\n--")[0])
