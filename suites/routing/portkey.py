"""What is left to Portkey: retries and fallback that its config has, and the router therefore must not do itself."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import HEALTHY, Scene
from kimi_conformance.contract.trip import Named
from kimi_conformance.matrix import slug
from kimi_conformance.oracle import Routed
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.contract.profile import Route
    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.matrix import Matrix

ACTS: Final = {"rate_limit": "429-rate", "overloaded": "429-overload", "server_error": "500", "refused": "reset"}
"""What a provider does that is retried by each word of `retry: {on: …}`."""


@cases_of("router.retry.left-to-portkey")
def left_to_portkey(m: Matrix) -> Iterator[Case]:
    """A provider that fails once, and one that fails for good, in every way that is retried."""
    for ask, route in _left_to_portkey(m):
        for act in _failures(route):
            others = act if route.fallback else HEALTHY
            for what, acts in (("once", (act, HEALTHY)), ("always", (act,))):
                scene = Scene(acts=acts, others=others)
                yield case(replace(ask, scene=scene), vary="agent model surface", act=act, fails=what, disturbs=True)


@cases_of("router.fallback.config-names-fallback")
def config_names_fallback(m: Matrix) -> Iterator[Case]:
    """A Kimi that fails for good beside a healthy fallback, streamed or not."""
    for ask, route in _left_to_portkey(m):
        for act in _failures(route)[:1] if route.fallback else ():
            for stream in (False, True):
                failing = replace(ask, scene=Scene(acts=(act,)), stream=stream)
                yield case(failing, vary="agent model surface stream", disturbs=True)


def _failures(route: Route) -> list[str]:
    """The acts that are retried on this route."""
    promised = route.retry.on if route.retry else ()
    return [ACTS[word] for word in promised if word in ACTS]


def _left_to_portkey(m: Matrix) -> Iterator[tuple[Ask, Route]]:
    """An ask, on each surface, for every route whose retries are Portkey's."""
    prefixed = [f"{prefix}{next(iter(m.profile.policy.models), 'some-model')}" for prefix in m.profile.policy.prefixes]
    others = (*(Named(slug(name), name) for name in prefixed), *m.unregistered("unregistered")[:1])
    seen = set()
    for ask in chain(
        m.asks(m.ordinary_agents[:1], (*m.registered, *others)), m.asks(m.plan_agents[:1], m.models("claude")[:1])
    ):
        expected = m.world.expect(ask)
        if not isinstance(expected, Routed) or (expected.route, ask.surface) in seen:
            continue
        seen.add((expected.route, ask.surface))
        route = m.profile.routes[expected.route]
        if route.retry and route.retry.by == "portkey":
            yield ask, route
