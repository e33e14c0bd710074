"""What a live run may cost: which cases come first, what fits under the cap, how fast calls may follow each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.api.verification import read_verification

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kimi_conformance.api.call import Case
    from kimi_conformance.api.surroundings import Surroundings

PINS: Final = ("api.hosts.", "api.auth.", "api.sampling.temperature", "api.limits.", "api.lifecycle.")
"""What is looked at every night: keys and hosts, temperatures, limits, and whether the models are still there."""
TIER_0_RPM: Final = 3.0
"""Requests a minute that every account with $1 has (facts, section 7)."""
MARGIN: Final = 1.1
SMOKE: Final = 3
SMOKE_CALLS: Final = frozenset({"hosts/models-ai", "hosts/models-ai-no-key", "chat/kimi-k3-hello"})
"""The list of models, with a key and without, and one answer."""


def affordable(cases: Sequence[Case], cap: int, verification: Path | None = None) -> list[Case]:
    """The cases in the order in which they are worth their calls: pins, then what held longest ago, deletions last.

    All of them: those that do not fit under `cap` calls come last, are not asked, and come to `not-observed`. So over
    some nights all of them have their turn.
    """
    held = {name: entry.held for name, entry in read_verification(verification).items()} if verification else {}

    def worth(case: Case) -> tuple[bool, bool, str]:
        found = held.get(case.requirement)
        deletes = any(call.method == "DELETE" for call in case.calls)
        return deletes, not case.requirement.startswith(PINS), str(found) if found else ""

    fitting: list[Case] = []
    over: list[Case] = []
    sent: set[str] = set()
    for case in sorted(cases, key=worth):
        wanted = sent | {call.name for call in case.all_calls if not call.past}
        (fitting if len(wanted) <= cap else over).append(case)
        sent = wanted if len(wanted) <= cap else sent
    return fitting + over


def smoke(cases: Sequence[Case]) -> list[Case]:
    """The cases that the three calls of a smoke test show."""
    return [case for case in cases if {call.name for call in case.all_calls} <= SMOKE_CALLS]


def pace_of(around: Surroundings, rpm: float | None) -> float:
    """Seconds from call to call, for so many a minute; without a word as slow as the lowest tier needs it.

    This machine has no limits, unless somebody says so.
    """
    if rpm is None:
        rpm = 0.0 if around.local else TIER_0_RPM
    return 60.0 / rpm * MARGIN if rpm else 0.0
