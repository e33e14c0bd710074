"""The state of the suite: a digest of all that makes cases and judges them, so that results tell what they rest on."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Final

from kimi_conformance.registry.home import PACKAGE, api_suites, cassettes, contracts, routing_suites

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NO_PART: Final = frozenset({"data", "__pycache__"})
"""Folders of the package that are counted elsewhere, or not at all."""


@cache
def suite_state() -> str:
    """The SHA-256 of code, contracts, cassettes and suites, by name and content, wherever they lie."""
    lines = sorted(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n" for name, path in _files())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _files() -> Iterator[tuple[str, Path]]:
    for path in PACKAGE.rglob("*"):
        inside = path.relative_to(PACKAGE)
        if path.is_file() and not NO_PART & set(inside.parts):
            yield f"code/{inside.as_posix()}", path
    for name, root in (("contracts", contracts()), ("cassettes", cassettes())):
        for path in root.rglob("*"):
            inside = path.relative_to(root)
            if path.is_file() and not any(
                part.startswith((".", "__")) or part == "node_modules" for part in inside.parts
            ):
                yield f"{name}/{inside.as_posix()}", path
    for name, root in (("api", api_suites()), ("routing", routing_suites())):
        yield from ((f"suites/{name}/{path.name}", path) for path in root.glob("*.py"))
