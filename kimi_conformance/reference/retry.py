"""When a call is made again, after how long, and where else: what a route promises, and nothing beyond it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kimi_conformance.reference.attempts import Tried
    from kimi_conformance.reference.config import Route
    from kimi_conformance.reference.failure import Failure

LONGEST_WAIT_S: Final = 20.0
"""An upstream that wants to be left alone for longer is not waited for: its answer goes to the client at once."""


def again(route: Route, failure: Failure, attempts: int) -> bool:
    """Whether the route is tried again after so many attempts."""
    retry = route.retry
    if retry is None or failure.kind not in retry.on or attempts > retry.retries:
        return False
    return failure.retry_after_s <= LONGEST_WAIT_S


def delay(route: Route, failure: Failure, attempts: int) -> float:
    """The seconds before the next attempt: twice as many each time, and as many as the upstream asks for."""
    base = route.retry.base_ms / 1000 if route.retry else 0.0
    return max(base * 2.0 ** (attempts - 1), failure.retry_after_s)


def fall_back(route: Route, failure: Failure) -> Route | None:
    """The route that is tried in the place of one that has failed for good; what the client did wrong stays wrong."""
    return None if failure.kind == "client_error" else route.fallback


def shown(first: Tried, second: Tried) -> Tried:
    """What the client gets of a route and its fallback: an answer, else the first error, which is the cause."""
    return first if second.failure else second
