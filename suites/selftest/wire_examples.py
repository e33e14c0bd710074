"""The examples of contracts/examples: values that are of a shape, and values that are not, with the defect's place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.schema import SHAPES
from kimi_conformance.registry.home import contracts
from kimi_conformance.registry.yaml_file import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.schema import Shape

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Example:
    """A value of `shape`; `at` is the JSON pointer where it fails, None where it does not."""

    shape: Shape
    slug: str
    value: Any
    at: str | None

    def __str__(self) -> str:
        """The id of its tests."""
        return f"{self.shape}-{self.slug}"


def _examples(shape: Shape) -> list[Example]:
    data = read(contracts() / "examples" / f"{shape}.yaml").data
    accepted = [Example(shape, slug, value, None) for slug, value in data["accepts"].items()]
    return accepted + [Example(shape, slug, case["value"], case["at"]) for slug, case in data["rejects"].items()]


EXAMPLES = [example for shape in SHAPES for example in _examples(shape)]
ACCEPTED = [example for example in EXAMPLES if example.at is None]
REJECTED = [example for example in EXAMPLES if example.at is not None]


def nodes(value: Any, at: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Every value inside `value`, and itself, with its path."""
    yield at, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, each in inner:
        yield from nodes(each, (*at, part))


def once(text: str) -> Any:
    """The JSON of `text`, in which no object may have a key twice."""
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), [key for key, _ in pairs]
    return dict(pairs)
