"""A badge: what a run came to in one line and one colour, for a page that is only glanced at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.figures import about_api, many, outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.result import Results

LABEL: Final = "kimi-conformance"
GREEN: Final = "#2e7d32"
AMBER: Final = "#8a6100"
RED: Final = "#c62828"
GREY: Final = "#5f6368"
"""White letters can be read on all four (WCAG AA, 4.5:1)."""

WORDS: Final[Mapping[Verdict, str]] = {
    Verdict.FAIL: "fail",
    Verdict.STALE_KNOWN: "listed as failing pass",
    Verdict.INFRA_ERROR: "could not be told",
    Verdict.PASS: "pass",
    Verdict.WARN: "warn",
    Verdict.KNOWN_FAIL: "known to fail",
    Verdict.NOT_OBSERVED: "not observed",
}
"""In the order in which a reader wants to know; what is not applicable is not counted."""

ADMITTED: Final = frozenset({Verdict.KNOWN_FAIL, Verdict.WARN})


@dataclass(frozen=True, slots=True)
class Badge:
    """What stands on the left and on the right, and the right side's colour. `wrong` where all is not well."""

    label: str
    message: str
    colour: str
    wrong: bool

    def as_endpoint(self) -> dict[str, Any]:
        """The document that shields.io reads (https://shields.io/badges/endpoint-badge)."""
        error = {"isError": True} if self.wrong else {}  # nobody's URL turns such a badge green
        return {"schemaVersion": 1, "label": self.label, "message": self.message, "color": self.colour, **error}


def badge(results: Results, label: str = LABEL) -> Badge:
    """The badge of a run. Green only where it is conformant, and nothing is known to fail or warns."""
    verdicts = Counter(each.verdict for each in results.requirements if each.verdict in WORDS)
    told = ", ".join(f"{verdicts[verdict]} {word}" for verdict, word in WORDS.items() if verdicts[verdict])
    seen = f"{many(verdicts.total(), 'requirement')}: {told}" if told else "nothing was tried"
    colour = _colour(results, verdicts)
    return Badge(label, f"{_how(results)}{seen}", colour, wrong=colour in {RED, GREY})


def _how(results: Results) -> str:
    """Of the API: whether Kimi itself was asked, and when; a tape is no news of it, nor is what plays its part."""
    if not about_api(results):
        return ""
    if results.mode == "replay":
        return "on tape, "
    origins = {case.how.origin for each in results.requirements for case in each.cases}
    return f"live {results.on}, " if "live" in origins else "not asked of Kimi, "


def _colour(results: Results, verdicts: Mapping[Verdict, int]) -> str:
    if outcome(results) == "NOT CONFORMANT":
        return RED
    if not (results.conformant and verdicts[Verdict.PASS]):  # a requirement of which some cases pass was not observed
        return GREY
    return AMBER if any(verdicts[verdict] for verdict in ADMITTED) else GREEN
