"""What a live run may cost: which cases are asked and in which order, what the cap leaves out, and how fast it goes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from kimi_conformance.api.verification import read_verification

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kimi_conformance.api.call import Call, Case
    from kimi_conformance.api.surroundings import Surroundings

PINS: Final = ("api.hosts.", "api.auth.", "api.sampling.temperature", "api.limits.", "api.lifecycle.")
"""What is looked at every night: keys and hosts, temperatures, limits, and whether the models are still there."""
TIER_0_RPM: Final = 3.0
"""Requests a minute that every account with $1 has (facts, section 7)."""
MARGIN: Final = 1.1
SMOKE: Final = 3
SMOKE_CALLS: Final = frozenset({"hosts/models-ai", "hosts/models-ai-no-key", "chat/kimi-k3-hello"})
"""The list of models, with a key and without, and one answer."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The cases that are asked, in order; those that the cap leaves for another night; all calls that are sent."""

    asked: tuple[Case, ...]
    over: tuple[Case, ...]
    calls: tuple[Call, ...]


def askable(cases: Sequence[Case]) -> list[Case]:
    """The cases without those that rest on what nobody can ask for, where their requirement has others."""
    others = {case.requirement for case in cases if not _past(case)}
    return [case for case in cases if not _past(case) or case.requirement not in others]


def _past(case: Case) -> bool:
    return any(call.past for call in case.all_calls)


def afford(cases: Sequence[Case], cap: int, around: Surroundings, verification: Path | None = None) -> Budget:
    """What is asked with `cap` calls: pins, then what never held, then what held longest ago.

    So over some nights all have their turn. What is made in a night is deleted in that night, at its end. Raises
    `BadVerification`.
    """
    held = {name: str(entry.held) for name, entry in read_verification(verification).items()} if verification else {}
    deletions = {call.takes.name: case for case in cases for call in case.calls if call.takes and _deletes(case)}

    def worth(case: Case) -> tuple[bool, str]:
        return not case.requirement.startswith(PINS), held.get(case.requirement, "")

    asked: list[Case] = []
    over: list[Case] = []
    calls: dict[str, Call] = {}
    for case in sorted(cases, key=worth):
        together = (case, *(deletions[call.name] for call in case.all_calls if call.name in deletions))
        wanted = calls | {call.name: call for one in together for call in sent_for(one, around)}
        if len(wanted) > cap:
            over.append(case)
        else:
            asked.append(case)
            calls = wanted
    return Budget(tuple(sorted(asked, key=_deletes)), tuple(over), tuple(calls.values()))


def _deletes(case: Case) -> bool:
    return any(call.method == "DELETE" for call in case.calls)


def sent_for(case: Case, around: Surroundings) -> Iterator[Call]:
    """The calls that are sent for a case: up to the first that cannot be."""
    return takewhile(lambda call: around.why_not(call) is None, case.all_calls)


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
