"""The kill matrix: how the cases of a fault are played, and which of them once more."""

from __future__ import annotations

import pytest

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.faults import FAULTS
from kimi_conformance.killing.play import play, unexpected
from kimi_conformance.killing.setting import DAY, SETTINGS, faulty_plan, setting_of
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router.plan import make_plan
from kimi_conformance.router.verdicts import Judged

PLAN = faulty_plan(FAULTS["models.doubled"])
LISTED, SHAPE = "router.models.lists-registered-models", "router.models.shape"
CASES = {case.requirement: case.id for case in PLAN.cases.values()}


def test_an_area_alone_is_not_accused_of_what_another_answers_for() -> None:
    played = play("request.mirrored", ("latency",))
    assert {case.split(".")[1] for case in played.first} == {"latency"}
    assert set(played.first.values()) == {Verdict.PASS}


def test_what_ends_the_process_gets_one_of_its_own() -> None:
    assert setting_of("gate.non-string-kills") == "reference"
    assert {setting_of(fault) for fault in FAULTS} == set(SETTINGS)


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_plan_of_a_fault_is_that_which_its_profile_makes(setting: str) -> None:
    plan = faulty_plan(next(fault for fault in FAULTS.values() if setting_of(fault.id) == setting))
    assert plan.loaded.profile != load_profile(setting).profile
    assert plan == make_plan(plan.loaded, DAY)


@pytest.mark.parametrize(
    ("verdicts", "again"),
    [
        pytest.param({SHAPE: Verdict.FAIL, LISTED: Verdict.PASS}, set(), id="as-named"),
        pytest.param({SHAPE: Verdict.FAIL, LISTED: Verdict.NOT_OBSERVED}, set(), id="not-seen"),
        pytest.param({SHAPE: Verdict.FAIL, LISTED: Verdict.FAIL}, {LISTED}, id="beyond"),
        pytest.param({SHAPE: Verdict.FAIL, LISTED: Verdict.WARN}, {LISTED}, id="beyond-with-a-warning"),
        pytest.param({SHAPE: Verdict.FAIL, LISTED: Verdict.INFRA_ERROR}, {LISTED}, id="spoiled"),
        pytest.param({SHAPE: Verdict.PASS, LISTED: Verdict.PASS}, {SHAPE}, id="named-and-did-not-notice"),
        pytest.param({SHAPE: Verdict.NOT_OBSERVED, LISTED: Verdict.PASS}, {SHAPE}, id="named-and-not-seen"),
    ],
)
def test_what_nobody_expects_is_played_again(verdicts: dict[str, Verdict], again: set[str]) -> None:
    first = {CASES[requirement]: Judged(verdict) for requirement, verdict in verdicts.items()}
    assert unexpected(PLAN, first, frozenset({SHAPE})) == [CASES[name] for name in (LISTED, SHAPE) if name in again]
