"""Messages: the bound, the stops and the sampling of a request, on their way to the upstream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.catalogue import has_fixed_temperature
from kimi_conformance.contract.trip import ABSENT
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.arrivals import shown
from kimi_conformance.judge.check import Flaw, check
from kimi_conformance.judge.json_diff import differences
from kimi_conformance.judge.messages import Translated, carried
from kimi_conformance.judge.request import BOUNDS
from kimi_conformance.oracle import meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.oracle import World

SAMPLING: Final = ("temperature", "top_p")


def bound_kept(of: Translated, _world: World) -> Iterator[Flaw]:
    """The bound of the answer's length, under either of its names."""
    seen = {name: of.seen[name] for name in BOUNDS if name in of.seen}
    if not seen or any(value != of.sent["max_tokens"] for value in seen.values()):
        where = "upstream request /max_tokens"
        yield Flaw(shown(of.sent["max_tokens"]), shown(seen), where, "the bound of the answer's length is another")


def stops_translated(of: Translated, _world: World) -> Iterator[Flaw]:
    """Each sequence that ends the answer, in `stop`."""
    seen = of.seen.get("stop", ABSENT)
    if ([seen] if isinstance(seen, str) else seen) != of.sent["stop_sequences"]:
        where = "upstream request /stop"
        yield Flaw(
            shown(of.sent["stop_sequences"]), shown(seen), where, "the stop sequences are not those of the client"
        )


def sampling_kept(of: Translated, world: World) -> Iterator[Flaw]:
    """Temperature and top_p as they were sent; where Kimi fixes them, they may be left out."""
    fixed = has_fixed_temperature(world.catalogue, meant(world.profile, str(of.sent.get("model"))))
    for member in SAMPLING:
        for difference in differences(of.sent.get(member, ABSENT), of.seen.get(member, ABSENT), f"/{member}"):
            if not (fixed and difference.seen is ABSENT):
                message = f"{member} was {shown(difference.sent)} and became {shown(difference.seen)}"
                verdict = Verdict.WARN if difference.widened else Verdict.FAIL
                where = f"upstream request {difference.at}"
                yield Flaw(shown(difference.sent), shown(difference.seen), where, message, verdict)


check("router.messages.max-tokens-kept")(carried(["max_tokens"], bound_kept))
check("router.messages.stop-sequences-translated")(carried(["stop_sequences"], stops_translated))
check("router.messages.sampling-kept")(carried(["temperature", "top_p"], sampling_kept))
