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
MANY: Final = 10
"""More chunks than this are more than one packet has a reason to hold back."""
FASTEST_MS: Final = 1.0
"""Between two chunks, on the average: no model writes a thousand tokens a second. How long one waits tells nothing."""


def _took_time(sight: Sight, _contract: Contract) -> bool:
    exchange = sight.exchange
    return sight.timed and exchange.end_ms - exchange.start_ms >= LONG_MS and len(sight.stream.chunks) > MANY


@law("api.stream.incremental", "chat.completion.chunk", when=_took_time)
def incremental(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """The chunks come no faster than they can be written."""
    times = [found.t_ms for found in s.reading.events]
    whole, spread = s.exchange.end_ms - s.exchange.start_ms, times[-1] - times[0]
    if spread < FASTEST_MS * len(times):
        seen = f"all {len(times)} events within {spread:.0f} ms, in an answer of {whole:.0f} ms"
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
