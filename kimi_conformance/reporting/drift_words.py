"""How a drift is told: the words that the console, the page and the message share."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kimi_conformance.contract.drift_rules import Class
    from kimi_conformance.contract.drifted import Difference, Drift, Evidence, Means, NotCompared

TITLES: Final[dict[Class, str]] = {"breaking": "Breaking", "additive": "Additive", "wording": "Wording"}
MEANS: Final[dict[Means, str]] = {
    "kimi-changed": "Kimi changed",
    "kimi-changed-or-our-model-was-wrong": (
        "the recorded answer is our own idea of Kimi's: it was wrong, or Kimi changed; nothing tells which"
    ),
    "not-about-kimi": "what was seen is no answer of Kimi's own: it says nothing about Kimi",
}
NAMED: Final = 4


def headline(drift: Drift) -> str:
    """The drift in a line."""
    counts = ", ".join(f"{drift.totals[class_]} {class_}" for class_ in TITLES)
    if not drift.compared:
        return f"nothing could be compared, of {plural(len(drift.not_compared), 'call')}"
    expected = sum(each.expected is not None for each in drift.differences)
    foretold = f", {expected} expected" if expected else ""
    return f"{counts}{foretold}; {plural(len(drift.compared), 'call')} compared, {len(drift.not_compared)} not"


def means(difference: Difference) -> str:
    """What a difference says, by the evidence on both sides: the strongest word, and on how many calls it rests."""
    counted = Counter(one.means for one in difference.shown)
    found = [
        f"{MEANS[each]}{f' ({counted[each]} of {len(difference.shown)})' if len(counted) > 1 else ''}"
        for each in MEANS
        if counted[each]
    ]
    return "; ".join(found)


def calls(difference: Difference) -> str:
    """The calls that show it: the first by name, the rest by number."""
    names = [one.call for one in difference.shown]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def evidence(sides: Iterable[Evidence]) -> str:
    """Where answers come from: origins and days, each once."""
    days: dict[str, set[str]] = {}
    for side in sides:
        days.setdefault(side.origin, set()).add(side.date.isoformat())
    return ", ".join(f"{origin} {_span(found)}" for origin, found in days.items())


def left_out(not_compared: Iterable[NotCompared]) -> dict[str, list[str]]:
    """The calls that were not compared, by the reason."""
    found: dict[str, list[str]] = {}
    for one in not_compared:
        found.setdefault(one.why, []).append(one.call)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def plural(count: int, noun: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _span(days: set[str]) -> str:
    return min(days) if len(days) == 1 else f"{min(days)} to {max(days)}"
