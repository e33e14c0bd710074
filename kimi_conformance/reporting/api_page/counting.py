"""How many statements the page makes, by how they are known; and which of them nothing supports."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from kimi_conformance.reporting.api_page.mark import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kimi_conformance.reporting.api_page.view import Titled

YOURS: Final = "yours"
AGAINST: Final = "against_docs"


def counts(sections: Sequence[Titled]) -> dict[str, int]:
    """The number of statements by kind of provenance, and of those that are not about Kimi (`yours`).

    `against_docs` counts those among them that Moonshot's documents deny.
    """
    marks = [mark for section in sections for part in section.parts for _, mark in part.statements]
    counted = Counter(mark.kind if mark else YOURS for mark in marks)
    counted[AGAINST] = sum(mark is not None and mark.against_docs for mark in marks)
    return {kind: counted[kind] for kind in (*KINDS, YOURS, AGAINST)}


def total(counted: Mapping[str, int]) -> int:
    """The number of all statements."""
    return sum(count for kind, count in counted.items() if kind != AGAINST)


def unsupported(sections: Sequence[Titled]) -> tuple[str, ...]:
    """The statements that rest on neither a passing case nor evidence that is stated: section and text."""
    return tuple(
        f"{section.title}: {text}"
        for section in sections
        for part in section.parts
        for text, mark in part.statements
        if mark and mark.kind == "unsupported"
    )
