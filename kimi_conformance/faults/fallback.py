"""Faults of a router whose fallback comes too early, too often, with the wrong key, or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.fault import fault, itself
from kimi_conformance.faults.retry import RATE, again
from kimi_conformance.reference.upstream import UpstreamError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.faults.retry import Again
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.attempts import Tried
    from kimi_conformance.reference.call import Call, Fields, Routed
    from kimi_conformance.reference.config import Route
    from kimi_conformance.reference.failure import Failure

AFTER: Final = "router.fallback.after-exhaustion"
CLIENTS: Final = "router.fallback.not-for-client-errors"
ONCE: Final = "router.fallback.once"
KEY: Final = "router.fallback.no-key-of-the-first"
FIRST: Final = "router.fallback.first-error-shown"

FALLBACKS: Final = ("backup", "spare")
KEYS: Final = (b"authorization", b"x-api-key")


def falling(change: Callable[[Route, Failure], Route | None]) -> Apply:
    """Where to go when a route has failed is decided otherwise."""
    return lambda steps: replace(steps, fall_back=change)


def showing(change: Callable[[Tried, Tried], Tried]) -> Apply:
    """Of what the two came to the client gets the other."""
    return lambda steps: replace(steps, shown=change)


def with_key_of_the_first(name: bytes) -> Apply:
    """The fallback gets the key of the first, too, in the header `name` and as the only one there."""

    def apply(steps: Steps) -> Steps:
        first: dict[str, bytes] = {}

        def forward_headers(call: Call, decision: Routed) -> Fields:
            fields = steps.forward_headers(call, decision)
            if decision.route.name in FALLBACKS:
                key = first.pop(call.trace, b"")
                return (*((field, value) for field, value in fields if field != name), (name, key))
            first[call.trace] = next((value for field, value in fields if field in KEYS), b"")
            return fields

        return replace(steps, forward_headers=forward_headers)

    return apply


@fault("fallback.never", falling, AFTER)
def never(_route: Route, _failure: Failure) -> Route | None:
    """There is no fallback."""
    return None


@fault("fallback.not-for-429", falling, AFTER)
def not_for_limits(route: Route, failure: Failure) -> Route | None:
    """A rate limit that stays is no reason to go elsewhere."""
    return None if failure.kind in ("client_error", "rate_limit") else route.fallback


@fault("fallback.at-once", again, AFTER, RATE)
def at_once(right: Again, route: Route, failure: Failure, n: int) -> bool:
    """A route with a fallback is not tried again."""
    return route.fallback is None and right(route, failure, n)


@fault("fallback.for-everything", falling, CLIENTS)
def for_everything(route: Route, _failure: Failure) -> Route | None:
    """Whatever has failed is tried elsewhere."""
    return route.fallback


@fault("fallback.twice", again, ONCE)
def twice(right: Again, route: Route, failure: Failure, n: int) -> bool:
    """The fallback is tried twice."""
    return right(route, failure, n) or (route.name in FALLBACKS and n == 1)


@fault("fallback.answer-lost", showing, AFTER)
def answer_lost(first: Tried, _second: Tried) -> Tried:
    """The fallback is asked, and the client gets the first one's error."""
    return first


@fault("fallback.second-error-shown", showing, FIRST, warns=True)
def second_error_shown(_first: Tried, second: Tried) -> Tried:
    """The client is told why the fallback failed."""
    return second


@fault("fallback.own-error-shown", showing, RATE)
def own_error_shown(_first: Tried, second: Tried) -> Tried:
    """Where both have failed, the client is told so in the router's own words."""
    return replace(second, got=UpstreamError(OSError("all routes have failed"))) if second.failure else second


@fault("fallback.key-of-the-first", itself, KEY)
def key_of_the_first(steps: Steps) -> Steps:
    """The fallback gets the key of the first in the place of its own."""
    return with_key_of_the_first(b"authorization")(steps)


@fault("fallback.key-of-the-first-beside", itself, KEY)
def key_of_the_first_beside(steps: Steps) -> Steps:
    """The fallback gets the key of the first beside its own."""
    return with_key_of_the_first(b"x-api-key")(steps)
