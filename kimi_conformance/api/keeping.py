"""What a live run leaves on the shelf: the cassettes of answers in which nothing was found wrong."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from kimi_conformance.cassette.shelf import path_of
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.judging import all_findings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kimi_conformance.api.live import Live
    from kimi_conformance.api.plan import Plan
    from kimi_conformance.api.seen import Seen
    from kimi_conformance.api.trial import Trial


def keep(live: Live, trials: Iterable[Trial], plan: Plan, shelf: Path) -> tuple[str, ...]:
    """Put the cassettes of passing answers on `shelf`. Returns their names.

    An answer passes that came whole, of which no law finds a MUST broken, and of which no case failed. What is on the
    shelf already is replaced; what did not pass leaves it as it was.
    """
    failed = {call.name for trial in trials if trial.outcome.verdict is Verdict.FAIL for call in trial.case.calls}
    kept = []
    for (name, _), one in live.seen.items():
        tape = path_of(name, live.tapes)
        if name not in failed and tape.exists() and _passes(one, plan):
            place = path_of(name, shelf)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(tape, place)
            kept.append(name)
    return tuple(dict.fromkeys(kept))


def _passes(seen: Seen, plan: Plan) -> bool:
    exchange = seen.sight.exchange
    if exchange.response is None or exchange.error is not None or seen.sight.status in (429, 500, 502, 503, 504):
        return False
    return not any(f.verdict is Verdict.FAIL for f in all_findings(plan.requirements, seen.sight, plan.contract))
