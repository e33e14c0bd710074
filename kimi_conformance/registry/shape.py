"""What may stand where in a file: pydantic's core schemas without their wrappers, with names for people."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import NoneType
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.registry.problems import joined, keyed, listed, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOSE: Final = {"function-before", "function-wrap", "function-plain", "chain"}
INNER: Final = {"lax-or-strict": "strict_schema", "json-or-python": "json_schema"}
NUMBER: Final = (int, float)
KINDS: Final[Mapping[str, tuple[tuple[type, ...], str]]] = {
    "str": ((str,), "a string"),
    "int": (NUMBER, "an integer"),
    "float": (NUMBER, "a number"),
    "bool": ((bool,), "true or false"),
    "none": ((NoneType,), "nothing"),
    "date": ((dt.date, str), "a date such as 2026-05-01"),
    "datetime": ((dt.date, str), "a time such as 2026-05-01T12:00:00Z"),
    "url": ((str,), "a URL"),
    "model-fields": ((dict,), "a mapping"),
    "typed-dict": ((dict,), "a mapping"),
    "dict": ((dict,), "a mapping"),
    "list": ((list,), "a list"),
    "tuple": ((list,), "a list"),
    "set": ((list,), "a list"),
    "frozenset": ((list,), "a list"),
}
"""Kinds of core schemas: the plain types that may stand for them in a file, and their name for people."""


@dataclass(frozen=True)
class Shape:
    """A core schema (`whole`) without its wrappers. `loose`: one of them may change the value first.

    Without slots, because properties are cached: a list of a thousand models follows one shape.
    """

    whole: Any
    bare: Mapping[str, Any]
    definitions: Mapping[str, Any]
    loose: bool

    @cached_property
    def kind(self) -> str:
        """The type of the core schema, as pydantic calls it."""
        return str(self.bare["type"])

    @cached_property
    def name(self) -> str:
        """What people call such a value; empty where it has no plain name."""
        return listed(self.allowed) or (KINDS[self.kind][1] if self.kind in KINDS else "")

    @property
    def forms(self) -> str:
        """All that may stand here, mappings shown with the keys that they must have."""
        texts: list[str] = []
        for shape in self.choices or [self]:
            needed = [key for key, field in shape.keys.items() if field["schema"]["type"] != "default"]
            keyed_form = [keyed(needed or shape.keys)] if shape.keys else []
            texts += keyed_form or [shown(value) for value in shape.allowed] or [shape.name or "another form"]
        return joined(dict.fromkeys(texts))

    @property
    def names(self) -> list[str]:
        """The keys and the values that the members of a union know."""
        return [str(name) for choice in self.choices for name in (*choice.keys, *choice.allowed)]

    @cached_property
    def keys(self) -> dict[str | int, Mapping[str, Any]]:
        """The keys of a model as a file spells them, with what the model says of each."""
        fields = self.bare["fields"] if self.kind in {"model-fields", "typed-dict"} else {}
        aliases = ((field.get("validation_alias"), name, field) for name, field in fields.items())
        return {alias if isinstance(alias, str) else name: field for alias, name, field in aliases}

    @cached_property
    def choices(self) -> list[Shape]:
        """The members of a union."""
        found = self.bare.get("choices", [])
        schemas = found.values() if isinstance(found, dict) else found
        shapes = (self.of(schema[0] if isinstance(schema, tuple) else schema) for schema in schemas)
        return [inner for shape in shapes for inner in shape.choices or [shape]]

    @cached_property
    def allowed(self) -> list[Any]:
        """The values of a literal or an enumeration."""
        values = self.bare.get("expected", []) if self.kind == "literal" else self.bare.get("members", [])
        return [value.value if isinstance(value, Enum) else value for value in values]

    def of(self, schema: Mapping[str, Any]) -> Shape:
        """The shape of another schema, which may refer to the definitions of this one."""
        return shape_of(schema, self.definitions)

    @cached_property
    def children(self) -> dict[str | int, Shape | None]:
        """Those below, as far as they were asked for; a recursive model has no end."""
        return {}

    def child(self, part: str | int) -> Shape | None:
        """What stands at the key or index `part` (`[key]`: what a key of a dict must be); None: nobody knows."""
        tuple_items = isinstance(self.bare.get("items_schema"), list)
        slot = part if self.keys or part == "[key]" or tuple_items else "[value]"
        if slot not in self.children:
            self.children[slot] = self._child(slot)
        return self.children[slot]

    def _child(self, slot: str | int) -> Shape | None:
        if self.keys:
            return self.of(self.keys[slot]["schema"]) if slot in self.keys else None
        inner = self.bare.get("keys_schema" if slot == "[key]" else "values_schema", self.bare.get("items_schema"))
        if isinstance(inner, list):  # of a tuple
            inner = inner[min(slot, len(inner) - 1)] if inner and isinstance(slot, int) else None
        return self.of(inner) if inner else None

    def fits(self, value: Any) -> bool:
        """Whether `value` is of a plain type that may stand for this; its content may still be wrong."""
        if self.choices:
            return any(choice.fits(value) for choice in self.choices)
        if self.allowed:
            return type(value) in {type(allowed) for allowed in self.allowed}
        types = KINDS[self.kind][0] if self.kind in KINDS else (object,)
        return isinstance(value, types) and not (isinstance(value, bool) and types is NUMBER)

    def likeness(self, value: Mapping[str, Any]) -> tuple[int, int]:
        """How many tags of this model the mapping `value` carries, and how many of its keys it has."""
        tags = sum(value.get(str(key)) in self.of(field["schema"]).allowed for key, field in self.keys.items())
        return tags, len(self.keys.keys() & value.keys())

    def meant(self, value: Any) -> Shape | None:
        """The member of this union that `value` was clearly meant to be."""
        fitting = [choice for choice in self.choices if choice.fits(value)]
        if len(fitting) == 1 and not fitting[0].keys:
            return fitting[0]
        ranks = [shape.likeness(value) if isinstance(value, dict) else (0, 0) for shape in fitting]
        best = max(ranks, default=(0, 0))
        return fitting[ranks.index(best)] if best > (0, 0) and ranks.count(best) == 1 else None


def shape_of(schema: Any, definitions: Mapping[str, Any]) -> Shape:
    """The shape of a core schema. `definitions` are those that it may refer to, by `ref`."""
    bare, loose = schema, False
    while True:
        kind = bare["type"]
        loose = loose or kind in LOOSE
        if kind == "definitions":
            definitions = {each["ref"]: each for each in bare["definitions"]}
        if kind == "definition-ref":
            bare = definitions[bare["schema_ref"]]
        elif kind in INNER:
            bare = bare[INNER[kind]]
        elif "schema" in bare:
            bare = bare["schema"]
        else:
            return Shape(schema, bare, definitions, loose)
