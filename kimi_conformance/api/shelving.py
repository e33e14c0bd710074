"""What a live run leaves on the shelf: the cassettes of answers that passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.cassette.problems import BadCassette
from kimi_conformance.cassette.shelf import path_of, provenances
from kimi_conformance.contract.provenance import WORTH
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.judging import all_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kimi_conformance.api.live import Live
    from kimi_conformance.api.plan import Plan
    from kimi_conformance.api.seen import Seen
    from kimi_conformance.api.trial import Trial
    from kimi_conformance.contract.provenance import Origin

PASSING: Final = frozenset({429, 500, 502, 503, 504})
"""What is over soon, and no answer to what was asked; an account without funds is asked for its 429 on purpose."""


def kept(live: Live, trials: Iterable[Trial], plan: Plan, shelf: Path) -> Iterator[tuple[Path, bytes]]:
    """The cassettes of passing answers, and where each goes on `shelf`.

    An answer passes that came whole, of which no law finds a MUST broken, with which a case passed, and none failed.
    What is on the shelf already is replaced unless it is worth more as evidence; what did not pass leaves it as it was.
    """
    tried = list(trials)
    passed = {call.name for trial in tried if trial.outcome.verdict is Verdict.PASS for call in trial.case.all_calls}
    failed = {call.name for trial in tried if trial.outcome.verdict is Verdict.FAIL for call in trial.case.calls}
    last = {name: one for (name, _), one in live.seen.items()}
    for name, one in last.items():
        tape, place = path_of(name, live.tapes), path_of(name, shelf)
        if name in passed - failed and tape.exists() and _passes(one, plan) and not worth_more(place, one.origin):
            yield place, tape.read_bytes()


def worth_more(place: Path, origin: Origin) -> bool:
    """Whether what is on the shelf comes from better evidence than `origin`. A broken cassette is worth nothing."""
    try:
        return place.exists() and all(WORTH.index(one.origin) < WORTH.index(origin) for one in provenances(place))
    except BadCassette:
        return False


def _passes(seen: Seen, plan: Plan) -> bool:
    exchange = seen.sight.exchange
    by_chance = seen.sight.status in PASSING and seen.sight.key != "drained"
    if exchange.response is None or exchange.error is not None or by_chance:
        return False
    return not any(f.verdict is Verdict.FAIL for f in all_findings(plan.requirements, seen.sight, plan.contract))
