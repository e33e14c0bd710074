"""Edges of the pure core: passes that nobody earned, odd profiles and bodies, healthy routers, subtle faults."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import yaml

from kimi_conformance.contract.bodies import twice_named
from kimi_conformance.contract.features import features
from kimi_conformance.contract.profile import KnownFailing, Profile
from kimi_conformance.contract.trip import ABSENT, NO_AGENT, Arrival, Ask, Decision, Named, Play, Trip
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.exchange import Exchange, Piece, Request, Response
from kimi_conformance.judge import judge, verdict
from kimi_conformance.judge.json_diff import differences
from kimi_conformance.oracle import Routed, World, expect
from kimi_conformance.registry.contracts import catalogue, requirements
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router import plan as plan_module
from kimi_conformance.router.asking import request_of
from kimi_conformance.router.case import case
from kimi_conformance.router.plan import Known, make_plan
from kimi_conformance.router.shard import groups

DAY = date(2026, 11, 23)
BASE = yaml.safe_load("""
name: x
url: http://127.0.0.1:1
surfaces: {chat: /v1/chat/completions, messages: /v1/messages, models: /v1/models}
agent: {header: x-agent-id}
upstreams: {up: {speaks: portkey}, short: {speaks: anthropic}, kimi: {speaks: kimi}, or: {speaks: openai}}
routes:
  plan: {upstream: short, surfaces: [messages], tier: max}
  kimi: {upstream: up, headers: {x-vk: kimi}, tier: specialty}
  default: {upstream: up, headers: {x-vk: rest}, tier: default}
