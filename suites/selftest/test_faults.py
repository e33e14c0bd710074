"""The suite turned on itself: every fault of the reference router is noticed, every check is killed by one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.faults import FAULTS, Fault
from kimi_conformance.killing.cells import ELSEWHERE
from kimi_conformance.killing.play import played
from kimi_conformance.killing.setting import control_plan, faulty_plan
from kimi_conformance.registry.contracts import requirements

if TYPE_CHECKING:
    from kimi_conformance.router.plan import Plan

LOGGED = "router.secret.keys-never-logged"

CONTROLS = ("reference-asgi", "reference-portkey")


@pytest.mark.parametrize("profile", CONTROLS)
def test_the_control_is_all_green(profile: str) -> None:
    plan = control_plan(profile)
    judged = played(plan, plan.cases)
    # Where Kimi lies behind a config of Portkey's, its host cannot be told, and so neither what is served there.
    # The log of an application within pytest is pytest's.
    told = {
        name
        for name, case in plan.cases.items()
        if (profile == "reference-asgi" or not _about_hosts(case.requirement)) and case.requirement != LOGGED
    }
    assert Counter(judged[case].verdict for case in told) == {Verdict.PASS: len(told)}
    assert {judged[case].verdict for case in set(plan.cases) - told} <= {Verdict.PASS, Verdict.NOT_OBSERVED}


def test_every_requirement_has_cases_in_one_of_the_controls() -> None:
    assert not set.intersection(*(set(control_plan(profile).idle) for profile in CONTROLS))


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in FAULTS.items()])
def test_a_fault_is_noticed_by_all_that_it_kills(fault: Fault) -> None:
    plan = faulty_plan(fault)
    chosen = {case.id for case in plan.cases.values() if case.requirement in fault.kills} | _one_of_each_area(plan)
    judged = played(plan, chosen)
    bad = {Verdict.WARN} if fault.warns else {Verdict.FAIL}
    noticed = {plan.cases[case].requirement for case, one in judged.items() if one.verdict in bad}
    assert set(fault.kills) <= noticed
    infra = [case for case, one in judged.items() if one.verdict is Verdict.INFRA_ERROR]
    assert not infra


def test_every_check_is_killed_by_a_fault() -> None:
    killed = {name for fault in FAULTS.values() for name in fault.kills}
    assert set(requirements("router")) - set(ELSEWHERE) == killed


def _about_hosts(requirement: str) -> bool:
    return requirement == "router.gate.registered-models-are-served"


def _one_of_each_area(plan: Plan) -> set[str]:
    return set({case.requirement.split(".")[1]: case.id for case in plan.cases.values()}.values())
