"""What a run came to in words and numbers, as the terminal and the page both say it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kimi_conformance.contract.result import CaseResult, How, Results

COLUMNS: Final[Mapping[Verdict, str]] = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.STALE_KNOWN: "stale",
    Verdict.INFRA_ERROR: "infra",
    Verdict.KNOWN_FAIL: "known",
    Verdict.WARN: "warn",
    Verdict.NOT_OBSERVED: "unseen",
    Verdict.NOT_APPLICABLE: "n/a",
}
ALWAYS: Final = frozenset({Verdict.PASS, Verdict.FAIL})
UNTOLD: Final = frozenset({Verdict.NOT_OBSERVED, Verdict.NOT_APPLICABLE, Verdict.INFRA_ERROR})


@dataclass(frozen=True, slots=True)
class Area:
    """How many requirements an area has, and how many cases of each verdict."""

    name: str
    requirements: int
    cases: Counter[Verdict]


def outcome(results: Results) -> str:
    """The run in a word or two; the order of precedence is that of the exit codes (DESIGN.md, section 4)."""
    totals = results.totals
    if results.conformant:
        return "CONFORMANT"
    if totals.get(Verdict.FAIL) or totals.get(Verdict.STALE_KNOWN):
        return "NOT CONFORMANT"
    return "COULD NOT TELL" if totals.get(Verdict.INFRA_ERROR) else "NOTHING SEEN"


def about_api(results: Results) -> bool:
    """Whether it was Kimi itself that was looked at."""
    return any(each.id.startswith("api.") for each in results.requirements)


def counts(results: Results) -> tuple[str, str]:
    """What the requirements came to, and how fast the cases were played; the table has the cases' own verdicts."""
    verdicts = Counter(requirement.verdict for requirement in results.requirements)
    counted = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in COLUMNS if verdicts[verdict])
    ran = sum(_played(case) for requirement in results.requirements for case in requirement.cases)
    speed = f", {ran / results.duration_s:.0f} a second" if ran and results.duration_s > 0 else ""
    return (
        f"{many(len(results.requirements), 'requirement')}: {counted or 'none was tried'}",
        f"{many(ran, 'case')} played in {results.duration_s:.1f} s{speed}",
    )


def shown(results: Results) -> Sequence[Verdict]:
    """The verdicts that get a column: those that something has, and two that everybody looks for."""
    return [verdict for verdict in COLUMNS if verdict in ALWAYS or results.totals.get(verdict)]


def by_area(results: Results) -> Sequence[Area]:
    """The areas, in the order of the results."""
    requirements: Counter[str] = Counter()
    cases: dict[str, Counter[Verdict]] = {}
    for requirement in results.requirements:
        area = requirement.id.split(".", 2)[1]
        requirements[area] += 1
        cases.setdefault(area, Counter()).update(case.verdict for case in requirement.cases)
    return [Area(name, requirements[name], counted) for name, counted in cases.items()]


def provenance(results: Results) -> str:
    """Where the evidence of `results` comes from, case by case, so that nobody takes stand-ins for Kimi."""
    unseen = {Verdict.NOT_APPLICABLE, Verdict.INFRA_ERROR}
    cases = [case for requirement in results.requirements for case in requirement.cases if case.verdict not in unseen]
    origins = Counter(case.how.origin for case in cases)
    if results.mode == "replay" and set(origins) <= {"modelled"}:
        return "scripted stand-ins, modelled; no live call was made"
    counted = ", ".join(f"{count} {origin}" for origin, count in origins.most_common())
    live = "" if results.mode == "live" else "; no live call was made"
    return f"{counted or 'none'}{live}"


def how_seen(how: How) -> str:
    """`replay, observed, platform-ai, kimi-k3, 2026-09-03`."""
    return ", ".join(filter(None, (how.mode, how.origin, how.host, how.model, how.date)))


def many(count: int, noun: str) -> str:
    """`1 case`, `2 cases`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _played(case: CaseResult) -> bool:
    """Whether something was sent for it, or played from tape."""
    return bool(case.timeline) or case.verdict not in UNTOLD
