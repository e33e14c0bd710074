"""What the vendor's documents claim, held against what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.drifted import DocClaim, DocSource
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.judging import bears, findings
from kimi_conformance.judge.drift.compare import PASSING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kimi_conformance.contract.facts import Facts
    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.verdict import Finding
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.judge.drift.pairs import Pair

DOCUMENT: Final = "vendor-doc"
SEEN: Final = frozenset({"observed", "vendor-code"})
"""Evidence that is more than words."""
ABOUT_ERRORS: Final = frozenset({"errors", "limits"})
"""The areas that a server which is down or overloaded shows something of."""


def doc_claims(
    pairs: Sequence[Pair], requirements: Mapping[str, Requirement], facts: Facts, contract: Contract
) -> Iterator[DocClaim]:
    """The requirements that rest on the vendor's documents, and that a seen answer does not show to hold."""
    for name, requirement in requirements.items():
        documents = [one for one in requirement.evidence if one.kind == DOCUMENT]
        found = (
            [(pair, flaw) for pair in pairs if (flaw := _flaw(requirement, pair.seen.sight, contract))]
            if documents
            else []
        )
        if found:
            yield DocClaim(
                requirement=name,
                says=requirement.says,
                documents=[DocSource(source=one.source, date=one.date) for one in documents],
                documents_only=not any(one.kind in SEEN for one in requirement.evidence),
                facts=[fact.id for fact in facts.facts if name in (fact.requirements or ())],
                calls=[pair.call for pair, _ in found],
                expected=found[0][1].expected,
                actual=found[0][1].actual,
                new=any(_flaw(requirement, pair.recorded.sight, contract) is None for pair, _ in found),
            )


def _flaw(requirement: Requirement, sight: Sight, contract: Contract) -> Finding | None:
    """The first thing in which `sight` does not show it, whatever its level."""
    broke_down = sight.status in PASSING and requirement.area not in ABOUT_ERRORS
    if broke_down or not bears(requirement.id, sight, contract):
        return None
    found = findings(requirement, sight, contract)
    return next((each for each in found if each.verdict is not Verdict.NOT_OBSERVED), None)
