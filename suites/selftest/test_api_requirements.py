"""The requirements of the API name models by properties that the catalogue knows, and say whose they are."""

from __future__ import annotations

from typing import Final

import pytest

from kimi_conformance.contract.catalogue import PREDICATES
from kimi_conformance.registry.contracts import catalogue, requirements

RULES: Final = requirements("api")


def test_every_requirement_is_of_the_api() -> None:
    assert {rule.actor for rule in RULES.values()} == {"api"}


@pytest.mark.parametrize("name", sorted({rule.applies_to for rule in RULES.values() if rule.applies_to}))
def test_a_property_that_requirements_apply_to_is_had_by_a_model(name: str) -> None:
    assert any(PREDICATES[name](model) for model in catalogue().models.values())


def test_no_two_requirements_say_the_same() -> None:
    said = [(rule.area, rule.says) for rule in RULES.values()]
    assert len(set(said)) == len(said)


def test_no_requirement_needs_a_feature_of_a_router() -> None:
    assert {rule.needs for rule in RULES.values()} == {()}
