"""What a webhook of Discord's takes: the limits of a message, as its documentation has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT: Final = 2000
EMBEDS: Final = 10
FIELDS: Final = 25
IN_ALL: Final = 6000
"""Of the characters of all embeds of a message together."""

EMBED: Final[Mapping[str, int]] = {"title": 256, "description": 4096, "footer.text": 2048, "author.name": 256}
FIELD: Final[Mapping[str, int]] = {"name": 256, "value": 1024}

FILLED: Final = ("content", "embeds", "poll", "components", "sticker_ids", "attachments")
"""A message has something in one of these."""


@dataclass(frozen=True, slots=True)
class Breach:
    """What is wrong with a message, where (`embeds.0.title`; empty: the whole), and Discord's code for that."""

    where: str
    code: str
    says: str


def message_of(body: bytes) -> dict[str, Any] | None:
    """The message in the body of a request; None where it is no JSON object."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def breaches(message: Mapping[str, Any]) -> Iterator[Breach]:
    """Every limit that `message` breaks."""
    if not any(message.get(name) for name in FILLED):
        yield Breach("", "50006", "Cannot send an empty message")
        return
    yield from _text(message.get("content"), "content", CONTENT)
    embeds = message.get("embeds") or []
    if not isinstance(embeds, list) or not all(isinstance(embed, Mapping) for embed in embeds):
        yield Breach("embeds", "BASE_TYPE_BAD_TYPE", "Must be a list of embeds.")
        return
    if len(embeds) > EMBEDS:
        yield Breach("embeds", "BASE_TYPE_BAD_LENGTH", f"Must be {EMBEDS} or fewer in length.")
    for number, embed in enumerate(embeds):
        yield from _embed(embed, f"embeds.{number}")
    if sum(len(text) for embed in embeds for text in _texts(embed)) > IN_ALL:
        yield Breach("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {IN_ALL}")


def all_text(message: Mapping[str, Any]) -> str:
    """All that a reader of the message sees."""
    embeds = message.get("embeds")
    listed = [embed for embed in embeds if isinstance(embed, Mapping)] if isinstance(embeds, list) else []
    return "\n".join([str(message.get("content") or ""), *(text for embed in listed for text in _texts(embed))])


def _embed(embed: Mapping[str, Any], where: str) -> Iterator[Breach]:
    for name, most in EMBED.items():
        yield from _text(_member(embed, name), f"{where}.{name}", most)
    fields = _fields(embed)
    if len(fields) > FIELDS:
        yield Breach(f"{where}.fields", "BASE_TYPE_BAD_LENGTH", f"Must be {FIELDS} or fewer in length.")
    for number, field in enumerate(fields):
        for name, most in FIELD.items():
            yield from _text(field.get(name), f"{where}.fields.{number}.{name}", most)


def _text(value: Any, where: str, most: int) -> Iterator[Breach]:
    if value is not None and not isinstance(value, str | int | float):
        yield Breach(where, "BASE_TYPE_BAD_TYPE", "Must be a text.")
    elif len(str(value or "")) > most:
        yield Breach(where, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def _texts(embed: Mapping[str, Any]) -> Iterator[str]:
    members = (_member(embed, name) for name in EMBED)
    cells = (field.get(name) for field in _fields(embed) for name in FIELD)
    yield from (str(text) for text in (*members, *cells) if text)


def _fields(embed: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    fields = embed.get("fields")
    return [field for field in fields if isinstance(field, Mapping)] if isinstance(fields, list) else []


def _member(embed: Mapping[str, Any], path: str) -> Any:
    first, _, rest = path.partition(".")
    value = embed.get(first)
    return value.get(rest) if rest and isinstance(value, Mapping) else None if rest else value
