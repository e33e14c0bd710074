"""The limits of a webhook's message, and what a reader sees of one."""

from __future__ import annotations

from typing import Any

import pytest

from kimi_conformance.judge.discord import Breach, all_text, breaches

LENGTH, TYPE = "BASE_TYPE_BAD_LENGTH", "BASE_TYPE_BAD_TYPE"


def embed(**members: Any) -> dict[str, Any]:
    return {"embeds": [members]}


@pytest.mark.parametrize(
    "message",
    [
        *({name: [1]} for name in ("components", "sticker_ids", "attachments")),
        {"content": 7},
        {"content": 7.5},
        embed(title="t", fields=[{"name": "n", "value": "v"}] * 25),
        embed(title="t", fields="none"),
        embed(title="t", fields=["none", {"name": "n", "value": "v"}]),
        embed(title="t", footer="none"),
        embed(title=None, description="d", footer={"text": None}),
    ],
)
def test_a_message_within_its_limits_breaks_none(message: dict[str, Any]) -> None:
    assert list(breaches(message)) == []


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ({"content": []}, Breach("", "50006", "Cannot send an empty message")),
        ({"embeds": 5}, Breach("embeds", TYPE, "Must be a list of embeds.")),
        ({"embeds": {"title": "t"}}, Breach("embeds", TYPE, "Must be a list of embeds.")),
        ({"embeds": [{"title": "t"}, "u"]}, Breach("embeds", TYPE, "Must be a list of embeds.")),
        ({"embeds": [{"title": "t"}] * 11}, Breach("embeds", LENGTH, "Must be 10 or fewer in length.")),
        (
            {"embeds": [{"description": "d" * 3000}] * 2 + [{"title": "t"}]},
            Breach("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000"),
        ),
        (
            embed(fields=[{"name": "n", "value": "v"}] * 26),
            Breach("embeds.0.fields", LENGTH, "Must be 25 or fewer in length."),
        ),
        (embed(title={"text": "t"}), Breach("embeds.0.title", TYPE, "Must be a text.")),
        (embed(title=["t"]), Breach("embeds.0.title", TYPE, "Must be a text.")),
        (embed(title="t" * 257), Breach("embeds.0.title", "BASE_TYPE_MAX_LENGTH", "Must be 256 or fewer in length.")),
        (
            embed(fields=["none", {"name": "n" * 257}]),
            Breach("embeds.0.fields.0.name", "BASE_TYPE_MAX_LENGTH", "Must be 256 or fewer in length."),
        ),
    ],
)
def test_a_message_breaks_one_limit_and_no_other(message: dict[str, Any], found: Breach) -> None:
    assert list(breaches(message)) == [found]


def test_a_missing_text_is_not_counted() -> None:
    of_nothing = {"embeds": [{"title": "", "description": "d" * 4096, "footer": {"text": "f" * 1904}}] * 1}
    assert list(breaches(of_nothing)) == []
    assert list(breaches({"content": "", **embed(title="t")})) == []


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": None, **embed(title="t", footer={"text": "f"})}, "\nt\nf"),
        ({"content": "c", "embeds": "none"}, "c"),
        (embed(footer="none", author={"name": "a"}, fields=[1, {"name": "n"}]), "\na\nn"),
    ],
)
def test_a_reader_sees_what_is_there_and_nothing_else(message: dict[str, Any], text: str) -> None:
    assert all_text(message) == text
