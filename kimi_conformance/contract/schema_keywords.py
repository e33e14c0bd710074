"""The part of JSON Schema 2020-12 that our wire schemas are written in, and where it is read more helpfully.

Every branch of a `oneOf` is an object with a constant `type`: the branch that a value means is the one whose `type` it
has, so that only that branch's mistakes are told, not those of all others. A missing member is reported at its own
pointer. What is valid is the same as with any validator.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def validator(document: Mapping[str, Any]) -> Draft202012Validator:
    """The validator of a schema, which must be a valid one."""
    kind: type[Draft202012Validator] = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator,
        {"oneOf": partial(_one_of, document), "required": _required},
        # As in JSON itself and in jsonschema-rs, neither NaN nor an infinity is a number.
        type_checker=Draft202012Validator.TYPE_CHECKER.redefine("number", _is_number),
    )
    return kind(document)


def resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """`schema`, or the definition of `document` that it refers to."""
    while "$ref" in schema:
        schema = document["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


def branch(document: Mapping[str, Any], branches: Sequence[Mapping[str, Any]], value: Any) -> Mapping[str, Any] | None:
    """The branch of a `oneOf` that has the `type` of `value`."""
    kind = value.get("type") if isinstance(value, dict) else None
    return next((each for each in branches if kind == _type_of(document, each)), None)


def _type_of(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    return str(resolved(document, schema)["properties"]["type"]["const"])


def _one_of(
    document: Mapping[str, Any],
    checker: Draft202012Validator,
    branches: Sequence[Mapping[str, Any]],
    value: Any,
    _schema: Any,
) -> Iterator[ValidationError]:
    if meant := branch(document, branches, value):
        yield from checker.descend(value, meant)
    elif not isinstance(value, dict):
        yield ValidationError("", validator="type", validator_value="object", instance=value)
    elif "type" not in value:
        yield ValidationError("", path=["type"], validator="required")
    else:
        types = [_type_of(document, each) for each in branches]
        yield ValidationError("", path=["type"], validator="enum", validator_value=types, instance=value["type"])


def _required(_checker: Any, names: Sequence[str], value: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        yield from (ValidationError("", path=[name]) for name in names if name not in value)


def _is_number(_checker: Any, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
