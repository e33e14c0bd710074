"""Chat requests that are refused, whatever the model: messages, stops, images, length."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.refusal import model_of, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight

MOST_STOPS: Final = 5
REMOTE: Final = ("http://", "https://")
TOO_LONG: Final = re.compile(r"exceeded model token limit|input token length", re.IGNORECASE)


def messages(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of a request; those that are no objects are left out."""
    said = asked.get("messages")
    return [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []


def parts(asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts of all contents that are lists."""
    for each in messages(asked):
        content = each.get("content")
        yield from (part for part in (content if isinstance(content, list) else ()) if isinstance(part, dict))


def _empty(s: Sight, _c: Contract) -> bool:
    return s.asked.get("messages") == []


def _empty_assistant(s: Sight, _c: Contract) -> bool:
    others = ("tool_calls", "reasoning_content", "partial")
    said = [each for each in messages(s.asked) if each.get("role") == "assistant"]
    return any(each.get("content") in ("", None) and not any(each.get(name) for name in others) for each in said)


def _six_stops(s: Sight, _c: Contract) -> bool:
    stops = s.asked.get("stop")
    return isinstance(stops, list) and len(stops) > MOST_STOPS and all(isinstance(each, str) for each in stops)


def _remote_image(s: Sight, _c: Contract) -> bool:
    given = [part.get("image_url") for part in parts(s.asked) if part.get("type") == "image_url"]
    urls = [each.get("url") if isinstance(each, dict) else each for each in given]
    return any(isinstance(url, str) and url.lower().startswith(REMOTE) for url in urls)


def _too_long(s: Sight, c: Contract) -> bool:
    """More words than the context has tokens: no word takes less than one. Or the answer says so itself."""
    model = model_of(s, c)
    texts = [each.get("content") for each in messages(s.asked)]
    limit = model.context if model else None
    long = limit is not None and len(s.exchange.request.body) > limit
    words = sum(len(text.split()) for text in texts if isinstance(text, str)) if long else 0
    return (limit is not None and words > limit) or bool(TOO_LONG.search(str(s.error.get("message", ""))))


refusal("api.chat.empty-messages-refused", _empty, names="messages")
refusal("api.chat.empty-assistant-refused", _empty_assistant, names=r"position \d+|assistant")
refusal("api.chat.stop-at-most-five", _six_stops, names=r"\bstop\b.*\b5\b")
refusal("api.chat.remote-image-refused", _remote_image, names=".")
refusal("api.chat.context-bounded", _too_long, names=r"token limit\D*\d|input token length")
