"""Latency: what a call through the router takes more than one straight to the upstream."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.oracle import Routed
from kimi_conformance.router.case import Case, case
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.matrix import Matrix

PAIRS: Final = 5


@cases_of("router.latency.adds-little")
def adds_little(m: Matrix) -> Iterator[Case]:
    """A registered model, in turn straight and through the router, with nothing else under way."""
    for ask in [*m.subjects(m.surfaces[:1])][:1]:
        if isinstance(m.world.expect(ask), Routed):
            yield case(*(replace(ask, direct=True), ask) * PAIRS, vary="model surface", alone=True, timed=True)
