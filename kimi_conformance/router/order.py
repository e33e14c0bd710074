"""The order in which cases are played: what may be played side by side, what must be played in turn, the slow first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.contract.scene import HEALTHY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kimi_conformance.contract.profile import Isolation
    from kimi_conformance.router.case import Case


def side_by_side(cases: Iterable[Case], isolation: Isolation) -> list[Case]:
    """The cases that may be played at once, those first that may take long."""
    return sorted((case for case in cases if not _apart(case, isolation)), key=_length, reverse=True)


def in_turn(cases: Iterable[Case], isolation: Isolation) -> list[Case]:
    """The cases that must be played one at a time: those that leave the router as it was come first."""
    apart = sorted((case for case in cases if _apart(case, isolation)), key=_length, reverse=True)
    return sorted(apart, key=lambda case: case.disturbs + 2 * case.fresh)


def _apart(case: Case, isolation: Isolation) -> bool:
    return case.lone or case.fresh or (case.disturbs and isolation != "none")


def _length(case: Case) -> tuple[int, int]:
    """Roughly how long a case takes: upstreams that stay ill cost every retry, and one after another costs the most."""
    acts = [ask.scene.acts for ask in case.asks if ask.scene.acts != (HEALTHY,)]
    ill = sum(len(each) + 2 * (each[-1] != HEALTHY) for each in acts)
    return ill, 1 if case.together else len(case.asks)
