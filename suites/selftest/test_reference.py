"""The reference router by itself: what it decides, reads and sends out (how it carries it: test_reference_wire.py)."""

from __future__ import annotations

import ast
import asyncio
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import kimi_conformance.reference
from kimi_conformance.faults import FAULTS, Fault
from kimi_conformance.reference import STEPS
from kimi_conformance.reference.body import read, with_model
from kimi_conformance.reference.call import Body, Call, Fields, Refusal, Routed
from kimi_conformance.reference.config import Config, read_config
from kimi_conformance.reference.fields import value
from kimi_conformance.registry.home import contracts
from kimi_conformance.registry.profiles import load_profile

TOLD: dict[str, Any] = json.loads((contracts() / "routers/configs/reference.json").read_text("utf-8"))
CONFIG: Config = read_config(TOLD)
BIG = "1" * 5000
"""More digits than Python's int() takes."""


def call(model: Any = "kimi-k3", agent: str | None = None, surface: str = "chat", headers: Fields = ()) -> Call:
    raw = json.dumps({"model": model}).encode()
    path = {"chat": "/v1/chat/completions", "messages": "/v1/messages"}[surface]
    return Call(surface, path, "", headers, agent, "trace-1", Body(raw, {"model": model}))


def gate(sent: Call) -> Routed | Refusal:
    async def decided() -> Routed | Refusal:
        return await STEPS.gate(CONFIG, sent)

    return asyncio.run(decided())


@pytest.mark.parametrize(
    ("agent", "model", "route", "renamed"),
    [
        ("dispo", "claude-sonnet-4-5", "plan", None),
        ("scout", "CLAUDE-opus", "plan", None),
        ("dispo", "cLaUdE", "plan", None),
        ("dispo", "claud", "default", None),
        ("dispo", " claude-sonnet-4-5", "default", None),
        ("dispo", "\tclaude-sonnet-4-5", "default", None),
        ("dispo", "not-claude", "default", None),
        ("dispo", "\u0441laude-sonnet-4-5", "default", None),
        ("dispo", "\uff43laude-sonnet-4-5", "default", None),
        ("dispo", "cl\u0131aude", "default", None),
        ("Dispo", "claude-sonnet-4-5", "default", None),
        ("dispo x", "claude-sonnet-4-5", "default", None),
        ("dispo, scout", "claude-sonnet-4-5", "default", None),
        ("__proto__", "claude-sonnet-4-5", "default", None),
        ("", "claude-sonnet-4-5", "default", None),
        (None, "claude-sonnet-4-5", "default", None),
        ("dispo", "kimi-k3", "kimi", None),
        (None, "kimi-k3.1-pro-highspeed", "direct", None),
        (None, "KIMI-K3", "default", None),
        (None, "kimi-k3 ", "default", None),
        (None, "kimi-k3-preview", "default", None),
        (None, "constructor", "default", None),
        (None, "moonshot/kimi-k3", "kimi", "kimi-k3"),
        ("dispo", "moonshot/claude-sonnet-4-5", "kimi", "claude-sonnet-4-5"),
        (None, "moonshot/direct/kimi-k3", "direct", "kimi-k3"),
        (None, "moonshot/", "kimi", ""),
        (None, "moonshotai/kimi-k3", "default", None),
        (None, "Moonshot/kimi-k3", "default", None),
        ("dispo", "", "default", None),
        ("dispo", None, "default", None),
        (None, "k" * 10_000, "default", None),
        (None, "\ud800", "default", None),
    ],
)
def test_a_call_takes_the_route_of_the_table(agent: str | None, model: Any, route: str, renamed: str | None) -> None:
    surface = "chat" if route == "direct" else "messages"
    decision = gate(call(model, agent, surface))
    assert isinstance(decision, Routed)
    assert (decision.route.name, decision.model) == (route, renamed)


