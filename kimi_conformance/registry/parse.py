"""Turns a document into a pydantic model, and what pydantic says of mistakes into problems for people.

Where pydantic names a place (`loc`) it mixes keys of the file with labels of its own (members of unions, `[key]`).
Following the model's core schema beside it tells the two apart, and knows the names and values that are valid there.
Of a union pydantic reports every member that did not fit; here the one that was meant is tried again alone, or, where
none is clearly meant, one problem lists the forms. Scalars must be written as what they are: pydantic's lax mode reads
"3" as 3 and "yes" as true, and its strict mode refuses a list where the model has a tuple.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator, core_schema

from .problems import ContractError, Place, Pointer, Problem, joined, keyed, known, listed, nearest, shown, where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pydantic_core import ErrorDetails

    from .yaml_file import Document

Model = TypeVar("Model")

MAX_PROBLEMS: Final = 20
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
BOUNDS: Final = {
    "greater_than": "greater than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "string_too_short": "{min_length} or more characters long",
    "string_too_long": "{max_length} or fewer characters long",
    "string_pattern_mismatch": "something that matches {pattern}",
    "too_short": "{min_length} or more entries long",
    "too_long": "{max_length} or fewer entries long",
    "invalid-json-value": "a JSON value",
}
UNTAGGED: Final = {"union_tag_invalid", "union_tag_not_found"}


def parse(model: type[Model] | TypeAdapter[Model], document: Document, pointer: Sequence[str | int] = ()) -> Model:
    """The part of `document` at `pointer` as a `model`. Raises `ContractError` with its mistakes, at most twenty."""
    adapter = model if isinstance(model, TypeAdapter) else TypeAdapter(model)
    shape = _shape(adapter.core_schema, {})
    at, value = _real(document.data, pointer)
    if at != tuple(pointer):
        raise ContractError([Place(document, (*at, pointer[len(at)])).missing()])
    place = Place(document, at, _noun(shape))
    found = dict.fromkeys(_miswritten(place, shape, value))
    try:
        parsed = adapter.validate_python(value)
    except ValidationError as error:
        found |= dict.fromkeys(_explained(place, shape, error))
    if not found:
        return parsed
    problems = sorted(found, key=lambda problem: problem.line or 0)
    if len(problems) > MAX_PROBLEMS:
        rest = f"{len(problems) - MAX_PROBLEMS} more mistakes are not shown"
        problems[MAX_PROBLEMS:] = [Problem(document.path, None, rest)]
    raise ContractError(problems)


def locate(
    document: Document,
    pointer: Sequence[str | int],
    what: str,
    *,
    candidates: Iterable[str] = (),
    name: str | None = None,
    mend: str | None = None,
) -> Problem:
    """The problem `what` of the node at `pointer`, for mistakes that only several nodes or files together show.

    `candidates` are the names that would be valid; `name` is the one that is not (default: the node itself where it is
    a string, else its key).
    """
    at, value = _real(document.data, pointer)
    wrong = name or (value if at == tuple(pointer) and isinstance(value, str) else str(["", *pointer][-1]))
    names = list(candidates)
    near = nearest(wrong, names)
    return Problem(document.path, document.line(pointer), what, near, mend or (None if near else known(names)))


@dataclass(frozen=True)
class _Shape:
    """A core schema (`whole`) without its wrappers. `loose`: one of them may change the value first.

    Without slots, because properties are cached: a list of a thousand models follows one shape.
    """

    whole: Any
    bare: Mapping[str, Any]
    definitions: Mapping[str, Any]
    loose: bool

    @cached_property
    def kind(self) -> str:
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
    def choices(self) -> list[_Shape]:
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

    def of(self, schema: Mapping[str, Any]) -> _Shape:
        return _shape(schema, self.definitions)

    @cached_property
    def children(self) -> dict[str | int, _Shape | None]:
        """Those below, as far as they were asked for; a recursive model has no end."""
        return {}

    def child(self, part: str | int) -> _Shape | None:
        """What stands at the key or index `part` (`[key]`: what a key of a dict must be); None: nobody knows."""
        tuple_items = isinstance(self.bare.get("items_schema"), list)
        slot = part if self.keys or part == "[key]" or tuple_items else "[value]"
        if slot not in self.children:
            self.children[slot] = self._child(slot)
        return self.children[slot]

    def _child(self, slot: str | int) -> _Shape | None:
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

    def meant(self, value: Any) -> _Shape | None:
        """The member of this union that `value` was clearly meant to be."""
        fitting = [choice for choice in self.choices if choice.fits(value)]
        if len(fitting) == 1 and not fitting[0].keys:
            return fitting[0]
        ranks = [shape.likeness(value) if isinstance(value, dict) else (0, 0) for shape in fitting]
        best = max(ranks, default=(0, 0))
        return fitting[ranks.index(best)] if best > (0, 0) and ranks.count(best) == 1 else None


def _shape(schema: Any, definitions: Mapping[str, Any]) -> _Shape:
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
            return _Shape(schema, bare, definitions, loose)


def _miswritten(place: Place, shape: _Shape, value: Any) -> Iterator[Problem]:
    """Values that pydantic would accept although they are written as something else."""
    if shape.loose or value is None:
        return
    if shape.choices:
        meant = shape.meant(value)
        if not shape.fits(value) or (meant and meant.allowed and value not in meant.allowed):
            yield place.must_be(shape.forms, value, shape.names)
        elif meant:
            yield from _miswritten(place, meant, value)
    elif shape.kind in {"int", "float", "bool", "date", "datetime"} and not shape.fits(value):
        yield place.must_be(shape.forms, value)
    elif isinstance(value, dict | list) and shape.fits(value):
        for part, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if child := shape.child(part):
                yield from _miswritten(place.at(part), child, inner)


def _explained(place: Place, shape: _Shape, error: ValidationError) -> Iterator[Problem]:
    """The problems in `error`; a key that is missing only because its name is misspelt is not told twice."""
    missing: dict[Pointer, Problem] = {}
    renamed: set[Pointer] = set()
    unions: set[Pointer] = set()
    for each in error.errors(include_url=False):
        spot = _follow(place, shape, each["loc"])
        here, pointer = spot.shape, spot.place.pointer
        if here and (spot.cut or each["type"] in UNTAGGED):
            if pointer not in unions:
                yield from _of_union(spot.place, here, each)
            unions.add(pointer)
        elif each["type"] == "missing":
            missing[pointer] = spot.place.missing()
        elif each["type"] == "extra_forbidden":
            problem = spot.place.unknown(map(str, spot.parent.keys))
            renamed.add((*pointer[:-1], problem.nearest or ""))
            yield problem
        elif spot.key:
            yield _of_key(spot.place, here, each)
        else:
            yield _of_value(spot.place, here, each)
    yield from (problem for pointer, problem in missing.items() if pointer not in renamed)


def _of_union(place: Place, shape: _Shape, error: ErrorDetails) -> Iterator[Problem]:
    value = _real(place.document.data, place.pointer)[1]
    tag = shape.bare.get("discriminator")
    if error["type"] in UNTAGGED and isinstance(tag, str) and isinstance(value, dict):
        tags = list(shape.bare["choices"])
        yield place.at(tag).must_be(listed(tags), value[tag], tags) if tag in value else place.at(tag).missing()
        return
    meant = shape.meant(value)
    if meant and not meant.allowed:
        definitions = list(meant.definitions.values())
        whole = core_schema.definitions_schema(meant.whole, definitions) if definitions else meant.whole
        try:
            SchemaValidator(whole).validate_python(value)
        except ValidationError as inner:
            yield from _explained(place, meant, inner)
            return
    yield place.must_be(shape.forms, value, shape.names)


def _of_key(place: Place, shape: _Shape | None, error: ErrorDetails) -> Problem:
    if shape and shape.allowed:
        return place.unknown(map(str, shape.allowed))
    problem = _of_value(place, shape, error)
    return replace(problem, what=f"the key {problem.what}")


def _of_value(place: Place, shape: _Shape | None, error: ErrorDetails) -> Problem:
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind in {"value_error", "assertion_error"}:
        said = str(context["error"])
        return place.problem(f"{where(place.pointer)}: {said}" if place.pointer else said)
    if context.get("min_length") == 1:
        return place.problem(f"{place.subject} must not be empty")
    if kind in BOUNDS:
        plain = {name: f"{bound:g}" if isinstance(bound, float) else bound for name, bound in context.items()}
        return place.must_be(BOUNDS[kind].format(**plain), context.get("actual_length", value))
    if shape and shape.name and re.search("_type$|_parsing$|_from_float$|_inexact$|^literal_error$|^enum$", kind):
        return place.must_be(shape.name, value, shape.allowed)
    said = re.sub(r"^[A-Z]\w* should ", "must ", error["msg"])
    return place.problem(
        f"{place.subject} {said}, not {shown(value)}" if said != error["msg"] else f"{place.subject}: {said}"
    )


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where an error's `loc` leads: a place, its shape (None: unknown) and its parent's.

    `cut`: a union stands in the way, and the rest of `loc` is about its members. `key`: the shape is that of the key.
    """

    place: Place
    shape: _Shape | None
    parent: _Shape
    cut: bool = False
    key: bool = False


