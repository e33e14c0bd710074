"""What models allow, against tables written by hand: temperature, effort, the choice of tools, abilities."""

from __future__ import annotations

import pytest

from kimi_conformance.contract.catalogue import PREDICATES, fixed_temperature, has_fixed_temperature
from kimi_conformance.contract.model_rules import TemperatureRange
from suites.selftest.catalogue_rows import CODING, K2, K2_THINKING, K3, K27, V1, V1_VISION, catalogue, found


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
