"""Time is data: which cases there are follows the catalogue's days, and no day is without a plan."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from kimi_conformance.api import plan as plan_module
from kimi_conformance.api.plan import make_plan
from kimi_conformance.judge.api.judging import bears, findings
from kimi_conformance.judge.api.law import LAWS
from kimi_conformance.registry.home import api_suites
from kimi_conformance.registry.problems import ContractError
from kimi_conformance.sentences import load_sentences
from suites.selftest.sights import asking, error

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

LAST_DAY = date(2026, 12, 31)
AFTER = LAST_DAY + timedelta(days=1)


def gone_on(day: date) -> Sight:
    """kimi-k2.6 asked for on a day, and answered 404."""
    message = "Not found the model kimi-k2.6 or Permission denied"
    return error(404, "resource_not_found_error", message, asking(model="kimi-k2.6"), on=day)


def test_the_models_that_end_are_asked_for_until_their_last_day_and_no_longer() -> None:
    before, after = make_plan(LAST_DAY), make_plan(AFTER)
    assert "api.chat.answered@model=kimi-k2.6" in before.cases
    assert not [case for case in after.cases if "model=kimi-k2.6" in case]
    assert after.idle["api.sampling.temperature-0.6-without-thinking"] == "no model has this property on 2027-01-01"
    assert "kimi-k2.6" in after.idle["api.tools.named-works-without-thinking"]


@pytest.mark.parametrize("months", range(0, 48, 3))
def test_every_day_has_a_plan_whose_calls_are_all_there(months: int) -> None:
    plan = make_plan(date(2026, 9, 1) + timedelta(days=30 * months))
    assert len(plan.cases) > 400
    assert all(call.name in plan.calls for case in plan.cases.values() for call in case.all_calls)


def test_a_404_flips_from_wrong_to_right_after_the_last_day_and_accuses_nobody_on_the_day_between() -> None:
    plan, retired_by = make_plan(AFTER), AFTER + timedelta(days=1)
    served, retired = (plan.requirements[f"api.lifecycle.{name}"] for name in ("live-served", "retired-404"))
    assert not bears(retired.id, gone_on(LAST_DAY), plan.contract)
    assert bears(served.id, gone_on(LAST_DAY), plan.contract)
    assert not bears(served.id, gone_on(AFTER), plan.contract)
    assert not bears(retired.id, gone_on(AFTER), plan.contract)  # hours and time zones are not told apart
    assert bears(retired.id, gone_on(retired_by), plan.contract)
    assert findings(retired, gone_on(retired_by), plan.contract) == ()
    assert not bears(served.id, gone_on(retired_by), plan.contract)


@pytest.mark.parametrize(
    ("gone", "what"),
    [
        ("requirements", r"api\.balance\.shape has a law or cases, and is no requirement"),
        ("cases", r"api\.balance\.shape has no cases in suites/api"),
        ("law", r"api\.balance\.shape has no law in kimi_conformance/judge/api"),
    ],
)
def test_a_registry_with_a_hole_is_no_plan(monkeypatch: pytest.MonkeyPatch, gone: str, what: str) -> None:
    rules, sentences = dict(plan_module.requirements("api")), load_sentences(api_suites())
    if gone == "law":
        monkeypatch.delitem(LAWS, "api.balance.shape")
    del {"requirements": rules, "cases": sentences, "law": {"api.balance.shape": None}}[gone]["api.balance.shape"]
    monkeypatch.setattr(plan_module, "requirements", lambda _: rules)
    monkeypatch.setattr(plan_module, "load_sentences", lambda _: sentences)
    with pytest.raises(ContractError, match=what):
        make_plan(LAST_DAY)
