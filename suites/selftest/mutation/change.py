"""A change of a syntax tree: one node in the place of another, told in words that outlive edits elsewhere."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any, Final

LONGEST: Final = 90
"""Letters of an expression in an id; what is longer is cut in its middle."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands: in a field of its parent, with a number where the field is a list."""

    parent: ast.AST
    field: str
    at: int | None = None

    def put(self, node: Any) -> None:
        """Set `node` here."""
        if self.at is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.at] = node

    def get(self) -> Any:
        """What stands here."""
        found = getattr(self.parent, self.field)
        return found if self.at is None else found[self.at]


@dataclass(frozen=True, slots=True)
class Change:
    """`new` in the place of what stands there; `told` is both in words."""

    place: Place
    new: Any
    told: str


def change(place: Place, new: ast.AST, *, shown: Place | None = None) -> Change:
    """A change, told as the expression before and after it. `shown`: the expression around it that is told instead."""
    old, told = place.get(), shown or place
    before = brief(ast.unparse(told.get()))
    ast.copy_location(new, old)
    ast.fix_missing_locations(new)
    place.put(new)
    after = brief(ast.unparse(told.get()))
    place.put(old)
    return Change(place, new, f"{before} => {after}")


def brief(text: str) -> str:
    """`text` on one line, without its middle where it is long."""
    line = " ".join(text.split())
    half = LONGEST // 2
    return line if len(line) <= LONGEST else f"{line[:half]} … {line[-half:]}"
