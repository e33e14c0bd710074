"""Large JSON documents are read value by value, in time that grows with their size and not with its square."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from kimi_conformance.traffic.json_stream import BLOCK_BYTES, elements
from kimi_conformance.traffic.source import Source


class Counted(io.BytesIO):
    """A file that remembers how much was asked for at once."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.asked: list[int] = []

    def read(self, size: int | None = -1) -> bytes:
        """As of any file."""
        self.asked.append(size or 0)
        return super().read(size)


def elements_of(value: Any, *path: str) -> list[Any]:
    """The elements at `path` in `value`, written as JSON."""
    return list(elements(Source("x", io.BytesIO(json.dumps(value).encode()), b""), *path))


@pytest.mark.parametrize(
    "values",
    [[], [1, "a", None, True, 1.5, 10**30, []], [[[1]], {"a": {"entries": [1]}}], [{"log": {"entries": [9]}}, {}]],
)
def test_the_elements_are_those_of_the_array_at_the_path(values: list[Any]) -> None:
    assert elements_of(values) == values
    assert (
        elements_of({"a": [0], "log": {"a": [[1]], "entries": values, "b": {"entries": [2]}}}, "log", "entries")
        == values
    )


@pytest.mark.parametrize(
    "value", [{"log": [1]}, {"log": [{"entries": [1]}]}, {"entries": [1]}, {"log": {"entries": 1}}]
)
def test_elsewhere_there_are_none(value: Any) -> None:
    assert elements_of(value, "log", "entries") == []


def test_a_long_text_is_read_in_ever_larger_blocks_and_what_follows_in_small_ones() -> None:
    file = Counted(json.dumps(["x" * (20 * BLOCK_BYTES), *range(BLOCK_BYTES)]).encode())
    assert len(list(elements(Source("x", file, b"")))) == BLOCK_BYTES + 1
    assert max(file.asked) == 16 * BLOCK_BYTES
    assert file.asked[-1] == BLOCK_BYTES
