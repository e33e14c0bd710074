"""Schemas that are plainly in Moonshot's flavour of JSON Schema (MoonshotAI/walle, docs/mfjs-spec.md)."""

from __future__ import annotations

from typing import Any, Final

KEYWORDS: Final = frozenset(
    {
        "additionalProperties",
        "default",
        "description",
        "enum",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "properties",
        "required",
        "type",
    }
)
TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")
BOUNDS: Final = frozenset({"maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum"})
MOST_VALUES: Final = 1000
DEEPEST: Final = 16
"""Half of what is allowed: what is deeper is left alone."""


def _counts(bound: Any) -> bool:
    return isinstance(bound, int | float) and not isinstance(bound, bool)


def _some(values: Any) -> bool:
    return isinstance(values, list) and 0 < len(values) <= MOST_VALUES


def plain(schema: Any, depth: int = 0) -> bool:
    """Whether `schema` is one that no level of strictness refuses: every part has a type, and only known keywords.

    False says nothing: references and alternatives, which are allowed in some places, are not followed.
    """
    if not isinstance(schema, dict) or depth > DEEPEST or schema.get("type") not in TYPES:
        return False
    if not schema.keys() <= KEYWORDS:
        return False
    inner, needed = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(inner, dict) or not isinstance(needed, list) or not all(each in list(inner) for each in needed):
        return False
    if not all(_counts(schema[name]) for name in BOUNDS & schema.keys()) or not _some(schema.get("enum", [None])):
        return False
    parts = [*inner.values(), *(schema[name] for name in ("items",) if name in schema)]
    more = schema.get("additionalProperties", False)
    return (isinstance(more, bool) or plain(more, depth + 1)) and all(plain(part, depth + 1) for part in parts)
