"""The whole comparison: every pair, put together difference by difference."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, get_args

from kimi_conformance import __version__
from kimi_conformance.contract.drift_rules import Class
from kimi_conformance.contract.drifted import Difference, Drift, NotCompared, Side
from kimi_conformance.judge.drift.bearing import Affair, affair, bearing
from kimi_conformance.judge.drift.change import ABSENT, Change
from kimi_conformance.judge.drift.compare import compare, why_not
from kimi_conformance.judge.drift.documents import doc_claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from kimi_conformance.contract.calls import Host
    from kimi_conformance.contract.drift_rules import DriftRules, Surveyed
    from kimi_conformance.contract.facts import Facts
    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.judge.api.law import Contract
    from kimi_conformance.judge.drift.pairs import Pair

ENOUGH: Final = 3
"""So many answers have to lack what the model's doing brings, and none to have it, before it counts as gone."""
ORDER: Final[tuple[Class, ...]] = get_args(Class)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of Kimi, by which answers are compared. `judged`: the requirements whose cases judge a call."""

    rules: DriftRules
    requirements: Mapping[str, Requirement]
    contract: Contract
    facts: Facts
    judged: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Found:
    change: Change
    pair: Pair
    requirements: tuple[str, ...]


def drift(
    pairs: Sequence[Pair],
    left: Iterable[NotCompared],
    known: Known,
    *,
    names: tuple[str, str],
    on: date,
    notes: Sequence[str] = (),
) -> Drift:
    """What differs. `left` was not compared, for want of an answer; `names` are those of both sides, recorded first."""
    refused = _refused(pairs)
    reasons = {
        pair.call: why_not(pair.recorded.sight, pair.seen.sight, key_refused=pair.seen.sight.host in refused)
        for pair in pairs
    }
    fit = [pair for pair in pairs if reasons[pair.call] is None]
    not_compared = [*left, *(NotCompared(call=call, why=why) for call, why in reasons.items() if why)]
    differences = sorted(
        _put_together(_found(fit, known)), key=lambda each: (ORDER.index(each.class_), -len(each.shown))
    )
    counts = Counter(each.class_ for each in differences if each.expected is None)
    return Drift(
        suite=__version__,
        on=on,
        recorded=Side(name=names[0], origins=Counter(pair.recorded.evidence.origin for pair in fit)),
        seen=Side(name=names[1], origins=Counter(pair.seen.evidence.origin for pair in fit)),
        compared=sorted(pair.call for pair in fit),
        not_compared=sorted(not_compared, key=lambda one: (one.why, one.call)),
        totals={class_: counts[class_] for class_ in ORDER},
        differences=differences,
        doc_claims=[*doc_claims(fit, known.requirements, known.facts, known.contract)],
        notes=notes,
    )


def _refused(pairs: Iterable[Pair]) -> set[Host | None]:
    """The hosts that answered 401 to every call with a key of their own."""
    own = [pair.seen.sight for pair in pairs if pair.seen.sight.key == "own" and pair.seen.sight.status]
    hosts = {sight.host for sight in own}
    return hosts - {sight.host for sight in own if sight.status != HTTPStatus.UNAUTHORIZED}


def _found(pairs: Iterable[Pair], known: Known) -> Iterator[_Found]:
    chosen: dict[tuple[Surveyed, str], list[tuple[Pair, bool]]] = {}
    for pair in pairs:
        seen = compare(pair.recorded.sight, pair.seen.sight, known.rules, known.contract)
        for shape, place, gone in seen.chosen:
            chosen.setdefault((shape, place), []).append((pair, gone))
        if not seen.changes:
            continue
        about = affair(pair, known.requirements, known.contract, known.judged.get(pair.call, ()))
        alone = sum(change.class_ == "breaking" for change in seen.changes) == 1
        for change in seen.changes:
            yield _Found(change, pair, bearing(change, seen.shape, known.rules, about, alone=alone))
    for (shape, place), shown in chosen.items():
        if len(shown) >= ENOUGH and all(gone for _, gone in shown):
            change = Change(
                "member-gone",
                "breaking",
                place,
                "there in each",
                ABSENT,
                f"{place} is in none of {len(shown)} answers that had it",
            )
            for pair, _ in shown:
                yield _Found(change, pair, bearing(change, shape, known.rules, Affair(), alone=False))


def _put_together(found: Iterable[_Found]) -> Iterator[Difference]:
    """Each difference once, with all calls that show it."""
    groups: dict[Change, list[_Found]] = {}
    for one in found:
        groups.setdefault(one.change, []).append(one)
    for change, ones in groups.items():
        yield Difference(
            kind=change.kind,
            **{"class": change.class_},
            where=change.where,
            before=change.before,
            after=change.after,
            says=change.says,
            requirements=[*dict.fromkeys(name for one in ones for name in one.requirements)],
            shown=[one.pair.shown for one in ones],
            expected=change.expected,
        )
