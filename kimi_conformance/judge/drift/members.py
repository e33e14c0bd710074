"""What members an answer has, and of which types: counted place by place, over all items of a list and all events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.schema_keywords import branch, resolved
from kimi_conformance.judge.json_diff import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kimi_conformance.contract.drift_rules import DriftRules

    Node = Mapping[str, Any] | None
    """A part of a schema; None where no schema says anything."""

NULL: Final = "null"
DEEPEST: Final = 64
NAMES: Final[tuple[tuple[type, str], ...]] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


@dataclass(slots=True)
class Place:
    """What stands at a place: how often, of which JSON types, and of a fixed list of words which of them.

    `node` is what the schema says of it.
    """

    node: Node
    times: int = 0
    types: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Survey:
    """Every place of some documents by its pointer, and how many objects stand at each."""

    document: Mapping[str, Any]
    words: frozenset[str]
    places: dict[str, Place] = field(default_factory=dict)
    objects: dict[str, int] = field(default_factory=dict)

    def take(self, value: Any, node: Node, at: str, depth: int = 0) -> None:
        """Count `value`, which stands at `at`, and what is below it, as deep as anybody's answers go."""
        if depth > DEEPEST:
            return
        node, at = self._meant(value, node, at)
        self._count(value, node, at)
        if isinstance(value, dict):
            self.objects[at] = self.objects.get(at, 0) + 1
            named = None if node is None else node.get("properties")
            if node is None or named is not None:  # else it is free: what is inside is somebody's own
                for key, inner in value.items():
                    self.take(inner, (named or {}).get(key), f"{at}/{escaped(key)}", depth + 1)
        elif isinstance(value, list):
            for inner in value:
                self.take(inner, None if node is None else node.get("items"), f"{at}/[]", depth + 1)

    def _meant(self, value: Any, node: Node, at: str) -> tuple[Node, str]:
        """The schema that `value` means, and its place: of an object of several kinds, with its kind."""
        if node is not None:
            node = resolved(self.document, node)
        kind = value.get("type") if isinstance(value, dict) else None
        if node is not None and "oneOf" in node:
            meant = branch(self.document, node["oneOf"], value)
            return (resolved(self.document, meant) if meant else None), f"{at}<{kind}>"
        return node, f"{at}<{kind}>" if node is None and at.endswith("/[]") and isinstance(kind, str) else at

    def _count(self, value: Any, node: Node, at: str) -> None:
        place = self.places.setdefault(at, Place(node))
        place.times += 1
        place.types.add(type_of(value))
        fixed = node is not None and ("enum" in node or "const" in node)
        if value is not None and not isinstance(value, dict | list) and (fixed or at.rpartition("/")[2] in self.words):
            place.words.add(str(value))


def survey(documents: Iterable[Any], schema: Node, rules: DriftRules) -> Survey:
    """The places of `documents`, which are of the shape that `schema` describes."""
    found = Survey(schema or {}, rules.enumerations)
    for document in documents:
        found.take(document, schema, "")
    return found


def type_of(value: Any) -> str:
    """The JSON type of a value; a number without a fraction is an integer (JSON Schema, 6.1.1)."""
    if value is None:
        return NULL
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return next(name for kind, name in NAMES if isinstance(value, kind))


def allowed(node: Node) -> frozenset[str] | None:
    """The types that a schema allows at a place; None where it says nothing."""
    if node is None:
        return None
    if "type" in node:
        said = node["type"]
        return frozenset([said] if isinstance(said, str) else said)
    values = [node["const"]] if "const" in node else node.get("enum")
    return frozenset(map(type_of, values)) if values else None


def closed(node: Node) -> frozenset[str] | None:
    """The words that a schema allows at a place; None where it names none."""
    if node is None:
        return None
    values = [node["const"]] if "const" in node else node.get("enum")
    return frozenset(str(value) for value in values if value is not None) if values else None
