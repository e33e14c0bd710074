"""The model catalogue against tables written by hand from the published facts, and its questions on frozen days."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from kimi_conformance.contract.catalogue import (
    PREDICATES,
    Catalogue,
    Model,
    TemperatureRange,
    fixed_temperature,
    has_fixed_temperature,
    live,
    state,
)
from kimi_conformance.contract.claims import Claims

if TYPE_CHECKING:
    from kimi_conformance.contract.catalogue import Host

MODELS = Path(__file__).parents[2] / "contracts" / "models.yaml"


@cache
def written() -> Any:
    return yaml.safe_load(MODELS.read_text(encoding="utf-8"))


@cache
def catalogue() -> Catalogue:
    return Catalogue.model_validate(written())


def found(model: str) -> Model:
    row = catalogue().find(model)
    assert row is not None, f"{model} has no row"
    return row


K3 = {"kimi-k3", "kimi-k3.1-pro", "kimi-k3.1-pro-highspeed"}
K27 = {"kimi-k2.7-code", "kimi-k2.7-code-highspeed"}
K2 = {"kimi-k2-0905-preview", "kimi-k2-0711-preview", "kimi-k2-turbo-preview"}
K2_THINKING = {"kimi-k2-thinking", "kimi-k2-thinking-turbo"}
V1 = {"moonshot-v1-8k", "moonshot-v1-32k", "moonshot-v1-128k", "moonshot-v1-auto"}
V1_VISION = {"moonshot-v1-8k-vision-preview", "moonshot-v1-32k-vision-preview", "moonshot-v1-128k-vision-preview"}
CODING = {"kimi-for-coding", "kimi-for-coding-highspeed", "k3", "k3-256k", "k3.1-pro"}

HUB = {
    "kimi-k2.6",
    "kimi-k2-turbo",
    "kimi-k2-thinking",
    "kimi-k2-thinking-turbo",
    "kimi-k2-0905-preview",
    "kimi-for-coding",
}
FACTS = K3 | K27 | K2 | K2_THINKING | V1 | V1_VISION | CODING | {"kimi-k2.5", "kimi-latest", "kimi-thinking-preview"}


@pytest.mark.parametrize("model", sorted(HUB | FACTS))
def test_every_id_of_seeds_and_facts_has_a_row(model: str) -> None:
    assert found(model).id == model


def test_no_row_is_about_an_id_that_nobody_named() -> None:
    assert set(catalogue().models) == HUB | FACTS


@pytest.mark.parametrize("name", ["moonshot/kimi-k2.6", "KIMI-K2.6", " kimi-k2.6", "kimi-k2", "constructor", ""])
def test_only_the_exact_id_is_found(name: str) -> None:
    assert catalogue().find(name) is None


@pytest.mark.parametrize(
    ("model", "host", "on", "expected"),
    [
        pytest.param("kimi-k3", "platform", "2026-07-15", "not-yet", id="the-day-before-the-launch"),
        pytest.param("kimi-k3", "platform", "2026-07-16", "live", id="on-launch-day"),
        pytest.param("kimi-k3", "coding", "2026-11-22", "other-host", id="under-its-platform-name-on-coding"),
        pytest.param("k3", "platform", "2026-11-22", "other-host", id="under-its-coding-name-on-the-platform"),
        pytest.param("kimi-for-coding", "platform", "2026-05-03", "other-host", id="hub-alias-on-the-platform"),
        pytest.param("kimi-for-coding", "coding", "2026-05-03", "live", id="hub-alias-at-home"),
        pytest.param("kimi-k2.5", "platform", "2026-08-30", "live", id="the-day-before-retirement"),
        pytest.param("kimi-k2.5", "platform", "2026-08-31", "retired", id="on-retirement-day"),
        pytest.param("kimi-k2.5", "platform", "2026-09-01", "retired", id="the-day-after-retirement"),
        pytest.param("kimi-k2.5", "coding", "2026-09-01", "other-host", id="retired-elsewhere"),
        pytest.param("kimi-k2-thinking", "platform", "2026-05-24", "live", id="k2-series-on-its-last-day"),
        pytest.param("kimi-k2-thinking", "platform", "2026-05-25", "retired", id="k2-series-retired"),
        pytest.param("kimi-thinking-preview", "platform", "2025-11-10", "live", id="thinking-preview-on-its-last-day"),
        pytest.param("kimi-thinking-preview", "platform", "2025-11-11", "retired", id="thinking-preview-taken-down"),
        pytest.param("kimi-k2.6", "platform", "2026-10-31", "live", id="61-days-before-the-end"),
        pytest.param("kimi-k2.6", "platform", "2026-11-01", "ending", id="60-days-before-the-end"),
        pytest.param("kimi-k2.6", "platform", "2026-12-31", "ending", id="on-the-last-day"),
        pytest.param("kimi-k2.6", "platform", "2027-01-01", "retired", id="the-day-after-the-last"),
        pytest.param("kimi-k2.7-code", "platform", "2027-01-01", "retired", id="k2.7-goes-with-the-series"),
        pytest.param("kimi-k2-turbo", "platform", "2025-12-01", "never", id="never-an-id"),
        pytest.param("kimi-k2-turbo", "coding", "2026-11-22", "never", id="never-an-id-anywhere"),
    ],
)
def test_the_state_of_a_model_on_a_day(model: str, host: Host, on: str, expected: str) -> None:
    assert state(found(model), host, date.fromisoformat(on)) == expected


@pytest.mark.parametrize(
    ("host", "on", "expected"),
    [
        # GET /v1/models, verbatim, 2026-09-03 (lm15-dev/lm15-contract): exactly four.
        pytest.param("platform", "2026-09-03", {"kimi-k3", "kimi-k2.6"} | K27, id="platform-in-september"),
        # "12 models in July 2026" (Bike4Mind#1089).
        pytest.param(
            "platform",
            "2026-07-20",
            {"kimi-k3", "kimi-k2.6", "kimi-k2.5"} | K27 | V1 | V1_VISION,
            id="platform-in-july",
        ),
        # GET /coding/v1/models, 2026-08-06 (repowise-dev/repowise#1323): exactly four.
        pytest.param("coding", "2026-08-06", CODING - {"k3.1-pro"}, id="coding-in-august"),
        pytest.param("platform", "2026-11-22", K3 | K27 | {"kimi-k2.6"}, id="platform-in-november"),
        pytest.param("platform", "2027-01-01", K3, id="platform-in-2027"),
    ],
)
def test_the_models_that_a_host_serves_are_those_that_it_listed(host: Host, on: str, expected: set[str]) -> None:
    assert {model.id for model in live(catalogue(), host, date.fromisoformat(on))} == expected


def test_what_is_live_keeps_the_order_of_the_file() -> None:
    served = [model.id for model in live(catalogue(), "platform", date(2026, 11, 22))]
    assert served == [model for model in catalogue().models if model in served]


@pytest.mark.parametrize(
    ("models", "thinking", "otherwise"),
    [
        pytest.param(K3 | K27 | CODING, 1.0, 1.0, id="always-1"),
        pytest.param({"kimi-k2.6", "kimi-k2.5"}, 1.0, 0.6, id="by-thinking"),
        pytest.param(K2 | K2_THINKING | V1 | V1_VISION, None, None, id="free"),
        pytest.param({"kimi-latest", "kimi-thinking-preview", "kimi-k2-turbo"}, None, None, id="unknown"),
    ],
)
def test_the_only_temperature_that_is_allowed(
    models: set[str], thinking: float | None, otherwise: float | None
) -> None:
    assert {fixed_temperature(found(model), thinking=True) for model in models} == {thinking}
    assert {fixed_temperature(found(model), thinking=False) for model in models} == {otherwise}
    assert {has_fixed_temperature(catalogue(), model) for model in models} == {thinking is not None}


def test_an_unknown_id_has_no_fixed_temperature() -> None:
    assert has_fixed_temperature(catalogue(), "moonshot/kimi-k3") is False


def test_where_the_temperature_is_fixed_the_other_sampling_parameters_are_too() -> None:
    for model in catalogue().models.values():
        if fixed := model.sampling if has_fixed_temperature(catalogue(), model.id) else None:
            assert (fixed.top_p, fixed.n, fixed.presence_penalty, fixed.frequency_penalty) == (0.95, 1, 0, 0), model.id


@pytest.mark.parametrize(
    ("models", "default"),
    [
        pytest.param(K2, 0.6, id="k2"),
        pytest.param(K2_THINKING, 1.0, id="k2-thinking"),
        pytest.param(V1 | V1_VISION, 0.0, id="moonshot-v1"),
    ],
)
def test_retired_models_took_any_temperature_from_0_to_1(models: set[str], default: float) -> None:
    for model in models:
        sampling = found(model).sampling
        assert sampling is not None
        assert sampling.temperature_range == TemperatureRange(low=0, high=1, default=default), model


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        ("fixed-temperature", K3 | K27 | CODING | {"kimi-k2.6", "kimi-k2.5"}),
        ("temperature-by-thinking", {"kimi-k2.6", "kimi-k2.5"}),
        ("free-sampling", K2 | K2_THINKING | V1 | V1_VISION),
        ("thinking", K3 | K27 | K2_THINKING | CODING | {"kimi-k2.6", "kimi-k2.5", "kimi-thinking-preview"}),
        ("thinking-can-be-disabled", {"kimi-k3", "kimi-k2.6", "kimi-k2.5"}),
        ("thinking-cannot-be-disabled", K27 | {"k3.1-pro"}),
        ("reasoning-effort", K3 | CODING - {"kimi-for-coding-highspeed"}),
        ("required-tool-while-thinking", K3),
        ("no-required-tool-while-thinking", K27 | {"kimi-k2.6", "kimi-k2.5"}),
        ("image-in", K3 | K27 | V1_VISION | CODING - {"k3", "k3.1-pro"} | {"kimi-k2.6", "kimi-k2.5"}),
        ("video-in", K27 | {"kimi-k3", "kimi-k2.6", "kimi-for-coding", "kimi-for-coding-highspeed"}),
        ("dynamic-tools", {"kimi-k3", "kimi-for-coding", "k3-256k"}),
    ],
)
def test_a_predicate_holds_of_exactly_these_models(predicate: str, expected: set[str]) -> None:
    assert {model.id for model in catalogue().models.values() if PREDICATES[predicate](model)} == expected


@pytest.mark.parametrize(
    ("models", "default"),
    [
        pytest.param(K3 | {"kimi-for-coding", "k3.1-pro"}, "max", id="max"),
        pytest.param({"k3", "k3-256k"}, "high", id="high-in-kimi-code"),
    ],
)
def test_effort_is_low_high_or_max(models: set[str], default: str) -> None:
    for model in models:
        thinking = found(model).thinking
        assert thinking is not None
        assert thinking.effort is not None, model
        assert (thinking.effort.values, thinking.effort.default) == (("low", "high", "max"), default), model


def test_a_named_function_is_refused_while_thinking_and_accepted_otherwise() -> None:
    for model in catalogue().models.values():
        if choice := model.tool_choice:
            assert "named" not in choice.thinking, model.id
            assert choice.otherwise is None or "named" in choice.otherwise, model.id


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("kimi-k3.1-pro", (0.20, 2, 10)),
        ("kimi-k3.1-pro-highspeed", (0.20, 4, 20)),
        ("kimi-k3", (0.30, 3, 15)),
        ("kimi-k2.7-code", (0.19, 0.95, 4)),
        ("kimi-k2.7-code-highspeed", (0.38, 1.90, 8)),
        ("kimi-k2.6", (0.16, 0.95, 4)),
    ],
)
def test_the_price_of_a_model(model: str, price: tuple[float, float, float]) -> None:
    row = found(model).price
    assert row is not None
    assert (row.hit, row.miss, row.out) == price


def test_every_model_that_the_platform_serves_has_a_price_and_a_context() -> None:
    for model in live(catalogue(), "platform", date(2026, 11, 22)):
        assert model.price, model.id
        assert model.context in {262_144, 1_048_576}, model.id


def test_a_plan_has_no_price_per_token() -> None:
    assert all(model.price is None for model in catalogue().models.values() if "coding" in model.hosts)


def test_the_schema_for_editors_accepts_the_file() -> None:
    as_json = json.loads(json.dumps(written(), default=date.isoformat))
    jsonschema.validate(as_json, Catalogue.model_json_schema(), format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("name", ["family", "familiy"])
def test_a_model_cannot_be_changed(name: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(found("kimi-k3"), name, "k4")


EVIDENCE = [{"kind": "observed", "source": "a test", "date": "2026-01-01"}]
SMALL: dict[str, Any] = {
    "sampling": {"fixed": {"temperature": {"thinking": 1, "otherwise": 1}}},
    "thinking": {},
    "tool_choice": {},
    "models": {"kimi-a": {"family": "a", "hosts": ["platform"], "sampling": "fixed", "evidence": EVIDENCE}},
}


def small(**members: Any) -> dict[str, Any]:
    """SMALL with a second model, kimi-b, that has `members` (None: without that member)."""
    row = {"family": "b", "hosts": ["platform"], "evidence": EVIDENCE} | members
    row = {key: value for key, value in row.items() if value is not None}
    return {**SMALL, "models": {**SMALL["models"], "kimi-b": row}}


def test_the_small_example_is_sound() -> None:
    assert Catalogue.model_validate(small()).find("kimi-b") is not None


@pytest.mark.parametrize(
    ("data", "where", "message"),
    [
        pytest.param(small(contxt=1), "models.kimi-b.contxt", "Extra inputs", id="unknown-key"),
        pytest.param({**SMALL, "prices": {}}, "prices", "Extra inputs", id="unknown-section"),
        pytest.param(small(hosts=["moon"]), "models.kimi-b.hosts.0", "'platform' or 'coding'", id="unknown-host"),
        pytest.param(small(hosts=None), "models.kimi-b", "answers on some host", id="no-host"),
        pytest.param(small(evidence=[]), "models.kimi-b.evidence", "at least 1", id="no-evidence"),
        pytest.param(small(sampling="fxed"), "models.kimi-b.sampling", "no such policy: 'fxed'", id="unknown-policy"),
        pytest.param(small(id="kimi-c"), "models", "the id of 'kimi-b' is its key", id="another-id"),
        pytest.param(
            {**SMALL, "models": {"Kimi A": SMALL["models"]["kimi-a"]}}, "models.Kimi A.[key]", "pattern", id="no-id"
        ),
        pytest.param(
            small(lifecycle={"since": "2026-05-02", "retired": "2026-05-01"}),
            "models.kimi-b.lifecycle",
            "retired before it was there",
            id="retired-before-since",
        ),
        pytest.param(
            small(lifecycle={"since": "2026-05-02", "ends": "2026-05-01"}),
            "models.kimi-b.lifecycle",
            "ends before it was there",
            id="ends-before-since",
        ),
        pytest.param(
            small(lifecycle={"retired": "2026-05-02", "ends": "2026-05-01"}),
            "models.kimi-b.lifecycle",
            "only one of them",
            id="retired-and-ends",
        ),
        pytest.param(small(lifecycle={"ends": "December"}), "models.kimi-b.lifecycle.ends", "date", id="no-date"),
        pytest.param(
            small(lifecycle={"never": True, "meant": "kimi-a"}), "models.kimi-b", "has no hosts", id="never-with-hosts"
        ),
        pytest.param(
            small(hosts=None, lifecycle={"never": True, "meant": "kimi-a"}, context=1),
            "models.kimi-b",
            "has no context",
            id="never-with-context",
        ),
        pytest.param(
            small(hosts=None, lifecycle={"never": True, "meant": "kimi-a"}, sampling="fixed"),
            "models.kimi-b",
            "has no sampling",
            id="never-with-a-policy",
        ),
        pytest.param(
            small(hosts=None, lifecycle={"never": True}), "models.kimi-b.lifecycle", "come together", id="never-alone"
        ),
        pytest.param(
            small(lifecycle={"meant": "kimi-a"}), "models.kimi-b.lifecycle", "come together", id="meant-without-never"
        ),
        pytest.param(
            small(hosts=None, lifecycle={"never": True, "meant": "kimi-a", "since": "2026-05-01"}),
            "models.kimi-b.lifecycle",
            "has no dates",
            id="never-since",
        ),
        pytest.param(
            small(hosts=None, lifecycle={"never": True, "meant": "kimi-c"}), "", "which is no model", id="meant-nobody"
        ),
        pytest.param(
            small(hosts=None, lifecycle={"never": True, "meant": "kimi-b"}), "", "which is no model", id="meant-itself"
        ),
        pytest.param(
            small(price={"hit": 3, "miss": 2, "out": 10}), "models.kimi-b.price", "hit <= miss", id="dear-hit"
        ),
        pytest.param(
            small(price={"hit": 0, "miss": 2, "out": 10}), "models.kimi-b.price.hit", "greater than 0", id="free-hit"
        ),
        pytest.param(
            {**SMALL, "thinking": {"idle": {}}}, "", "no model has the thinking policy idle", id="idle-policy"
        ),
        pytest.param(
            {**SMALL, "sampling": {"fixed": {"temperature_range": {"low": 1, "high": 0, "default": 1}}}},
            "sampling.fixed.temperature_range",
            "low <= default <= high",
            id="empty-range",
        ),
        pytest.param(
            {**SMALL, "thinking": {"t": {"effort": {"values": ["low"], "default": "max"}}}},
            "thinking.t.effort",
            "'max' is none of the values",
            id="default-effort-is-no-value",
        ),
        pytest.param(
            {**SMALL, "tool_choice": {"t": {"thinking": ["any"]}}},
            "tool_choice.t.thinking.0",
            "'auto', 'none', 'required' or 'named'",
            id="unknown-tool-choice",
        ),
    ],
)
def test_a_mistake_in_the_file_is_refused_where_it_stands(data: dict[str, Any], where: str, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Catalogue.model_validate(data)
    errors = {".".join(map(str, error["loc"])): error["msg"] for error in refused.value.errors()}
    assert message in errors.get(where, ""), errors


def test_a_faulty_policy_is_reported_once_and_not_again_for_each_model_that_has_it() -> None:
    with pytest.raises(ValidationError) as refused:
        Catalogue.model_validate({**SMALL, "sampling": {"fixed": {}}})
    assert [error["loc"] for error in refused.value.errors()] == [("sampling", "fixed")]
    assert "exactly one of 'temperature' and 'temperature_range'" in refused.value.errors()[0]["msg"]


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
    claims = Claims.model_validate(data)
    assert claims.claims[0].id == "temperature-direct"
    assert claims.out_of_scope[0].why == "No wire shows them."


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
