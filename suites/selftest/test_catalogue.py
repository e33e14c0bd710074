"""The model catalogue against tables written by hand from the published facts: ids, frozen days, prices."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import jsonschema
import pytest
from pydantic import ValidationError

from kimi_conformance.contract.catalogue import Catalogue, live, state
from suites.selftest.catalogue_rows import CODING, K2, K2_THINKING, K3, K27, V1, V1_VISION, catalogue, found, written

if TYPE_CHECKING:
    from kimi_conformance.contract.catalogue import Host

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
