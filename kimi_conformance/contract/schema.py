"""The shapes of the wire as JSON Schemas (contracts/schemas/wire): whether a value fits, and what it has beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from kimi_conformance.contract.schema_error import SchemaError, explained, pointer
from kimi_conformance.contract.schema_keywords import branch, resolved, validator

try:
    import jsonschema_rs
except ImportError:  # the extra [fast] is not installed
    FAST: type[jsonschema_rs.Draft202012Validator] | None = None
else:
    FAST = jsonschema_rs.Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema import Draft202012Validator

Shape = Literal[
    "balance",
    "batch",
    "batches",
    "chat.completion",
    "chat.completion.chunk",
    "coding.models",
    "coding.usages",
    "error",
    "error.gateway",
    "error.messages",
    "error.responses",
    "file",
    "file.deleted",
    "files",
    "message",
    "message.events",
    "models",
    "tokens",
]
SHAPES: Final[tuple[Shape, ...]] = get_args(Shape)


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schemas by shape, compiled once. Values are what `json.loads` makes."""

    documents: Mapping[str, Mapping[str, Any]]
    validators: Mapping[str, Draft202012Validator]
    fast: Mapping[str, jsonschema_rs.Draft202012Validator]

    @classmethod
    def of(cls, documents: Mapping[str, Any]) -> Schemas:
        """The schemas of parsed documents, which must be valid ones."""
        validators = {shape: validator(document) for shape, document in documents.items()}
        fast = {shape: FAST(document) for shape, document in documents.items()} if FAST else {}
        return cls(documents, validators, fast)

    def errors(self, shape: Shape, value: Any) -> Iterator[SchemaError]:
        """Every place where `value` is not of this shape."""
        yield from map(explained, self.validators[shape].iter_errors(value))

    def valid(self, shape: Shape, value: Any) -> bool:
        """Whether `value` is of this shape: the same as no errors, a hundred times as fast with the extra [fast]."""
        if shape in self.fast:
            try:
                return self.fast[shape].is_valid(value)
            except UnicodeEncodeError:  # half of a surrogate pair, which JSON can escape but UTF-8 cannot hold
                pass
        return self.validators[shape].is_valid(value)

    def unknown(self, shape: Shape, value: Any) -> Iterator[str]:
        """The JSON pointers of members that the schema does not name: drift, not an error.

        Objects of which a schema names no members are free. Nothing is said of what is inside an unknown member, or of
        an object that fits no branch.
        """
        document = self.documents[shape]
        yield from map(pointer, _unknown(document, document, value, ()))


def _unknown(
    document: Mapping[str, Any], schema: Mapping[str, Any], value: Any, at: tuple[str | int, ...]
) -> Iterator[tuple[str | int, ...]]:
    named = resolved(document, schema)
    if "oneOf" in named:
        meant = branch(document, named["oneOf"], value)
        if meant:
            yield from _unknown(document, meant, value, at)
    elif isinstance(value, dict) and "properties" in named:
        for key, inner in value.items():
            if key in named["properties"]:
                yield from _unknown(document, named["properties"][key], inner, (*at, key))
            else:
                yield (*at, key)
    elif isinstance(value, list) and "items" in named:
        for index, inner in enumerate(value):
            yield from _unknown(document, named["items"], inner, (*at, index))
