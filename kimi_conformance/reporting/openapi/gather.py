"""Gathers what the document is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from kimi_conformance.cassette.shelf import names, newest_day
from kimi_conformance.cassette.taped import taped
from kimi_conformance.contract.requirement import EvidenceKind
from kimi_conformance.registry.contracts import catalogue, endpoints, request_schemas, requirements, wire_schemas
from kimi_conformance.reporting.openapi.material import Known, Material

if TYPE_CHECKING:
    from kimi_conformance.contract.requirement import Requirement

WORDS: Final = {
    "observed": "observed",
    "standard": "documented",
    "vendor-code": "documented",
    "vendor-doc": "documented",
    "operator-note": "told",
    "modelled": "modelled",
}


def gather() -> Material:
    """The material for the day of the newest tape. Raises `ContractError` and `BadCassette`."""
    rules = requirements("api")
    return Material(
        endpoints(),
        {**wire_schemas().documents, **request_schemas().documents},
        rules,
        {name: _known(rule) for name, rule in rules.items()},
        catalogue(),
        {name: taped(name) for name in names()},
        newest_day(),
    )


def _known(rule: Requirement) -> Known:
    kinds = get_args(EvidenceKind)
    best = min(rule.evidence, key=lambda each: (kinds.index(each.kind), -each.date.toordinal()))
    return Known(WORDS[best.kind], best.date, kinds.index(best.kind))
