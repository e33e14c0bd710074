"""A case as Allure's results have it: names, place, severity, links, and for what does not hold both legs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.failure import explain, reason, timeline_text
from kimi_conformance.reporting.figures import how_seen
from kimi_conformance.reporting.legible import one_line, visible
from kimi_conformance.reporting.links import requirement_url, urls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kimi_conformance.contract.requirement import Level, Requirement
    from kimi_conformance.contract.result import CaseResult, RequirementResult, Results

SEVERITY: Final[Mapping[Level, str]] = {"MUST": "critical", "SHOULD": "normal", "MAY": "minor"}

STATUS: Final[Mapping[Verdict, str]] = {
    Verdict.PASS: "passed",
    Verdict.WARN: "passed",
    Verdict.FAIL: "failed",
    Verdict.STALE_KNOWN: "failed",
    Verdict.INFRA_ERROR: "broken",
    Verdict.KNOWN_FAIL: "skipped",
    Verdict.NOT_OBSERVED: "skipped",
    Verdict.NOT_APPLICABLE: "skipped",
}

ATTACHED: Final = frozenset({Verdict.FAIL, Verdict.KNOWN_FAIL, Verdict.WARN, Verdict.INFRA_ERROR})
"""With attachments for every case the report of a green run would double (18 MB to 31 MB for 2,000 cases)."""

LONGEST: Final = 300
"""Of a message: the trace has it whole."""

OURS: Final = UUID("2f1c1f4e-8f0a-5d0c-9c55-6b1a4b6f1d3e")
"""The namespace of our ids, which are the same whenever the same results are written."""


@dataclass(frozen=True, slots=True)
class Told:
    """A result of Allure's, as JSON, and the texts of its attachments by the name of their file."""

    uuid: str
    result: Mapping[str, Any]
    attachments: Mapping[str, str]


def told(
    case: CaseResult, of: RequirementResult, requirement: Requirement | None, results: Results, *, template: str
) -> Told:
    """`case` as Allure has it. `template` is a checked one of `links`, or empty.

    `historyId` and `testCaseId` are those of the case and its target alone: Allure's pytest plugin makes them of the
    values of parameters without their names, and what it takes for the same it shows once.
    """
    uuid = str(uuid5(OURS, f"{results.started.isoformat()} {results.target.name} {case.id}"))
    always = uuid5(OURS, f"{results.target.name} {case.id}").hex
    attachments = dict(attached(case))
    files = {f"{uuid5(OURS, f'{uuid} {name}')}-attachment.txt": name for name in attachments}
    start = round(results.started.timestamp() * 1000)
    result = {
        "uuid": uuid,
        "historyId": always,
        "testCaseId": always,
        "fullName": case.id,
        "name": case.id,
        "titlePath": [results.target.name, *case.requirement.split(".", 2)],
        "description": description(case, of.level, requirement, results.again),
        "labels": [{"name": name, "value": value} for name, value in labels(case, of.level)],
        "links": list(links(requirement, template)),
        "parameters": [{"name": name, "value": value, "excluded": True} for name, value in _axes(case)],
        "status": STATUS[case.verdict],
        "statusDetails": _details(case, requirement, results),
        "stage": "finished",
        "start": start,
        "stop": start + round(case.duration_ms),
        "attachments": [{"name": name, "source": file, "type": "text/plain"} for file, name in files.items()],
    }
    return Told(uuid, result, {file: attachments[name] for file, name in files.items()})


def labels(case: CaseResult, level: Level) -> Iterator[tuple[str, str]]:
    """Names and values of the labels: where the case belongs, how grave it is, its verdict, how it was seen."""
    actor, area, _ = case.requirement.split(".", 2)
    yield from (("epic", actor), ("feature", area), ("story", case.requirement))
    yield from (("severity", SEVERITY[level]), ("verdict", case.verdict.value))
    for tag in (case.how.origin, case.how.host, case.how.model):
        if tag:
            yield "tag", visible(tag)
    if case.verdict is Verdict.WARN:
        yield "tag", "warn"


def links(requirement: Requirement | None, template: str) -> Iterator[dict[str, str]]:
    """To the requirement, where somebody says where it is, and to its evidence."""
    if requirement is None:
        return
    if template:
        yield {"type": "tms", "name": requirement.id, "url": requirement_url(template, requirement)}
    for evidence in requirement.evidence:
        for url in urls(evidence.source):
            yield {"type": "link", "name": f"{evidence.kind}, {evidence.date}", "url": url}


def _axes(case: CaseResult) -> Iterator[tuple[str, str]]:
    for axis in case.id.split("@")[1:]:
        name, _, value = axis.partition("=")
        yield name, value


def _details(case: CaseResult, requirement: Requirement | None, results: Results) -> dict[str, Any]:
    """Why, in one line, and all of it where somebody has to look at it; what was expected and seen, side by side.

    A history keeps all of it: legs and curl are attachments only.
    """
    if case.verdict is Verdict.PASS and not case.findings:
        return {}
    why = reason(case)
    details: dict[str, Any] = {"message": one_line(why.partition("\n")[0], LONGEST)}
    if case.findings:
        short = case.model_copy(update={"timeline": (), "curl": ""})
        trace = explain(requirement, short, rerun=_again(case, results.again)) if requirement else why
        both = {"expected": case.findings[0].expected, "actual": case.findings[0].actual}
        details |= {name: visible(text) for name, text in {"trace": trace, **both}.items()}
    elif details["message"] != why:
        details["trace"] = why
    if case.verdict is Verdict.KNOWN_FAIL:
        details["known"] = True
    return details


def description(case: CaseResult, level: Level, requirement: Requirement | None, again: str) -> str:
    """In Markdown: the sentence, why, what it rests on, and the command (`again` and the case) that plays it again."""
    if requirement is None:
        return f"**{level}** {case.requirement}"
    evidence = [f"- {one.kind}, {one.date}: {one.source}" for one in requirement.evidence]
    otherwise = [f"- otherwise: {one.source} says “{one.says}”: {one.resolution}" for one in requirement.contradicts]
    paragraphs = (
        f"**{level}** {requirement.says}",
        f"**Because** {requirement.because}" if requirement.because else "",
        "**Evidence**\n\n" + "\n".join([*evidence, *otherwise]),
        f"**Seen** {_code(how_seen(case.how))}",
        f"**This case again** {_code(_again(case, again))}" if again else "",
    )
    return visible("\n\n".join(filter(None, paragraphs)))


def _code(text: str) -> str:
    """`text` as Markdown that means nothing: an image in it would be fetched."""
    plain = text.replace("`", "'")
    return f"`{plain}`"


def _again(case: CaseResult, again: str) -> str:
    return f"{again} --only '{case.id}'"


def attached(case: CaseResult) -> Iterator[tuple[str, str]]:
    """Names and texts of the attachments of what does not hold: the timeline, its legs, the request as curl."""
    if case.verdict not in ATTACHED:
        return
    client = [moment for moment in case.timeline if moment.leg == "client"]
    others = [moment for moment in case.timeline if moment.leg != "client"]
    texts = {
        "timeline": timeline_text(case.timeline, details=0),
        "client leg": timeline_text(client),
        "upstream legs": timeline_text(others),
        "curl": case.curl,
    }
    yield from ((name, visible(text)) for name, text in texts.items() if text)
