"""Findings, as results carry them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.contract.result import FindingRecord
from kimi_conformance.reporting.legible import clipped, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kimi_conformance.contract.verdict import Finding


def recorded(findings: Iterable[Finding], redact: Callable[[str], str]) -> tuple[FindingRecord, ...]:
    """`findings` without secrets, invisible characters and endless values: a router under test wrote parts of them."""
    return tuple(
        FindingRecord(
            requirement=finding.requirement,
            verdict=finding.verdict,
            expected=_fit(finding.expected, redact),
            actual=_fit(finding.actual, redact),
            where=_fit(finding.where, redact),
            message=_fit(finding.message, redact),
        )
        for finding in findings
    )


def _fit(text: str, redact: Callable[[str], str]) -> str:
    return clipped(visible(redact(text)))