@pytest.mark.parametrize("model", [3, 0, 1.5, True, False, [], ["kimi-k3"], {}, {"id": "kimi-k3"}], ids=repr)
def test_a_model_that_is_no_string_is_refused(model: Any) -> None:
    assert gate(call(model, "dispo")) == Refusal(400, "model must be a string")


def test_a_surface_that_the_route_does_not_serve_is_refused() -> None:
    decision = gate(call("claude-sonnet-4-5", "dispo", "chat"))
    assert decision == Refusal(400, "this model is served on messages only")


def test_a_body_that_cannot_be_translated_is_refused() -> None:
    decision = gate(call("kimi-k3.1-pro-highspeed", "dispo", "messages"))
    assert decision == Refusal(400, "messages must be a list of objects")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"model":"kimi-k3"', id="truncated"),
        pytest.param(b'{"model":"kimi-k3",}', id="trailing-comma"),
        pytest.param(b"{'model':'kimi-k3'}", id="single-quotes"),
        pytest.param(b"{}{}", id="two-values"),
        pytest.param(b'[{"model":"kimi-k3"}]', id="list"),
        pytest.param(b'"kimi-k3"', id="string"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"temperature":NaN}', id="nan"),
        pytest.param(b'{"temperature":-Infinity}', id="infinity"),
        pytest.param(b'{"model":"kimi-\xff"}', id="no-utf-8"),
        pytest.param(b'{"model":"\xed\xa0\x80"}', id="surrogate-in-utf-8"),
        pytest.param('{"model":"kimi-k3"}'.encode("utf-16"), id="utf-16"),
        pytest.param('\ufeff{"model":"kimi-k3"}'.encode(), id="byte-order-mark"),
        pytest.param(b'{"a":"\n"}', id="raw-control-character"),
        pytest.param(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="too-deep"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(raw: bytes) -> None:
    body = read(raw)
    assert isinstance(body, Refusal)
    assert body.status == 400


@pytest.mark.parametrize("number", ["1e400", BIG, f"-{BIG}.5", "1E5", "-0", "-0.0", "12345678901234567890"])
def test_a_number_of_any_size_is_read(number: str) -> None:
    raw = f'{{"model":"kimi-k3","seed":{number}}}'.encode()
    body = read(raw)
    assert isinstance(body, Body)
    assert (body.raw, body.members["model"]) == (raw, "kimi-k3")


def test_of_two_models_the_last_is_read() -> None:
    body = read(b'{"model":"claude-opus","n":1,"model":"kimi-k3"}')
    assert isinstance(body, Body)
    assert body.members["model"] == "kimi-k3"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('{"model":"moonshot/x"}', '{"model":"x"}'),
        (' {\n "model" :\t"moonshot/x" , "n":1.0 }\r\n', ' {\n "model" :\t"x" , "n":1.0 }\r\n'),
        ('{"a":{"model":"moonshot/x"},"model":"moonshot/x"}', '{"a":{"model":"moonshot/x"},"model":"x"}'),
        (
            '{"a":"\\"model\\":1","model":"m/x","b":[{"model":2}]}',
            '{"a":"\\"model\\":1","model":"x","b":[{"model":2}]}',
        ),
        ('{"model":"m/a","n":1,"model":"m/b"}', '{"model":"x","n":1,"model":"x"}'),
        ('{"mod\\u0065l":"m/x"}', '{"mod\\u0065l":"x"}'),
        (f'{{"a":1e400,"b":{BIG},"model":"m/x","c":1E5}}', f'{{"a":1e400,"b":{BIG},"model":"x","c":1E5}}'),
        ('{"a":"\\ud800 \u4e2d \\u4e2d","model":"m/x"}', '{"a":"\\ud800 \u4e2d \\u4e2d","model":"x"}'),
    ],
)
def test_another_name_changes_no_other_byte(raw: str, expected: str) -> None:
    assert with_model(raw.encode(), "x").decode() == expected


def test_a_name_that_utf_8_does_not_have_goes_out_escaped() -> None:
    assert with_model(b'{"model":"m/\\ud800"}', "\ud800") == b'{"model":"\\ud800"}'


