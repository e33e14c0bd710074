"""Gathers what the document is made of, beside what the reference page knows already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.cassette.shelf import names
from kimi_conformance.cassette.taped import taped
from kimi_conformance.contract.tie import Tied
from kimi_conformance.registry.contracts import endpoints, request_schemas, wire_schemas
from kimi_conformance.reporting.openapi.material import Material

if TYPE_CHECKING:
    from kimi_conformance.reporting.api_page.build import Sources


def material(sources: Sources) -> Material:
    """The material, with the requirements, their marks, the models and the day of the reference page.

    Raises `ContractError` and `BadCassette`.
    """
    known = sources.ties.known
    documents = {**wire_schemas().documents, **request_schemas().documents}
    members = [each for shape in documents for each in sources.members.marks(shape)]
    return Material(
        endpoints(),
        documents,
        {name: one.requirement for name, one in known.items()},
        {name: one.mark for name, one in known.items()},
        {name: mark for name in sources.ties.facts if (mark := sources.ties.mark(Tied(facts=(name,))))},
        {id(member.schema): mark for member, mark in members if mark.kind != "unsupported"},
        sources.ties.catalogue,
        {name: taped(name, sources.shelf) for name in names(sources.shelf)},
        sources.on,
    )