def _follow(place: Place, shape: _Shape, loc: Pointer) -> _Spot:
    parent = here = shape
    for index, part in enumerate(loc):
        if part == "[key]" and index == len(loc) - 1 and "keys_schema" in parent.bare:
            return _Spot(place, parent.child(part), parent, key=True)
        if here.choices:
            return _Spot(place, here, parent, cut=True)
        inner = here.child(part)
        if inner is None:
            return _Spot(place.at(*_held(place, loc[index:])), None, here)
        parent, here, place = here, inner, place.at(part)
    return _Spot(place, here, parent)


def _held(place: Place, loc: Pointer) -> Iterator[str | int]:
    """Those parts of `loc` that the file has, below `place`."""
    value = _real(place.document.data, place.pointer)[1]
    for part in loc:
        at, value = _real(value, (part,))
        yield from at


def _real(data: Any, pointer: Sequence[str | int]) -> tuple[Pointer, Any]:
    """The longest part of `pointer` that exists in `data`, and the node there."""
    for index, part in enumerate(pointer):
        inside = range(len(data)) if isinstance(data, list) else data if isinstance(data, dict) else ()
        if part not in inside:
            return tuple(pointer[:index]), data
        data = data[part]
    return tuple(pointer), data


def _noun(shape: _Shape) -> str:
    name = shape.bare.get("model_name")
    return f"the {re.sub('(?<=[a-z])(?=[A-Z])', ' ', name).lower()}" if name else "the file"
