"""Edits of JSON that was read for them alone: what stands at a path is dropped, put, or changed.

A path is like `choices/*/message`: a `*` is every entry of a list. Edits raise `LookupError` where a step is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Edit: TypeAlias = Callable[[Any], None]


def drop(*paths: str) -> Edit:
    """What stands at `paths` goes."""

    def edit(value: Any) -> None:
        for path in paths:
            for holder, key in list(_places(value, path)):
                del holder[key]

    return edit


def put(path: str, new: Any) -> Edit:
    """`new` stands at `path`, whether something stood there or not."""

    def edit(value: Any) -> None:
        holder, _, name = path.rpartition("/")
        for inner in _values(value, holder):
            if isinstance(inner, list):
                inner[int(name)] = new
            else:
                inner[name] = new

    return edit


def change(path: str, made: Callable[[Any], Any]) -> Edit:
    """What stands at `path` is what `made` makes of it."""

    def edit(value: Any) -> None:
        for holder, key in list(_places(value, path)):
            holder[key] = made(holder[key])

    return edit


def rename(path: str, name: str) -> Edit:
    """The member at `path` is called `name`."""

    def edit(value: Any) -> None:
        for holder, key in list(_places(value, path)):
            holder[name] = holder.pop(key)

    return edit


def both(*edits: Edit) -> Edit:
    """One edit after the other."""

    def edit(value: Any) -> None:
        for each in edits:
            each(value)

    return edit


def _places(value: Any, path: str) -> Iterator[tuple[Any, Any]]:
    """The holder and the key of everything at `path`."""
    above, _, name = path.rpartition("/")
    for holder in _values(value, above):
        if name == "*":
            yield from ((holder, index) for index in range(len(holder)))
        elif isinstance(holder, list):
            yield holder, range(len(holder))[int(name)]
        elif name in holder:
            yield holder, name
        else:
            raise LookupError(f"nothing is called {name}")


def _values(value: Any, path: str) -> Iterator[Any]:
    if not path:
        yield value
        return
    for holder, key in _places(value, path):
        yield holder[key]
