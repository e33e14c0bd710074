"""The plan of a run: a profile's cases, the requirements it lacks features for, and what it admits to fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kimi_conformance.contract.features import MISSING, features
from kimi_conformance.matrix import Matrix
from kimi_conformance.oracle import World
from kimi_conformance.registry.contracts import bodies, catalogue, requirements, spellings
from kimi_conformance.registry.home import routing_suites
from kimi_conformance.registry.parse import locate
from kimi_conformance.registry.problems import ContractError
from kimi_conformance.sentences import load_sentences, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from kimi_conformance.contract.profile import KnownFailing
    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.registry.profiles import LoadedProfile
    from kimi_conformance.router.case import Case


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of `known_failing` with the ids of all cases that it covers in the whole matrix."""

    entry: KnownFailing
    cases: frozenset[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be run against a profile.

    `idle` has the reason for each requirement without a case. `expired` are known failings past their date, which no
    longer count.
    """

    loaded: LoadedProfile
    world: World
    requirements: Mapping[str, Requirement]
    cases: Mapping[str, Case]
    idle: Mapping[str, str]
    known: tuple[Known, ...]
    expired: tuple[KnownFailing, ...]

    def select(self, only: Sequence[str]) -> tuple[Sequence[Case], Mapping[str, str]]:
        """The cases, and the idle requirements, that one of the globs in `only` names (by requirement or by case)."""
        if not only:
            return tuple(self.cases.values()), self.idle
        chosen = [case for case in self.cases.values() if named(only, case.id) or named(only, case.requirement)]
        return tuple(chosen), {name: why for name, why in self.idle.items() if named(only, name)}


def make_plan(loaded: LoadedProfile, on: date) -> Plan:
    """The plan for a profile on a day. Raises `ContractError` for a known failing that names no case."""
    world = World(loaded.profile, catalogue(), on, one_sided=loaded.profile.one_sided)
    matrix = Matrix(world, spellings(), bodies())
    has = features(loaded.profile)
    sentences = load_sentences(routing_suites())
    cases: dict[str, Case] = {}
    idle: dict[str, str] = {}
    for name, requirement in requirements("router").items():
        lacking = [MISSING[feature] for feature in requirement.needs if feature not in has]
        if requirement.excluded:
            lacking = [requirement.excluded]
        made = [] if lacking else list(sentences[name].cases(matrix))
        cases.update((case.id, case) for case in made)
        if not made:
            idle[name] = "; ".join(lacking) or "the profile's matrix has no such cell"
    known = _known(loaded, cases, idle)
    current = tuple(one for one in known if one.entry.until is None or one.entry.until >= on)
    expired = tuple(one.entry for one in known if one not in current)
    return Plan(loaded, world, requirements("router"), cases, idle, current, expired)


def _known(loaded: LoadedProfile, cases: Mapping[str, Case], idle: Mapping[str, str]) -> tuple[Known, ...]:
    found: list[Known] = []
    problems = []
    for index, entry in enumerate(loaded.profile.known_failing):
        covered = frozenset(case.id for case in cases.values() if named([entry.case], case.id, case.requirement))
        if covered:
            found.append(Known(entry, covered))
            continue
        names = dict.fromkeys([*(case.requirement for case in cases.values()), *cases, *idle])
        why = f": {idle[entry.case]}" if entry.case in idle else ""
        what = f"known_failing entry '{entry.case}' matches no case of this profile{why}"
        problems.append(locate(loaded.document, ("known_failing", index, "case"), what, candidates=names))
    if problems:
        raise ContractError(problems)
    return tuple(found)
