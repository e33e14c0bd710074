"""Marks: how a statement is known, since when, and where its evidence stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

Word: TypeAlias = Literal[
    "live",
    "recorded",
    "recorded in part",
    "observed",
    "observed in part",
    "reported",
    "documented",
    "Moonshot's code",
    "standard",
    "told",
    "modelled",
    "open",
    "nothing",
    "does not hold (a MAY)",
    "does not hold (a SHOULD)",
    "does not hold",
]
"""How something is known, strongest first.

`reported`: others saw it, and no whole answer is on tape. `told`: third parties say so. `open`: nobody has seen it, and
no source says so. `nothing`: neither a passing case nor evidence that is stated.
"""

WORDS: Final[tuple[Word, ...]] = get_args(Word)
KINDS: Final[Mapping[str, tuple[Word, ...]]] = {
    "live": ("live",),
    "recorded": ("recorded", "recorded in part"),
    "observed": ("observed", "observed in part", "reported"),
    "documented": ("documented", "Moonshot's code", "standard", "told"),
    "modelled": ("modelled",),
    "open": ("open",),
    "failing": ("does not hold (a MAY)", "does not hold (a SHOULD)", "does not hold"),
    "unsupported": ("nothing",),
}
"""The kinds of provenance that are counted, and which words are of each."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How a statement is known: `on` which day it was last seen, or written, so. `ties` are anchors of the evidence.

    `against_docs`: Moonshot's documents say otherwise. `why`: what was found, where it does not hold.
    """

    word: Word
    on: date | None = None
    ties: tuple[str, ...] = ()
    against_docs: bool = False
    why: str = ""

    @property
    def kind(self) -> str:
        """The kind of provenance that this is counted as."""
        return next(kind for kind, words in KINDS.items() if self.word in words)

    @property
    def says(self) -> str:
        """The mark in words."""
        return self._told(f" {self.on}" if self.on else "")

    @property
    def says_narrowly(self) -> str:
        """The mark for a narrow column of Markdown, in which a day keeps to one line."""
        return self._told("<br>" + str(self.on).replace("-", "\u2011") if self.on else "")

    def _told(self, day: str) -> str:
        return f"{self.word}{day} ≠ docs" if self.against_docs else f"{self.word}{day}"

    @property
    def loud(self) -> bool:
        """Whether a reader must not miss it."""
        return self.kind in ("failing", "unsupported")


def weakest(marks: Iterable[Mark]) -> Mark:
    """The weakest of `marks`, and of two that are as weak the older one; with the ties of all, its own first."""
    known = list(marks)
    found = max(known, key=lambda mark: (WORDS.index(mark.word), -(mark.on.toordinal() if mark.on else 0)))
    others = [tie for mark in known for tie in mark.ties]
    return replace(found, ties=tuple(dict.fromkeys([*found.ties, *others])))
