"""Whether a profile's ledger can be read as the profile says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.registry.parse import locate
from kimi_conformance.registry.problems import ContractError
from kimi_conformance.router.driver import CannotStart

if TYPE_CHECKING:
    from kimi_conformance.registry.profiles import LoadedProfile


def must_be_readable(loaded: LoadedProfile) -> None:
    """Raises `ContractError` for a table or column that is not there, and for an address of a database that is none.

    A database that is not there at all is no mistake of the profile's: the run says so.
    """
    ledger = loaded.profile.ledger
    if ledger is None or ledger.postgres is None:
        return
    from kimi_conformance.router.postgres import Misread, connect  # noqa: PLC0415 - it brings in the judge, for few only

    try:
        connect(ledger).close()
    except Misread as error:
        pointer = ("ledger", *error.pointer)
        problem = locate(loaded.document, pointer, error.what, mend=error.mend, candidates=error.known)
        raise ContractError([problem]) from None
    except CannotStart:
        pass
