"""What an error says: its status, its type, and its words without what is somebody's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.api.places import outlined, shown
from kimi_conformance.judge.drift.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.drift_rules import DriftRules
    from kimi_conformance.judge.api.sight import Sight

TYPE: Final = "/error/type"
EITHER: Final = "/error"
"""A word for programs, or a sentence: the gateway has both there."""
EMPTY: Final = "an empty text"
NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
BEGIN: Final = 60
CODE: Final = re.compile(r"[\w.-]+")


def status_changes(before: Sight, after: Sight) -> Iterator[Change]:
    """Another status: that what was refused is accepted is one, too."""
    if before.status != after.status:
        says = f"answered {outlined(after)}, where it was {outlined(before)}"
        yield Change("status", "breaking", "status", outlined(before), outlined(after), says)


def error_changes(before: Sight, after: Sight, rules: DriftRules) -> Iterator[Change]:
    """Another type, or another text, of an error of one status."""
    was, now = _said(before), _said(after)
    for at in (at for at in was if at in now):
        if at == TYPE or (at == EITHER and CODE.fullmatch(was[at])):
            if was[at] != now[at]:
                yield Change(
                    "error-type", "breaking", at, was[at], now[at], f"{at} is {now[at]} in the place of {was[at]}"
                )
        else:
            yield from _text(at, _plain(was[at], before, rules), _plain(now[at], after, rules))


def _said(sight: Sight) -> dict[str, str]:
    """The texts of an error, on whichever face."""
    found = {TYPE: sight.error.get("type"), EITHER: sight.answer.get("error")}
    found |= {"/error/message": sight.error.get("message"), "/message": sight.answer.get("message")}
    return {at: text for at, text in found.items() if isinstance(text, str)}


def _text(at: str, was: str, now: str) -> Iterator[Change]:
    if was == now:
        return
    if NUMBER.sub("#", was) == NUMBER.sub("#", now):
        yield Change("error-text", "breaking", at, was, now, "the same words with another number: a rule has changed")
    else:
        yield Change("error-text", "wording", at, was or EMPTY, now or EMPTY, "the error says it in other words")


def _plain(text: str, sight: Sight, rules: DriftRules) -> str:
    """The text without ids and counters; the model that was asked for stands there as such."""
    for pattern in rules.volatile:
        text = re.sub(pattern, "…", text)
    model = sight.asked.get("model")
    return text.replace(model, "MODEL") if isinstance(model, str) and model else text


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
    if not _body(sight):
        return "no body"
    return "JSON" if isinstance(sight.body, dict | list) else "no JSON"


def _begin(sight: Sight) -> str:
    return _body(sight)[:BEGIN].decode("utf-8", "replace")


def _body(sight: Sight) -> bytes:
    return sight.exchange.response.body if sight.exchange.response else b""
