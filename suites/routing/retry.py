"""Retry: routes that promise to try again, and how often and how fast they do."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import HEALTHY, REFUSED, Scene
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.profile import Retry, Route
    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.matrix import Matrix

BOTH: Final = (False, True)

ACTS: Final = {
    "overloaded": ("429-overload",),
    "quota": ("429-quota",),
    "server_error": ("500", "503"),
    "refused": (REFUSED,),
}
"""What an upstream does that each word of `retry: {on: …}` takes; for `rate_limit` there are cases of its own."""

CLIENT_ERRORS: Final = ("400-temperature", "401-wrong-key", "403", "404-model")

QUICK: Final = ("429-overload", "500", "503", "429-tokens")
"""What may be retried without being told to wait, the plainest first."""


@cases_of("router.retry.rate-limit-retried")
def rate_limit_retried(m: Matrix) -> Iterator[Case]:
    """A rate limit that is over after some attempts, after all but the last, and never; streamed or not."""
    for ask, retry in _retrying(m):
        if "rate_limit" not in retry.on:
            continue
        for stream, n in product(BOTH, sorted({1, retry.retries} - {0})):
            acts = ("429-tokens",) * n + (HEALTHY,)
            yield _failing(ask, *acts, stream=stream, limits=str(n))
        for stream in BOTH:
            yield _failing(ask, "429-tokens", stream=stream, limits="endless")


@cases_of("router.retry.promised-kinds-retried")
def promised_kinds_retried(m: Matrix) -> Iterator[Case]:
    """Every other failure that the route promises to try again: once, and for ever."""
    for ask, retry in _retrying(m):
        for act in (act for word in retry.on for act in ACTS.get(word, ())):
            if act != REFUSED:
                yield _failing(ask, act, HEALTHY, act=act, fails="once")
            yield _failing(ask, act, act=act, fails="always")


@cases_of("router.retry.backoff-grows")
def backoff_grows(m: Matrix) -> Iterator[Case]:
    """Endless failures without a word of when to come again: three calls at once, so that chance hits one only."""
    for ask, retry in _retrying(m):
        act = next((act for act in QUICK if _word(act) in retry.on), None)
        if act and retry.backoff == "exponential" and retry.retries and retry.base_ms:
            failing = replace(ask, scene=_all(act))
            made = case(failing, failing, failing, vary="agent model surface", together=True, disturbs=True, timed=True)
            yield made


@cases_of("router.retry.retry-after-honoured")
def retry_after_honoured(m: Matrix) -> Iterator[Case]:
    """A rate limit that says `Retry-After: 1`, once."""
    for ask, retry in _retrying(m):
        if "rate_limit" in retry.on and retry.retries:
            yield _failing(ask, "429-rate", HEALTHY)


@cases_of("router.retry.quota-not-retried")
def quota_not_retried(m: Matrix) -> Iterator[Case]:
    """An account without money, streamed or not."""
    for (ask, retry), stream in product([*_retrying(m)], BOTH):
        if "quota" not in retry.on:
            yield _failing(ask, "429-quota", stream=stream)


@cases_of("router.retry.client-errors-not-retried")
def client_errors_not_retried(m: Matrix) -> Iterator[Case]:
    """What the client did wrong, or may not do."""
    for (ask, _), act in product([*_retrying(m)], CLIENT_ERRORS):
        yield _failing(ask, act, act=act)


@cases_of("router.retry.only-as-promised")
def only_as_promised(m: Matrix) -> Iterator[Case]:
    """A route that promises no retry, with an upstream that fails in the ways that others retry."""
    for ask, route in m.each_route():
        if route.retry is None:
            for act in ("429-tokens", "429-overload", "503", "upstream-reset"):
                yield _failing(ask, act, act=act)


def _retrying(m: Matrix) -> Iterator[tuple[Ask, Retry]]:
    """An ask for every route whose retries are the router's own, on each of its surfaces."""
    for ask, route in m.each_route():
        if _own(route):
            assert route.retry is not None
            yield ask, route.retry


def _own(route: Route) -> bool:
    return route.retry is not None and route.retry.by == "router"


def _failing(ask: Ask, *acts: str, stream: bool = False, **own: str) -> Case:
    """Where the expected destination does not get well, every other fails alike: the last error is seen anyhow."""
    last = acts[-1]
    scene = Scene(acts=acts, others=HEALTHY if last in {HEALTHY, REFUSED} else last)
    made = case(replace(ask, scene=scene, stream=stream), vary="agent model surface stream", disturbs=True)
    return replace(made, axes=(*made.axes, *own.items()))


def _word(act: str) -> str:
    return {"429-tokens": "rate_limit", "429-overload": "overloaded"}.get(act, "server_error")


def _all(act: str) -> Scene:
    return Scene(acts=(act,), others=act)
