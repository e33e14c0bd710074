"""What the kill matrix comes to: who noticed what, and where it has a gap."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kimi_conformance.contract.ranges import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kimi_conformance.contract.kill_matrix import KillMatrix, RouterMatrix, RouterRow, WireMatrix, WireRow

NOTICES = ("fail", "warn")


@dataclass(frozen=True, slots=True)
class Side:
    """Faults against requirements, of the router or of the wire.

    `noticed`: by fault, the requirements that noticed it, with the number of their cases (or specimens) that did.
    `killers`: by requirement, in the order of a call, the faults that it noticed. `elsewhere`: those of the
    requirements that no fault of this kind can touch.
    """

    faults: Mapping[str, RouterRow | WireRow]
    noticed: Mapping[str, Mapping[str, int]]
    killers: Mapping[str, Sequence[str]]
    elsewhere: Sequence[str] = ()

    @property
    def unnoticed(self) -> list[str]:
        """The faults that nobody noticed."""
        return [fault for fault, by in self.noticed.items() if not by]

    @property
    def unkilled(self) -> list[str]:
        """The requirements that noticed nothing, and could have."""
        return [name for name, faults in self.killers.items() if not faults and name not in self.elsewhere]

    @property
    def missing(self) -> list[tuple[str, str]]:
        """Faults, each with a requirement that should have noticed it and did not."""
        return [(id_, name) for id_, row in self.faults.items() for name in row.kills if name not in self.noticed[id_]]

    def beyond(self, fault: str) -> dict[str, int]:
        """Who noticed a fault without being named by it."""
        kills = self.faults[fault].kills
        return {name: count for name, count in self.noticed[fault].items() if name not in kills}

    @property
    def weakest(self) -> list[str]:
        """The requirements that one fault only kills."""
        return [name for name, faults in self.killers.items() if len(faults) == 1]

    @property
    def lonely(self) -> list[str]:
        """The faults that one requirement only noticed."""
        return [fault for fault, by in self.noticed.items() if len(by) == 1]


def figures(side: Side) -> Iterator[tuple[str, int]]:
    """What a side comes to at a glance."""
    named = sum(len(row.kills) for row in side.faults.values())
    yield "faults", len(side.faults)
    yield "of these noticed", len(side.faults) - len(side.unnoticed)
    yield "by one requirement only", len(side.lonely)
    yield "kills that faults name", named
    yield "of these seen", named - len(side.missing)
    yield "kills beyond these", sum(len(side.beyond(fault)) for fault in side.faults)
    yield "requirements that a fault can break", len(side.killers) - len(side.elsewhere)
    yield "of these killed", sum(map(bool, side.killers.values()))
    yield "by one fault only", len(side.weakest)


def router_side(matrix: RouterMatrix) -> Side:
    """The router's faults."""
    ids = [case.partition("@")[0] for case in matrix.ids]
    noticed = {}
    for row in matrix.faults:
        counts = Counter(ids[number] for number, word in row.words.items() if word in NOTICES)
        noticed[row.subject] = {name: counts[name] for name in matrix.cases if name in counts}
    requirements = [*matrix.cases]
    return Side({row.subject: row for row in matrix.faults}, noticed, _killers(noticed, requirements), matrix.elsewhere)


def wire_side(matrix: WireMatrix) -> Side:
    """The faults of the wire."""
    noticed = {
        row.subject: {name: len([*numbers(text)]) for name, text in row.noticed.items()} for row in matrix.faults
    }
    return Side({row.subject: row for row in matrix.faults}, noticed, _killers(noticed, matrix.requirements))


def gaps(matrix: KillMatrix) -> list[str]:
    """What the matrix shows that must not be, a sentence each; none where every check earns its place."""
    sides = (router_side(matrix.router), wire_side(matrix.wire))
    return [
        *_of_controls(matrix),
        *(f"{fault}: nobody noticed it" for side in sides for fault in side.unnoticed),
        *(f"{fault}: {name} should have noticed it, and did not" for side in sides for fault, name in side.missing),
        *(f"{name}: no fault kills it" for side in sides for name in side.unkilled),
        *_of_specimens(matrix.wire),
    ]


def _of_controls(matrix: KillMatrix) -> Iterator[str]:
    """A control may leave a case unseen that another one passes: a log within pytest, a host behind Portkey."""
    ids = matrix.router.ids
    passed: set[int] = set()
    for row in matrix.router.controls:
        words = row.words
        passed |= set(numbers(matrix.router.settings[row.setting])) - words.keys()
        for number, word in words.items():
            if word != "unseen":
                yield f"{row.subject}: {ids[number]} came to {word}, with no fault at all"
    yield from (f"{case}: passes in no control" for number, case in enumerate(ids) if number not in passed)
    for name, text in matrix.wire.control.items():
        seen = ", ".join(matrix.wire.specimens[number] for number in numbers(text))
        yield f"{name} finds something in what is healthy: {seen}"


def _of_specimens(wire: WireMatrix) -> Iterator[str]:
    """A fault must be noticed, by one that it names, on every specimen that it is made for."""
    for row in wire.faults:
        seen = {number for name in row.kills for number in numbers(row.noticed.get(name, ""))}
        for number in set(numbers(row.on)) - seen:
            yield f"{row.subject}: nobody whom it names noticed it on {wire.specimens[number]}"


def _killers(noticed: Mapping[str, Mapping[str, int]], requirements: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in requirements}
    for fault, by in noticed.items():
        for name in by:
            found[name].append(fault)
    return found
