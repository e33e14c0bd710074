"""Requirements, laws, cases, calls and cassettes of the API fit together without a gap."""

from __future__ import annotations

from typing import Final

import pytest

from kimi_conformance.api.plan import make_plan
from kimi_conformance.api.replay import Replay
from kimi_conformance.api.seen import Seen
from kimi_conformance.cassette.shelf import names, newest_day
from kimi_conformance.judge.api.comparison import COMPARISONS
from kimi_conformance.judge.api.judging import accepted
from kimi_conformance.judge.api.law import LAWS
from kimi_conformance.registry.contracts import calls
from kimi_conformance.registry.home import api_suites
from kimi_conformance.sentences import load_sentences

PLAN: Final = make_plan(newest_day())
CHECKED: Final = {name for name, rule in PLAN.requirements.items() if not rule.excluded}
USED: Final = {call.name: call for case in PLAN.cases.values() for call in case.all_calls}
PLAY: Final = Replay()


def test_every_requirement_has_a_law_or_a_comparison_and_not_both() -> None:
    assert set(LAWS) | set(COMPARISONS) == CHECKED
    assert set(LAWS) & set(COMPARISONS) == set()


def test_every_requirement_has_a_case_on_the_day_of_the_tapes() -> None:
    assert {case.requirement for case in PLAN.cases.values()} == CHECKED
    assert set(PLAN.idle) == set(PLAN.requirements) - CHECKED


def test_every_suite_is_about_a_requirement_that_is_checked() -> None:
    assert set(load_sentences(api_suites())) == CHECKED


def test_every_call_is_used_by_a_case() -> None:
    assert set(PLAN.calls) == set(USED)


def test_every_call_of_the_contract_is_one_of_the_day() -> None:
    templates = [name for name, spec in calls().calls.items() if spec.each]
    assert set(calls().calls) - set(templates) <= set(PLAN.calls)
    for template in templates:
        before, _, after = template.partition("{model}")
        assert any(name.startswith(before) and name.endswith(after) for name in PLAN.calls), template


def test_every_call_has_its_cassette_and_every_cassette_its_call() -> None:
    assert set(names()) == set(PLAN.calls)


def test_ids_of_cases_are_unique_and_of_their_requirement() -> None:
    assert all(case.id == name for name, case in PLAN.cases.items())
    assert all(case.id.split("@")[0] == case.requirement for case in PLAN.cases.values())


@pytest.mark.parametrize("name", sorted(PLAN.cases))
def test_every_case_rests_on_something_that_was_accepted(name: str) -> None:
    seen = [PLAY(call) for call in PLAN.cases[name].all_calls]
    assert any(isinstance(one, Seen) and accepted(one.sight, PLAN.contract) for one in seen)
