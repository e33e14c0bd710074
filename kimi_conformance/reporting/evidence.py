"""What requirements rest on: the strongest evidence of each, and the gaps that the first live run will close."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import RequirementResult, Results

STRENGTH: Final = ("live", "recorded", "observed", "modelled")
"""Strongest first: this run, a tape of a live run, an answer that somebody published, an answer of our own making."""
WORDS: Final[Mapping[str | None, str]] = {"modelled": "modelled only", None: "not seen"}
SEEN: Final = frozenset({Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.KNOWN_FAIL})

HEAD: Final = """# Gaps

Requirements of which no cassette holds an answer of Kimi itself: theirs are modelled, which proves the check and says
nothing about Kimi. Where a requirement has evidence of its own, it stands in contracts/requirements. The first live run
closes these gaps. Written by `kimi-conformance verify --gaps reports/gaps.md`, not to be edited by hand.
"""


def strongest(requirement: RequirementResult) -> str | None:
    """The strongest evidence of a requirement; `modelled` where it has no other, None where nothing was seen of it."""
    origins = {case.how.origin for case in requirement.cases if case.verdict in SEEN}
    on_tape = {case.how.origin for case in requirement.cases if case.how.mode == "replay"}
    return next((origin for origin in STRENGTH if origin in origins | (on_tape & {"modelled"})), None)


def by_strength(results: Results) -> str:
    """The number of requirements by their strongest evidence, in words."""
    asked = [each for each in results.requirements if each.verdict is not Verdict.NOT_APPLICABLE]
    counted = Counter(strongest(each) for each in asked)
    order = [*STRENGTH, None]
    partly = Counter(strongest(each) for each in asked if each.verdict is Verdict.NOT_OBSERVED)
    parts = [
        f"{counted[origin]} {WORDS.get(origin, str(origin))}"
        + (f" ({partly[origin]} not in every case)" if partly[origin] and origin not in WORDS else "")
        for origin in order
        if counted[origin]
    ]
    live = "" if results.mode == "live" or counted["recorded"] else "; no live call was made"
    return f"strongest evidence of each: {', '.join(parts) or 'none'}{live}"


def gaps(results: Results) -> Iterator[RequirementResult]:
    """The requirements without evidence from Kimi itself."""
    for requirement in results.requirements:
        if requirement.verdict is not Verdict.NOT_APPLICABLE and strongest(requirement) in ("modelled", None):
            yield requirement


def gaps_page(results: Results, requirements: Mapping[str, Requirement]) -> str:
    """The gaps as Markdown, by area: each requirement with its sentence, and how many cases will show it."""
    lines = [HEAD]
    area = ""
    for gap in gaps(results):
        sentence = requirements[gap.id]
        if sentence.area != area:
            area = sentence.area
            lines.append(f"\n## {area}\n")
        cases = f"{len(gap.cases)} case{'' if len(gap.cases) == 1 else 's'}"
        lines.append(f"- `{gap.id}` ({gap.level}, {cases}): {sentence.says}")
    return "\n".join(lines) + "\n"
