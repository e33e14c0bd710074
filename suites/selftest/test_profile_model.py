"""The models of a profile: what may stand in one, what follows from it, and what may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

import pytest
from pydantic import ValidationError

from kimi_conformance.contract.features import MISSING, Feature, features
from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.reach import AgentBearer, AgentBody, AgentHeader, AgentPath, AgentPort
from suites.selftest.plays import SECTIONS, profile

if TYPE_CHECKING:
    from collections.abc import Mapping

LEDGER: Final = {"postgrest": {"upstream": "gateway", "path": "/rows"}}
START: Final = {"command": ["node", "proxy.mjs"]}


def refused(**sections: Any) -> str:
    """What is said of a profile with these sections."""
    with pytest.raises(ValidationError) as raised:
        profile(**sections)
    return str(raised.value)


def test_a_small_profile_promises_little_and_usual_bounds() -> None:
    small = Profile.model_validate(
        {"name": "small", "url": "http://x", "surfaces": {"chat": "/c"}, "routes": {}, "policy": {}}
    )
    assert (small.limits.answer_s, small.limits.stream_gap_s) == (15.0, 5.0)
    assert (small.client_key, small.isolation, small.policy.non_string_model) == ("kept", "shared", "refuse")
    assert (small.policy.default, small.agent, small.trace, small.ledger, small.tier_seen) == (None,) * 5
    assert (small.known_failing, dict(small.sends), dict(small.rewrites)) == ((), {}, {})


@pytest.mark.parametrize(
    ("given", "have"),
    [
        pytest.param({"url": None}, "none", id="none"),
        pytest.param({"start": START}, "start and url", id="start-and-url"),
        pytest.param({"asgi": "a:b", "decide": "c:d"}, "url and asgi and decide", id="three"),
    ],
)
def test_there_is_one_way_to_reach_a_router(given: dict[str, Any], have: str) -> None:
    said = f"a profile takes exactly one of 'start', 'url', 'asgi' and 'decide'; this one has {have}"
    assert said in refused(**given)


@pytest.mark.parametrize("way", [{"start": START}, {"asgi": "pkg.mod:app"}, {"decide": "m:f"}, {"decide": START}])
def test_any_one_of_them_will_do(way: dict[str, Any]) -> None:
    assert profile(url=None, **way).name == "by-hand"


def test_an_asgi_application_may_be_named_alone() -> None:
    short, whole = profile(url=None, asgi="pkg.mod:app"), profile(url=None, asgi={"app": "pkg.mod:app"})
    assert short.asgi == whole.asgi
    assert short.asgi is not None
    assert not short.asgi.factory


@pytest.mark.parametrize(
    ("sections", "where"),
    [
        pytest.param({"name": "By Hand"}, "name", id="name-with-a-blank"),
        pytest.param({"name": ""}, "name", id="no-name"),
        pytest.param({"url": "ftp://x"}, "url", id="no-http"),
        pytest.param({"url": None, "asgi": "no-colon"}, "asgi", id="no-application"),
        pytest.param({"url": None, "start": {"command": []}}, "start.command", id="no-command"),
        pytest.param({"url": None, "start": START | {"ready": {"timeout_s": 0}}}, "ready.timeout_s", id="no-time"),
        pytest.param({"url": None, "start": START | {"ready": {"timeout_s": 301}}}, "ready.timeout_s", id="too-long"),
        pytest.param({"url": None, "start": START | {"ready": {"path": "health"}}}, "ready.path", id="no-slash"),
        pytest.param({"surfaces": {"chat": "v1"}}, "surfaces.chat", id="relative-path"),
        pytest.param({"surfaces": {"responses": "/v1"}}, "surfaces.responses", id="unknown-surface"),
        pytest.param({"agent": {"path": "/agents/"}}, "path", id="path-without-its-agent"),
        pytest.param({"agent": {"path": "{agent}"}}, "path", id="path-without-a-slash"),
        pytest.param({"agent": {"bearer": "{secret.agent}"}}, "bearer", id="key-without-a-name"),
        pytest.param({"agent": {"body": "agent"}}, "body", id="pointer-without-a-slash"),
        pytest.param({"agent": {"port": {"dispo": 0}}}, "port", id="port-zero"),
        pytest.param({"agent": {"port": {"dispo": 65536}}}, "port", id="port-too-high"),
        pytest.param({"agent": {"header": "x", "path": "/{agent}"}}, "agent", id="two-ways-to-name-an-agent"),
        pytest.param({"routes": {"Plan": {"upstream": "x"}}}, "routes.Plan", id="route-in-capitals"),
        pytest.param(
            {"routes": {"a": {"upstream": "x", "retry": {"on": [], "retries": -1, "base_ms": 1}}}},
            "retries",
            id="negative",
        ),
        pytest.param({"routes": {"a": {"upstream": "x", "surfaces": ["models"]}}}, "surfaces", id="route-of-a-list"),
        pytest.param({"routes": {"a": {"upstream": "x", "headers": {"h": {"json": "p", "is": 1}}}}}, "json", id="mark"),
        pytest.param({"upstreams": {"a": {"speaks": "gemini"}}}, "speaks", id="unknown-dialect"),
        pytest.param({"upstreams": {"a": {"speaks": "kimi", "listen": "0.0.0.0:80"}}}, "listen", id="not-loopback"),
        pytest.param({"policy": {"non_string_model": "maybe"}}, "non_string_model", id="unknown-choice"),
        pytest.param({"policy": {"prefixes": {"a/": "kimi"}}}, "prefixes", id="prefix-without-a-rule"),
        pytest.param({"limits": {"answer_s": 0}}, "answer_s", id="no-time-to-answer"),
        pytest.param({"known_failing": [{"case": "x", "reason": "short"}]}, "reason", id="no-reason"),
        pytest.param({"known_failing": [{"case": "x"}]}, "reason", id="reason-missing"),
        pytest.param({"isolation": "sometimes"}, "isolation", id="unknown-isolation"),
        pytest.param({"polciy": {}}, "polciy", id="unknown-key"),
    ],
)
def test_what_may_not_stand_in_a_profile_is_said_with_its_place(sections: dict[str, Any], where: str) -> None:
    assert where in refused(**sections)


@pytest.mark.parametrize(
    ("section", "value", "said"),
    [
        ("tier_seen", {}, "tier_seen takes exactly one of 'ledger' and 'header'"),
        ("tier_seen", {"ledger": "tier", "header": "x"}, "tier_seen takes exactly one of 'ledger' and 'header'"),
        ("ledger", {}, "ledger takes exactly one of 'postgrest' and 'postgres'"),
        ("ledger", LEDGER | {"postgres": {"dsn_env": "A", "table": "b"}}, "exactly one of 'postgrest' and 'postgres'"),
    ],
)
def test_what_stands_in_one_place_is_said_once(section: str, value: Any, said: str) -> None:
    assert said in refused(**{section: value})


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ({"header": "x-agent-id"}, AgentHeader),
        ({"path": "/agents/{agent}/v1/…"}, AgentPath),
        ({"bearer": "{secret.agent.NAME}"}, AgentBearer),
        ({"body": "/metadata/agent"}, AgentBody),
        ({"port": {"dispo": 18901, "scout": "{port.scout}"}}, AgentPort),
    ],
)
def test_an_agent_is_named_in_one_of_five_ways(written: dict[str, Any], kind: type) -> None:
    assert type(profile(agent=written).agent) is kind


def test_an_upstream_speaks_one_dialect_or_several() -> None:
    spoken = profile(upstreams={"one": {"speaks": "kimi"}, "two": {"speaks": ["kimi", "anthropic"]}}).upstreams
    assert (spoken["one"].speaks, spoken["two"].speaks) == (("kimi",), ("kimi", "anthropic"))


def test_a_profile_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        profile().name = "other"  # type: ignore[misc]  # that is the point


def test_a_route_that_names_no_surface_serves_all() -> None:
    of = profile()
    assert [(of.serves("plan", "chat"), of.serves("plan", "messages"))] == [(False, True)]
    assert [(of.serves("kimi", "chat"), of.serves("kimi", "messages"))] == [(True, True)]
    none = profile(routes={"closed": {"upstream": "x", "surfaces": []}}, policy={})
    assert not none.serves("closed", "chat")


@pytest.mark.parametrize(
    ("surfaces", "of_clients"),
    [
        ({"chat": "/c", "messages": "/m", "models": "/l"}, ("chat", "messages")),
        ({"messages": "/m", "chat": "/c"}, ("chat", "messages")),
        ({"messages": "/m"}, ("messages",)),
        ({"models": "/l"}, ()),
    ],
)
def test_a_list_of_models_is_no_surface_for_completions(surfaces: dict[str, str], of_clients: tuple[str, ...]) -> None:
    assert profile(surfaces=surfaces).client_surfaces == of_clients


TOLD: Final = {"agents", "tier-seen"}
BARE: Final[Mapping[str, Any]] = {
    "agent": None,
    "surfaces": {"chat": "/c"},
    "policy": {},
    "upstreams": {},
}


@pytest.mark.parametrize(
    ("sections", "has"),
    [
        pytest.param({}, {"wire"}, id="nothing"),
        pytest.param({"agent": {"header": "x"}}, {"wire", "agents"}, id="agent"),
        pytest.param({"policy": {"plan_agents": {"dispo": "plan"}}}, {"wire", "plan"}, id="plan"),
        pytest.param({"policy": {"models": {"kimi-k3": "kimi"}}}, {"wire", "registered"}, id="registered"),
        pytest.param({"policy": {"prefixes": {"a/": {"route": "kimi"}}}}, {"wire", "prefixes"}, id="prefixes"),
        pytest.param({"policy": {"default": "default"}}, {"wire", "default"}, id="default"),
        pytest.param({"surfaces": {"chat": "/c", "models": "/l"}}, {"wire", "models-surface"}, id="models"),
        pytest.param({"surfaces": {"chat": "/c", "messages": "/m"}}, {"wire", "two-surfaces"}, id="two-surfaces"),
        pytest.param({"tier_seen": {"header": "x"}}, {"wire", "tier-seen"}, id="tier"),
        pytest.param({"upstreams": {"gateway": {"speaks": "portkey"}}}, {"wire", "gateway"}, id="gateway"),
        pytest.param({"url": None, "decide": "m:f"}, TOLD, id="a-bare-decision-is-told-the-agent-and-tells-its-tier"),
        pytest.param(
            {"url": None, "decide": "m:f", "surfaces": {"chat": "/c", "models": "/l"}}, TOLD, id="and-has-no-list"
        ),
    ],
)
def test_features_follow_from_the_sections_that_are_there(sections: dict[str, Any], has: set[str]) -> None:
    assert features(profile(**{**BARE, **sections})) == has


def test_every_feature_that_a_profile_lacks_can_be_told() -> None:
    assert set(MISSING) == set(get_args(Feature))
    assert len(set(MISSING.values())) == len(MISSING)


def test_the_profile_by_hand_is_a_profile() -> None:
    assert features(Profile.model_validate(SECTIONS)) >= {"agents", "plan", "default", "registered", "prefixes", "wire"}