policy: {plan_agents: {dispo: plan}, models: {kimi-k3: kimi}, default: default}
""")
VK = (("x-vk", "kimi"),)
REST = (("x-vk", "rest"),)


def sections(**o: Any) -> dict[str, Any]:
    return {k: v for k, v in {**BASE, **o}.items() if v is not None}


def profile(**o: Any) -> Profile:
    return Profile.model_validate(sections(**o))


def plan(tmp_path: Any, **o: Any) -> Any:
    path = tmp_path / "p.yaml"
    path.write_text(yaml.safe_dump(sections(**o)))
    return make_plan(load_profile(str(path)), DAY)


def ask(model: Any = "kimi-k3", agent: Any = None, **kw: Any) -> Ask:
    return Ask(Named("m", model), agent=Named("a", agent) if agent else NO_AGENT, **kw)


def trip(
    p: Profile,
    a: Ask,
    *arrivals: Arrival,
    status: int = 200,
    answer: bytes = b"{}",
    headers: Any = (),
    error: str | None = None,
    decision: Any = None,
) -> Trip:
    sent = request_of(a, p, "kcm1", "http://r")
    return Trip(
        a,
        "kcm1",
        sent,
        Exchange(sent, None if error else Response(status, headers, (Piece(0, answer),)), error),
        arrivals,
        decision=decision,
    )


def at(up: str, body: Any, headers: Any = VK, url: str = "/v1/chat/completions") -> Arrival:
    return Arrival(up, Exchange(Request("POST", url, headers, json.dumps(body).encode()), Response(200)), 3.0)


def word(rid: str, p: Profile, *trips: Trip, level: str | None = None) -> tuple[Verdict, Any]:
    rule = requirements("router")[rid]
    found = judge(
        rule.model_copy(update={"level": level}) if level else rule, Play("c", rid, trips), World(p, catalogue(), DAY)
    )
    return verdict(found), found


# Passes that nobody earned.


@pytest.mark.parametrize("rid", ["router.gate.same-for-streams", "router.gate.same-for-every-surface"])
def test_requests_that_reached_nothing_are_not_alike(rid: str) -> None:
    p = profile()
    assert word(rid, p, trip(p, ask(), status=500), trip(p, ask(stream=True), status=500))[0] is not Verdict.PASS


def test_a_closed_port_does_not_show_that_there_is_no_404() -> None:
    p = profile()
    assert (
        word("router.gate.no-own-404-for-a-registered-model", p, trip(p, ask(), error="refused: x"))[0]
        is not Verdict.PASS
    )


@pytest.mark.parametrize("status", [None, 400, 404, 500])
@pytest.mark.parametrize("name", ["reference", "litellm"])
def test_a_router_that_serves_nobody_passes_nothing_about_requests(name: str, status: int | None) -> None:
    whole = make_plan(load_profile(name), DAY)
    about_the_profile = {"router.gate.registered-models-are-served", "router.gate.live-kimi-models-registered"}
    passed = set()
    for one in whole.cases.values():
        trips = tuple(
            trip(whole.world.profile, a, status=status or 0, error=None if status else "refused: x") for a in one.asks
        )
        if (
            verdict(judge(whole.requirements[one.requirement], Play(one.id, one.requirement, trips), whole.world))
            is Verdict.PASS
        ):
            passed.add(one.requirement)
    assert passed - about_the_profile == set()


# What users and routers can well write.


def test_a_registered_model_may_be_called_as_a_spelling_is(tmp_path: Any) -> None:
    policy = {
        "plan_agents": {"dispo": "plan"},
        "models": {"claude-sonnet": "default", "kimi-k3": "kimi"},
        "default": "default",
    }
    assert plan(tmp_path, policy=policy).cases


@pytest.mark.parametrize("other", ["moonshot-", "Moonshot/"])
def test_prefixes_may_make_one_slug(tmp_path: Any, other: str) -> None:
    policy = {"models": {"kimi-k3": "kimi"}, "prefixes": {"moonshot/": {"route": "kimi"}, other: {"route": "kimi"}}}
    assert plan(tmp_path, policy=policy).cases


def test_a_profile_may_register_no_model(tmp_path: Any) -> None:
    assert plan(tmp_path, policy={"default": "default"}).cases


def test_a_role_that_cannot_be_hashed_is_a_finding() -> None:
    p = profile()
    t = trip(p, ask(), at("up", {"model": "kimi-k3", "messages": [{"role": ["user"]}]}))
    assert word("router.request.dialect-fits-upstream", p, t)[0] is Verdict.FAIL


def test_an_id_that_cannot_be_hashed_is_a_finding() -> None:
    p = profile()
    t = trip(p, Ask(Named("x", ABSENT), listing=True), answer=b'{"object":"list","data":[{"id":["kimi-k3"]}]}')
    assert word("router.models.lists-registered-models", p, t)[0] is Verdict.FAIL


def test_a_list_nested_too_deep_is_a_finding() -> None:
    p = profile()
    t = trip(p, Ask(Named("x", ABSENT), listing=True), answer=b"[" * 100_000)
    assert word("router.models.shape", p, t)[0] is Verdict.FAIL


def test_a_huge_integer_and_a_fraction_differ() -> None:
    assert list(differences(10**400, 1.0))


def test_an_excluded_requirement_is_idle_with_its_reason(monkeypatch: Any, tmp_path: Any) -> None:
    rules = dict(requirements("router"))
    one = next(iter(rules.values()))
    rules["router.gate.nobody"] = one.model_copy(
        update={"id": "router.gate.nobody", "excluded": "nobody can see it", "needs": ()}
    )
    monkeypatch.setattr(plan_module, "requirements", lambda _: rules)
    assert "nobody can see it" in plan(tmp_path).idle["router.gate.nobody"]


# Healthy routers.


def test_two_names_are_judged_by_what_was_sent_not_by_the_rewritten_name() -> None:
    p = profile(rewrites={"kimi-k3": "moonshotai/kimi-k3"})
    a = ask("other", body=twice_named("chat", "other", "kimi-k3"))
    assert (
        word("router.request.duplicate-keys-agree", p, trip(p, a, at("up", {"model": "moonshotai/kimi-k3"})))[0]
        is Verdict.PASS
    )


def test_a_body_of_its_own_names_the_agent_where_agents_are_named_in_the_body() -> None:
    p = profile(agent={"body": "/metadata/agent"})
    a = ask("kimi-k3", "dispo", surface="messages", body=twice_named("messages", "kimi-k3", "claude-x"))
    assert b"dispo" in request_of(a, p, "m", "http://r").body


def test_the_tier_is_that_of_the_route_that_was_taken() -> None:
    """Wrong route, honest row: the sentence of tier-belongs-to-route holds. (And the other way round.)."""
    p = profile(tier_seen={"header": "x-tier"})
    astray = at("up", {"model": "kimi-k3"}, REST)
    honest, liar = (trip(p, ask(), astray, headers=(("x-tier", tier),)) for tier in ("default", "specialty"))
    assert word("router.gate.tier-belongs-to-route", p, honest)[0] is Verdict.PASS
    assert word("router.gate.tier-belongs-to-route", p, liar)[0] is Verdict.FAIL


def test_a_kimi_model_at_somebody_elses_is_not_judged_by_kimis_calendar() -> None:
    p = profile(routes={"or": {"upstream": "or"}}, policy={"models": {"kimi-k2-thinking": "or"}})
    assert word("router.gate.registered-models-are-served", p, trip(p, ask("kimi-k2-thinking")))[0] is not Verdict.WARN


def test_equal_destinations_are_one_for_a_bare_decision_too() -> None:
    p = profile(url=None, decide="a:b", routes={**BASE["routes"], "twin": BASE["routes"]["kimi"]})
    ts = [
        trip(p, ask(surface=s), decision=Decision(r, None, None)) for s, r in (("chat", "kimi"), ("messages", "twin"))
    ]
    assert word("router.gate.same-for-every-surface", p, *ts)[0] is Verdict.PASS


def test_a_number_that_went_through_32_bits_is_one_however_large() -> None:
    assert [d.widened for d in differences(1000.1, 1000.0999755859375)] == [True]


def test_an_absolute_url_has_a_path() -> None:
    p = profile(routes={"kimi": {"upstream": "kimi"}}, policy={"models": {"kimi-k3": "kimi"}})
    t = trip(p, ask(), at("kimi", {"model": "kimi-k3"}, url="http://127.0.0.1:3/v1/chat/completions"))
    assert word("router.request.kimi-uses-openai-face", p, t)[0] is Verdict.PASS


# Faults that are easily missed.


def test_a_surface_with_a_path_of_its_own_is_the_same_surface() -> None:
    p = profile(
        surfaces={"chat": "/api/chat"}, routes={"default": BASE["routes"]["default"]}, policy={"default": "default"}
    )
    t = trip(p, ask("x", members={"temperature": 0.6}), at("up", {"temperature": 1}, REST))
    assert word("router.request.temperature-untouched", p, t)[0] is Verdict.FAIL


def test_what_stands_beside_the_agent_in_the_body_is_kept() -> None:
    p = profile(agent={"body": "/metadata/agent"})
    a = ask("x", "dispo", members={"metadata": {"user": "u"}})
    body = trip(p, a).sent.json() | {"metadata": {}}
    assert word("router.request.unknown-fields-kept", p, trip(p, a, at("up", body, REST)))[0] is Verdict.FAIL


def test_a_long_integer_that_lost_digits_is_another_number() -> None:
    assert [d.widened for d in differences(12345678901234567890, 1.2345678901234567e19)] == [False]


def test_a_small_number_that_became_zero_is_another_number() -> None:
    assert [d.widened for d in differences(1e-7, 0)] == [False]


def test_true_is_not_one_in_a_mark() -> None:
    p = profile(
        routes={"kimi": {"upstream": "up", "headers": {"x-c": {"json": "/n", "is": 1}}}},
        policy={"models": {"kimi-k3": "kimi"}},
    )
    t = trip(p, ask(), at("up", {}, (("x-c", '{"n": true}'),)))
    assert word("router.gate.each-registered-model-reaches-its-route", p, t)[0] is Verdict.FAIL


def test_a_byte_order_mark_is_no_json() -> None:
    p = profile()
    raw = Exchange(Request("POST", "/v1/chat/completions", REST, b'\xef\xbb\xbf{"temperature": 0.6}'), Response(200))
    t = trip(p, ask("x", members={"temperature": 0.6}), Arrival("up", raw, 1.0))
    assert word("router.request.temperature-untouched", p, t)[0] is Verdict.FAIL


# Requests, plans, words.


def test_a_bare_decision_is_asked_about_agents_without_an_agent_section(tmp_path: Any) -> None:
    """Either this, or the registry refuses plan agents without `agent:` under `decide`, as it does elsewhere."""
    whole = plan(tmp_path, url=None, agent=None, decide="a.b:c")
    assert "agents" in features(whole.loaded.profile)
    assert any("agent-leading-blank" in key for key in whole.cases)


def test_the_rest_of_a_path_needs_no_v1_before_it() -> None:
    p = profile(agent={"path": "/agents/{agent}/…"})
    assert "…" not in request_of(ask(agent="dispo"), p, "m", "http://r").url


def test_the_model_is_last_where_the_agent_is_in_the_body_too() -> None:
    p = profile(agent={"body": "/metadata/agent"})
    assert list(request_of(ask("kimi-k3", "dispo", model_last=True), p, "m", "http://r").json())[-1] == "model"


def test_a_pointer_to_the_agent_is_unescaped() -> None:
    p = profile(agent={"body": "/metadata/x~1agent"})
    assert request_of(ask("kimi-k3", "dispo"), p, "m", "http://r").json()["metadata"] == {"x/agent": "dispo"}


def test_a_base_without_a_port_gets_one() -> None:
    p = profile(agent={"port": {"dispo": 18901}})
    assert (
        request_of(ask(agent="dispo"), p, "m", "http://router.example").url
        == "http://router.example:18901/v1/chat/completions"
    )


def test_known_failings_that_are_linked_by_a_later_one_stay_together() -> None:
    entries = [Known(KnownFailing(case="x", reason="seen by hand"), frozenset(s)) for s in ("12", "34", "23")]
    dealt = groups([replace(case(ask()), requirement=str(n)) for n in range(1, 5)], entries, 2)
    assert all(len({dealt[c] for c in entry.cases}) == 1 for entry in entries)


def test_a_rewrite_of_a_prefixed_name_has_an_effect() -> None:
    """The registry takes this key (it has a prefix), the oracle never looks at it; nor is there another valid key."""
    p = profile(
        rewrites={"moonshot/kimi-x": "kimi-y"}, policy={"prefixes": {"moonshot/": {"route": "kimi", "strip": True}}}
    )
    assert expect(p, ABSENT, "moonshot/kimi-x") == Routed("kimi", "specialty", "kimi-y")


def test_a_may_never_warns() -> None:
    p = profile()
    t = trip(p, ask("x", members={"temperature": 0.6}), at("up", {"temperature": 0.60000002384}, REST))
    assert word("router.request.temperature-untouched", p, t, level="MAY")[0] is Verdict.PASS


def test_two_long_values_that_differ_are_shown_differently() -> None:
    p = profile()
    a = ask(members={"messages": [{"role": "user", "content": "a" * 200 + "b"}]})
    _, [found] = word(
        "router.request.history-kept",
        p,
        trip(p, a, at("up", {"messages": [{"role": "user", "content": "a" * 200 + "c"}]})),
    )
    assert found.expected != found.actual


def test_a_member_with_a_slash_is_escaped_in_where() -> None:
    p = profile()
    t = trip(p, ask("x", members={"a/b": 1}), at("up", trip(p, ask("x")).sent.json() | {"a/b": 2}, REST))
    assert word("router.request.unknown-fields-kept", p, t)[1][0].where == "upstream request /a~1b"
