"""The shapes of requests as JSON Schemas (contracts/schemas/wire): whether a body fits, and what they name.

Beside the keywords of JSON Schema 2020-12 they have ours: `x-requirements` and `x-facts` are the ids that a member
rests on; `x-models` is the property of models.yaml that a model must have to take it; `x-unit` says what is counted;
`x-default` is what holds where a member is left out. It is not `default`: clients that are generated send those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RequestShape = Literal[
    "batch.request",
    "chat.completion.request",
    "file.request",
    "message.request",
    "responses.request",
    "tokens.request",
]
REQUEST_SHAPES: Final[tuple[RequestShape, ...]] = get_args(RequestShape)

_ONE: Final = ("items", "additionalProperties", "if", "then", "else", "not")
_LISTED: Final = ("oneOf", "anyOf", "allOf")
_NAMED: Final = ("properties", "$defs")


@dataclass(frozen=True, slots=True)
class RequestSchemas:
    """The schemas by shape, compiled once. A `$ref` is local, or `kimi:SHAPE#/$defs/NAME` of another of them."""

    documents: Mapping[str, Mapping[str, Any]]
    validators: Mapping[str, Draft202012Validator]

    @classmethod
    def of(cls, documents: Mapping[str, Mapping[str, Any]]) -> RequestSchemas:
        """The schemas of parsed documents, which must be valid ones."""
        resources = [(f"kimi:{shape}", DRAFT202012.create_resource(each)) for shape, each in documents.items()]
        registry: Registry[Any] = Registry().with_resources(resources)
        made = {shape: Draft202012Validator(each, registry=registry) for shape, each in documents.items()}
        return cls(documents, made)

    def errors(self, shape: RequestShape, body: Any) -> list[str]:
        """What in `body` is not of this shape, each with its JSON path; empty: it fits."""
        return [f"{error.json_path}: {error.message}" for error in self.validators[shape].iter_errors(body)]

    def resolved(self, shape: str, schema: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """`schema` of `shape`, or the definition that it refers to, with the shape that this stands in."""
        while "$ref" in schema:
            where, _, name = schema["$ref"].partition("#/$defs/")
            shape = where.removeprefix("kimi:") or shape
            schema = self.documents[shape]["$defs"][name]
        return shape, schema


def schemas_in(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every schema in a schema, itself first, in the order of the file."""
    yield schema
    for word, value in schema.items():
        if word in _NAMED:
            inner = list(value.values())
        elif word in _LISTED:
            inner = value
        else:
            inner = [value] if word in _ONE else []
        for each in inner:
            if isinstance(each, dict):
                yield from schemas_in(each)
