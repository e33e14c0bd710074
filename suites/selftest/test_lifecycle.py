"""Time is data: the two requirements about the profile change their mind with the day, and without an edit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.contract.trip import Ask, Named, Play, Trip
from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.exchange import Exchange, Request
from kimi_conformance.judge import judge, verdict
from kimi_conformance.registry.contracts import catalogue, requirements
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router.plan import make_plan

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile

END_OF_K2_6 = date(2026, 12, 31)
SERVED = "router.gate.registered-models-are-served"
REGISTERED = "router.gate.live-kimi-models-registered"


@pytest.mark.parametrize(
    ("model", "on", "word", "says"),
    [
        pytest.param("kimi-k3", date(2026, 11, 23), Verdict.PASS, "", id="live"),
        pytest.param("kimi-k2.6", END_OF_K2_6 - timedelta(61), Verdict.PASS, "", id="61-days-to-go"),
        pytest.param("kimi-k2.6", END_OF_K2_6 - timedelta(60), Verdict.WARN, "ending", id="60-days-to-go"),
        pytest.param("kimi-k2.6", END_OF_K2_6 + timedelta(1), Verdict.WARN, "retired", id="the-day-after"),
        pytest.param("kimi-k2-thinking", date(2026, 11, 23), Verdict.WARN, "retired", id="of-the-hub-page"),
        pytest.param("kimi-k2-turbo", date(2026, 11, 23), Verdict.WARN, "never", id="never-was"),
        pytest.param("kimi-for-coding", date(2026, 11, 23), Verdict.WARN, "other-host", id="of-another-host"),
    ],
)
def test_a_registered_model_should_be_served_for_sixty_days(model: str, on: date, word: Verdict, says: str) -> None:
    findings = _judged(SERVED, model, on, {model: "kimi"})
    assert verdict(findings) is word
    assert [finding.actual for finding in findings] == ([says] if says else [])


@pytest.mark.parametrize(
    ("registered", "word"),
    [
        pytest.param({"kimi-k3": "kimi"}, Verdict.PASS, id="by-name"),
        pytest.param({"kimi-k3.1-pro": "kimi"}, Verdict.WARN, id="another-only"),
    ],
)
def test_a_live_model_should_be_registered(registered: dict[str, str], word: Verdict) -> None:
    assert verdict(_judged(REGISTERED, "kimi-k3", date(2026, 11, 23), registered)) is word


def test_a_model_that_ends_soon_need_not_be_registered() -> None:
    def asked(on: date) -> set[str]:
        plan = make_plan(load_profile("operator-node"), on)
        return {case.asks[0].model.slug for case in plan.cases.values() if case.requirement == REGISTERED}

    assert "kimi-k2.6" in asked(END_OF_K2_6 - timedelta(61))
    assert "kimi-k2.6" not in asked(END_OF_K2_6 - timedelta(60))


def _judged(requirement: str, model: str, on: date, registered: dict[str, str]) -> tuple[Finding, ...]:
    plan = make_plan(load_profile("operator-node"), on)
    world = replace(plan.world, profile=_registering(plan.world.profile, registered), catalogue=catalogue())
    request = Request("POST", "/v1/chat/completions")
    trip = Trip(Ask(Named(model, model)), "mark", request, Exchange(request))
    return judge(requirements("router")[requirement], Play("case", requirement, (trip,)), world)


def _registering(profile: Profile, models: dict[str, str]) -> Profile:
    return profile.model_copy(update={"policy": profile.policy.model_copy(update={"models": models})})
