"""The judge of the API turned on itself: what is healthy is left alone, and every fault of the wire is noticed."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.faults.wire import WIRE, DoesNotFit, WireFault
from kimi_conformance.judge.api.comparison import COMPARISONS
from kimi_conformance.judge.api.judging import all_findings, bears, findings, judge_case
from kimi_conformance.judge.api.law import LAWS, Contract
from kimi_conformance.killing.specimens import Specimens
from kimi_conformance.killing.wire import found
from kimi_conformance.registry.contracts import catalogue, requirements, wire_schemas
from suites.selftest.specimens import PAIRS, SPECIMENS

CONTRACT = Contract(catalogue(), wire_schemas())
REQUIREMENTS = requirements("api")

each_specimen = pytest.mark.parametrize("name", SPECIMENS)
each_fault = pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in WIRE.items()])


# The control


@each_specimen
def test_nothing_is_found_in_what_is_healthy(name: str) -> None:
    assert list(all_findings(REQUIREMENTS, SPECIMENS[name], CONTRACT)) == []


@each_specimen
def test_what_is_healthy_does_what_it_may(name: str) -> None:
    bearing = [REQUIREMENTS[law] for law in LAWS if bears(law, SPECIMENS[name], CONTRACT)]
    assert [each for law in bearing for each in findings(law, SPECIMENS[name], CONTRACT)] == []


@pytest.mark.parametrize("requirement", COMPARISONS)
def test_a_healthy_pair_compares_well(requirement: str) -> None:
    pair = [SPECIMENS[name] for name in PAIRS[requirement]]
    assert judge_case(REQUIREMENTS[requirement], (), pair, CONTRACT).verdict is Verdict.PASS


@pytest.mark.parametrize("requirement", LAWS)
def test_every_law_bears_on_something_healthy(requirement: str) -> None:
    assert any(bears(requirement, sight, CONTRACT) for sight in SPECIMENS.values())


# The faults


@each_fault
def test_a_fault_is_noticed_by_all_that_it_kills(fault: WireFault) -> None:
    specimens = [name for name in SPECIMENS if fnmatchcase(name, fault.on)]
    noticed = {name: _noticed(fault, name) for name in specimens}
    assert set().union(*noticed.values()) == set(fault.kills)
    assert [name for name, by in noticed.items() if not by] == []


@each_fault
def test_a_fault_fits_or_says_that_it_does_not(fault: WireFault) -> None:
    for sight in SPECIMENS.values():
        try:
            harmed = fault.apply(sight.exchange)
        except DoesNotFit:
            continue
        assert harmed != sight.exchange


@each_fault
def test_a_fault_does_not_fit_where_nothing_was_answered(fault: WireFault) -> None:
    with pytest.raises(DoesNotFit, match=fault.id):
        fault.apply(Exchange(Request("GET", "/v1/models"), None, "refused: nobody there"))


def test_every_requirement_of_the_wire_is_killed_by_a_fault() -> None:
    judged = {name for name, requirement in REQUIREMENTS.items() if not requirement.excluded}
    assert {name for fault in WIRE.values() for name in fault.kills} == judged == LAWS.keys() | COMPARISONS.keys()


def test_every_fault_says_what_it_is() -> None:
    assert all(fault.id == name and fault.says.endswith(".") for name, fault in WIRE.items())
    assert len({fault.says for fault in WIRE.values()}) == len(WIRE)


def _noticed(fault: WireFault, name: str) -> set[str]:
    harmed = replace(SPECIMENS[name], exchange=fault.apply(SPECIMENS[name].exchange))
    return {each for each in fault.kills if found(each, harmed, name, Specimens(SPECIMENS, PAIRS))}
