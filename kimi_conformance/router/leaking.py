"""Leaks of a whole run, given to the cases that answer for them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.leaks import DOWNSTREAM, ELSEWHERE, LOGGED, UNRESOLVED, UPSTREAM
from kimi_conformance.router.strays import in_flight

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kimi_conformance.contract.trip import Leak, Play

MUSTS: Final = (DOWNSTREAM, ELSEWHERE, UPSTREAM, LOGGED, UNRESOLVED)


def with_leaks(
    plays: Sequence[Play], *finders: Callable[[Callable[[str | None, float], str]], Iterable[Leak]]
) -> dict[str, Play]:
    """Those of `plays` that answer for a leak, with what leaked: the first of each requirement that it breaks, by case.

    Where none of that requirement was played here, another one answers that must find no leak, either.
    Each of `finders` gets a function that gives the case of a mark, else of a time; it is empty where there is none.
    """
    marks = {trip.mark: play.case for play in plays for trip in play.trips}

    def case_of(mark: str | None, t_ms: float) -> str:
        return marks.get(mark, "") if mark else ", ".join(in_flight(plays, t_ms)[:1])

    broken: dict[str, list[Leak]] = defaultdict(list)
    for find in finders:
        for leak in find(case_of):
            broken[leak.requirement].append(leak)
    owners = {play.requirement: play for play in reversed(plays)}
    given: dict[str, list[Leak]] = defaultdict(list)
    for name, each in broken.items():
        answers = next((rule for rule in (name, *MUSTS) if rule in owners), None)
        if answers:
            given[answers] += each
    return {owners[name].case: replace(owners[name], leaks=tuple(each)) for name, each in given.items()}
