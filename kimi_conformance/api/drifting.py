"""Two folders of answers made pairs, and what is known of Kimi by which these are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kimi_conformance.api.answers import OnTape, shelved
from kimi_conformance.api.call import Case
from kimi_conformance.api.keeping import asked_in
from kimi_conformance.api.problems import BadAnswers
from kimi_conformance.contract.drifted import NotCompared
from kimi_conformance.judge.drift.pairs import Pair
from kimi_conformance.judge.drift.whole import Known, drift
from kimi_conformance.registry.contracts import drift_rules, facts
from kimi_conformance.sentences import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from kimi_conformance.api.call import Call
    from kimi_conformance.api.plan import Plan
    from kimi_conformance.contract.drifted import Drift

    Shelved = tuple[OnTape, ...] | str


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared: the shelves of what was recorded, the first of which counts, and the folder of what was seen.

    `recorded_as` is what the first are called; `only` names calls.
    """

    recorded: tuple[Path, ...]
    recorded_as: str
    seen: Path
    only: Sequence[str] = ()


def drifted(sides: Sides, plan: Plan) -> Drift:
    """What differs between both sides. Raises `BadAnswers` where one of them is no folder of answers."""
    asked = asked_in(sides.seen)
    recorded, seen = layered(sides.recorded, sides.only), layered([sides.seen], sides.only)
    if not recorded:
        raise BadAnswers(f"{sides.recorded_as}: no cassettes there{_named(sides.only)}")
    if not seen and asked is None:
        raise BadAnswers(f"{sides.seen}: no cassettes there{_named(sides.only)}")
    reasons = asked.unseen if asked else {}
    pairs, left = paired(recorded, seen, reasons)
    left += [
        NotCompared(call=name, why=why)
        for name, why in reasons.items()
        if name not in {*recorded, *seen} and (not sides.only or named(sides.only, name))
    ]
    return drift(
        pairs,
        left,
        known_of(plan),
        names=(sides.recorded_as, f"Kimi at {asked.where}" if asked else str(sides.seen)),
        on=plan.on,
        notes=(asked.stopped,) if asked and asked.stopped else (),
    )


def _named(only: Sequence[str]) -> str:
    return f" that {' or '.join(only)} names" if only else ""


def known_of(plan: Plan) -> Known:
    """All that is known of Kimi on the day of the plan."""
    return Known(drift_rules(), plan.requirements, plan.contract, facts(), judged_by(plan))


def judged_by(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """The requirements whose cases judge a call, by its name."""
    found: dict[str, list[str]] = {}
    for case in plan.cases.values():
        for call in case.calls:
            found.setdefault(call.name, []).append(case.requirement)
    return {name: tuple(dict.fromkeys(requirements)) for name, requirements in found.items()}


def named_calls(plan: Plan, only: Sequence[str]) -> list[Call]:
    """The calls that one of the globs in `only` names; without any, all."""
    return [call for name, call in plan.calls.items() if not only or named(only, name)]


def to_ask(plan: Plan, calls: Iterable[Call]) -> list[Case]:
    """A case for each of `calls` that can be asked, named after what judges it: so the pins come first."""
    judged = judged_by(plan)
    return [Case(judged.get(call.name, ("",))[0], (("call", call.name),), (call,)) for call in calls if not call.past]


def layered(shelves: Sequence[Path], only: Sequence[str]) -> dict[str, Shelved]:
    """The answers on several shelves, by name: of each that of the first shelf which has it."""
    found: dict[str, Shelved] = {}
    for shelf in shelves:
        for name, answers in shelved(shelf):
            if name not in found and (not only or named(only, name)):
                found[name] = answers
    return found


def paired(
    recorded: Mapping[str, Shelved], seen: Mapping[str, Shelved], reasons: Mapping[str, str]
) -> tuple[list[Pair], list[NotCompared]]:
    """The pairs of one name and one request, and what has no pair. `reasons`: why a call was not seen."""
    pairs: list[Pair] = []
    left: list[NotCompared] = []
    for name in sorted(recorded.keys() | seen.keys()):
        was, now = recorded.get(name), seen.get(name)
        if now is None:
            left.append(NotCompared(call=name, why=reasons.get(name, "no answer of this name was seen")))
        elif was is None:
            left.append(NotCompared(call=name, why="nothing of this name is recorded"))
        elif isinstance(was, str) or isinstance(now, str):
            left.append(NotCompared(call=name, why=was if isinstance(was, str) else str(now)))
        else:
            made = list(_matched(name, was, now))
            pairs += made
            if not made:
                left.append(NotCompared(call=name, why="the recorded answer is to another request"))
    return pairs, left


def _matched(name: str, was: Sequence[OnTape], now: Sequence[OnTape]) -> Iterator[Pair]:
    """A pair for each request that both sides have; several of one name are numbered."""
    rest = list(was)
    for number, one in enumerate(now, 1):
        match = next((each for each in rest if each.asked == one.asked), None)
        if match is not None:
            rest.remove(match)
            yield Pair(name if len(now) == 1 else f"{name}#{number}", match.answer, one.answer)
