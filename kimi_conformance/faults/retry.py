"""Faults of a router that tries again too often, too seldom, too soon, or what it should not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.fault import fault, itself

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Outgoing, Reply
    from kimi_conformance.reference.config import Route
    from kimi_conformance.reference.failure import Failure

    Again = Callable[[Route, Failure, int], bool]

RATE: Final = "router.retry.rate-limit-retried"
KINDS: Final = "router.retry.promised-kinds-retried"
BACKOFF: Final = "router.retry.backoff-grows"
WAITS: Final = "router.retry.retry-after-honoured"
QUOTA: Final = "router.retry.quota-not-retried"
CLIENTS: Final = "router.retry.client-errors-not-retried"
PROMISED: Final = "router.retry.only-as-promised"
ONCE: Final = "router.request.one-request-per-request"


def again(change: Callable[[Again, Route, Failure, int], bool]) -> Apply:
    """Whether to try again is decided otherwise; the right decision may be used."""

    def apply(steps: Steps) -> Steps:
        return replace(steps, again=lambda route, failure, n: change(steps.again, route, failure, n))

    return apply


def waiting(seconds: Callable[[Route, Failure, int], float]) -> Apply:
    """The waits between attempts are others."""
    return lambda steps: replace(steps, delay=seconds)


def _base_s(route: Route) -> float:
    return route.retry.base_ms / 1000 if route.retry else 0.0


def _times(route: Route) -> int:
    return route.retry.retries if route.retry else 0


@fault("retry.never", again, RATE, KINDS)
def never(_: Again, _route: Route, _failure: Failure, _n: int) -> bool:
    """Nothing is tried again."""
    return False


@fault("retry.one-too-many", again, RATE, KINDS)
def one_too_many(right: Again, route: Route, failure: Failure, n: int) -> bool:
    """The first attempt does not count as one."""
    return right(route, failure, n - 1)


@fault("retry.one-too-few", again, RATE, KINDS)
def one_too_few(right: Again, route: Route, failure: Failure, n: int) -> bool:
    """The retries are the attempts."""
    return right(route, failure, n + 1)


@fault("retry.overload-forgotten", again, KINDS)
def overload_forgotten(right: Again, route: Route, failure: Failure, n: int) -> bool:
    """An engine that is overloaded is not tried again."""
    return failure.kind != "overloaded" and right(route, failure, n)


@fault("retry.5xx-forgotten", again, KINDS)
def server_forgotten(right: Again, route: Route, failure: Failure, n: int) -> bool:
    """An upstream that fails inside is not tried again."""
    return failure.kind != "server_error" and right(route, failure, n)


@fault("retry.refused-forgotten", again, KINDS)
def refused_forgotten(right: Again, route: Route, failure: Failure, n: int) -> bool:
    """Where nobody listens nobody is looked for again."""
    return failure.kind != "refused" and right(route, failure, n)


@fault("retry.quota-retried", again, QUOTA, warns=True)
def quota_retried(right: Again, route: Route, failure: Failure, n: int) -> bool:
    """Every 429 is tried again."""
    kind = "rate_limit" if failure.kind == "quota" else failure.kind
    return right(route, replace(failure, kind=kind), n)


@fault("retry.client-errors-retried", again, CLIENTS)
def client_errors_retried(right: Again, route: Route, failure: Failure, n: int) -> bool:
    """Every error is tried again."""
    return (failure.kind == "client_error" and n <= _times(route)) or right(route, failure, n)


@fault("retry.everywhere", again, PROMISED, warns=True)
def everywhere(right: Again, route: Route, failure: Failure, n: int) -> bool:
    """A route that promises no retry is tried twice, as a client library does that nobody asked."""
    return right(route, failure, n) or (route.retry is None and failure.kind != "client_error" and n < 2)  # noqa: PLR2004


@fault("retry.no-backoff", waiting, BACKOFF)
def no_backoff(_route: Route, failure: Failure, _n: int) -> float:
    """The next attempt is made at once, unless the upstream wants to be left alone."""
    return failure.retry_after_s


@fault("retry.same-backoff", waiting, BACKOFF)
def same_backoff(route: Route, failure: Failure, _n: int) -> float:
    """Every wait is as long as the first."""
    return max(_base_s(route), failure.retry_after_s)


@fault("retry.long-same-backoff", waiting, BACKOFF)
def long_same_backoff(route: Route, failure: Failure, _n: int) -> float:
    """Every wait is as long as the longest."""
    return max(10 * _base_s(route), failure.retry_after_s)


@fault("retry.retry-after-ignored", waiting, WAITS)
def retry_after_ignored(route: Route, _failure: Failure, n: int) -> float:
    """The router waits by its own clock, whatever the upstream says."""
    return _base_s(route) * 2.0 ** (n - 1)


@fault("retry.retry-after-in-ms", waiting, WAITS)
def retry_after_in_ms(route: Route, failure: Failure, n: int) -> float:
    """The seconds of Retry-After are taken for milliseconds."""
    return max(_base_s(route) * 2.0 ** (n - 1), failure.retry_after_s / 1000)


@fault("retry.hedged", itself, RATE, ONCE)
def hedged(steps: Steps) -> Steps:
    """What was limited goes out twice the next time, to be sure: both calls are served, and billed."""
    limited: set[bytes] = set()

    async def call(outgoing: Outgoing) -> Reply:
        if outgoing.body in limited:
            (await steps.call(outgoing)).close()
        reply = await steps.call(outgoing)
        if reply.status == 429:  # noqa: PLR2004 - RFC 6585, 4
            limited.add(outgoing.body)
        return reply

    return replace(steps, call=call)
