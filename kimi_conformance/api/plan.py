"""The plan of an API run: the requirements, their cases on a day, and the requirements that have none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kimi_conformance.api.material import material
from kimi_conformance.judge.api.comparison import COMPARISONS
from kimi_conformance.judge.api.law import LAWS, Contract
from kimi_conformance.registry.contracts import calls, catalogue, requirements, wire_schemas
from kimi_conformance.registry.home import api_suites, contracts
from kimi_conformance.registry.problems import ContractError, Problem
from kimi_conformance.sentences import load_sentences, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from kimi_conformance.api.call import Call, Case
    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be asked of Kimi on a day. `idle` has the reason for each requirement without a case."""

    requirements: Mapping[str, Requirement]
    cases: Mapping[str, Case]
    idle: Mapping[str, str]
    calls: Mapping[str, Call]
    contract: Contract
    on: date

    def select(self, only: Sequence[str]) -> tuple[Sequence[Case], Mapping[str, str]]:
        """The cases, and the idle requirements, that one of the globs in `only` names (by requirement or by case)."""
        if not only:
            return tuple(self.cases.values()), self.idle
        chosen = [case for case in self.cases.values() if named(only, case.id, case.requirement)]
        return tuple(chosen), {name: why for name, why in self.idle.items() if named(only, name)}


def make_plan(on: date) -> Plan:
    """The plan for the day `on`: which models are served then decides which calls there are.

    Raises `ContractError`, also where requirements, laws and cases do not fit together.
    """
    found = material(calls(), catalogue(), on)
    sentences = load_sentences(api_suites())
    _closed(requirements("api"), sentences)
    cases: dict[str, Case] = {}
    idle: dict[str, str] = {}
    for name, requirement in requirements("api").items():
        made = list(sentences[name].cases(found)) if name in sentences and not requirement.excluded else []
        there = [case for case in made if not any(call.absent for call in case.all_calls)]
        cases.update((case.id, case) for case in there)
        if not there:
            absent = next((call.absent for case in made for call in case.all_calls if call.absent), None)
            idle[name] = requirement.excluded or absent or f"no model has this property on {on}"
    present = {name: call for name, call in found.calls.items() if not call.absent}
    return Plan(requirements("api"), cases, idle, present, Contract(catalogue(), wire_schemas()), on)


def _closed(rules: Mapping[str, Requirement], sentences: Mapping[str, Sentence]) -> None:
    """Refuse a registry with holes: a file that went missing would read as fewer requirements, and all of them met."""
    checked = {name for name, rule in rules.items() if not rule.excluded}
    lawful = set(LAWS) | set(COMPARISONS)
    holes = [
        *((name, "has no law in kimi_conformance/judge/api") for name in sorted(checked - lawful)),
        *((name, "has no cases in suites/api") for name in sorted(checked - sentences.keys())),
        *(
            (name, "has a law or cases, and is no requirement")
            for name in sorted((lawful | sentences.keys()) - checked)
        ),
    ]
    if holes:
        folder = contracts() / "requirements" / "api"
        raise ContractError(Problem(folder, None, f"{name} {what}") for name, what in holes)
