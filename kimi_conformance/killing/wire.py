"""Faults of the wire against healthy exchanges: a pure computation, of seconds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

from kimi_conformance.contract.kill_matrix import WireMatrix, WireRow
from kimi_conformance.contract.ranges import ranges
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.faults.wire import WIRE, DoesNotFit, WireFault
from kimi_conformance.judge.api.comparison import COMPARISONS
from kimi_conformance.judge.api.judging import bears, findings, judge_case
from kimi_conformance.judge.api.law import Contract
from kimi_conformance.registry.contracts import catalogue, requirements, wire_schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kimi_conformance.contract.verdict import Finding
    from kimi_conformance.judge.api.sight import Sight
    from kimi_conformance.killing.specimens import Specimens


def wire_matrix(specimens: Specimens, digest: str) -> WireMatrix:
    """Every fault of the wire on every specimen that it fits, and the specimens as they are."""
    names = [*specimens.sights]
    healthy: dict[str, set[int]] = defaultdict(set)
    for number, name in enumerate(names):
        for requirement in noticed(specimens.sights[name], name, specimens):
            healthy[requirement].add(number)
    return WireMatrix(
        digest=digest,
        requirements=tuple(name for name, each in requirements("api").items() if not each.excluded),
        specimens=tuple(names),
        control=_texts(healthy),
        faults=tuple(wire_row(fault, specimens, names) for fault in WIRE.values()),
    )


def wire_row(fault: WireFault, specimens: Specimens, names: Iterable[str]) -> WireRow:
    """What becomes of the specimens of these names, numbered as all of them are, with the fault."""
    numbers = {name: number for number, name in enumerate(specimens.sights)}
    fits: list[int] = []
    seen: dict[str, set[int]] = defaultdict(set)
    for name in names:
        sight = specimens.sights[name]
        try:
            harmed = replace(sight, exchange=fault.apply(sight.exchange))
        except DoesNotFit:
            continue
        fits.append(numbers[name])
        for requirement in noticed(harmed, name, specimens):
            seen[requirement].add(numbers[name])
    return WireRow(
        subject=fault.id,
        says=fault.says,
        kills=fault.kills,
        on=ranges(number for name, number in numbers.items() if fnmatchcase(name, fault.on)),
        fits=ranges(fits),
        noticed=_texts(seen),
    )


def noticed(sight: Sight, name: str, specimens: Specimens) -> Iterator[str]:
    """The requirements that find something in a sight, which stands for the specimen `name`."""
    for each, requirement in requirements("api").items():
        if not requirement.excluded and found(each, sight, name, specimens):
            yield each


def found(requirement: str, sight: Sight, name: str, specimens: Specimens) -> Sequence[Finding]:
    """What a requirement finds in a sight: what fails or warns, and the notes of a MAY; not what could not be observed.

    A comparison does in the pair in which the sight stands for the specimen `name`.
    """
    rule, contract = requirements("api")[requirement], _contract()
    if requirement not in COMPARISONS:
        every = findings(rule, sight, contract) if bears(requirement, sight, contract) else ()
    elif name in specimens.pairs[requirement]:
        pair = [sight if each == name else specimens.sights[each] for each in specimens.pairs[requirement]]
        every = judge_case(rule, (), pair, contract).findings
    else:
        every = ()
    return [each for each in every if each.verdict is not Verdict.NOT_OBSERVED]


@cache
def _contract() -> Contract:
    return Contract(catalogue(), wire_schemas())


def _texts(seen: Mapping[str, set[int]]) -> dict[str, str]:
    order = [name for name in requirements("api") if name in seen]
    return {name: ranges(seen[name]) for name in order}
