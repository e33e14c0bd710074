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

    What failed in one play of three was the noise of a busy machine; in two, it is unsteady, or noticed where the fault
    names the requirement. A play that the machinery spoiled says nothing beside others.
    """
    words: dict[str, Word] = {}
    for case, first in played.first.items():
        plays = [first, *(each[case] for each in (played.second, played.third) if case in each)]
        plays = [verdict for verdict in plays if verdict is not Verdict.INFRA_ERROR] or plays
        bad = [verdict for verdict in plays if verdict in BAD]
        if 1 < len(bad) < len(plays):
            word = SAID[bad[-1]] if case.partition("@")[0] in played.named else "unsteady"
        else:
            word = SAID[plays[-1]]
        if word:
            words[case] = word
    return words
