"""The oracle where a profile says more than the table: no default, odd models, other names at clients and upstreams."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.trip import ABSENT, Ask, Named
from kimi_conformance.oracle import Refused, Routed, World, expect, is_registered, meant, own_name, sent_name
from kimi_conformance.registry.contracts import catalogue
from suites.selftest.plays import TODAY, ask, profile

POLICY: Final = {"plan_agents": {"dispo": "plan"}, "models": {"kimi-k2.6": "kimi"}}
OPEN: Final = profile(policy=POLICY | {"default": "default", "non_string_model": "forward"})
CLOSED: Final = profile(policy=POLICY)
CLOSED_BUT_ODD: Final = profile(policy=POLICY | {"non_string_model": "forward"})
STRICT: Final = profile(policy=POLICY | {"default": "default"})

ODD = [
    pytest.param(value, id=slug)
    for slug, value in (
        ("integer", 3),
        ("zero", 0),
        ("negative", -1),
        ("fraction", 2.6),
        ("true", True),
        ("false", False),
        ("list", ["kimi-k2.6"]),
        ("list-of-claude", ["claude-sonnet-4-5"]),
        ("empty-list", []),
        ("object", {"id": "kimi-k2.6"}),
        ("empty-object", {}),
        ("object-that-plays-a-string", {"toLowerCase": "claude", "startsWith": True, "length": 6}),
        ("nested", {"model": [["claude"]]}),
    )
]
AGENTS = [pytest.param(ABSENT, id="nobody"), pytest.param("dispo", id="plan-agent")]
MISSING = [pytest.param(ABSENT, id="absent"), pytest.param(None, id="null"), pytest.param("", id="empty")]


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("model", ODD)
def test_a_model_that_is_no_string_is_refused_unless_the_profile_forwards_it(agent: Any, model: Any) -> None:
    for table in (STRICT, CLOSED):
        assert expect(table, agent, model) == Refused("a model that is not a string")
    assert expect(OPEN, agent, model) == Routed("default", "default", model)
    refused = Refused("a model that is not a string, and the policy has no default")
    assert expect(CLOSED_BUT_ODD, agent, model) == refused


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("model", MISSING)
def test_without_a_default_a_missing_model_is_refused(agent: Any, model: Any) -> None:
    refused = Refused("a request that names no model, and the policy has no default")
    assert expect(CLOSED, agent, model) == refused


@pytest.mark.parametrize(
    ("agent", "model"),
    [
        pytest.param(ABSENT, "kimi-k9", id="unregistered"),
        pytest.param("dispo", "kimi-k9", id="unregistered-by-a-plan-agent"),
        pytest.param(ABSENT, "Kimi-K2.6", id="registered-in-another-case"),
        pytest.param(ABSENT, "claude-sonnet-4-5", id="claude-without-a-plan"),
        pytest.param("dispo", " claude-sonnet-4-5", id="nearly-claude"),
        pytest.param("dispo", "constructor", id="built-in-name"),
    ],
)
def test_without_a_default_an_unregistered_model_is_refused(agent: Any, model: str) -> None:
    refused = Refused("a model that is not registered, and the policy has no default")
    assert expect(CLOSED, agent, model) == refused


def test_without_a_default_what_is_registered_is_served_all_the_same() -> None:
    assert expect(CLOSED, "dispo", "claude-sonnet-4-5") == Routed("plan", "max", "claude-sonnet-4-5")
    assert expect(CLOSED, ABSENT, "kimi-k2.6") == Routed("kimi", "specialty", "kimi-k2.6")


RENAMED: Final = profile(
    policy={
        "plan_agents": {"dispo": "plan"},
        "models": {"kimi-k2.6": "kimi", "kimi-k3": "kimi", "claude-opus": "direct"},
        "prefixes": {"moonshot/": {"route": "direct", "strip": True}, "vendor/": {"route": "kimi"}},
        "default": "default",
    },
    sends={"kimi-k2.6": "moonshot/kimi-k2.6", "claude-opus": "anthropic/claude-opus"},
    rewrites={"kimi-k3": "moonshotai/kimi-k3", "vendor/x": "y", "moonshot/y": "z", "claude-haiku": "claude-haiku-4"},
)


@pytest.mark.parametrize(
    ("agent", "model", "expected"),
    [
        pytest.param(
            ABSENT, "moonshot/kimi-k2.6", Routed("kimi", "specialty", "kimi-k2.6"), id="the-name-clients-send"
        ),
        pytest.param(ABSENT, "moonshot/other", Routed("direct", None, "other"), id="its-prefix-on-another-model"),
        pytest.param(ABSENT, "Moonshot/kimi-k2.6", Routed("default", "default", "Moonshot/kimi-k2.6"), id="its-case"),
        pytest.param(
            "dispo", "anthropic/claude-opus", Routed("direct", None, "claude-opus"), id="claude-as-sent-is-none"
        ),
        pytest.param("dispo", "claude-opus", Routed("plan", "max", "claude-opus"), id="claude-as-sent-is-one"),
        pytest.param(ABSENT, "kimi-k3", Routed("kimi", "specialty", "moonshotai/kimi-k3"), id="rewritten"),
        pytest.param(ABSENT, "vendor/x", Routed("kimi", "specialty", "y"), id="rewritten-behind-a-prefix"),
        pytest.param(ABSENT, "moonshot/y", Routed("direct", None, "z"), id="rewritten-with-its-prefix"),
        pytest.param(ABSENT, "y", Routed("default", "default", "y"), id="rewritten-only-with-its-prefix"),
        pytest.param(
            ABSENT, "moonshot/kimi-k3", Routed("direct", None, "moonshotai/kimi-k3"), id="stripped-then-rewritten"
        ),
        pytest.param("dispo", "claude-haiku", Routed("plan", "max", "claude-haiku-4"), id="rewritten-on-the-plan"),
    ],
)
def test_clients_and_upstreams_may_know_a_model_by_other_names(agent: Any, model: str, expected: Routed) -> None:
    assert expect(RENAMED, agent, model) == expected


def test_a_missing_or_odd_model_is_never_rewritten() -> None:
    table = profile(
        policy={"models": {"": "kimi"}, "default": "default", "non_string_model": "forward"}, rewrites={"3": "x"}
    )
    assert expect(table, ABSENT, 3) == Routed("default", "default", 3)
    assert expect(table, ABSENT, ["3"]) == Routed("default", "default", ["3"])
    assert expect(table, ABSENT, ABSENT) == Routed("default", "default", ABSENT)
    assert expect(table, ABSENT, "") == Routed("default", "default", "")


@pytest.mark.parametrize(
    ("sent", "own", "stands_for", "registered"),
    [
        pytest.param("kimi-k3", "kimi-k3", "kimi-k3", True, id="its-own-name"),
        pytest.param("moonshot/kimi-k2.6", "kimi-k2.6", "kimi-k2.6", True, id="the-name-clients-send"),
        pytest.param("moonshot/kimi-k3", "moonshot/kimi-k3", "kimi-k3", True, id="behind-a-stripped-prefix"),
        pytest.param("vendor/kimi-k3", "vendor/kimi-k3", "vendor/kimi-k3", True, id="behind-a-kept-prefix"),
        pytest.param("moonshotai/kimi-k3", "moonshotai/kimi-k3", "moonshotai/kimi-k3", False, id="what-upstreams-see"),
        pytest.param("gpt-4o", "gpt-4o", "gpt-4o", False, id="nobodys"),
        pytest.param("Kimi-K3", "Kimi-K3", "Kimi-K3", False, id="in-another-case"),
    ],
)
def test_a_name_as_it_was_sent_stands_for_a_model(sent: str, own: str, stands_for: str, *, registered: bool) -> None:
    assert own_name(RENAMED, sent) == own
    assert meant(RENAMED, sent) == stands_for
    assert is_registered(RENAMED, sent) is registered


def test_what_a_prefix_leaves_is_meant_by_the_longest_one_that_is_stripped() -> None:
    rules = {
        "a/": {"route": "kimi", "strip": True},
        "a/b/": {"route": "kimi", "strip": True},
        "a/b/c/": {"route": "kimi"},
    }
    table = profile(policy={"models": {"a/b/own": "kimi"}, "prefixes": rules})
    assert meant(table, "a/x") == "x"
    assert meant(table, "a/b/x") == "x"
    assert meant(table, "a/b/c/x") == "c/x"
    assert meant(table, "a/b/own") == "a/b/own"


def test_a_client_sends_the_name_that_the_profile_gives_it() -> None:
    assert sent_name(RENAMED, "kimi-k2.6") == "moonshot/kimi-k2.6"
    assert sent_name(RENAMED, "kimi-k3") == "kimi-k3"
    assert own_name(RENAMED, sent_name(RENAMED, "claude-opus")) == "claude-opus"


def test_a_world_expects_what_its_profile_says_of_an_ask() -> None:
    world = World(RENAMED, catalogue(), TODAY)
    assert world.expect(ask("claude-x", "dispo")) == Routed("plan", "max", "claude-x")
    assert world.expect(ask("claude-x")) == Routed("default", "default", "claude-x")
    assert world.expect(Ask(Named("model-absent", ABSENT))) == Routed("default", "default", ABSENT)


def test_a_route_without_a_tier_has_none() -> None:
    assert expect(Profile.model_validate(RENAMED.model_dump(by_alias=True)), ABSENT, "moonshot/x") == Routed(
        "direct", None, "x"
    )
