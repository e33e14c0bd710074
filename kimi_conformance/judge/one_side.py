"""What the client's side alone shows, where nobody saw the upstreams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.trip import outcome
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.trip import Trip

NOT_FOUND: Final = 404
UNAUTHORIZED: Final = frozenset({401, 403})
KIMIS_404: Final = b"resource_not_found_error"
"""Kimi's own word for a model that is not there, or not for this account."""


def served(trip: Trip) -> Iterator[Flaw]:
    """Nothing where the client was served. A 404 in Kimi's words may be Kimi's; what else there is shows nothing."""
    if outcome(trip) == "served":
        return
    status, answer = trip.client.status, trip.client.response
    body = answer.body if answer else b""
    seen = f"{status}: {body[:160].decode('utf-8', 'backslashreplace')}" if status else str(trip.client.error)
    if status == NOT_FOUND and KIMIS_404 not in body:
        yield Flaw("the model is served", seen, "client response", f"404 to a registered model, and not Kimi's: {seen}")
        return
    message = f"the client was not served, which shows nothing here: {seen}"
    if status in UNAUTHORIZED:
        message = f"the router does not take the client's key ({status}): `client_headers:`, or --key-env, has it"
    yield Flaw("the model is served", seen, "client response", message, Verdict.NOT_OBSERVED)
