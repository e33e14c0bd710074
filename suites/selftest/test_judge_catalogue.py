"""The judge on registered models and the catalogue: which live where, and which are missing."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest

from kimi_conformance.contract.verdict import Finding, Verdict
from suites.selftest.plays import SECTIONS, ask, findings, profile, trip

SERVED: Final = "router.gate.registered-models-are-served"
LIVE: Final = "router.gate.live-kimi-models-registered"


def catalogued(model: str, route: str, **sections: Any) -> dict[str, Any]:
    """A profile that registers `model` on `route`."""
    return {"of": profile(policy={"models": {model: route}}, **sections)}


CODE_KEYS: Final = {**SECTIONS["upstreams"], "gateway": {"speaks": "portkey", "virtual_keys": {"vk-kimi": "kimi-code"}}}
CODE_HOST: Final = {**SECTIONS["upstreams"], "gateway": {"speaks": "kimi", "live": "https://api.kimi.com/coding"}}
NOV_1: Final = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("model", "sections", "on", "state"),
    [
        pytest.param("kimi-k3", {}, NOV_1, None, id="live"),
        pytest.param("kimi-k2.6", {}, date(2026, 10, 31), None, id="61-days-before-its-end"),
        pytest.param("kimi-k2.6", {}, NOV_1, "ending", id="60-days-before-its-end"),
        pytest.param("kimi-k2.6", {}, date(2027, 1, 1), "retired", id="after-its-end"),
        pytest.param("kimi-k2-thinking", {}, NOV_1, "retired", id="retired"),
        pytest.param("kimi-k2-turbo", {}, NOV_1, "never", id="never-was"),
        pytest.param("kimi-k3", {}, date(2026, 7, 1), "not-yet", id="not-yet"),
        pytest.param("kimi-for-coding", {}, NOV_1, "other-host", id="on-the-platform"),
        pytest.param("kimi-for-coding", {"upstreams": CODE_KEYS}, NOV_1, None, id="behind-its-virtual-key"),
        pytest.param("kimi-for-coding", {"upstreams": CODE_HOST}, NOV_1, None, id="on-its-host"),
        pytest.param("nobodys-model", {}, NOV_1, None, id="not-in-the-catalogue"),
    ],
)
def test_a_registered_model_should_be_alive_where_its_route_leads(
    model: str, sections: dict[str, Any], on: date, state: str | None
) -> None:
    found = findings(SERVED, trip(ask(model)), on=on, **catalogued(model, "kimi", **sections))
    expected = f"live on platform on {on}"
    warned = Finding(
        SERVED, Verdict.WARN, expected, str(state), "profile /policy/models", f"{model} is registered: {state}"
    )
    assert found == ((warned,) if state else ())


@pytest.mark.parametrize("speaks", ["openai", "anthropic"])
def test_kimis_calendar_says_nothing_of_a_model_at_somebody_elses(speaks: str) -> None:
    elsewhere = {**SECTIONS["upstreams"], "moonshot": {"speaks": speaks}}
    message = "the route of kimi-k2-thinking does not lead to Kimi itself: its calendar is not known here"
    found = findings(
        SERVED, trip(ask("kimi-k2-thinking")), **catalogued("kimi-k2-thinking", "direct", upstreams=elsewhere)
    )
    assert found == (
        Finding(SERVED, Verdict.NOT_OBSERVED, "a route to Kimi", "direct", "profile /policy/models", message),
    )


@pytest.mark.parametrize(("provider", "word"), [("kimi", "warn"), ("moonshot", "warn"), ("openrouter", "not-observed")])
def test_a_virtual_key_leads_to_kimi_or_elsewhere(provider: str, word: str) -> None:
    keys = {**SECTIONS["upstreams"], "gateway": {"speaks": "portkey", "virtual_keys": {"vk-kimi": provider}}}
    [found] = findings(SERVED, trip(ask("kimi-k2-turbo")), **catalogued("kimi-k2-turbo", "kimi", upstreams=keys))
    assert found.verdict.value == word


def test_an_upstream_that_speaks_kimi_is_kimi() -> None:
    [found] = findings(SERVED, trip(ask("kimi-k2-turbo")), **catalogued("kimi-k2-turbo", "direct"))
    assert (found.verdict, found.actual) == (Verdict.WARN, "never")


def test_every_registered_model_is_looked_up() -> None:
    of = profile(policy={"models": {"nobodys-model": "kimi", "kimi-k2-turbo": "kimi"}})
    found = findings(SERVED, trip(ask("nobodys-model")), trip(ask("kimi-k3")), trip(ask("kimi-k2-turbo")), of=of)
    assert [one.actual for one in found] == ["never"]


def test_a_model_that_goes_nowhere_is_no_matter_of_the_catalogue() -> None:
    closed = profile(policy={"models": {"kimi-k3": "kimi"}})
    assert findings(SERVED, trip(ask("kimi-k2-turbo")), of=closed) == ()


def test_a_model_that_clients_call_otherwise_is_found_in_the_catalogue() -> None:
    renamed = profile(policy={"models": {"kimi-k2-turbo": "kimi"}}, sends={"kimi-k2-turbo": "fast"})
    [found] = findings(SERVED, trip(ask("fast")), of=renamed)
    assert found.message == "kimi-k2-turbo is registered: never"


@pytest.mark.parametrize("model", ["kimi-k3.1-pro-highspeed", "kimi-k9", "Kimi-K3"])
def test_a_live_model_that_is_not_registered_is_a_warning(model: str) -> None:
    message = f"{model} is live, and not registered"
    assert findings(LIVE, trip(ask(model))) == (
        Finding(LIVE, Verdict.WARN, "an entry in models or a prefix", "none", "profile /policy/models", message),
    )


@pytest.mark.parametrize("model", ["kimi-k3", "moonshot/kimi-k3.1-pro-highspeed"])
def test_a_live_model_may_be_registered_by_its_name_or_by_a_prefix(model: str) -> None:
    assert findings(LIVE, trip(ask(model))) == ()
