"""Where in what was seen something stands, and the parts that several laws look at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.sight import NO_JSON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

LONGEST: Final = 160


def event(sight: Sight, number: int, pointer: str = "") -> str:
    """An event of a stream, by its number and the byte at which it begins."""
    found = sight.reading.events[number]
    return f"response event {number} (byte {found.offset}) {pointer}".rstrip()


def shown(value: Any) -> str:
    """A value as a finding shows it."""
    if value is NO_JSON:
        return "no JSON"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def answered(sight: Sight) -> str:
    """What came back, in short: the status and how the body begins, or the transport's error."""
    response = sight.exchange.response
    if response is None:
        return sight.exchange.error or "no response"
    text = response.body[:LONGEST].decode("utf-8", "backslashreplace")
    return f"{response.status} {sight.kind} {text}".strip()


def outlined(sight: Sight) -> str:
    """What came back, in a few words that do not change from one answer to the next."""
    if sight.exchange.response is None:
        return sight.exchange.error or "no response"
    kind = sight.error.get("type") if not sight.ok else None
    return f"{sight.status} {kind if isinstance(kind, str) else sight.kind}".strip()


def choices(sight: Sight) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Each choice, whole or folded from a stream: where it stands, its message, its finish reason."""
    body = sight.stream.whole() if sight.streamed else sight.answer
    found = body.get("choices")
    for index, choice in enumerate(found if isinstance(found, list) else ()):
        message = choice.get("message") if isinstance(choice, dict) else None
        if isinstance(message, dict):
            at = f"response, folded, /choices/{index}" if sight.streamed else f"response /choices/{index}"
            yield at, message, choice.get("finish_reason")


def calls(message: dict[str, Any]) -> list[Any]:
    """The tool calls of a message; none where they are no list."""
    found = message.get("tool_calls")
    return found if isinstance(found, list) else []


def usages(sight: Sight) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each usage object of a chat answer, with where it stands: one of a whole answer, any number of a stream's."""
    if sight.streamed:
        for number, used in sight.stream.all_usages:
            if isinstance(used, dict):
                yield event(sight, number, "usage"), used
    elif isinstance(sight.answer.get("usage"), dict):
        yield "response /usage", sight.answer["usage"]


def count(used: dict[str, Any], *path: str) -> int | None:
    """A counter in a usage object; None where it is not there, or no number."""
    value: Any = used
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
