"""contracts/drift.yaml speaks of places, words and requirements that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from kimi_conformance.api.answers import shelved
from kimi_conformance.contract.drift_rules import DriftRules
from kimi_conformance.contract.schema_keywords import branch, resolved
from kimi_conformance.judge.drift.compare import surveyed
from kimi_conformance.judge.drift.listings import LISTS
from kimi_conformance.judge.drift.members import survey
from kimi_conformance.registry.contracts import drift_rules, requirements, wire_schemas
from kimi_conformance.registry.home import cassettes

if TYPE_CHECKING:
    from collections.abc import Mapping


def stands(document: Mapping[str, Any], place: str) -> bool:
    """Whether a schema has the place."""
    node: Any = document
    for step in place.replace("<", "/<").split("/"):
        node = resolved(document, node)
        if step.startswith("<"):
            node = branch(document, node["oneOf"], {"type": step[1:-1]})
        elif step == "[]":
            node = node.get("items")
        elif step:
            node = node.get("properties", {}).get(step)
        if node is None:
            return False
    return True


@pytest.mark.parametrize("shape", sorted(drift_rules().varies))
def test_what_varies_is_a_place_of_its_schema(shape: Any) -> None:
    if shape == "responses":  # no schema is pinned: what is on tape has them
        bodies = [one.answer.sight for _, found in shelved(cassettes()) for one in found if not isinstance(found, str)]
        seen = survey([sight.body for sight in bodies if surveyed(sight) == shape], None, drift_rules()).places
        assert set(drift_rules().varies[shape]) <= set(seen)
        return
    document = wire_schemas().documents[shape]
    assert [place for place in drift_rules().varies[shape] if not stands(document, place)] == []


def test_attributes_are_places_of_a_listed_model() -> None:
    documents = [wire_schemas().documents[shape] for shape in sorted(LISTS)]
    for place in drift_rules().attributes:
        assert any(stands(document, f"/data/[]{place}") for document in documents), place


def test_requirements_are_in_the_registry() -> None:
    named = {name for topics in drift_rules().requirements.values() for names in topics.values() for name in names}
    assert named
    assert named <= set(requirements("api"))


@pytest.mark.parametrize(
    "member",
    [
        pytest.param({"volatile": ["("]}, id="no regular expression"),
        pytest.param({"headers": {}}, id="no headers"),
        pytest.param({"varies": {"chat": {"/a": "model"}}}, id="no shape"),
        pytest.param({"varies": {"file": {"a": "model"}}}, id="no place"),
        pytest.param({"attributes": {"/a": "less"}}, id="no way to count"),
    ],
)
def test_a_mistake_in_the_rules_is_refused(member: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DriftRules.model_validate(drift_rules().model_dump(mode="json") | member)
