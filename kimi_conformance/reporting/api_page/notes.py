"""Where earlier notes and documents were wrong, and what nobody has seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.reporting.api_page.known import stated
from kimi_conformance.reporting.api_page.mark import Mark
from kimi_conformance.reporting.api_page.ties import DOCS
from kimi_conformance.reporting.api_page.view import Said, Told, View, table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kimi_conformance.contract.claims import Claim
    from kimi_conformance.contract.facts import Fact
    from kimi_conformance.reporting.api_page.known import Known
    from kimi_conformance.reporting.api_page.ties import Ties

SOURCES: Final = {"hub": "hub page", "post": "integration post"}


def wrong_claims(ties: Ties, claims: Iterable[Claim]) -> View:
    """The sentences of the two seeds about the API that are not simply true."""
    rows = [
        Told((each.says, SOURCES[each.source], each.verdict, each.resolution), _mark(ties.known[name], each))
        for each in claims
        if (name := each.requirement) and name in ties.known and each.verdict != "confirmed"
    ]
    return table(("The note", "Of the", "is", "What is so"), rows)


def _mark(known: Known, claim: Claim) -> Mark:
    """What nothing on the wire shows is known by documents at best."""
    if claim.verdict != "unobservable":
        return known.mark
    return stated([each for each in known.requirement.evidence if each.kind != "observed"], known.ties)


def contradictions(known: Mapping[str, Known], kinds: Collection[str]) -> View:
    """What sources of these kinds say, and what is so, by requirement."""
    rows = [
        Told((each.says, each.source, each.resolution), replace(one.mark, against_docs=each.kind in DOCS))
        for one in known.values()
        for each in one.requirement.contradicts
        if each.kind in kinds
    ]
    return table(("What it says", "Source", "What is so"), rows)


def open_questions(facts: Iterable[Fact]) -> View:
    """What no public source settles."""
    rows = (Said(fact.says, Mark("open", None, (f"fact.{fact.id}",))) for fact in facts if fact.kinds == ("open",))
    return View("lines", lines=tuple(rows))
