"""What the schemas of the wire are called as components of an OpenAPI document."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SILENT = ("description", "title")
"""Keywords that say nothing about what a schema accepts."""


def pascal(name: str) -> str:
    """`chat.completion.chunk` and `tool_call` as ChatCompletionChunk and ToolCall."""
    return "".join(f"{word[:1].upper()}{word[1:]}" for word in name.replace("_", ".").replace("-", ".").split("."))


def component_names(documents: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """(shape, definition) -> the component's name; the definition "" is the whole shape.

    Definitions of one name that are the same in several shapes are one component. Where they differ, or a shape has
    the name already, it begins with the shape's. A shape that is nothing but one of its definitions has its name.
    """
    names = {(shape, ""): pascal(shape) for shape in documents}
    found: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for shape, document in documents.items():
        for name, definition in document.get("$defs", {}).items():
            found[name].append((shape, definition))
    for name, places in found.items():
        same = all(bare(definition) == bare(places[0][1]) for _, definition in places)
        alone = same and pascal(name) not in names.values()
        for shape, _ in places:
            whole = documents[shape].get("$ref") == f"#/$defs/{name}"
            joined = pascal(name) if alone else pascal(shape) + pascal(name)
            names[shape, name] = pascal(name) if whole or (same and _is_whole(documents, name)) else joined
    return names


def bare(schema: Any) -> Any:
    """A schema without what describes it, to compare by; members that are called so stay."""
    if isinstance(schema, list):
        return [bare(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return dict(_kept(schema))


def _kept(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for word, value in schema.items():
        if word in ("properties", "$defs"):
            yield word, {name: bare(each) for name, each in value.items()}
        elif word not in SILENT:
            yield word, bare(value)


def _is_whole(documents: Mapping[str, Mapping[str, Any]], name: str) -> bool:
    """Whether a shape is nothing but the definition `name`."""
    return any(document.get("$ref") == f"#/$defs/{name}" for document in documents.values())
