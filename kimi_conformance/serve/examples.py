"""A value that satisfies a JSON schema of Moonshot's flavour (`$defs`, `anyOf`, no `allOf`, no `pattern`)."""

from __future__ import annotations

from math import ceil, isfinite
from typing import Any, Final, TypeGuard

from kimi_conformance.serve.asking import member

DEEP: Final = 4
"""From here on an object has its required members only, and a list nothing that it need not have."""
DEEPEST: Final = 30
"""The deepest schema that the flavour allows; a schema that needs itself without end gets null there."""
WORD: Final = "text"


def example(schema: Any, root: Any, depth: int = 0) -> Any:
    """A value for `schema`, whose references lead into `root`."""
    if depth > DEEPEST or not isinstance(schema, dict):
        return None
    if isinstance(reference := schema.get("$ref"), str):
        return example(_resolved(reference, root), root, depth + 1)
    if isinstance(values := schema.get("enum"), list) and values:
        return values[0]
    if isinstance(options := schema.get("anyOf"), list) and options:
        return example(_plainest(options), root, depth + 1)
    return _of_type(schema, root, depth)


def _of_type(schema: dict[str, Any], root: Any, depth: int) -> Any:
    type_ = schema.get("type")
    match type_[0] if isinstance(type_, list) and type_ else type_:
        case "object":
            return _object(schema, root, depth)
        case "array":
            least = _size(schema, "minItems") or int(depth < DEEP)
            return [example(schema.get("items"), root, depth + 1) for _ in range(least)]
        case "integer" | "number":
            return _number(schema, whole=type_ == "integer")
        case "boolean":
            return True
        case "null":
            return None
    most = schema.get("maxLength")
    word = WORD.ljust(_size(schema, "minLength"), "t")
    return word[:most] if isinstance(most, int) else word


def _object(schema: dict[str, Any], root: Any, depth: int) -> dict[str, Any]:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    required = schema.get("required") if isinstance(schema.get("required"), list) else []
    names = [name for name in properties if depth < DEEP or name in (required or ())]
    return {name: example(properties[name], root, depth + 1) for name in names}


def _number(schema: dict[str, Any], *, whole: bool) -> float:
    least, most = schema.get("minimum"), schema.get("maximum")
    value: float = 1
    if _finite(least):
        value = max(value, least)
    if _finite(most):
        value = min(value, most)
    return ceil(value) if whole else value


def _finite(bound: Any) -> TypeGuard[float]:
    return isinstance(bound, int) or (isinstance(bound, float) and isfinite(bound))


def _plainest(options: list[Any]) -> Any:
    """The first option that refers to nothing, so that a list ends; else the first."""
    return next((option for option in options if member(option, "$ref") is None), options[0])


def _size(schema: dict[str, Any], name: str) -> int:
    given = schema.get(name)
    return min(given, 100) if isinstance(given, int) and given > 0 else 0


def _resolved(reference: str, root: Any) -> Any:
    found = root
    for word in reference.removeprefix("#").split("/")[1:]:
        found = member(found, word.replace("~1", "/").replace("~0", "~"))
    return found
