"""What came over the wire is shown so that it can be seen, and no longer than can be read."""

from __future__ import annotations

import gzip
import json
import secrets

import pytest

from kimi_conformance.reporting.legible import body_text, clipped, head_text, size, visible
from kimi_conformance.reporting.redact import redactor

CHINESE = "你好\uff0cKimi\uff1a\u043f\u0440\u0438\u0432\u0435\u0442 é 🌙"


def as_it_is(text: str) -> str:
    return text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\u2028b", "a<U+2028>b", id="line-separator"),
        pytest.param("\u00a0claude", "<U+00A0>claude", id="no-break-space"),
        pytest.param("\u200bclaude", "<U+200B>claude", id="zero-width"),
        pytest.param("\ufeff{}", "<U+FEFF>{}", id="bom"),
        pytest.param("\u202eedualc", "<U+202E>edualc", id="bidi"),
        pytest.param("\x1b[31mred", "<U+001B>[31mred", id="escape-of-a-terminal"),
        pytest.param("a\r\nb\tc\x00", "a<U+000D>\nb<U+0009>c<U+0000>", id="controls-but-newline"),
        pytest.param("\ufe0f\u3164", "<U+FE0F><U+3164>", id="printable-and-blank"),
        pytest.param("\ud800", "<U+D800>", id="lone-surrogate"),
        pytest.param("\U000e0041", "<U+E0041>", id="tag-character"),
        pytest.param("\u0441laude cl\u0430ude", "<U+0441>laude cl<U+0430>ude", id="cyrillic-in-a-latin-word"),
        pytest.param("claud\u0435", "claud<U+0435>", id="cyrillic-at-the-end"),
        pytest.param("\uff43laude", "<U+FF43>laude", id="full-width"),
        pytest.param(CHINESE, CHINESE, id="text-stays-text"),
    ],
)
def test_what_cannot_be_seen_or_passes_for_another_is_named(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_of_a_long_text_the_middle_is_left_out_and_counted() -> None:
    text = clipped("a" * 1000 + "b" * 8123 + "c" * 500)
    assert text == f"{'a' * 1000} … [8,123 characters left out] … {'c' * 500}"
    assert clipped("a" * 1500) == "a" * 1500
    assert "[1 characters left out]" in clipped("a" * 1501)


def test_json_is_shown_without_blanks_but_otherwise_as_it_was_written() -> None:
    body = b'{\n  "model": "a  b\\" c",\n  "model": "twice",\n  "temperature": 0.60\n}\n'
    assert body_text(body, as_it_is) == '{"model":"a  b\\" c","model":"twice","temperature":0.60}'


def test_what_is_no_json_keeps_its_blanks() -> None:
    assert body_text(b'{"model": "kimi-k3",', as_it_is) == '{"model": "kimi-k3",'
    assert body_text(b"data: {}\n\ndata: [DONE]\n\n", as_it_is) == "data: {}\n\ndata: [DONE]\n\n"


def test_json_nested_too_deeply_to_be_read_is_shown_all_the_same() -> None:
    assert body_text(b"\n" + b"[" * 100_000, as_it_is).startswith("\n[[[")


def test_text_cut_within_a_character_shows_the_bytes_that_are_left() -> None:
    assert body_text("data: 你好".encode()[:-1], as_it_is) == r"data: 你\xe5\xa5"


def test_binary_is_shown_in_hexadecimal() -> None:
    shown = body_text(gzip.compress(json.dumps({"a": secrets.token_hex(200)}).encode()), as_it_is)
    assert shown.startswith("not UTF-8, ")
    assert "in hexadecimal: 1f 8b 08 " in shown
    assert len(shown) < 300


def test_a_huge_body_is_shown_by_its_ends() -> None:
    shown = body_text(b'{"model":"kimi-k3"' + b" " * 10_000_000 + b'"end"}', as_it_is)
    assert shown.startswith('{"model":"kimi-k3"')
    assert shown.endswith('"end"}')
    assert "the middle of 10,000,024 bytes left out" in shown
    assert len(shown) < 1600


@pytest.mark.parametrize("length", [1_000, 200_000])
def test_no_secret_survives_where_a_body_is_cut(length: int) -> None:
    canary = f"sk-kc-client-{secrets.token_hex(12)}"
    body = canary.join("x" * 50 for _ in range(length // 50)).encode()
    shown = body_text(body, redactor({"client": canary}))
    assert "sk-kc" not in shown
    assert "<secret.client>" in shown


def test_no_secret_hides_in_hexadecimal() -> None:
    canary = f"sk-kc-client-{secrets.token_hex(12)}"
    shown = body_text(b"\xff\xfe\xfd" * 5 + canary.encode(), redactor({"client": canary}))
    assert "hexadecimal" in shown
    assert canary.encode()[-8:].hex(" ") not in shown


def test_a_head_has_a_line_per_header_whatever_is_in_them() -> None:
    shown = head_text("200", (("x-a", "1\n2"), ("x-b", "\u00a0")), as_it_is)
    assert shown == "200\nx-a: 1<U+000A>2\nx-b: <U+00A0>"


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 B"), (999, "999 B"), (1_234, "1.2 KB"), (10_485_760, "10.5 MB")], ids=str
)
def test_sizes_are_said_as_people_say_them(count: int, said: str) -> None:
    assert size(count) == said
