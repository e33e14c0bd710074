"""Turns a document into a pydantic model, and what pydantic says of mistakes into problems for people.

Where pydantic names a place (`loc`) it mixes keys of the file with labels of its own (members of unions, `[key]`).
Following the model's core schema beside it tells the two apart, and knows the names and values that are valid there.
Of a union pydantic reports every member that did not fit; here the one that was meant is tried again alone, or, where
none is clearly meant, one problem lists the forms. Scalars must be written as what they are: pydantic's lax mode reads
"3" as 3 and "yes" as true, and its strict mode refuses a list where the model has a tuple.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator, core_schema

from .problems import ContractError, Place, Pointer, Problem, known, listed, nearest, shown, where
from .shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic_core import ErrorDetails

    from .shape import Shape
    from .yaml_file import Document

Model = TypeVar("Model")

MAX_PROBLEMS: Final = 20
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
    shape = shape_of(adapter.core_schema, {})
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


def _miswritten(place: Place, shape: Shape, value: Any) -> Iterator[Problem]:
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


def _explained(place: Place, shape: Shape, error: ValidationError) -> Iterator[Problem]:
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


def _of_union(place: Place, shape: Shape, error: ErrorDetails) -> Iterator[Problem]:
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


def _of_key(place: Place, shape: Shape | None, error: ErrorDetails) -> Problem:
    if shape and shape.allowed:
        return place.unknown(map(str, shape.allowed))
    problem = _of_value(place, shape, error)
    return replace(problem, what=f"the key {problem.what}")


def _of_value(place: Place, shape: Shape | None, error: ErrorDetails) -> Problem:
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
    shape: Shape | None
    parent: Shape
    cut: bool = False
    key: bool = False


def _follow(place: Place, shape: Shape, loc: Pointer) -> _Spot:
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


def _noun(shape: Shape) -> str:
    name = shape.bare.get("model_name")
    return f"the {re.sub('(?<=[a-z])(?=[A-Z])', ' ', name).lower()}" if name else "the file"
