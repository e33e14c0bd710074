"""The registry of routing requirements is closed: each has a check and cases, and nothing else has."""

from __future__ import annotations

from typing import Final, get_args

import pytest

from kimi_conformance.contract.features import Feature, features
from kimi_conformance.judge import CHECKS
from kimi_conformance.registry.contracts import requirements
from kimi_conformance.registry.home import routing_suites
from kimi_conformance.registry.profiles import bundled_profiles, load_profile
from kimi_conformance.sentences import load_sentences

RULES: Final = requirements("router")
HAD: Final = [features(load_profile(name).profile) for name in bundled_profiles()]
CHECKED: Final = {name for name, rule in RULES.items() if rule.excluded is None}


def test_every_requirement_has_a_check_or_is_excluded() -> None:
    assert CHECKED - set(CHECKS) == set()


def test_every_requirement_has_cases_or_is_excluded() -> None:
    assert CHECKED - set(load_sentences(routing_suites())) == set()


def test_every_check_has_a_requirement() -> None:
    assert {name for name in CHECKS if name.startswith("router.")} - CHECKED == set()


def test_every_sentence_has_a_requirement() -> None:
    assert set(load_sentences(routing_suites())) - CHECKED == set()


def test_the_areas_are_those_of_the_main_job() -> None:
    assert {"gate", "request", "models", "response", "stream"} <= {rule.area for rule in RULES.values()}
    assert {rule.actor for rule in RULES.values()} == {"router"}


@pytest.mark.parametrize("feature", get_args(Feature))
def test_every_feature_is_had_by_a_bundled_profile(feature: Feature) -> None:
    assert any(feature in has for has in HAD)


@pytest.mark.parametrize("name", RULES)
def test_every_requirement_can_be_judged_of_a_bundled_profile(name: str) -> None:
    assert any(has.issuperset(RULES[name].needs) for has in HAD)


def test_former_names_are_nobodys_now() -> None:
    former = [old for rule in RULES.values() for old in rule.was]
    assert not set(former) & set(RULES)
    assert len(former) == len(set(former))
