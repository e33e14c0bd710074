"""Live runs in this process: every case of a plan tried against a server, or against one answer that never changes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Final

from kimi_conformance.api.budget import afford, askable
from kimi_conformance.api.live import Live
from kimi_conformance.api.plan import make_plan
from kimi_conformance.api.request import request_of
from kimi_conformance.api.seen import Seen
from kimi_conformance.api.surroundings import surroundings
from kimi_conformance.api.trial import try_case
from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.judge.api.sight import Sight

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from kimi_conformance.api.call import Call
    from kimi_conformance.api.plan import Plan
    from kimi_conformance.api.seen import See
    from kimi_conformance.api.surroundings import Surroundings
    from kimi_conformance.api.trial import Trial
    from kimi_conformance.contract.verdict import Verdict
    from kimi_conformance.exchange import Response

TODAY: Final[date] = datetime.now(UTC).date()


@cache
def plan() -> Plan:
    """The plan of today."""
    return make_plan(TODAY)


def around(environment: Mapping[str, str | None]) -> Surroundings:
    """What a live run finds in an environment."""
    return surroundings({name: value for name, value in environment.items() if value is not None})


def live(environment: Mapping[str, str | None], tapes: Path, cap: int = 300) -> Live:
    """A live run of today that has not begun."""
    return Live(around(environment), TODAY, tapes, cap=cap)


def night(see: Live, verification: Path | None = None) -> list[Trial]:
    """All cases that its cap allows, tried."""
    budget = afford(askable(list(plan().cases.values())), see.cap, see.around, verification)
    return [_tried(case.id, see) for case in budget.asked]


def deaf(response: Response | None, error: str | None = None) -> list[Trial]:
    """All cases, tried against a server that answers everything alike."""

    def see(call: Call, _: int) -> Seen:
        asked = request_of(call, "file-1")
        headers = tuple(asked.headers.items())
        exchange = Exchange(Request(call.method, str(asked.url), headers, asked.content), response, error, 0.0, 5.0)
        return Seen(Sight(exchange, TODAY, call.host, call.whose, timed=True), "live", TODAY)

    return [_tried(name, see) for name in plan().cases]


def _tried(name: str, see: See) -> Trial:
    case = plan().cases[name]
    return try_case(case, plan().requirements[case.requirement], see, plan().contract, mode="live")


def verdicts(trials: list[Trial]) -> Counter[Verdict]:
    """How many cases came to each verdict."""
    return Counter(trial.outcome.verdict for trial in trials)
