"""The offline Kimi with a defect of the wire in every answer that it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.faults.wire import WIRE, DoesNotFit
from kimi_conformance.serve import faulty
from suites.selftest.nights import TODAY
from suites.selftest.offline_kimi import kimi

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.exchange import Exchange, Request
    from kimi_conformance.upstream.script import Script


def spoilt(name: str) -> Callable[[Request], Script]:
    """The offline Kimi of today with the defect of that name."""

    def harm(exchange: Exchange) -> Exchange:
        try:
            return WIRE[name].apply(exchange)
        except DoesNotFit:
            return exchange

    return faulty(kimi(TODAY), harm)
