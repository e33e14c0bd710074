"""In which order the pieces of a stream came: what kinds of pieces, not how many, and not when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.judge.drift.change import Change
from kimi_conformance.judge.drift.pieces import BLOCKS, BROKEN, CHOSEN, ENDS, pieces
from kimi_conformance.sse_event import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

BLOCK_ENDS: Final = frozenset(map(ENDS.format, BLOCKS))
STARTS: Final = CHOSEN - BLOCK_ENDS
FRAMING: Final = frozenset({*NoticeKind} - {NoticeKind.UNFINISHED, NoticeKind.INVALID_UTF8})
"""How the lines of a stream are written. A reader that keeps to the standard takes all of it."""


def order_changes(before: Sight, after: Sight) -> Iterator[Change]:
    """The change of order, where there is one: what was there comes otherwise, or something new comes in between."""
    was, now = kinds(before), kinds(after)
    missing = STARTS & (set(was) ^ set(now))  # what a model did on one side only
    old, new = _without(was, missing), _without(now, missing)
    if old != new:
        strangers = [each for each in dict.fromkeys(new) if each not in old]
        adds = _kept(old, new) and not any(map(BROKEN.search, strangers)) and new[-1] == old[-1]
        says = f"{', '.join(strangers)} came in between" if adds else "the pieces of the stream come otherwise"
        shown = " → ".join(old), " → ".join(new)
        yield Change("order", "additive" if adds else "breaking", "event order", *shown, says, str(before.face))


def framing_changes(before: Sight, after: Sight) -> Iterator[Change]:
    """Lines that are written in another way."""
    was, now = ({notice.kind for notice in sight.reading.notices} & FRAMING for sight in (before, after))
    for kind in sorted(now - was):
        says = f"lines of the stream are written otherwise: {kind.value}"
        yield Change("form", "additive", "event lines", "not so", kind.value, says)


def kinds(sight: Sight) -> list[str]:
    """The kinds of pieces in their order; what a model may say in any number of pieces stands there once."""
    found: list[str] = []
    for kind in pieces(sight):
        again = found and found[-1] == kind and kind in CHOSEN
        if not again:
            found.append(kind)
        if found[-4:-2] == found[-2:] and found[-1] in BLOCK_ENDS:  # one more block of the same kind
            del found[-2:]
    return found


def _without(found: list[str], missing: frozenset[str]) -> list[str]:
    gone = missing | {ENDS.format(kind) for kind in missing}
    return [kind for kind in found if kind not in gone]


def _kept(old: list[str], new: list[str]) -> bool:
    """Whether all that was there is there, as often and in its order."""
    return [each for each in new if each in old] == old
