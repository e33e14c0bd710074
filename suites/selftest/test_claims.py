"""Claims about the API: each has a verdict, and names the requirement that shows it."""

from __future__ import annotations

from typing import Any, Final, get_args

import pytest
from pydantic import ValidationError

from kimi_conformance.contract.claims import Claim, Claims
from kimi_conformance.registry.contracts import claims, requirements

CLAIMS: Final = claims().claims
RULES: Final = {**requirements("api"), **requirements("router")}

CLAIM = {
    "id": "temperature-direct",
    "source": "hub",
    "says": "A temperature of 0.6 is right on the OpenAI face.",
    "verdict": "outdated",
    "requirement": "api.sampling.temperature-0.6-without-thinking",
    "resolution": "Only kimi-k2.6 with thinking disabled still takes it.",
}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({}, id="with-its-requirement"),
        pytest.param({"verdict": "unobservable", "requirement": None}, id="unobservable-without-one"),
    ],
)
def test_a_claim_has_a_verdict_and_what_shows_it(changed: dict[str, Any]) -> None:
    data = {"claims": [CLAIM | changed], "out_of_scope": [{"says": "The personas.", "why": "No wire shows them."}]}
    found = Claims.model_validate(data)
    assert found.claims[0].id == "temperature-direct"
    assert found.out_of_scope[0].why == "No wire shows them."


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param({"claims": [CLAIM | {"requirement": None}]}, "names the requirement", id="unchecked"),
        pytest.param({"claims": [CLAIM | {"requirement": "temperature"}]}, "pattern", id="no-requirement-id"),
        pytest.param({"claims": [CLAIM | {"verdict": "true"}]}, "'confirmed'", id="unknown-verdict"),
        pytest.param({"claims": [CLAIM | {"source": "forum"}]}, "'hub' or 'post'", id="unknown-source"),
        pytest.param({"claims": [CLAIM | {"id": "No Slug"}]}, "pattern", id="no-slug"),
        pytest.param({"claims": [CLAIM | {"quote": "…"}]}, "Extra inputs", id="unknown-key"),
        pytest.param({"claims": [CLAIM | {"resolution": ""}]}, "at least 10", id="no-resolution"),
        pytest.param({"claims": [CLAIM, CLAIM]}, "more than one claim is called temperature-direct", id="twice"),
        pytest.param({"claims": []}, "at least 1", id="none"),
        pytest.param({"claims": [CLAIM], "out_of_scope": [{"says": "The personas."}]}, "Field required", id="no-why"),
    ],
)
def test_a_claim_that_is_not_whole_is_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Claims.model_validate(data)


def test_both_seeds_are_covered() -> None:
    assert len(CLAIMS) >= 45
    assert {claim.source for claim in CLAIMS} == {"hub", "post"}


def test_every_verdict_is_used() -> None:
    assert {claim.verdict for claim in CLAIMS} == set(get_args(Claim.model_fields["verdict"].annotation))


def test_ids_of_claims_are_unique_and_say_their_source() -> None:
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)
    assert [claim.id for claim in CLAIMS if not claim.id.startswith(f"{claim.source}-")] == []


def test_every_requirement_that_a_claim_names_exists() -> None:
    assert {claim.requirement for claim in CLAIMS if claim.requirement} - set(RULES) == set()


def test_only_an_unobservable_claim_leans_on_a_requirement_that_nobody_checks() -> None:
    unchecked = [claim for claim in CLAIMS if claim.requirement and RULES[claim.requirement].excluded]
    assert {claim.verdict for claim in unchecked} == {"unobservable"}
