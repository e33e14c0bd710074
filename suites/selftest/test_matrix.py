"""The matrix: which agents, models and surfaces a profile gives rise to, under which slugs."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.contract.bodies import Bodies
from kimi_conformance.contract.spelling import Spellings
from kimi_conformance.contract.trip import ABSENT, NO_AGENT, Ask, Named
from kimi_conformance.matrix import Matrix, slug
from kimi_conformance.oracle import World
from kimi_conformance.registry.contracts import catalogue
from suites.selftest.plays import SECTIONS, TODAY, profile

SPELLINGS: Final = Spellings.model_validate(
    {
        "models": {
            "claude": {"sonnet": "claude-sonnet-4-5"},
            "missing": {"model-absent": {"absent": True}, "model-null": {"json": None}, "model-empty": ""},
            "non-string": {"model-list": {"json": ["kimi-k3"]}},
            "unregistered": {
                "stranger": "gpt-4o",
                "capitals": "{REGISTERED}",
                "suffix": "{registered}-preview",
                "cut": "{registered|cut}",
                "long": {"repeat": "ab", "times": 3},
                "prefixed": "moonshot/x",
            },
        },
        "agents": {
            "other": {
                "agent-none": {"absent": True},
                "unknown": "somebody",
                "capitals": "{PLAN}",
                "title": "{plan|title}",
                "cut": "{plan|cut}",
                "second": "scout",
            },
            "builtin": {"constructor": "constructor"},
            "blanks": {"before": " {plan}"},
        },
    }
)
NO_BODIES: Final = Bodies(members={}, texts={}, histories={}, systems={}, tools={}, malformed={}, translations={})
AGENTS: Final = {"dispo": "plan", "scout": "plan"}


def matrix(**sections: Any) -> Matrix:
    return Matrix(World(profile(**sections), catalogue(), TODAY), SPELLINGS, NO_BODIES)


def policy(**changes: Any) -> dict[str, Any]:
    return {**SECTIONS["policy"], **changes}


def spelled(names: tuple[Named, ...]) -> dict[str, Any]:
    assert len({name.slug for name in names}) == len(names)
    return {name.slug: name.value for name in names}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        pytest.param("kimi-k2.6", "kimi-k2.6", id="stays"),
        pytest.param("Kimi_K2.6", "kimi_k2.6", id="lower-case"),
        pytest.param("moonshot/kimi-k3", "moonshot-kimi-k3", id="slash"),
        pytest.param(" a  b\tc ", "a-b-c", id="blanks"),
        pytest.param("@acme/x@1:free", "acme-x-1-free", id="signs"),
        pytest.param("[a-z]*?", "a-z", id="glob-signs"),
        pytest.param("月", "x", id="nothing-left"),
        pytest.param("", "x", id="empty"),
        pytest.param("k月3", "k-3", id="another-script-inside"),
    ],
)
def test_a_name_becomes_a_word_that_is_safe_in_a_glob(name: str, word: str) -> None:
    assert slug(name) == word


def test_names_that_make_one_word_are_told_apart() -> None:
    models = {"a/b": "kimi", "A b": "kimi", "a-b": "kimi", "c": "kimi"}
    assert spelled(matrix(policy=policy(models=models)).registered) == {
        "a-b": "a/b",
        "a-b-2": "A b",
        "a-b-2-2": "a-b",
        "c": "c",
    }


def test_plan_agents_are_named_as_they_are_spelled() -> None:
    assert spelled(matrix(policy=policy(plan_agents={"Dispo X": "plan", "b": "plan"})).plan_agents) == {
        "dispo-x": "Dispo X",
        "b": "b",
    }


def test_a_registered_model_is_sent_under_the_name_that_clients_use() -> None:
    sends = {"kimi-k3": "vendor/Kimi-K3"}
    m = matrix(policy=policy(models={"kimi-k3": "kimi", "kimi-k2.6": "kimi"}), sends=sends)
    assert spelled(m.registered) == {"kimi-k3": "vendor/Kimi-K3", "kimi-k2.6": "kimi-k2.6"}
    assert m.model("kimi-k3") == Named("kimi-k3", "vendor/Kimi-K3")
    assert m.model("kimi-k9") == Named("kimi-k9", "kimi-k9")
    assert spelled(m.models("unregistered"))["suffix"] == "vendor/Kimi-K3-preview"


def test_model_names_are_spelled_with_the_first_registered_model() -> None:
    m = matrix(policy=policy(models={"kimi-k3": "kimi", "other": "kimi"}))
    assert spelled(m.models("unregistered")) == {
        "stranger": "gpt-4o",
        "capitals": "KIMI-K3",
        "suffix": "kimi-k3-preview",
        "cut": "kimi-k",
        "long": "ababab",
        "prefixed": "moonshot/x",
    }
    assert spelled(m.models("missing")) == {"model-absent": ABSENT, "model-null": None, "model-empty": ""}
    assert spelled(m.models("non-string")) == {"model-list": ["kimi-k3"]}


def test_a_spelling_that_needs_a_registered_model_is_left_out_where_there_is_none() -> None:
    m = matrix(policy=policy(models={}))
    assert m.registered == ()
    assert set(spelled(m.models("unregistered"))) == {"stranger", "long", "prefixed"}


def test_names_that_a_profile_registers_or_has_a_prefix_for_are_not_unregistered() -> None:
    m = matrix(policy=policy(models={"kimi-k3": "kimi", "gpt-4o": "direct", "KIMI-K3": "kimi"}))
    assert set(spelled(m.unregistered("unregistered"))) == {"suffix", "cut", "long"}


def test_agents_without_a_plan_are_spelled_with_the_first_plan_agent() -> None:
    m = matrix(policy=policy(plan_agents=AGENTS))
    assert spelled(m.agents("other")) == {
        "agent-none": ABSENT,
        "unknown": "somebody",
        "capitals": "DISPO",
        "title": "Dispo",
        "cut": "disp",
    }
    assert spelled(m.agents("builtin")) == {"constructor": "constructor"}
    assert spelled(m.agents("blanks")) == {"before": " dispo"}


def test_without_plan_agents_nobody_can_nearly_be_one() -> None:
    m = matrix(policy=policy(plan_agents={}))
    assert set(spelled(m.agents("other"))) == {"agent-none", "unknown", "second"}
    assert m.ordinary_agents == (NO_AGENT,)


BEARER: Final = {"bearer": "{secret.agent.NAME}"}
PORTS: Final = {"port": {"dispo": 18901, "scout": 18902}}


@pytest.mark.parametrize(
    ("agent", "others", "ordinary"),
    [
        pytest.param({"header": "x-agent-id"}, {"agent-none", "unknown"}, ["agent-none", "dispo"], id="header"),
        pytest.param({"path": "/a/{agent}"}, {"agent-none", "unknown"}, ["agent-none", "dispo"], id="path"),
        pytest.param({"body": "/agent"}, {"agent-none", "unknown"}, ["agent-none", "dispo"], id="body"),
        pytest.param(BEARER, {"agent-none"}, ["agent-none", "dispo"], id="only-agents-with-a-plan-have-keys"),
        pytest.param(PORTS, set(), ["dispo"], id="every-port-is-somebodys"),
        pytest.param(None, {"agent-none"}, ["agent-none", "dispo"], id="nobody-can-be-named"),
    ],
)
def test_only_agents_that_can_be_named_are_in_the_matrix(agent: Any, others: set[str], ordinary: list[str]) -> None:
    m = matrix(agent=agent, policy=policy(plan_agents=AGENTS))
    assert set(spelled(m.agents("other"))) & {"agent-none", "unknown"} == others
    assert [one.slug for one in m.ordinary_agents] == ordinary


def test_a_combination_is_in_the_matrix_where_its_route_serves_the_surface() -> None:
    m = matrix()
    claude, dispo = m.models("claude")[0], m.plan_agents[0]
    on_plan = [(ask.surface, ask.stream) for ask in m.asks([dispo], [claude], streams=(False, True))]
    assert on_plan == [("messages", False), ("messages", True)]
    by_nobody = [(ask.surface, ask.stream) for ask in m.asks([NO_AGENT], [claude])]
    assert by_nobody == [("chat", False), ("messages", False)]
    assert [*m.asks([dispo], [claude], surfaces=["chat"])] == []


def test_what_must_be_refused_is_in_the_matrix_on_every_surface() -> None:
    m = matrix(policy=policy(default=None))
    asks = [*m.asks([NO_AGENT], m.models("missing")[1:2] + m.models("non-string"))]
    assert [(ask.model.slug, ask.surface) for ask in asks] == [
        ("model-null", "chat"),
        ("model-null", "messages"),
        ("model-list", "chat"),
        ("model-list", "messages"),
    ]


def test_combinations_come_by_agent_then_model_then_surface_then_stream() -> None:
    m = matrix()
    asks = [*m.asks(m.ordinary_agents, m.registered[:2], streams=(False, True))]
    order = [(ask.agent.slug, ask.model.slug, ask.surface, ask.stream) for ask in asks]
    agents, models = ("agent-none", "dispo"), ("kimi-k2.6", "kimi-k3")
    surfaces, streams = ("chat", "messages"), (False, True)
    assert order == [(a, b, c, d) for a in agents for b in models for c in surfaces for d in streams]


def test_a_bare_decision_has_no_wire() -> None:
    assert matrix().on_wire
    assert not matrix(url=None, decide="table:decide").on_wire


def test_a_matrix_has_the_completion_surfaces_of_its_profile() -> None:
    assert matrix().surfaces == ("chat", "messages")
    assert matrix(surfaces={"messages": "/v1/messages", "models": "/v1/models"}).surfaces == ("messages",)


@pytest.mark.parametrize(
    ("models", "default", "model"),
    [
        pytest.param({"kimi-k3": "kimi"}, None, "kimi-k3", id="a-registered-model"),
        pytest.param({}, "default", "claude-sonnet-4-5", id="claude"),
        pytest.param({}, None, None, id="nothing-is-accepted"),
    ],
)
def test_what_must_be_refused_has_an_accepted_twin_where_anything_is_accepted(
    models: dict[str, str], default: str | None, model: str | None
) -> None:
    m = matrix(policy={"models": models, "default": default})
    odd = Ask(Named("model-number", 3), surface="messages", stream=True)
    for twin in (m.twin(odd), m.ordinary(odd)):
        assert (twin and (twin.model.value, twin.agent, twin.surface)) == (model and (model, NO_AGENT, "messages"))


def test_the_twin_of_a_plan_agents_ask_is_asked_on_a_surface_that_its_route_serves() -> None:
    m = matrix(policy={"plan_agents": {"dispo": "plan"}, "prefixes": {"gpt-": {"route": "kimi"}}})
    [dispo] = m.plan_agents
    on_messages, on_chat = (m.twin(Ask(Named("odd", 3), agent=dispo, surface=surface)) for surface in m.surfaces[::-1])
    assert on_messages is not None
    assert (on_messages.model.value, on_messages.agent) == ("claude-sonnet-4-5", dispo)
    assert on_chat is not None
    assert on_chat.model.value == "gpt-4o"


def test_what_is_routed_needs_no_twin() -> None:
    m = matrix()
    assert m.twin(Ask(m.registered[0])) is None
    assert m.ordinary(Ask(m.registered[0])) is not None


def test_a_bare_decision_can_be_asked_about_anybody() -> None:
    m = matrix(url=None, decide="table:decide", agent=None, policy=policy(plan_agents=AGENTS))
    assert set(spelled(m.agents("other"))) == {"agent-none", "unknown", "capitals", "title", "cut"}
