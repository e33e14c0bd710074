"""The rows of a ledger, joined with the calls that they are about by their trace ids."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from kimi_conformance.contract.trip import Row
from kimi_conformance.judge.destination import at_pointer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kimi_conformance.contract.profile import Ledger, Profile
    from kimi_conformance.upstream.store import Store

LOOK_S: Final = 0.01


class LedgerGone(Exception):
    """The ledger can be read no more: nothing can be said of rows. Says why."""


class Rows(Protocol):
    """Where the rows of a router can be read; `look_s` is how long to wait between two looks."""

    look_s: float

    async def open(self) -> None:
        """Begin. Raises `CannotStart`."""

    async def refresh(self, traces: Collection[str]) -> None:
        """Read anew what there is of these trace ids. Raises `LedgerGone`."""

    def of(self, trace: str) -> tuple[Row, ...]:
        """The rows of a trace id, in the order in which they came, as they are now."""

    async def close(self) -> None:
        """Give back what is held."""


class NoRows:
    """A router without a ledger."""

    look_s = LOOK_S

    async def open(self) -> None:
        """Nothing to begin."""

    async def refresh(self, traces: Collection[str]) -> None:
        """Nothing to read."""

    def of(self, trace: str) -> tuple[Row, ...]:  # noqa: ARG002 - there is none, whoever asks
        """None."""
        return ()

    async def close(self) -> None:
        """Nothing is held."""


@dataclass(slots=True)
class StoredRows:
    """The rows of a PostgREST stand-in: what its table holds, however it got there.

    Whether a router inserts one row or a list, merges into one that is there, or changes it later by whatever column,
    is for the table to tell: a row is a row.
    """

    store: Store
    ledger: Ledger
    look_s: float = LOOK_S
    _seen: int = -1
    _by_trace: dict[str, list[Row]] = field(default_factory=dict)

    async def open(self) -> None:
        """The table is at hand."""

    async def refresh(self, traces: Collection[str]) -> None:
        """It is as it is."""

    def of(self, trace: str) -> tuple[Row, ...]:
        """The rows of a trace id."""
        if self._seen != self.store.changes:
            self._seen = self.store.changes
            self._by_trace = {}
            for row in self.store.rows(table_of(self.ledger)):
                if (joined := trace_of(row.values, self.ledger)) is not None:
                    self._by_trace.setdefault(joined, []).append(Row(row.values, row.changed_ms))
        return tuple(self._by_trace.get(trace, ()))

    async def close(self) -> None:
        """Nothing is held."""


def table_of(ledger: Ledger) -> str:
    """The table that a PostgREST path names."""
    return ledger.postgrest.path.rstrip("/").rsplit("/", 1)[-1] if ledger.postgrest else ""


def trace_of(values: Mapping[str, Any], ledger: Ledger) -> str | None:
    """The trace id of a row, where it has one."""
    if "trace" not in ledger.columns:
        return None
    try:
        seen = at_pointer(values, ledger.columns["trace"])
    except LookupError:
        return None
    return None if seen is None else str(seen)


async def wait_for(
    rows: Rows, profile: Profile, called: Collection[str], others: Collection[str] = (), *, whole: bool = True
) -> bool:
    """Wait until every call in `called` has a row that is complete, for as long as the ledger may take. Whether it has.

    A row may be begun with the call and completed at its end; without `whole` one that is begun will do. Those of
    `others` are read, and not waited for.
    Raises `LedgerGone`.
    """
    ledger = profile.ledger
    if ledger is None or "trace" not in ledger.columns:
        return False
    loop = asyncio.get_running_loop()
    end = loop.time() + ledger.within_ms / 1000
    await rows.refresh({*called, *others})
    while loop.time() < end and (waiting := _waiting(rows, called, ledger, whole=whole)):
        await asyncio.sleep(rows.look_s)
        await rows.refresh(waiting)
    return not _waiting(rows, called, ledger, whole=whole)


def _waiting(rows: Rows, called: Iterable[str], ledger: Ledger, *, whole: bool) -> set[str]:
    """Those of `called` that have no row yet; with `whole` those that have no complete one."""
    return {mark for mark in called if not any(not whole or _complete(row, ledger) for row in rows.of(mark))}


def _complete(row: Row, ledger: Ledger) -> bool:
    """Whether a row says how its call ended, where it has a column for that."""
    if "status" not in ledger.columns:
        return True
    try:
        return at_pointer(row.values, ledger.columns["status"]) not in (None, "", 0, "pending", "started", "running")
    except LookupError:
        return False
