"""The ledger of a profile: where the router's rows can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.router.postgres import PostgresRows
from kimi_conformance.router.rows import NoRows, StoredRows

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.router.rows import Rows
    from kimi_conformance.upstream.store import Store


def rows_of(profile: Profile, store: Store, clock: Callable[[], float]) -> Rows:
    """Where the router's rows can be read; `store` is that of the stand-ins."""
    if profile.ledger is None:
        return NoRows()
    return PostgresRows(profile.ledger, clock) if profile.ledger.postgres else StoredRows(store, profile.ledger)