def test_the_body_goes_out_as_it_came() -> None:
    sent = call()
    raw = b' {"model" : "kimi-k3", "n":1.0, "n":2, "a":"\\u4e2d"}\n'
    decision = gate(sent)
    assert isinstance(decision, Routed)
    odd = Call(sent.surface, sent.path, "", (), None, "", Body(raw, sent.body.members))
    assert STEPS.forward_body(odd, decision) == raw


def test_what_is_the_clients_own_or_the_connections_does_not_go_out() -> None:
    kept = ((b"content-type", b"application/json"), (b"x-other", b"1"), (b"x-other", b"2"), (b"accept-encoding", b"br"))
    own = (
        (b"authorization", b"Bearer client"),
        (b"x-api-key", b"client"),
        (b"cookie", b"a=b"),
        (b"host", b"router"),
        (b"content-length", b"7"),
        (b"expect", b"100-continue"),
        (b"connection", b"keep-alive, X-Hop"),
        (b"x-hop", b"1"),
        (b"te", b"trailers"),
        (b"transfer-encoding", b"chunked"),
        (b"x-portkey-config", b"of the client's"),
        (b"x-portkey-provider", b"of the client's"),
        (b"x-trace-id", b"trace-1"),
    )
    sent = call(headers=(*kept, *own))
    decision = gate(sent)
    assert isinstance(decision, Routed)
    marks = {
        b"x-portkey-api-key": b"{secret.portkey}",
        b"x-portkey-virtual-key": b"moonshot-kimi-84f4a1",
        b"x-trace-id": b"trace-1",
    }
    assert STEPS.forward_headers(sent, decision) == (*kept, *marks.items())


def test_an_agent_that_is_named_twice_is_nobody() -> None:
    assert value(((b"x-agent-id", b"dispo"), (b"x-agent-id", b"dispo")), b"x-agent-id") == "dispo, dispo"


def test_the_list_has_every_registered_model() -> None:
    listed = json.loads(STEPS.list_models(CONFIG).body)
    assert [entry["id"] for entry in listed["data"]] == list(TOLD["models"])


def test_a_config_that_names_an_unknown_route_is_refused() -> None:
    with pytest.raises(ValueError, match="default names 'nowhere', which is none of plan, kimi, backup"):
        read_config({**TOLD, "default": "nowhere"})


def test_it_imports_nothing_else_of_ours() -> None:
    own = Path(kimi_conformance.reference.__file__).parent
    for path in own.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                modules = [f"{node.module}.{name.name}" for name in node.names]
            ours = [module for module in modules if module.startswith("kimi_conformance")]
            assert all(module.startswith("kimi_conformance.reference.") for module in ours), path


def test_both_profiles_make_the_same_promise() -> None:
    one, other = (load_profile(name).profile for name in ("reference", "reference-asgi"))
    reached = {"name", "start", "asgi"}
    assert one.model_dump(exclude=reached) == other.model_dump(exclude=reached)


def test_the_config_does_what_the_profile_promises() -> None:
    policy = load_profile("reference").profile.policy
    promised = policy.model_dump(include={"plan_agents", "models", "prefixes", "default"})
    assert promised == {name: TOLD[name] for name in promised}


def test_the_config_retries_and_falls_back_as_the_profile_promises() -> None:
    for name, route in load_profile("reference").profile.routes.items():
        told = TOLD["routes"][name]
        assert told.get("fallback") == route.fallback
        promised = route.retry and route.retry.model_dump(mode="json", exclude={"by", "backoff"})
        assert told.get("retry") == promised


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in FAULTS.items()])
def test_a_fault_replaces_steps_and_not_many(fault: Fault) -> None:
    faulty = fault.apply(STEPS)
    replaced = [step.name for step in fields(STEPS) if getattr(faulty, step.name) is not getattr(STEPS, step.name)]
    assert 1 <= len(replaced) <= 3
    assert fault.says.endswith(".")
