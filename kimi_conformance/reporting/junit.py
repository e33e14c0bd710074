"""A JUnit report made from results: the one that pytest writes of a whole run, for runs that were merged."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.reporting.failure import explain, reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import CaseResult, Results

TAGS: Final[Mapping[Verdict, str]] = {
    Verdict.FAIL: "failure",
    Verdict.STALE_KNOWN: "failure",
    Verdict.INFRA_ERROR: "error",
    Verdict.KNOWN_FAIL: "skipped",
    Verdict.NOT_OBSERVED: "skipped",
    Verdict.NOT_APPLICABLE: "skipped",
}
"""What stands in the case's element; nothing where it passed, or warned."""

UNFIT: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write."""


def junit(results: Results, requirements: Mapping[str, Requirement], again: str) -> bytes:
    """The report, in UTF-8. `again` is the command that `--only CASE` completes."""
    cases = [case for requirement in results.requirements for case in requirement.cases]
    test = "test_api" if any(case.requirement.startswith("api.") for case in cases) else "test_routing"
    tags = Counter(TAGS.get(case.verdict) for case in cases)
    root = ET.Element("testsuites", name="pytest tests")
    suite = ET.SubElement(
        root,
        "testsuite",
        name="kimi-conformance",
        errors=str(tags["error"]),
        failures=str(tags["failure"]),
        skipped=str(tags["skipped"]),
        tests=str(len(cases)),
        time=f"{results.duration_s:.3f}",
        timestamp=results.started.isoformat(),
    )
    for case in cases:
        item = ET.SubElement(
            suite, "testcase", classname=test, name=f"{test}[{case.id}]", time=f"{case.duration_ms / 1000:.3f}"
        )
        if tag := TAGS.get(case.verdict):
            inside = ET.SubElement(item, tag, message=_fit(reason(case)))
            inside.text = _fit(_told(case, requirements, again))
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _told(case: CaseResult, requirements: Mapping[str, Requirement], again: str) -> str:
    """In full where something is wrong, else why."""
    if case.verdict in {Verdict.FAIL, Verdict.STALE_KNOWN}:
        return explain(requirements[case.requirement], case, rerun=f"{again} --only '{case.id}'")
    return reason(case)


def _fit(text: str) -> str:
    return UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
