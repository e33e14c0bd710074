"""What the marks mean, and how often each stands on the page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kimi_conformance.reporting.api_page.mark import Word
    from kimi_conformance.reporting.api_page.view import Titled

MEANS: Final[Mapping[Word, str]] = {
    "live": "Held in a live run of this suite against Kimi itself.",
    "recorded": "Holds on the tape of a live run, replayed.",
    "recorded in part": "Some of its cases hold on such tapes; the others are modelled.",
    "observed": "Holds on real answers that others published, on tape and replayed.",
    "observed in part": "Some of its cases hold on such answers; the others are modelled.",
    "reported": "Others published that they saw it; there is no whole answer to replay.",
    "documented": "Moonshot's documents say so. Nobody has shown it.",
    "Moonshot's code": "Moonshot's own clients or tests are written so. Nobody has shown it.",
    "standard": "A standard says so.",
    "told": "Third parties say so, such as resellers. Nobody has shown it.",
    "modelled": "Modelled by us, never seen.",
    "open": "No public source settles it.",
    "nothing": "Neither a passing case nor evidence: a mistake of this page.",
    "does not hold (a MAY)": "An answer shows otherwise.",
    "does not hold (a SHOULD)": "An answer, or the calendar, shows otherwise.",
    "does not hold": "An answer shows otherwise; the line stands so that nobody relies on it.",
}
ALWAYS: Final = ("live", "recorded")
"""Said even of none: what a page like this wants most."""
YOURS: Final = "not ours to verify"
AGAINST: Final = "≠ docs"


def legend(sections: Sequence[Titled]) -> list[tuple[str, int, str]]:
    """Each mark that stands on the page: in words, how often, and what it means."""
    marks = [mark for section in sections for part in section.parts for _, mark in part.statements]
    counted = Counter(mark.word for mark in marks if mark)
    rows = [(word, counted[word], means) for word, means in MEANS.items() if counted[word] or word in ALWAYS]
    yours = sum(mark is None for mark in marks)
    denied = sum(mark is not None and mark.against_docs for mark in marks)
    return [
        *rows,
        (YOURS, yours, "About whoever integrates Kimi, not about Kimi."),
        (AGAINST, denied, "Beside a mark: Moonshot's documents, or its code, say otherwise."),
    ]
