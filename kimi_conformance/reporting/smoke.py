"""The operator's criteria of success in a line each: not 404, a row in the ledger, how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict, worst
from kimi_conformance.reporting.legible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kimi_conformance.contract.result import CaseResult, Results
    from kimi_conformance.contract.trip import Trip

NOT_404: Final = "router.gate.no-own-404-for-a-registered-model"
ROW: Final = "router.ledger.one-row-per-call"


def criteria(results: Results, *, ledger: bool) -> Iterator[str]:
    """The lines. `ledger`: whether the profile has one."""
    cases = {requirement.id: requirement.cases for requirement in results.requirements}
    asked, rows = cases.get(NOT_404, ()), cases.get(ROW, ())
    yield f"not 404     {_word(asked)}"
    nothing = "no case of this run shows it" if ledger else "the profile has no ledger"
    yield f"ledger row  {_word(rows) if rows else f'not observed: {nothing}'}"
    yield "latency     " + ("; ".join(_took(case) for case in asked) or "not observed: nothing was asked")


def unfailing(results: Results) -> bool:
    """Whether every model that was asked for was served: the run's own question, which no other model answers."""
    asked = [case for each in results.requirements if each.id == NOT_404 for case in each.cases]
    return bool(asked) and all(case.verdict in (Verdict.PASS, Verdict.KNOWN_FAIL) for case in asked)


def duration(trip: Trip) -> str:
    """How long a call took, and how much of it was the router's, where both sides were seen."""
    client = trip.client
    if client.response is None:
        return client.error or "no answer"
    took = f"{client.response.status} in {client.end_ms - client.start_ms:.0f} ms"
    if not trip.arrivals:
        return took
    first, last = trip.arrivals[0], trip.arrivals[-1]
    own = (first.t_ms - client.start_ms) + (client.end_ms - last.exchange.end_ms)
    return f"{took}, {max(own, 0):.1f} ms of it the router's"


def _word(cases: Sequence[CaseResult]) -> str:
    if not cases:
        return "not observed: nothing was asked"
    verdict = worst(case.verdict for case in cases)
    why = next((case.message for case in cases if case.verdict is verdict and verdict is not Verdict.PASS), "")
    return f"{verdict.value}: {visible(why)}" if why else str(verdict.value)


def _took(case: CaseResult) -> str:
    model = next((part.removeprefix("model=") for part in case.id.split("@") if part.startswith("model=")), case.id)
    took = next((moment.what for moment in reversed(case.timeline) if moment.leg == "latency"), "no answer")
    return f"{model} {visible(took)}"
