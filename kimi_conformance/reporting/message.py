"""Messages for a webhook in Discord's form: they fit its limits, mention nobody, and hold no key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.discord import EMBED, FIELD, FIELDS, IN_ALL
from kimi_conformance.reporting.drift_words import calls, headline, means
from kimi_conformance.reporting.legible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kimi_conformance.contract.drifted import Drift

NAME: Final = "kimi-conformance"
RED, AMBER, GREEN = 0xC0392B, 0xD68910, 0x1E8449
MOST: Final = 8
"""So many things are told one by one; whoever wants the rest reads the page."""


@dataclass(frozen=True, slots=True)
class Line:
    """A name and what is to be said of it."""

    name: str
    text: str


def message(title: str, text: str, lines: Iterable[Line], colour: int, redact: Callable[[str], str]) -> dict[str, Any]:
    """The body of the request. What is too long is cut, what is too much is counted."""
    told = list(lines)
    most = min(MOST, FIELDS - 1)
    left = len(told) - most
    fields = [_field(each, redact) for each in told[:most]]
    if left > 0:
        fields.append({"name": "and", "value": f"{left} more, which the report has"})
    embed = {
        "title": one_line(redact(title), EMBED["title"]),
        "description": one_line(redact(text), EMBED["description"] // 4),
        "color": colour,
        "fields": fields,
    }
    while _size(embed) > IN_ALL:
        fields.pop()
    return {"username": NAME, "embeds": [embed], "allowed_mentions": {"parse": []}}


def drift_message(drift: Drift, redact: Callable[[str], str]) -> dict[str, Any]:
    """What a breaking drift, or one of which nothing could be said, is told as."""
    lines = [
        Line(each.says, f"{each.where}: {each.before} → {each.after}. {calls(each)}. {means(each)}")
        for each in drift.of("breaking")
    ]
    title = f"Drift: {drift.seen.name}" if drift.compared else f"No answer could be compared: {drift.seen.name}"
    return message(
        title, f"{headline(drift)}. Against {drift.recorded.name}, {drift.on}.", lines, RED if lines else AMBER, redact
    )


def _field(line: Line, redact: Callable[[str], str]) -> dict[str, str]:
    """Discord refuses an empty name or value."""
    name, value = one_line(redact(line.name), FIELD["name"]), one_line(redact(line.text), FIELD["value"] // 2)
    return {"name": name.strip() or "-", "value": value.strip() or "-"}


def _size(embed: dict[str, Any]) -> int:
    texts = [embed["title"], embed["description"], *(text for field in embed["fields"] for text in field.values())]
    return sum(map(len, texts))
