"""A second look at what a shared router answered by itself: it may have been resting after another case's error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.judge.cooldown import COOLDOWN, HINT, may_have_rested

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kimi_conformance.contract.profile import Isolation
    from kimi_conformance.router.case import Case
    from kimi_conformance.router.verdicts import Judged

ONCE_MORE: Final = "once more, each in a new router"

MOST: Final = 20
"""So many cases have a second look: each takes the start of a router."""

LONGEST_S: Final = 180.0
"""For all of them together: what was not looked at by then keeps its verdict."""

DOUBTED: Final = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.NOT_OBSERVED})


def doubtful(cases: Iterable[Case], judged: Mapping[str, Judged]) -> list[Case]:
    """The cases, each to be played in a router that has seen nothing, whose verdict may be another case's doing."""
    found = [case for case in cases if case.id in judged and _doubtful(judged[case.id])]
    return [replace(case, fresh=True) for case in found[:MOST]]


def second_look(first: Judged, second: Judged) -> Judged:
    """The verdict of a case that was played once more, in a new router: that one counts, and says that it does."""
    if second.play is None:
        return first
    message = f"in a router that had seen nothing; in the shared one: {first.message}"
    if second.verdict is not Verdict.PASS:
        return replace(second, message=f"{second.message} (in a router that had seen nothing, too)")
    requirement = second.play.requirement
    note = Finding(requirement, Verdict.PASS, "a call", "none, in the shared router", "upstream", f"passed {message}")
    return replace(second, findings=(*second.findings, note), message=note.message)


def hinted(judged: Judged, isolation: Isolation) -> Judged:
    """`judged` with what to do about a cooldown, where the profile has not done it."""
    if judged.message != COOLDOWN or isolation == "fresh":
        return judged
    return replace(judged, message=f"{judged.message} {HINT}")


def _doubtful(judged: Judged) -> bool:
    return judged.verdict in DOUBTED and judged.play is not None and may_have_rested(judged.play)
