"""What is wrong with a value of the wire, in words for people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jsonschema.exceptions import ValidationError

MAX_SHOWN: Final = 60
TYPES: Final[Mapping[str, str]] = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


@dataclass(frozen=True, slots=True)
class SchemaError:
    """At the JSON pointer `at` stands `actual` ("nothing" for a missing member) where `expected` should.

    `message` is the sentence that says so.
    """

    at: str
    expected: str
    actual: str
    message: str


def explained(error: ValidationError) -> SchemaError:
    """What a validator of `schema_keywords` found, for people."""
    at = pointer(error.absolute_path)
    place = at or "the whole value"
    if error.validator == "required":
        return SchemaError(at, "a value", "nothing", f"{place} is missing")
    expected, actual = EXPECTED[str(error.validator)](error.validator_value), shown(error.instance)
    return SchemaError(at, expected, actual, f"{place} must be {expected}, not {actual}")


def pointer(path: Iterable[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a path."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def shown(value: Any) -> str:
    """`value` as a message shows it: as JSON, but lists and objects by what they are, and long strings cut."""
    if isinstance(value, dict):
        return "an object" if value else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    text = json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace").decode()
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 2]}…{text[-1]}"


def either(texts: Iterable[str]) -> str:
    """The texts as alternatives: `a, b or c`."""
    *most, last = texts
    return f"{', '.join(most)} or {last}" if most else last


EXPECTED: Final[Mapping[str, Callable[[Any], str]]] = {
    "const": shown,
    "enum": lambda values: either(map(shown, values)),
    "minItems": lambda least: "a list that is not empty" if least == 1 else f"a list of {least} or more",
    "minLength": lambda least: (
        "a string that is not empty" if least == 1 else f"a string of {least} characters or more"
    ),
    "minimum": lambda least: f"{least} or more",
    "pattern": lambda pattern: f"a string that matches {pattern}",
    "type": lambda types: either(TYPES[each] for each in ([types] if isinstance(types, str) else types)),
}
"""What a keyword of a schema asks for, by its value."""
