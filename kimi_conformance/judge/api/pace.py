"""When the events of a stream arrive. Only times of a real clock are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

GATEWAY_MS: Final = 900_000.0
"""After so long without a byte Kimi's gateway gives up with 504."""
LONG_MS: Final = 300.0
"""An answer that took less than this may come in one piece and nobody is the wiser."""
MANY: Final = 8
"""So many chunks are more than one packet has a reason to hold back."""


def _took_time(sight: Sight, _contract: Contract) -> bool:
    exchange = sight.exchange
    return sight.timed and exchange.end_ms - exchange.start_ms >= LONG_MS and len(sight.stream.chunks) >= MANY


@law("api.stream.incremental", "chat.completion.chunk", when=_took_time)
def incremental(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The first chunk is there long before the last one."""
    times = [found.t_ms for found in s.reading.events]
    whole, spread = s.exchange.end_ms - s.exchange.start_ms, times[-1] - times[0]
    if spread < whole * 0.05:
        seen = f"all {len(times)} events within {spread:.0f} ms, at the end of {whole:.0f} ms"
        yield Flaw(
            "events over the time of the answer", seen, "response", "the stream was held back and came in one go"
        )


@law("api.latency.first-event", "chat.completion.chunk", when=lambda s, _c: s.timed and bool(s.reading.events))
def first_event(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The first event is there before the gateway gives up."""
    waited = s.reading.events[0].t_ms - s.exchange.start_ms
    if waited > GATEWAY_MS:
        seen = f"{waited / 1000:.0f} s"
        yield Flaw("within 900 s", seen, "response event 0", "the first event came after the gateway's own limit")
