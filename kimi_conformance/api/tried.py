"""Every case of a plan, tried on tape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.replay import Replay
from kimi_conformance.api.trial import try_case

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.api.plan import Plan
    from kimi_conformance.api.trial import Trial


def tried_on_tape(plan: Plan, shelf: Path | None = None) -> tuple[Trial, ...]:
    """What each case of `plan` comes to on the tapes of `shelf`: what `verify` says, without pytest.

    Raises `BadCassette`.
    """
    see = Replay(shelf)
    return tuple(
        try_case(case, plan.requirements[case.requirement], see, plan.contract, mode="replay")
        for case in plan.cases.values()
    )
