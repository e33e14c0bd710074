"""Ledger: what the router writes down of its calls."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle, islice
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.scene import REFUSED, Scene
from kimi_conformance.contract.trip import Ask, Named
from kimi_conformance.oracle import Refused, Routed
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.matrix import Matrix

BOTH: Final = (False, True)
AT_ONCE: Final = 50

FATES: Final = {
    "server-error": Scene(acts=("500",), others="500"),
    "limited": Scene(acts=("429-tokens",), others="429-tokens"),
    "out-of-money": Scene(acts=("429-quota",), others="429-quota"),
    "limited-once": Scene(acts=("429-tokens", "healthy")),
    "cut": Scene(acts=("reset-in-body",), others="reset-in-body"),
}
"""What becomes of a call that is not simply served. The limits are those without a time to wait."""

OUTAGES: Final = {
    "refused": Scene(ledger=REFUSED),
    "error": Scene(ledger="ledger-500"),
    "reset": Scene(ledger="aside-reset"),
    "silent": Scene(ledger="aside-held"),
}


@cases_of("router.ledger.one-row-per-call")
def one_row_per_call(m: Matrix) -> Iterator[Case]:
    """Calls of every kind that are served, that fail, are limited, cut or left; and one that the router refuses."""
    for stream in BOTH:
        for ask in m.subjects(stream=stream):
            yield case(ask, vary="agent model surface stream", fate="served")
    yield from _failing(m)
    for ask in _streams(m):
        leaves = replace(ask, scene=Scene(acts=("endless",)), hangs_up=True)
        yield case(leaves, vary="agent model surface stream", fate="left", disturbs=True)
    for ask, ordinary in _refused(m):
        yield case(ask, before=ordinary, vary="surface", fate="refused", disturbs=True)


@cases_of("router.ledger.row-tells-the-truth")
def row_tells_the_truth(m: Matrix) -> Iterator[Case]:
    """The same calls, and what their rows say of them."""
    models = m.models("claude")[:1] + m.registered + m.unregistered("unregistered")[:1]
    for ask in m.asks(m.ordinary_agents, models, streams=BOTH):
        if isinstance(m.world.expect(ask), Routed):
            yield case(ask, vary="agent model surface stream", fate="served")
    yield from _failing(m)


@cases_of("router.ledger.joined-by-trace")
def joined_by_trace(m: Matrix) -> Iterator[Case]:
    """Fifty calls at once, of every agent and model that there is, streamed and not."""
    models = m.models("claude")[:1] + m.registered + m.unregistered("unregistered")[:1]
    asks = [
        ask
        for ask in m.asks(m.ordinary_agents + m.plan_agents[1:], models, streams=BOTH)
        if isinstance(m.world.expect(ask), Routed)
    ]
    if len(asks) > 1:
        yield case(*islice(cycle(asks), AT_ONCE), together=True, order="at-once")


@cases_of("router.ledger.dual-write")
def dual_write(m: Matrix) -> Iterator[Case]:
    """A call over the gateway for every surface, streamed and not."""
    for stream in BOTH:
        for ask in _over_gateway(m, stream=stream):
            yield case(ask, vary="model surface stream")


@cases_of("router.ledger.no-bypass")
def no_bypass(m: Matrix) -> Iterator[Case]:
    """A call over the gateway that is served, streamed or not, and one whose gateway fails."""
    for stream in BOTH:
        for ask in _over_gateway(m, stream=stream):
            yield case(ask, vary="model surface stream", fate="served", alone=True)
    for fate in ("server-error", "limited"):
        for ask in [*_over_gateway(m, stream=False)][:1]:
            yield case(
                replace(ask, scene=FATES[fate]), vary="model surface stream", fate=fate, disturbs=True, alone=True
            )


@cases_of("router.ledger.outage-does-not-fail-the-call")
def outage_does_not_fail_the_call(m: Matrix) -> Iterator[Case]:
    """A call while the ledger is down in one way or another, and one when it is up again."""
    if m.profile.ledger is None or m.profile.ledger.postgrest is None:
        return  # a database of the operator's is not ours to take down
    for stream in BOTH:
        for ask in [*m.subjects(stream=stream)][:1]:
            for outage, scene in OUTAGES.items():
                down = replace(ask, scene=scene)
                yield case(down, ask, vary="model surface stream", ledger=outage, disturbs=True)


@cases_of("router.ledger.no-secret-in-row")
def no_secret_in_row(m: Matrix) -> Iterator[Case]:
    """A call of every kind that is served, and one that fails."""
    for ask in m.subjects():
        yield case(ask, vary="agent model surface", fate="served")
    for ask in [*m.subjects()][:1]:
        for fate in ("server-error", "out-of-money"):
            yield case(replace(ask, scene=FATES[fate]), vary="agent model surface", fate=fate, disturbs=True)


def _failing(m: Matrix) -> Iterator[Case]:
    """A call of the first kind for each fate, and streams that are limited or cut."""
    for ask in [*m.subjects()][:1]:
        for fate, scene in FATES.items():
            yield case(replace(ask, scene=scene), vary="agent model surface stream", fate=fate, disturbs=True)
    for ask in _streams(m):
        for fate in ("limited", "cut"):
            yield case(replace(ask, scene=FATES[fate]), vary="agent model surface stream", fate=fate, disturbs=True)


def _streams(m: Matrix) -> list[Ask]:
    return [*m.subjects(stream=True)][:1]


def _over_gateway(m: Matrix, *, stream: bool) -> Iterator[Ask]:
    """Registered models whose route leads over a gateway, one for each surface."""
    surfaces = set()
    for ask in m.asks(m.ordinary_agents[-1:], m.registered, streams=(stream,)):
        expected = m.world.expect(ask)
        if isinstance(expected, Routed) and m.profile.over_gateway(expected.route) and ask.surface not in surfaces:
            surfaces.add(ask.surface)
            yield ask


def _refused(m: Matrix) -> Iterator[tuple[Ask, Ask]]:
    """What the router refuses itself, by its policy or because it is no JSON, and its accepted twin."""
    for ask in m.asks(m.ordinary_agents[:1], m.models("non-string")[:1], surfaces=m.surfaces[:1]):
        if isinstance(m.world.expect(ask), Refused) and (ordinary := m.ordinary(ask)):
            yield ask, ordinary
            return
    for ask in [*m.subjects()][:1]:
        yield replace(ask, model=Named("none", None), body=b'{"model": '), ask
