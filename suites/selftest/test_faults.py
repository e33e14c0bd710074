"""The suite turned on itself: every fault of the reference router is noticed, every check is killed by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.faults import FAULTS, Fault
from kimi_conformance.registry.contracts import requirements
from kimi_conformance.registry.profiles import LoadedProfile, load_profile
from kimi_conformance.router.plan import Plan, make_plan
from kimi_conformance.router.run import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kimi_conformance.router.verdicts import Judged

TODAY = date(2026, 11, 23)

# These two look at the profile and the catalogue, which no fault of a router touches; test_lifecycle.py kills them.
ABOUT_THE_PROFILE = {"router.gate.registered-models-are-served", "router.gate.live-kimi-models-registered"}


LOGGED = "router.secret.keys-never-logged"

CONTROLS = ("reference-asgi", "reference-portkey")


@pytest.mark.parametrize("profile", CONTROLS)
def test_the_control_is_all_green(profile: str, tmp_path: Path) -> None:
    plan = _plan(profile)
    judged = _played(plan, plan.cases, tmp_path)
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
    assert not set.intersection(*(set(_plan(profile).idle) for profile in CONTROLS))


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in FAULTS.items()])
def test_a_fault_is_noticed_by_all_that_it_kills(fault: Fault, tmp_path: Path) -> None:
    plan = _plan("reference" if fault.ends_process else fault.profile, fault)
    chosen = {case.id for case in plan.cases.values() if case.requirement in fault.kills} | _one_of_each_area(plan)
    judged = _played(plan, chosen, tmp_path)
    bad = {Verdict.WARN} if fault.warns else {Verdict.FAIL}
    noticed = {plan.cases[case].requirement for case, one in judged.items() if one.verdict in bad}
    assert set(fault.kills) <= noticed
    infra = [case for case, one in judged.items() if one.verdict is Verdict.INFRA_ERROR]
    assert not infra


def test_every_check_is_killed_by_a_fault() -> None:
    killed = {name for fault in FAULTS.values() for name in fault.kills}
    assert set(requirements("router")) - ABOUT_THE_PROFILE == killed


def _about_hosts(requirement: str) -> bool:
    return requirement == "router.gate.registered-models-are-served"


def _plan(profile: str, fault: Fault | None = None) -> Plan:
    loaded = _loaded(profile)
    if fault is None:
        return make_plan(loaded, TODAY)
    app, env = "kimi_conformance.faults:app_from_env", {"REFERENCE_FAULT": fault.id}
    if asgi := loaded.profile.asgi:
        way = {"asgi": asgi.model_copy(update={"app": app, "env": asgi.env | env})}
    else:
        start = loaded.profile.start
        assert start is not None
        command = tuple(app if word == "kimi_conformance.reference:app_from_env" else word for word in start.command)
        way = {"start": start.model_copy(update={"command": command, "env": start.env | env})}
    return make_plan(replace(loaded, profile=loaded.profile.model_copy(update=way)), TODAY)


@cache
def _loaded(profile: str) -> LoadedProfile:
    return load_profile(profile)


def _played(plan: Plan, cases: Iterable[str], scratch: Path) -> Mapping[str, Judged]:
    wanted = set(cases)
    run = Run(plan, tools=scratch, keep=scratch)
    try:
        run.start([plan.cases[case] for case in plan.cases if case in wanted])
        return run.results()
    finally:
        run.close()


def _one_of_each_area(plan: Plan) -> set[str]:
    return set({case.requirement.split(".")[1]: case.id for case in plan.cases.values()}.values())
