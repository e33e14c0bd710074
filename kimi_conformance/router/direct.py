"""A request that goes past the router: as a router would send it, straight to the stand-in of its route."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kimi_conformance.contract.trip import Named
from kimi_conformance.exchange import Request
from kimi_conformance.judge.arrivals import FACES
from kimi_conformance.oracle import Routed, expect
from kimi_conformance.router.asking import USER_AGENT, body_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.contract.profile import Profile, Upstream
    from kimi_conformance.contract.trip import Ask
    from kimi_conformance.exchange import Headers


def straight(
    ask: Ask, profile: Profile, mark: str, *, url_of: Callable[[str], str], key_of: Callable[[str], str]
) -> Request:
    """The request for `ask` to the upstream of the route that it must take. Marks that are not plain are left out.

    `url_of` gives the address of an upstream, `key_of` the key of a secret.
    """
    expected = expect(profile, ask.agent.value, ask.model.value)
    assert isinstance(expected, Routed)
    route = profile.routes[expected.route]
    marks = tuple((name, value) for name, value in route.headers.items() if isinstance(value, str))
    keys = _keys(profile.upstreams[route.upstream], key_of)
    own = replace(ask, model=Named(ask.model.slug, expected.model))
    headers: Headers = (USER_AGENT, ("content-type", "application/json"), *keys, *marks)
    path = f"/v1{FACES[ask.surface].removeprefix('/v1')}"
    return Request("POST", url_of(route.upstream) + path, headers, body_of(own, profile, mark))


def _keys(upstream: Upstream, key_of: Callable[[str], str]) -> Headers:
    key = key_of(upstream.secret) if upstream.secret else "none"
    if "portkey" in upstream.speaks:
        return (("x-portkey-api-key", key),)
    if upstream.speaks[0] == "anthropic":
        return (("x-api-key", key), ("anthropic-version", "2023-06-01"))
    return (("authorization", f"Bearer {key}"),)
