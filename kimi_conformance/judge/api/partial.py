"""Partial mode: the answer goes on where the last message stops."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.acceptance import judged
from kimi_conformance.judge.api.chat import ANSWER
from kimi_conformance.judge.api.chat_refusals import messages
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import answered, choices, shown
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

SHORTEST: Final = 8
"""What is shorter may stand at the beginning of an answer by chance."""


def begun(asked: dict[str, Any]) -> str | None:
    """The text that the answer shall go on from; None where it shall not."""
    said = messages(asked)
    last = said[-1] if said else {}
    partial = last.get("role") == "assistant" and last.get("partial") is True
    return last["content"] if partial and isinstance(last.get("content"), str) else None


def _long(s: Sight, _c: Contract) -> bool:
    return len((begun(s.asked) or "").strip()) >= SHORTEST and any(choices(s))


@law("api.partial.prefix-not-repeated", *ANSWER, when=_long)
def prefix_not_repeated(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """What was said before is not said again."""
    before = (begun(s.asked) or "").strip()
    for at, message, _ in choices(s):
        content = message.get("content")
        if isinstance(content, str) and content.lstrip().startswith(before):
            where = f"{at}/message/content"
            yield Flaw("what follows", shown(content), where, "the answer repeats what it was to go on from")


def _both(s: Sight, _c: Contract) -> bool:
    wanted = s.asked.get("response_format")
    objects = isinstance(wanted, dict) and wanted.get("type") == "json_object"
    return s.face == "chat" and judged(s) and objects and begun(s.asked) is not None


@law("api.partial.not-with-json-object", when=_both)
def not_with_json_object(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """What is not to be combined is refused, or answered; it breaks nothing."""
    if s.status not in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST):
        message = "partial mode with json_object breaks the server"
        yield Flaw("400 or 200", answered(s), "response", message)
    elif s.status == HTTPStatus.BAD_REQUEST and s.error.get("type") != "invalid_request_error":
        message = "refused with another type than invalid_request_error"
        yield Flaw("invalid_request_error", shown(s.error.get("type")), "response /error/type", message)
