"""What a person reads of a case that did not pass."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from kimi_conformance.reporting.legible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import CaseResult, FindingRecord, Moment

FINDINGS: Final = 8
DETAILS: Final = 16
"""So many moments are shown with head and body: those of two or three trips."""

WIDTH: Final = 100


def explain(requirement: Requirement, result: CaseResult, *, rerun: str) -> str:
    """The case, the sentence that it breaks, what was expected and seen, both legs of the wire, how to do it again.

    Plain text of several paragraphs, fit for a terminal, JUnit and Allure alike. `rerun` is the command that runs
    this case again.
    """
    parts = [
        f"{reason(result)}\n{result.id}",
        _sentence(requirement),
        *map(_finding, result.findings[:FINDINGS]),
        *_more(len(result.findings) - FINDINGS),
        *_told(result.timeline),
        *([f"The request as a command:\n{textwrap.indent(result.curl, '  ')}"] if result.curl else []),
        f"This case again:\n  {rerun}",
    ]
    return "\n\n".join(parts)


def reason(result: CaseResult) -> str:
    """The verdict and why, in one line: `not-applicable: the policy has no prefixes`."""
    why = result.message or next((finding.message for finding in result.findings), "")
    return f"{result.verdict}: {visible(why)}" if why else str(result.verdict)


def gist(finding: FindingRecord) -> str:
    """The message of a finding without what was seen, which most end with, and which is told beside it."""
    return finding.message.removesuffix(finding.actual).rstrip(": ")


def timeline_text(moments: Sequence[Moment], details: int = DETAILS) -> str:
    """A timeline as aligned columns (ms, leg, what), with the first `details` heads and bodies indented below."""
    legs = max((len(moment.leg) for moment in moments), default=0)
    detailed = [index for index, moment in enumerate(moments) if moment.detail][:details]
    return "\n".join(line for index, moment in enumerate(moments) for line in _moment(moment, legs, index in detailed))


def _sentence(requirement: Requirement) -> str:
    because = f"Because: {requirement.because}" if requirement.because else ""
    lines = [f"{requirement.level}: {requirement.says}", because]
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in lines if line)


def _finding(finding: FindingRecord) -> str:
    said = [("expected", finding.expected), ("actual", finding.actual), ("where", finding.where)]
    return "\n".join([finding.message, *(f"  {name:<10}{value}" for name, value in said)])


def _more(count: int) -> Iterator[str]:
    if count > 0:
        yield f"... and {count} more of this case"


def _told(moments: Sequence[Moment]) -> Iterator[str]:
    if moments:
        yield f"What was seen, in ms after the first request:\n{timeline_text(moments)}"


def _moment(moment: Moment, legs: int, detailed: bool) -> Iterator[str]:  # noqa: FBT001 - private
    yield f"{moment.t_ms:>9.1f}  {moment.leg:<{legs}}  {moment.what}"
    if detailed:
        yield from (f"{'':>11}| {line}".rstrip() for line in moment.detail.splitlines())
