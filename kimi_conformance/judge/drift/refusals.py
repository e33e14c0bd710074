"""What an error says: its status, its type, and its words without what is somebody's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.places import outlined, shown
from kimi_conformance.judge.drift.change import ABSENT, Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.drift_rules import DriftRules
    from kimi_conformance.judge.api.sight import Sight

NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
CODE: Final = re.compile(r"[\w.-]+")


def status_changes(before: Sight, after: Sight) -> Iterator[Change]:
    """Another status: that what was refused is accepted is one, too."""
    if before.status != after.status:
        says = f"answered {outlined(after)}, where it was {outlined(before)}"
        yield Change("status", "breaking", "status", outlined(before), outlined(after), says)


def error_changes(before: Sight, after: Sight, rules: DriftRules) -> Iterator[Change]:
    """Another type, or another text, of an error of one status."""
    for at in ("/error/type", "/error"):
        was, now = _at(before, at), _at(after, at)
        if (
            isinstance(was, str)
            and isinstance(now, str)
            and was != now
            and (at == "/error/type" or CODE.fullmatch(was))
        ):
            yield Change("error-type", "breaking", at, was, now, f"{at} is {now} in the place of {was}")
    for at in ("/error/message", "/message", "/error"):
        was, now = _at(before, at), _at(after, at)
        if isinstance(was, str) and isinstance(now, str) and not (at == "/error" and CODE.fullmatch(was)):
            yield from _text(at, _plain(was, before, rules), _plain(now, after, rules))


def _text(at: str, was: str, now: str) -> Iterator[Change]:
    if was == now:
        return
    if NUMBER.sub("#", was) == NUMBER.sub("#", now):
        yield Change("error-text", "breaking", at, was, now, "the same words with another number: a rule has changed")
    else:
        yield Change("error-text", "wording", at, was or ABSENT, now or ABSENT, "the error says it in other words")


def _plain(text: str, sight: Sight, rules: DriftRules) -> str:
    """The text without ids and counters; the model that was asked for stands there as such."""
    for pattern in rules.volatile:
        text = re.sub(pattern, "…", text)
    model = sight.asked.get("model")
    return text.replace(model, "MODEL") if isinstance(model, str) and model else text


def _at(sight: Sight, pointer: str) -> Any:
    value: Any = sight.answer
    for step in pointer.split("/")[1:]:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def form_changes(before: Sight, after: Sight) -> Iterator[Change]:
    """A document in the place of a stream, a page in the place of JSON, or the reverse."""
    was, now = form(before), form(after)
    if was != now:
        yield Change("form", "breaking", "body", was, now, f"{now} came in the place of {was}: {shown(_begin(after))}")


def form(sight: Sight) -> str:
    """What a body is."""
    if sight.streamed:
        return "a stream of events"
    if sight.face == "file.content" and sight.ok:
        return "the content of a file"
    response = sight.exchange.response
    if response is None or not response.body:
        return "no body"
    return "JSON" if isinstance(sight.body, dict | list) else "no JSON"


def _begin(sight: Sight) -> str:
    response = sight.exchange.response
    return response.body[:60].decode("utf-8", "replace") if response else ""
