"""JSON for people: an object or a list stands on one line where it fits."""

from __future__ import annotations

import json
from typing import Any, Final

WIDTH: Final = 96


def folded(value: Any, indent: int = 0, ahead: int = 0) -> str:
    """`value` as JSON, broken only where a line would be wider than `WIDTH`; `ahead` is what stands before it."""
    flat = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    if indent + ahead + len(flat) <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, list):
        lines = [f"{inner}{folded(each, indent + 2)}" for each in value]
        return "[\n" + ",\n".join(lines) + f"\n{' ' * indent}]"
    lines = [f"{inner}{_key(key)}{folded(each, indent + 2, len(_key(key)))}" for key, each in value.items()]
    return "{\n" + ",\n".join(lines) + f"\n{' ' * indent}}}"


def _key(key: str) -> str:
    return f"{json.dumps(key, ensure_ascii=False)}: "
