"""Plays the cases of one fault, or of a control, in a process of its own: `python -m … SUBJECT FILE [AREA …]`.

What nobody expects is played twice, so that the noise of a busy machine does not count: cases that fail or warn though
their requirement is none that the fault is said to kill, cases that the machinery spoiled, and all cases of a
requirement that should have noticed and did not. What then came to something else is played a third time.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.faults import FAULTS
from kimi_conformance.judge.check import ONCE
from kimi_conformance.killing.played import Played
from kimi_conformance.killing.setting import plan_of
from kimi_conformance.killing.settling import BAD
from kimi_conformance.reporting.write import write_whole
from kimi_conformance.router.leaking import MUSTS
from kimi_conformance.router.run import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kimi_conformance.router.plan import Plan
    from kimi_conformance.router.verdicts import Judged


ANSWERING: Final = frozenset({ONCE, *MUSTS})
"""Requirements whose first case answers for calls that nobody asked for, and for what leaked."""


def play(subject: str, areas: Sequence[str] = ()) -> Played:
    """What became of the cases of `areas` (of all, where there are none) with the fault, or in the control, `subject`.

    Raises `KeyError` for a fault that is unknown, `RunFailed`.
    """
    plan = plan_of(subject)
    chosen = [name for name, case in plan.cases.items() if not areas or case.requirement.split(".")[1] in areas]
    first = _with_those_that_answer(plan, chosen)
    kills = FAULTS[subject].kills if subject in FAULTS else ()
    odd = unexpected(plan, first, frozenset(kills))
    second = _with_those_that_answer(plan, odd) if odd else {}
    differing = [case for case, one in second.items() if one.verdict is not first[case].verdict]
    third = _with_those_that_answer(plan, differing) if differing else {}
    says = {plan.cases[case].requirement: one.message for case, one in first.items() if one.verdict in BAD}
    return Played(
        subject=subject,
        named=kills,
        profile=plan.loaded.profile.name,
        first={case: one.verdict for case, one in first.items()},
        second={case: one.verdict for case, one in second.items()},
        third={case: one.verdict for case, one in third.items()},
        says=says,
        infra=sorted({one.message for one in second.values() if one.verdict is Verdict.INFRA_ERROR}),
    )


def _with_those_that_answer(plan: Plan, cases: Sequence[str]) -> dict[str, Judged]:
    """The verdicts on `cases`, beside which one of each is played that answers for what is seen in the whole run.

    Without it, what is seen of the others would be held against `cases`.
    """
    owners = [case for case in plan.cases.values() if case.requirement in ANSWERING]
    answering = {case.requirement: case.id for case in reversed(owners)}
    judged = played(plan, [*cases, *answering.values()])
    return {case: judged[case] for case in cases}


def played(plan: Plan, cases: Iterable[str]) -> Mapping[str, Judged]:
    """The verdicts on those of the plan's cases. Raises `RunFailed`."""
    wanted = set(cases)
    with tempfile.TemporaryDirectory(prefix="kimi-conformance-") as scratch:
        run = Run(plan, tools=Path(scratch))
        try:
            run.start([plan.cases[case] for case in plan.cases if case in wanted])
            return run.results()
        finally:
            run.close()


def unexpected(plan: Plan, first: Mapping[str, Judged], kills: frozenset[str]) -> list[str]:
    """The cases of `first` that are worth a second play."""
    bad = {plan.cases[case].requirement for case, one in first.items() if one.verdict in BAD}
    return [
        case
        for case, one in first.items()
        if one.verdict is Verdict.INFRA_ERROR
        or (one.verdict in BAD and plan.cases[case].requirement not in kills)
        or plan.cases[case].requirement in kills - bad
    ]


def _main(subject: str, file: str, *areas: str) -> None:
    threading.Thread(target=_tethered, daemon=True).start()
    began = time.monotonic()
    came = play(subject, areas)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    came = came.model_copy(
        update={
            "wall_s": round(time.monotonic() - began, 1),
            "cpu_s": round(sum(one.ru_utime + one.ru_stime for one in used), 1),
        }
    )
    write_whole(Path(file), came.model_dump_json(indent=0).encode())


def _tethered() -> None:
    """End when whoever started this process is gone. The router's supervisor then ends the router."""
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    _main(*sys.argv[1:])
