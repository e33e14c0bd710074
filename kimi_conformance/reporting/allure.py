"""What Allure shows beside what its pytest plugin knows by itself."""

from __future__ import annotations

import json
import platform
import re
from typing import TYPE_CHECKING, Any, Final

import allure

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.failure import timeline_text
from kimi_conformance.reporting.write import CannotWrite, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kimi_conformance.contract.requirement import Level, Requirement
    from kimi_conformance.contract.result import CaseResult, Results

SEVERITY: Final[Mapping[Level, allure.severity_level]] = {
    "MUST": allure.severity_level.CRITICAL,
    "SHOULD": allure.severity_level.NORMAL,
    "MAY": allure.severity_level.MINOR,
}

ATTACHED: Final = frozenset({Verdict.FAIL, Verdict.KNOWN_FAIL, Verdict.WARN, Verdict.INFRA_ERROR})
"""With attachments for every case the report of a green run would double (18 MB to 31 MB for 2,000 cases)."""

CATEGORIES: Final = (
    ("A MUST does not hold", ("failed",), "(Failed: )?fail: "),
    ("Listed as failing, passes now", ("failed",), "(Failed: )?stale-known: "),
    ("Could not be told: the router or its surroundings", ("broken", "failed"), "(Failed: )?infra-error: "),
    ("Known to fail", ("skipped",), "XFAIL"),
    ("Not observed in this run", ("skipped",), "(Skipped: )?not-observed: "),
    ("Not applicable to this profile", ("skipped",), "(Skipped: )?not-applicable: "),
)
"""Name, Allure's statuses, and how the message starts: `failure.reason` behind what pytest puts before it."""


def label(requirement: Requirement, result: CaseResult) -> None:
    """Name, file and describe the running item; attach both legs of the wire where something does not hold.

    To be called while the test itself runs: after the set-up Allure's plugin writes a title and a description of its
    own, and what a fixture attaches it files with the fixture. Does nothing where that plugin is not active.
    """
    dynamic: Any = allure.dynamic  # its functions are not typed
    dynamic.epic(requirement.actor)
    dynamic.feature(requirement.area)
    dynamic.story(requirement.id)
    dynamic.severity(SEVERITY[requirement.level])
    dynamic.title(result.id)
    dynamic.tag(*filter(None, (result.how.origin, result.how.host, result.how.model)))
    because = f"\n\nBecause: {requirement.because}" if requirement.because else ""
    dynamic.description(f"{requirement.level}: {requirement.says}{because}")
    for evidence in requirement.evidence:
        for url in re.findall(r"https?://[^\s\"'<>),;]+", evidence.source):
            dynamic.link(url, name=f"{evidence.kind}, {evidence.date}")
    if result.verdict in ATTACHED:
        for name, text in _attachments(result).items():
            if text:
                allure.attach(text, name, allure.attachment_type.TEXT)


def write_extras(folder: Path, results: Results) -> None:
    """Write categories.json and environment.properties into a folder of Allure results. Raises `CannotWrite`.

    Allure 2 reads both, Allure 3 only the latter: it wants categories in its own configuration.
    """
    categories = [
        {"name": name, "matchedStatuses": statuses, "messageRegex": f"(?s){start}.*"}
        for name, statuses, start in CATEGORIES
    ]
    environment = {
        "target": results.target.name,
        "target.version": results.target.version or "not said",
        "suite": f"kimi-conformance {results.suite}",
        "mode": results.mode,
        "started": results.started.isoformat(),
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    lines = [f"{key}={_property(value)}" for key, value in environment.items()]
    try:
        write_whole(folder / "categories.json", json.dumps(categories, indent=1).encode())
        write_whole(folder / "environment.properties", "\n".join([*lines, ""]).encode())
    except OSError as error:
        raise CannotWrite(f"Allure's files cannot be written to {folder}: {error.strerror or error}") from error


def _attachments(result: CaseResult) -> dict[str, str]:
    client = [moment for moment in result.timeline if moment.leg == "client"]
    others = [moment for moment in result.timeline if moment.leg != "client"]
    return {
        "timeline": timeline_text(result.timeline, details=0),
        "client leg": timeline_text(client),
        "upstream legs": timeline_text(others),
        "curl": result.curl,
    }


def _property(value: str) -> str:
    """A value as java.util.Properties reads it: its escapes for what is not ASCII are those of JSON strings."""
    return json.dumps(value)[1:-1].replace('\\"', '"')
