"""Which code can be run by some other: by the modules that are imported, and the names that are mentioned."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from kimi_conformance.killing.sources import source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kimi_conformance.killing.sources import Piece

NOBODY: frozenset[str] = frozenset()


def nothing(_module: str, _piece: Piece) -> bool:
    """No piece is left out."""
    return False


def closure(starts: Iterable[str], *, but: frozenset[str] = NOBODY) -> frozenset[str]:
    """The modules of ours that `starts` import, they themselves, and so on; not those that a glob in `but` names.

    What is imported for type checkers alone is never run, and left out.
    """
    found: set[str] = set()
    left = list(starts)
    while left:
        module = left.pop()
        if module in found or any(fnmatchcase(module, glob) for glob in but):
            continue
        found.add(module)
        left += source(module).imports
    return frozenset(found)


def code(modules: Iterable[str], called: Iterable[str], *, but: Callable[[str, Piece], bool] = nothing) -> list[str]:
    """What the modules do where somebody calls what is `called`: a line for each piece that can then be run.

    A piece that nobody mentions by any of its names, in no piece that can be run, is left out; so is one of a module
    for which `but` is true. That is generous: any name will do, whatever it stands for.
    """
    return [f"{module} {piece.does}" for module, piece in run(modules, called, but=but)]


def run(
    modules: Iterable[str], called: Iterable[str], *, but: Callable[[str, Piece], bool] = nothing
) -> list[tuple[str, Piece]]:
    """The pieces that `code` tells, each with its module, in the order of the files."""
    every = [(module, piece) for module in sorted(modules) for piece in source(module).pieces if not but(module, piece)]
    names, before = {*called}, -1
    while len(names) > before:
        before = len(names)
        found = [(module, piece) for module, piece in every if _is_run(piece, names)]
        names.update(name for _, piece in found for name in piece.mentions)
    return found


def _is_run(piece: Piece, names: set[str]) -> bool:
    return not piece.names or any(name in names or _special(name) for name in piece.names)


def _special(name: str) -> bool:
    """`__post_init__` and its like are called by the language."""
    return name.startswith("__") and name.endswith("__")
