"""From the data of the page to what the template shows: every statement with its mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kimi_conformance.contract.catalogue import live
from kimi_conformance.reporting.api_page import endpoint_table, error_tables, model_rules, models, notes
from kimi_conformance.reporting.api_page.example import shown
from kimi_conformance.reporting.api_page.view import Answered, Said, Titled, Told, View, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from kimi_conformance.contract.api_page import ApiPage, Made, Part
    from kimi_conformance.contract.claims import Claims
    from kimi_conformance.contract.errors import Errors
    from kimi_conformance.contract.tie import Tied
    from kimi_conformance.reporting.api_page.member_tables import Members
    from kimi_conformance.reporting.api_page.ties import Ties


@dataclass(frozen=True, slots=True)
class Sources:
    """What the page is made of. `on` is the day by which lifecycles are judged, `shelf` where the cassettes are."""

    page: ApiPage
    errors: Errors
    claims: Claims
    ties: Ties
    members: Members
    on: date
    shelf: Path | None = None


def build(sources: Sources) -> tuple[Titled, ...]:
    """The sections of the page. Raises `BadCassette`, and what `Ties.mark` raises."""
    return tuple(
        Titled(name, section.title, tuple(view for part in section.parts for view in _views(part, sources)))
        for name, section in sources.page.sections.items()
    )


def _views(part: Part, sources: Sources) -> tuple[View, ...]:
    return MADE[part.made](sources) if part.made else (_view(part, sources),)


def _view(part: Part, sources: Sources) -> View:
    mark = sources.ties.mark
    if part.table:
        rows = [Told(tuple(_filled(cell, row, sources) for cell in row.cells), mark(row)) for row in part.table.rows]
        return table(part.table.head, rows)
    if part.lines:
        return View("lines", lines=tuple(Said(line.says, mark(line)) for line in part.lines))
    if part.questions:
        sections = sources.page.sections
        asked = (
            Answered(each.asks, _filled(each.says, each, sources), sections[each.see].title, mark(each))
            for each in part.questions
        )
        return View("questions", questions=tuple(asked))
    if part.example:
        return View("example", example=shown(part.example, sources.shelf))
    if part.request:
        return sources.members.of_request(part.request.shape, part.request.by)
    if part.answer:
        return sources.members.of_answer(part.answer.shape, part.answer.by)
    return View("heading", part.heading) if part.heading else View("lead", str(part.lead))


def _filled(text: str, tied: Tied, sources: Sources) -> str:
    """`text` with what changes with the catalogue in its place: `{models}` that are served, `{price}` of its model."""
    known = sources.ties.catalogue.models
    served = ", ".join(f"`{model.id}`" for model in live(sources.ties.catalogue, "platform", sources.on))
    return text.replace("{models}", served).replace("{price}", models.price_of(known[tied.model]) if tied.model else "")


MADE: Mapping[Made, Callable[[Sources], tuple[View, ...]]] = {
    "claims": lambda s: (notes.wrong_claims(s.ties, s.claims.claims),),
    "coding-attributes": lambda s: (models.attributes(s.ties, "coding", s.on),),
    "coding-lifecycles": lambda s: models.lifecycles(s.ties, "coding", s.on),
    "coding-thinking": lambda s: (model_rules.thinking(s.ties, "coding", s.on),),
    "contradicted-documents": lambda s: (notes.contradictions(s.ties.known, ("vendor-doc", "vendor-code")),),
    "contradicted-others": lambda s: (notes.contradictions(s.ties.known, ("report", "other-api")),),
    "dead-models": lambda s: models.dead_models(s.ties, s.on),
    "endpoints": lambda s: (endpoint_table.endpoints(s.ties, s.members.endpoints),),
    "errors": lambda s: (error_tables.errors(s.ties, s.errors),),
    "limits": lambda s: (error_tables.limits(s.ties, s.errors),),
    "attributes": lambda s: (models.attributes(s.ties, "platform", s.on),),
    "lifecycles": lambda s: models.lifecycles(s.ties, "platform", s.on),
    "open-questions": lambda s: (notes.open_questions(s.ties.facts.values()),),
    "outside": lambda s: (endpoint_table.outside(s.ties, s.members.endpoints),),
    "temperatures": lambda s: (model_rules.temperatures(s.ties, s.on),),
    "thinking": lambda s: (model_rules.thinking(s.ties, "platform", s.on),),
    "tool-choices": lambda s: (model_rules.tool_choices(s.ties, s.on),),
}
"""How the parts are made that are made of other contracts."""
