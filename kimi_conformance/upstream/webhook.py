"""A webhook in Discord's manner: takes any message, checks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from kimi_conformance.upstream import asked
from kimi_conformance.upstream.script import Script, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Request


@dataclass(frozen=True, slots=True)
class Config:
    """`message_id` is the id of the message that `?wait=true` gives back."""

    message_id: str = "1268800000000000000"


def answerer(config: Config) -> Callable[[Request], Script]:
    """Answers as Discord's webhooks do."""
    return partial(answer, config=config)


def answer(request: Request, config: Config) -> Script:
    """204 to every POST; with `?wait=true` the message as it was posted."""
    if request.method != "POST":
        return json_answer(405, {"message": "405: Method Not Allowed", "code": 0})
    if asked.query(request).get("wait") != "true":
        return Script(204)
    posted = asked.body(request) or {}
    message = {
        "id": config.message_id,
        "type": 0,
        "content": posted.get("content", ""),
        "embeds": posted.get("embeds", []),
    }
    return json_answer(200, message)
