"""The members of a body, from its schema: where each stands, its type, when it is there, and how often it was."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Schema: TypeAlias = "Mapping[str, Any]"
Names: TypeAlias = tuple[str, ...]

TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
TAGS: Final = ("role", "type")
"""The members whose fixed value names a variant."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its path, such as `choices[].message.content`, and its schema, with the shape that this stands in.

    `parent` is the path of its object; `ties` and `facts` are its own, or else those of what it stands in.
    """

    path: str
    parent: str
    shape: str
    schema: Schema
    required: bool
    ties: Names
    facts: Names


@dataclass(slots=True)
class Counted:
    """How often objects were seen, and members in them, by path."""

    objects: Counter[str] = field(default_factory=Counter)
    members: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Shapes:
    """The schemas by shape. A `$ref` is local, or `kimi:SHAPE#/$defs/NAME` of another."""

    documents: Mapping[str, Schema]

    def members(self, shape: str) -> Iterator[Member]:
        """Every member of `shape`, those of nested objects after their own, but for the tags of variants.

        An object that stands in several places is unfolded in the one nearest to the top; one of another shape is not.
        """
        places: dict[int, str] = {}
        level = [(shape, self.documents[shape], "")]
        while level:
            level = [each for one in level for each in self._placed(*one, places) if each[0] == shape]
        yield from self._members(shape, self.documents[shape], "", ((), ()), places)

    def count(self, shape: str, value: Any) -> Counted:
        """What stands in `value`, a body of `shape`."""
        counted = Counted()
        self._count(shape, self.documents[shape], value, "", counted)
        return counted

    def variants(self, shape: str, schema: Schema) -> Iterator[tuple[str, str, Schema]]:
        """The objects and lists that a schema may be: the shape that each stands in, the name of a variant, itself."""
        shape, schema = self.resolved(shape, schema)
        choices = schema.get("oneOf") or schema.get("anyOf")
        if choices is None:
            yield shape, "", schema
            return
        found = [each for choice in choices for each in self.variants(shape, choice)]
        objects = [each for each in found if "properties" in each[2]]
        for where, name, each in found:
            yield where, name or (_tag(each) if len(objects) > 1 else ""), each

    def resolved(self, shape: str, schema: Schema) -> tuple[str, Schema]:
        """`schema`, or what it refers to, and the shape that this stands in, without what is said beside a `$ref`."""
        while "$ref" in schema:
            where, _, name = schema["$ref"].partition("#/$defs/")
            shape = where.removeprefix("kimi:") or shape
            schema = self.documents[shape]["$defs"][name]
        return shape, schema

    def _placed(
        self, shape: str, schema: Schema, path: str, places: dict[int, str]
    ) -> Iterator[tuple[str, Schema, str]]:
        """Note where the objects of a schema stand, and go on to what is below them."""
        for where, name, each in self.variants(shape, schema):
            if "items" in each:
                yield where, each["items"], f"{path}[]"
            if "properties" in each and id(each) not in places and where == shape:
                here = _named(path, name)
                places[id(each)] = here
                yield from ((where, inner, _below(here, member)) for member, inner in each["properties"].items())

    def _members(
        self, shape: str, schema: Schema, path: str, ties: tuple[Names, Names], places: Mapping[int, str]
    ) -> Iterator[Member]:
        for where, name, each in self.variants(shape, schema):
            here = _named(path, name)
            if "items" in each:
                yield from self._members(where, each["items"], f"{path}[]", ties, places)
            for member, inner in each.get("properties", {}).items() if places.get(id(each)) == here else ():
                at = _below(here, member)
                own = tuple(inner.get("x-requirements", ())), tuple(inner.get("x-facts", ()))
                given = own if any(own) else ties
                if not (name and member in TAGS and "const" in inner):
                    yield Member(at, here, where, inner, member in each.get("required", ()), *given)
                yield from self._members(where, inner, at, given, places)

    def _count(self, shape: str, schema: Schema, value: Any, path: str, counted: Counted) -> None:
        for where, name, each in self.variants(shape, schema):
            if not _fits(each, value):
                continue
            here = _named(path, name)
            for item in value if isinstance(value, list) else ():
                self._count(where, each.get("items", {}), item, f"{path}[]", counted)
            if isinstance(value, dict) and "properties" in each:
                counted.objects[here] += 1
                for member, inner in each["properties"].items():
                    if member in value:
                        counted.members[_below(here, member)] += 1
                        self._count(where, inner, value[member], _below(here, member), counted)


def _named(path: str, variant: str) -> str:
    """The path of a variant: `messages[system]` of `messages[]`."""
    if not variant:
        return path
    return f"{path.removesuffix('[]')}[{variant}]" if path else variant


def _below(path: str, member: str) -> str:
    return f"{path}.{member}" if path else member


def type_of(shapes: Shapes, shape: str, schema: Schema) -> str:
    """The type of a member in words, with its unit: `integer, tokens`, `string or null`, `"auto"`."""
    words: dict[str, None] = {}
    for where, _, each in shapes.variants(shape, schema):
        words |= dict.fromkeys(_words(shapes, where, each))
    unit = schema.get("x-unit")
    return " or ".join(words) + (f", {unit}" if unit else "")


def _words(shapes: Shapes, shape: str, schema: Schema) -> Iterator[str]:
    if "const" in schema:
        yield f"`{_shown(schema['const'])}`"
    elif "enum" in schema:
        yield from (f"`{_shown(value)}`" for value in schema["enum"])
    elif "type" in schema:
        kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        for kind in kinds:
            items = type_of(shapes, shape, schema["items"]) if kind == "array" and "items" in schema else ""
            yield f"list of {items}" if items else {"array": "list"}.get(kind, kind)
    else:
        yield "any"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _tag(schema: Schema) -> str:
    fixed = [schema["properties"][tag].get("const") for tag in TAGS if tag in schema.get("properties", {})]
    return next((str(each) for each in fixed if each is not None), "")


def _fits(schema: Schema, value: Any) -> bool:
    """Whether `value` may be meant by this variant: of its type, and with its fixed members."""
    kinds = schema.get("type", list(TYPES))
    types = [each for kind in ([kinds] if isinstance(kinds, str) else kinds) for each in TYPES[kind]]
    if type(value) not in types:
        return False
    fixed = {name: each["const"] for name, each in schema.get("properties", {}).items() if "const" in each}
    return not isinstance(value, dict) or all(value.get(name, const) == const for name, const in fixed.items())
