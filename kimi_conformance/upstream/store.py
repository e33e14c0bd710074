"""The tables behind the PostgREST stand-in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Values: TypeAlias = dict[str, Any]
Resolution: TypeAlias = Literal["refuse", "merge", "ignore"]


class Duplicate(Exception):
    """A row with this key is there already; the message names the key."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row, when it came and when it last changed, in milliseconds."""

    t_ms: float
    changed_ms: float
    values: Values


@dataclass(slots=True)
class Store:
    """Tables that come to be when they are written to. `clock` gives milliseconds."""

    clock: Callable[[], float]
    changes: int = 0
    """How often anything was written: who has seen this many has seen all."""
    _tables: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    _numbers: defaultdict[str, Iterator[int]] = field(default_factory=lambda: defaultdict(lambda: count(1)))

    def rows(self, table: str) -> tuple[Row, ...]:
        """The rows in the order in which they came."""
        return tuple(self._tables[table])

    def insert(
        self, table: str, given: Iterable[Values], key: tuple[str, ...] = ("id",), resolution: Resolution = "refuse"
    ) -> tuple[list[Values], int]:
        """Add rows, all or none; one without `id` gets the next number.

        `resolution` is what becomes of a row whose `key` columns are those of a row that is there. Returns what was
        added or merged, and how many of these are new. Raises `Duplicate`.
        """
        rows, now = list(self._tables[table]), self.clock()
        touched: list[Values] = []
        new = 0
        for values in given:
            at = _same(rows, values, key)
            if at is None:
                rows.append(Row(now, now, values if "id" in values else {"id": next(self._numbers[table]), **values}))
                touched.append(rows[-1].values)
                new += 1
            elif resolution == "merge":
                rows[at] = replace(rows[at], changed_ms=now, values={**rows[at].values, **values})
                touched.append(rows[at].values)
            elif resolution == "refuse":
                named = ", ".join(str(values[column]) for column in key)
                raise Duplicate(f"Key ({', '.join(key)})=({named}) already exists.")
        self._tables[table] = rows
        self.changes += 1
        return touched, new

    def update(self, table: str, matches: Callable[[Values], bool], change: Values) -> list[Values]:
        """Change the rows that match. Returns them as they are now."""
        now = self.clock()
        self.changes += 1
        changed = [matches(row.values) for row in self._tables[table]]
        self._tables[table] = [
            replace(row, changed_ms=now, values={**row.values, **change}) if touched else row
            for row, touched in zip(self._tables[table], changed, strict=True)
        ]
        return [row.values for row, touched in zip(self._tables[table], changed, strict=True) if touched]


def _same(rows: list[Row], values: Values, key: tuple[str, ...]) -> int | None:
    """Where the row with the same key is. A key with a column absent or null is never the same as another."""
    if any(values.get(column) is None for column in key):
        return None
    matching = (at for at, row in enumerate(rows) if all(row.values.get(column) == values[column] for column in key))
    return next(matching, None)
