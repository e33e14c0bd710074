"""Secret: what provokes a router to tell keys. They are looked for in all that the run sees, not only here."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import REFUSED, Scene
from kimi_conformance.contract.trip import ABSENT, Ask, Named
from kimi_conformance.oracle import Routed
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.matrix import Matrix

CURIOUS: Final = {"x-debug": "true", "x-echo": "true", "x-portkey-debug": "true", "x-litellm-debug": "true"}
"""Headers by which a client asks to be told more than the answer."""

PROVOKING: Final = ("401-wrong-key", "garbled")
"""What upstreams do over which routers tell more than they should."""


@cases_of("router.secret.upstream-key-never-downstream")
def upstream_key_never_downstream(m: Matrix) -> Iterator[Case]:
    """Every kind of route, streamed or not; a curious client; a stranger; a bad body; the list; and what goes wrong."""
    for ask, stream in product(m.subjects(), (False, True)):
        yield case(replace(ask, stream=stream), vary="agent model surface stream")
        if not stream:
            yield case(replace(ask, headers=CURIOUS), vary="agent model surface", what="curious")
            for act in PROVOKING:
                failing = replace(ask, scene=Scene(acts=(act,)))
                yield case(failing, vary="agent model surface", what=act, disturbs=True)
    yield from _refusals(m)
    for ask in _first(m):
        nobody = replace(ask, scene=Scene(acts=(REFUSED,), others="401-wrong-key"))
        yield case(nobody, before=ask, vary="surface", what="nobody-listens", disturbs=True)
    if m.profile.surfaces.models:
        listing = Ask(Named("model-absent", ABSENT), listing=True)
        yield from (case(listing, before=ask, what="list") for ask in [*_first(m)][:1])


@cases_of("router.secret.client-key-not-echoed")
def client_key_not_echoed(m: Matrix) -> Iterator[Case]:
    """An ordinary call, one by a curious client, and what the router refuses itself."""
    for ask in _first(m):
        yield case(ask, vary="surface")
        yield case(replace(ask, headers=CURIOUS), vary="surface", what="curious")
    yield from _refusals(m)


@cases_of("router.secret.client-key-never-upstream")
def client_key_never_upstream(m: Matrix) -> Iterator[Case]:
    """Every kind of route; none where the router passes the client's key on by design."""
    if m.profile.client_key == "kept":
        for ask in m.subjects():
            yield case(ask, vary="agent model surface")


@cases_of("router.secret.key-stays-with-its-upstream", "router.secret.no-unresolved-reference-on-wire")
def key_stays_with_its_upstream(m: Matrix) -> Iterator[Case]:
    """Every kind of route, and one whose first answer is that its key is wrong."""
    for ask in m.subjects():
        yield case(ask, vary="agent model surface")
        failing = replace(ask, scene=Scene(acts=("401-wrong-key",)))
        yield case(failing, vary="agent model surface", what="401-wrong-key", disturbs=True)


@cases_of("router.secret.keys-never-logged")
def keys_never_logged(m: Matrix) -> Iterator[Case]:
    """An ordinary call, what the router refuses itself, and upstreams over which it has something to log."""
    for ask in _first(m):
        yield case(ask, vary="surface")
        for act in PROVOKING:
            yield case(replace(ask, scene=Scene(acts=(act,))), vary="surface", what=act, disturbs=True)
    yield from _refusals(m)


def _refusals(m: Matrix) -> Iterator[Case]:
    """A stranger's call, and a body that is no JSON, each after an ordinary one: then the router has used its keys."""
    for ask in _first(m):
        yield case(replace(ask, stranger=True), before=ask, vary="surface", what="stranger", alone=True)
        broken = m.bodies.broken(next(iter(m.bodies.malformed)), ask.surface, ask.model.value)
        yield case(replace(ask, body=broken), before=ask, vary="surface", what="malformed", alone=True)


def _first(m: Matrix) -> Iterator[Ask]:
    """An ordinary ask on each surface."""
    models = m.registered + m.models("claude")[:1] + m.unregistered("unregistered")[:1]
    for surface in m.surfaces:
        asks = m.asks(m.ordinary_agents, models, surfaces=[surface])
        yield from [ask for ask in asks if isinstance(m.world.expect(ask), Routed)][:1]
