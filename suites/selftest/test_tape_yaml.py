"""Cassettes as text: whatever stands in an answer comes back as it was, and people can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from vcr.request import Request
from vcr.serializers import yamlserializer

from kimi_conformance.cassette import block_yaml
from kimi_conformance.cassette.persister import load_cassette, save_cassette

if TYPE_CHECKING:
    from pathlib import Path

ODD = "\r\n\t\x00\x7f\x85\xa0\u2028\u2029\ufeff\uffff\U0010ffff :#-'\"\\{}[]|>%&*!?@`~=你🌙"
TEXTS = st.text(st.sampled_from(ODD) | st.characters(exclude_categories=["Cs"]))


def cassette(string: str | bytes, headers: dict[str, list[str]] | None = None) -> dict[str, Any]:
    response = {"status": {"code": 200, "message": "OK"}, "headers": headers or {}, "body": {"string": string}}
    return {"version": 1, "interactions": [{"response": response}]}


@given(TEXTS, st.dictionaries(TEXTS, st.lists(TEXTS, min_size=1, max_size=2), max_size=2))
@example("", {})
@example("\n", {})
@example("a \n b\n\n", {})
@example("a\rb\r\nc", {})
@example("data: \u2028 \x85\n", {})
@example("---\n...\n", {})
@example("y", {"msh-trace-mode": ["on"], "a": ["1e3"], "b": ["12:30"], "c": ["~"], "d": ["2026-09-01"], "e": ["0x0"]})
def test_text_comes_back_as_it_was(string: str, headers: dict[str, list[str]]) -> None:
    made = cassette(string, headers)
    text = block_yaml.serialize(made)
    assert block_yaml.deserialize(text) == made
    assert yamlserializer.deserialize(text) == made
    assert block_yaml.serialize(block_yaml.deserialize(text)) == text


@given(st.binary().filter(lambda data: not is_text(data)))
@example(b"\xff")
@example("你".encode()[:2])
def test_bytes_that_are_no_text_come_back_as_they_were(data: bytes) -> None:
    text = block_yaml.serialize(cassette(data))
    assert "!!binary" in text
    assert yamlserializer.deserialize(text) == cassette(data)


def is_text(data: bytes) -> bool:
    try:
        return isinstance(data.decode(), str)
    except UnicodeDecodeError:
        return False


def test_each_event_of_a_stream_has_a_line_of_its_own_and_is_written_as_it_is() -> None:
    events = 'event: ping\ndata: {"text":"你好 👋 “月”"}\n\ndata: [DONE]\n\n'
    lines = [line.strip() for line in block_yaml.serialize(cassette(events)).splitlines()]
    begin = lines.index("string: |+") + 1
    assert lines[begin : begin + 5] == ["event: ping", 'data: {"text":"你好 👋 “月”"}', "", "data: [DONE]", ""]


def test_long_text_is_not_folded_and_numbers_stand_in_one_line() -> None:
    words = "moon 月亮 " * 500
    lines = block_yaml.serialize(
        {"said": words + ".", "chunks": [1, 2, 3], "times": [0.5], "words": ["a"]}
    ).splitlines()
    assert lines == [f"said: {words}.", "chunks: [1, 2, 3]", "times: [0.5]", "words:", "- a"]


def test_what_stands_in_two_places_is_written_twice() -> None:
    shared = {"a": 1}
    assert block_yaml.serialize({"x": shared, "y": shared}) == "x:\n  a: 1\ny:\n  a: 1\n"


def test_a_cassette_cannot_make_objects() -> None:
    with pytest.raises(yaml.constructor.ConstructorError):
        block_yaml.deserialize("!!python/object/apply:os.getcwd []")


def test_saving_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "area" / "call.yaml"
    for said in ("first", "第二 🌙"):
        response = cassette(said)["interactions"][0]["response"]
        save_cassette(
            str(file), {"requests": [Request("GET", "https://a/", b"", {})], "responses": [response]}, block_yaml
        )
    _, [again] = load_cassette(str(file), block_yaml)
    assert again["body"]["string"].decode() == "第二 🌙"
    assert list(file.parent.iterdir()) == [file]
