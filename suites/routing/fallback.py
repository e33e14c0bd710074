"""Fallback: routes that have another destination, once the first has failed for good."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import HEALTHY, Scene
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.profile import Route
    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.matrix import Matrix

BOTH: Final = (False, True)


@cases_of("router.fallback.after-exhaustion")
def after_exhaustion(m: Matrix) -> Iterator[Case]:
    """A first destination that stays ill beside one that is well, streamed or not."""
    for (ask, _), act, stream in product([*_falling(m)], ("503", "429-tokens"), BOTH):
        yield _failing(ask, act, stream=stream, act=act)


@cases_of("router.fallback.not-for-client-errors")
def not_for_client_errors(m: Matrix) -> Iterator[Case]:
    """What the client did wrong, or may not do."""
    for (ask, _), act in product([*_falling(m)], ("400-temperature", "401-wrong-key", "403", "404-model")):
        yield _failing(ask, act, act=act)


@cases_of("router.fallback.once")
def once(m: Matrix) -> Iterator[Case]:
    """Both destinations stay ill, streamed or not."""
    for (ask, _), stream in product([*_falling(m)], BOTH):
        yield _failing(ask, "503", "503", stream=stream)


@cases_of("router.fallback.no-key-of-the-first")
def no_key_of_the_first(m: Matrix) -> Iterator[Case]:
    """A first destination that stays ill, where the second is another server with another key."""
    for ask, route in _falling(m):
        if _other_key(m, route):
            yield _failing(ask, "503")


@cases_of("router.fallback.first-error-shown")
def first_error_shown(m: Matrix) -> Iterator[Case]:
    """Both destinations stay ill, each in its own way."""
    for ask, _ in _falling(m):
        yield _failing(ask, "503", "500-unexpected")


def _falling(m: Matrix) -> Iterator[tuple[Ask, Route]]:
    """An ask for every route with a fallback of the router's own, on each surface that both of them serve."""
    for ask, route in m.each_route():
        by_portkey = route.retry is not None and route.retry.by == "portkey"
        if route.fallback and not by_portkey and m.profile.serves(route.fallback, ask.surface):
            yield ask, route


def _other_key(m: Matrix, route: Route) -> bool:
    first, second = (
        m.profile.upstreams[name] for name in (route.upstream, m.profile.routes[str(route.fallback)].upstream)
    )
    return first != second and first.secret is not None and first.secret != second.secret


def _failing(ask: Ask, act: str, others: str = HEALTHY, /, *, stream: bool = False, **own: str) -> Case:
    failing = replace(ask, scene=Scene(acts=(act,), others=others), stream=stream)
    made = case(failing, vary="agent model surface stream", disturbs=True)
    return replace(made, axes=(*made.axes, *own.items()))
