"""The Portkey stand-in: where its headers lead, and that the answer is the provider's on the face that was asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.exchange import Request, first
from kimi_conformance.upstream import portkey
from kimi_conformance.upstream.reply import DEFAULT

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Attempt
    from kimi_conformance.upstream.script import Script

SAID = [{"role": "user", "content": "hello"}]
BY_MODEL: dict[str, Any] = {
    "strategy": {
        "mode": "conditional",
        "conditions": [
            {"query": {"params.model": {"$regex": "^claude"}}, "then": "claude"},
            {"query": {"params.model": {"$in": ["kimi-k3", "kimi-k2.6"]}}, "then": "kimi"},
            {"query": {"params.model": {"$eq": "gpt"}}, "then": "gone"},
            {"query": {"params.model": "plain"}, "then": "kimi"},
            {"query": {"metadata.agent": "dispo", "params.model": {"$ne": "x", "$nin": ["y"]}}, "then": "claude"},
            {"query": {"$or": [{"params.model": "or-1"}, {"params.model": "or-2"}]}, "then": "kimi"},
            {"query": {"$and": [{"params.model": {"$regex": "and"}}, {"metadata.a": "b"}]}, "then": "kimi"},
            {"query": {"params.model": {"$regex": "("}}, "then": "kimi"},
        ],
        "default": "backup",
    },
    "targets": [
        {"name": "kimi", "virtual_key": "vk-kimi"},
        {"name": "claude", "provider": "anthropic", "api_key": "x"},
        {"name": "backup", "provider": "@vk-or", "override_params": {"model": "moonshotai/kimi-k2.6"}},
    ],
}
TARGETS = [target["name"] for target in BY_MODEL["targets"]]
CONFIG = portkey.Config(
    secret="right",
    virtual_keys={"vk-kimi": "kimi", "vk-or": "openrouter", "vk-odd": "nobody"},
    configs={"pc-model": BY_MODEL, "pc-bare": {"retry": {"attempts": 3}}},
    serves={"kimi": ("kimi-*",)},
)


def request(path: str = portkey.CHAT, model: Any = "kimi-k3", **routing: str) -> Request:
    headers = tuple((f"x-portkey-{name.replace('_', '-')}", value) for name, value in routing.items())
    body = {"model": model, "messages": SAID, "max_tokens": 5}
    return Request("POST", path, (("X-Portkey-Api-Key", "right"), *headers), json.dumps(body).encode())


def tried(sent: Request) -> tuple[Script, tuple[Attempt, ...]]:
    """What a Portkey answers whose providers are healthy, and what it tried."""
    return portkey.gateway(sent, CONFIG, lambda leg: leg.healthy(DEFAULT))


def said(script: Script) -> Any:
    return json.loads(script.body)


@pytest.mark.parametrize(
    "headers",
    [(), (("x-portkey-api-key", "left"),), (("x-portkey-api-key", "left"), ("Authorization", "Bearer right"))],
)
def test_without_the_right_key_it_is_401_in_portkeys_shape(headers: Any) -> None:
    script = portkey.answer(Request("POST", portkey.CHAT, headers), CONFIG)
    assert (script.status, said(script)) == (
        401,
        {"status": "failure", "message": "Portkey Error: Invalid API Key. Error Code: 03"},
    )


def test_the_key_may_come_as_a_bearer_token() -> None:
    headers = (("Authorization", "Bearer right"), ("x-portkey-virtual-key", "vk-kimi"))
    body = json.dumps({"model": "kimi-k3", "messages": SAID}).encode()
    assert portkey.answer(Request("POST", portkey.CHAT, headers, body), CONFIG).status == 200


@pytest.mark.parametrize(
    ("routing", "provider"),
    [
        pytest.param({"virtual_key": "vk-kimi"}, "kimi", id="virtual-key"),
        pytest.param({"provider": "moonshot"}, "moonshot", id="provider"),
        pytest.param({"provider": "@vk-or"}, "openrouter", id="provider-slug"),
        pytest.param({"config": "pc-model"}, "kimi", id="config-id"),
        pytest.param({"config": '{"provider":"anthropic"}'}, "anthropic", id="inline"),
        pytest.param({"config": '{"virtual_key":"vk-or"}', "virtual_key": "vk-kimi"}, "openrouter", id="config-wins"),
        pytest.param({"config": "pc-bare", "virtual_key": "vk-kimi"}, "kimi", id="key-fills-in"),
        pytest.param({"config": '{"targets":[{"provider":"openai"}]}'}, "openai", id="single-by-default"),
        pytest.param(
            {"config": '{"strategy":{"mode":"fallback"},"targets":[{"provider":"moonshot"},{"provider":"openai"}]}'},
            "moonshot",
            id="fallback-takes-the-first",
        ),
        pytest.param(
            {
                "config": '{"strategy":{"mode":"loadbalance"},"targets":'
                '[{"provider":"openai","weight":0},{"provider":"anthropic","weight":0.1}]}'
            },
            "anthropic",
            id="no-weight-no-call",
        ),
        pytest.param(
            {"config": json.dumps({"strategy": {"mode": "fallback"}, "targets": [BY_MODEL]})}, "kimi", id="nested"
        ),
    ],
)
def test_routing_headers_lead_to_a_provider(routing: dict[str, str], provider: str) -> None:
    script, [attempt] = tried(request(**routing))
    assert (script.status, attempt.provider) == (200, provider)


@pytest.mark.parametrize(
    ("model", "metadata", "target"),
    [
        pytest.param("claude-opus-4-8", "", "claude", id="regex"),
        pytest.param("kimi-k2.6", "", "kimi", id="in"),
        pytest.param("plain", "", "kimi", id="bare-value"),
        pytest.param("or-2", "", "kimi", id="or"),
        pytest.param("hand", '{"a":"b"}', "kimi", id="and"),
        pytest.param("hand", '{"a":"c"}', "backup", id="and-not"),
        pytest.param("other", '{"agent":"dispo"}', "claude", id="metadata"),
        pytest.param("y", '{"agent":"dispo"}', "backup", id="nin"),
        pytest.param("not-claude", "not json", "backup", id="default"),
        pytest.param(None, "", "backup", id="null-model"),
        pytest.param(7, "", "backup", id="number-model"),
    ],
)
def test_conditions_choose_the_target_that_a_healthy_call_takes(model: Any, metadata: str, target: str) -> None:
    _, [attempt] = tried(request(model=model, config="pc-model", metadata=metadata))
    assert attempt.option == f"config.targets[{TARGETS.index(target)}]"


def test_a_body_that_is_no_json_takes_the_default_and_is_refused_by_the_provider() -> None:
    headers = (("x-portkey-api-key", "right"), ("x-portkey-config", "pc-model"))
    script = portkey.answer(Request("POST", portkey.CHAT, headers, b"{"), CONFIG)
    assert (script.status, first(script.headers, "x-portkey-provider")) == (400, "openrouter")


@pytest.mark.parametrize(
    ("routing", "message"),
    [
        pytest.param({}, "Either x-portkey-config or x-portkey-provider header is required", id="nothing"),
        pytest.param({"virtual_key": "vk-none"}, "Invalid virtual key passed: vk-none", id="virtual-key"),
        pytest.param({"virtual_key": "vk-odd"}, "Invalid provider passed: nobody", id="provider-behind-key"),
        pytest.param({"provider": "nobody"}, "Invalid provider passed: nobody", id="provider"),
        pytest.param({"provider": "@vk-none"}, "Invalid virtual key passed: vk-none", id="slug"),
        pytest.param({"config": "pc-none"}, "Invalid config id passed: pc-none", id="config-id"),
        pytest.param({"config": "pc-bare"}, "Invalid provider passed: None", id="leads-nowhere"),
        pytest.param({"config": '{"provider":'}, "Invalid config passed", id="broken"),
        pytest.param({"config": '{"provider":7}'}, "Invalid config passed", id="wrong-type"),
        pytest.param({"config": '{"strategy":{"mode":"odd"},"targets":[{}]}'}, "Invalid config passed", id="mode"),
        pytest.param(
            {"config": '{"strategy":{"mode":"loadbalance"},"targets":[{"weight":0}]}'},
            "no target has a weight above 0",
            id="weightless",
        ),
        pytest.param(
            {"config": '{"strategy":{"mode":"conditional"},"targets":[{}]}'},
            "Query router did not resolve to any valid target",
            id="no-condition-holds",
        ),
        pytest.param(
            {
                "config": '{"strategy":{"mode":"conditional","conditions":'
                '[{"query":{"params.model":{"$like":"k"}},"then":"a"}]},"targets":[{}]}'
            },
            "Unsupported operator used in the query router: $like",
            id="operator",
        ),
        pytest.param(
            {
                "config": '{"strategy":{"mode":"conditional","conditions":[{"query":{"$or":[7]},"then":"a"}]},'
                '"targets":[{}]}'
            },
            "a query must be an object",
            id="query",
        ),
        pytest.param(
            {"config": '{"strategy":{"mode":"conditional","default":"gone"},"targets":[{"name":"a"}]}'},
            "Invalid target name found in the query router: gone",
            id="target-name",
        ),
    ],
)
def test_a_route_that_leads_nowhere_is_400_in_portkeys_shape(routing: dict[str, str], message: str) -> None:
    script = portkey.answer(request(**routing), CONFIG)
    assert (script.status, said(script)) == (400, {"status": "failure", "message": f"Portkey Error: {message}"})


@pytest.mark.parametrize(
    ("provider", "path", "members"),
    [
        ("kimi", portkey.CHAT, ["id", "object", "created", "model", "choices", "usage"]),
        ("openai", portkey.CHAT, ["id", "object", "created", "model", "choices", "usage", "system_fingerprint"]),
        ("anthropic", portkey.CHAT, ["id", "object", "created", "model", "choices", "usage", "system_fingerprint"]),
        ("kimi", portkey.MESSAGES, ["id", "type", "role", "content", "model", "stop_reason", "stop_sequence", "usage"]),
        (
            "openai",
            portkey.MESSAGES,
            ["id", "type", "role", "content", "model", "stop_reason", "stop_sequence", "usage"],
        ),
    ],
)
def test_the_answer_is_the_providers_on_the_face_that_was_asked(provider: str, path: str, members: list[str]) -> None:
    script = portkey.answer(request(path, provider=provider), CONFIG)
    assert (script.status, list(said(script))) == (200, members)
    assert first(script.headers, "x-portkey-provider") == provider
    assert first(script.headers, "x-portkey-trace-id")


def test_kimi_behind_portkey_keeps_its_own_headers_and_errors() -> None:
    script = portkey.answer(request(model="gpt-5", virtual_key="vk-kimi", trace_id="t-1"), CONFIG)
    assert (script.status, said(script)["error"]["type"]) == (404, "resource_not_found_error")
    assert first(script.headers, "msh-request-id")
    assert first(script.headers, "x-portkey-trace-id") == "t-1"


def test_a_config_may_override_parameters_inner_ones_first() -> None:
    config = {
        "override_params": {"model": "outer", "stream": True},
        "targets": [{"provider": "openai", "override_params": {"model": "inner"}}],
    }
    script = portkey.answer(request(config=json.dumps(config)), CONFIG)
    assert script.framing == "chunked"
    assert b'"model":"inner"' in script.body


def test_another_path_is_404() -> None:
    assert portkey.answer(request("/v1/embeddings", virtual_key="vk-kimi"), CONFIG).status == 404
