"""From one or two plays of a case to the word that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.kill_matrix import Word
    from kimi_conformance.killing.played import Played

SAID: Final[Mapping[Verdict, Word | None]] = {
    Verdict.PASS: None,
    Verdict.FAIL: "fail",
    Verdict.WARN: "warn",
    Verdict.INFRA_ERROR: "infra",
    Verdict.NOT_OBSERVED: "unseen",
}
"""A verdict that is none of these cannot be: the settings list nothing as known to fail."""

BAD: Final = frozenset({Verdict.FAIL, Verdict.WARN})


def settled(played: Played) -> dict[str, Word]:
    """The word for each case that did not pass.

    What fails in one of two plays is unsteady. What the machinery spoiled says nothing: the second play then counts.
    """
    words: dict[str, Word] = {}
    for case, first in played.first.items():
        second = played.second.get(case, first)
        spoiled = first is Verdict.INFRA_ERROR
        word = "unsteady" if first is not second and not spoiled and {first, second} & BAD else SAID[second]
        if word:
            words[case] = word
    return words
