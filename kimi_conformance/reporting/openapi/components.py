"""The schemas of the wire as components: definitions lifted, references rewritten, what our keywords mean filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.reporting.openapi.descriptions import known_by, without_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kimi_conformance.reporting.openapi.material import Material

Schema = dict[str, Any]
HERE: Final = "#/components/schemas/"
_SCHEMAS: Final = ("items", "additionalProperties", "if", "then", "else", "not")
_LISTS: Final = ("oneOf", "anyOf", "allOf")
_OWN: Final = ("$schema", "$id", "$defs")


def component_schemas(material: Material) -> dict[str, Schema]:
    """Every component by name, sorted. Their references lead to each other, and nowhere else."""
    found: dict[str, Schema] = {}
    for shape, document in material.documents.items():
        definitions = {(shape, name): schema for name, schema in document.get("$defs", {}).items()}
        whole = {} if set(document) & {"$ref"} else {(shape, ""): document}
        for place, schema in (whole | definitions).items():
            found.setdefault(material.names[place], lifted(material, shape, schema))
    return dict(sorted(found.items()))


def lifted(material: Material, shape: str, schema: Mapping[str, Any]) -> Schema:
    """`schema` of `shape` as it stands in an OpenAPI document.

    A title goes into the description: generators call their classes by it, and none of ours is a name.
    """

    def again(inner: Any) -> Any:
        return lifted(material, shape, inner) if isinstance(inner, dict) else inner

    made: Schema = {}
    for word, value in schema.items():
        if word == "$ref":
            made[word] = HERE + _target(material, shape, value)
        elif word == "x-models":
            made[word] = material.models_with(value)
        elif word not in _OWN:
            made[word] = _inside(word, value, again)
    if "oneOf" in made:
        made |= _discriminator(material, shape, schema["oneOf"], made["oneOf"])
    if title := made.pop("title", None):
        made = {"description": ". ".join(each for each in (title, made.pop("description", None)) if each)} | made
    said = schema.get("description", "")
    if said:
        made["description"] = without_sources(made["description"])
    known = material.known_member(schema) or known_by(said)
    return made | ({"x-provenance": known} if known else {})


def _inside(word: str, value: Any, again: Callable[[Any], Any]) -> Any:
    if word == "properties":
        return {name: again(each) for name, each in value.items()}
    if word in _LISTS:
        return [again(each) for each in value]
    return again(value) if word in _SCHEMAS else value


def _target(material: Material, shape: str, ref: str) -> str:
    where, _, name = ref.partition("#/$defs/")
    return material.names[where.removeprefix("kimi:") or shape, name]


def _discriminator(material: Material, shape: str, branches: list[Schema], made: list[Schema]) -> Schema:
    """The member that tells the branches apart, where it is one constant in each: `type`, or the role of a message."""
    members = [material.resolved(shape, each)["properties"] for each in branches]
    for name in ("type", "role"):
        if all("const" in each.get(name, {}) for each in members):
            mapping = {each[name]["const"]: one["$ref"] for each, one in zip(members, made, strict=True)}
            return {"discriminator": {"propertyName": name, "mapping": mapping}}
    return {}
