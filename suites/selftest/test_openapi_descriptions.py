"""Descriptions in the OpenAPI document: their sources become provenance, and the words that are left read well."""

from __future__ import annotations

import pytest

from kimi_conformance.reporting.openapi.descriptions import SOURCES, known_by, without_sources
from suites.selftest.openapi_document import reader
from suites.selftest.openapi_reading import nodes


@pytest.mark.parametrize(
    ("told", "left", "known"),
    [
        ("Kind of answer (evidence 001).", "Kind of answer.", {"known": "observed"}),
        ("The file (docs 2026-09).", "The file.", {"known": "documented", "date": "2026-09"}),
        ("Money (evidence 060, docs 2026-09).", "Money.", {"known": "observed"}),
        ("It (docs 2026-04); not it (docs 2026-09).", "It; not it.", {"known": "documented", "date": "2026-09"}),
        ("Always (LM15 2026-08, evidence README).", "Always.", {"known": "observed"}),
        ("Null (58 of 58, evidence README).", "Null (58 of 58).", {"known": "observed"}),
        ("Units (evidence README: a string).", "Units (a string).", {"known": "observed"}),
        ("Null is documented (2026-09), never seen.", "Null is documented (2026-09), never seen.", {}),
        ("The documents say so (docsify).", "The documents say so (docsify).", {}),
        ("Hours (h).", "Hours (h).", {}),
    ],
)
def test_sources_in_brackets_become_provenance(told: str, left: str, known: dict[str, str]) -> None:
    assert without_sources(told) == left
    assert known_by(told) == known


def test_no_description_names_a_source_by_its_short_name() -> None:
    said = [node["description"] for node in nodes(reader().document) if _described(node)]
    assert len(said) > 400
    assert [text for text in said for source in SOURCES if f"({source}" in text] == []


def _described(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("description"), str)
