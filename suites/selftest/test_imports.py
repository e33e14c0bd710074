"""Imports point one way: from the hands to the pure core, never back (DESIGN.md, section 1)."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import kimi_conformance

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(kimi_conformance.__file__).parent

# Each layer may import those above it, and itself. What stands in one tuple is one layer.
LAYERS = (
    ("exchange", "exchange_json", "sse", "sse_event"),
    ("contract",),
    ("oracle", "matrix", "judge", "sentences"),
    ("registry",),
    ("cassette",),
    ("traffic",),
    ("upstream",),
    ("serve",),
    ("api",),
    ("router",),
    ("reporting",),
    ("killing",),
    ("plugin", "cli", "__main__"),
)
CORE = {"exchange", "exchange_json", "sse", "sse_event"}
ALONE = {"reference": {"reference"}, "faults": {"reference", "faults", "upstream", *CORE}}
LAST = ("killing", "plugin", "cli", "__main__")  # these may import the faults too: what they run can be made to fail


def test_every_module_has_its_layer() -> None:
    known = {name for layer in LAYERS for name in layer} | set(ALONE)
    assert {_part(path) for path in _modules()} - {"__init__"} == known


def test_no_import_points_back() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {imported}"
        for path in _modules()
        for imported in _imports(path)
        if imported not in _allowed(_part(path))
    ]
    assert not wrong


def _allowed(part: str) -> set[str]:
    if part in ALONE:
        return ALONE[part]
    allowed: set[str] = set()
    for layer in LAYERS:
        allowed |= set(layer)
        if part in layer:
            return allowed | {"faults"} if part in LAST else allowed
    return {"__init__"}


def _modules() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if "data" not in path.relative_to(PACKAGE).parts]


def _part(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.ImportFrom(module=str(module), level=0) if module.startswith("kimi_conformance."):
                yield module.split(".")[1]
            case ast.Import(names=names):
                yield from (name.name.split(".")[1] for name in names if name.name.startswith("kimi_conformance."))
