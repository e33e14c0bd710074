"""The mark of a statement, by what it is tied to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.reporting.api_page.known import STATED, stated
from kimi_conformance.reporting.api_page.mark import WORDS, Mark, weakest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kimi_conformance.contract.catalogue import Catalogue
    from kimi_conformance.contract.facts import Fact
    from kimi_conformance.contract.requirement import Evidence
    from kimi_conformance.contract.tie import Tied
    from kimi_conformance.reporting.api_page.known import Known
    from kimi_conformance.reporting.api_page.mark import Word

DOCS: Final = frozenset({"vendor-doc", "vendor-code"})


@dataclass(frozen=True, slots=True)
class Ties:
    """What statements may be tied to."""

    known: Mapping[str, Known]
    facts: Mapping[str, Fact]
    catalogue: Catalogue

    def mark(self, tied: Tied) -> Mark | None:
        """The mark of a statement: that of its weakest tie. None where it is not about Kimi.

        Raises `KeyError` for a tie that leads nowhere, which the registry refuses, and `ValueError` where it is said to
        be against documents that no tie contradicts.
        """
        if tied.yours:
            return None
        found = weakest(self._marks(tied))
        if tied.at_most and WORDS.index(found.word) < WORDS.index(tied.at_most):
            found = self._at_most(tied.at_most, tied, found)
        if not tied.against_docs:
            return found
        if not any(each.kind in DOCS for name in tied.by for each in self.known[name].requirement.contradicts):
            raise ValueError(f"'against_docs', but {', '.join(tied.by)} contradict no documents of Moonshot's")
        return replace(found, against_docs=True)

    def _marks(self, tied: Tied) -> Iterator[Mark]:
        model = self.catalogue.models[tied.model] if tied.model else None
        for name in tied.by:
            known = self.known[name]
            yield known.mark_of(model, tied.about) if model else known.mark
        for name in tied.facts:
            yield self._of_fact(self.facts[name])
        if model and not tied.by:
            for aspect in tied.about:
                yield stated(model.evidence_of(aspect), (f"model.{model.id}",))

    def _at_most(self, word: Word, tied: Tied, found: Mark) -> Mark:
        """What the evidence of this kind says, of what is known better than the statement is."""
        names = dict.fromkeys(
            (*tied.by, *(name for fact in tied.facts for name in self.facts[fact].requirements or ()))
        )
        evidence = [each for name in names for each in self.known[name].requirement.evidence]
        days = [each.date for each in evidence if STATED[each.kind] == word]
        return replace(found, word=word, on=max(days, default=None))

    def _of_fact(self, fact: Fact) -> Mark:
        """A row of the index: what its requirements show, as far as its kinds go; its kind where none carries it."""
        carried = [self.known[name] for name in fact.requirements or ()]
        anchor = f"fact.{fact.id}"
        if "open" in fact.kinds:
            return Mark("open", None, (anchor,))
        if "live" in fact.kinds:
            found = weakest(each.mark for each in carried) if carried else Mark("reported")
            return replace(found, ties=(anchor,))
        evidence: list[Evidence] = [each for one in carried for each in one.requirement.evidence]
        if "doc" in fact.kinds or "vendor" in fact.kinds:
            documents = [each for each in evidence if each.kind in DOCS]
            return stated(documents, (anchor,)) if documents else Mark("documented", None, (anchor,))
        return Mark("modelled", None, (anchor,))
