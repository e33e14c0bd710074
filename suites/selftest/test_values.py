"""The values of placeholders: canaries, ports, addresses, and what is left alone."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from kimi_conformance.contract.placeholders import UnknownPlaceholder
from kimi_conformance.contract.profile import JsonMark, Profile
from kimi_conformance.router.values import Values

SCRATCH, TOOLS = Path("/scratch"), Path("/tools")


def values(**profile: Any) -> Values:
    whole = {
        "name": "under-test",
        "start": {"command": ["router"], "prepare": ["prepare"]},
        "surfaces": {"chat": "/v1/chat/completions"},
        "upstreams": {"main": {"speaks": "openai", "secret": "main"}, "ledger": {"speaks": "postgrest"}},
        "routes": {"plan": {"upstream": "main"}},
        "policy": {"plan_agents": {"dispo": "plan"}},
    }
    made = Values(Profile.model_validate(whole | profile), SCRATCH, TOOLS, {})
    made.upstreams = {"main": "http://127.0.0.1:4001", "ledger": "http://127.0.0.1:4002"}
    return made


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{scratch}/config", "/scratch/config"),
        ("{tools}/bin", "/tools/bin"),
        ("{python}", sys.executable),
        ("{upstream.main}/v1", "http://127.0.0.1:4001/v1"),
        ("127.0.0.1:{upstream.ledger.port}", "127.0.0.1:4002"),
        ('{"retry": {"attempts": 3}, "{model}": "{}"}', '{"retry": {"attempts": 3}, "{model}": "{}"}'),
        ("Bearer {secret.agent.NAME}", "Bearer {secret.agent.NAME}"),
    ],
)
def test_a_placeholder_has_its_value_and_every_other_brace_stays(text: str, filled: str) -> None:
    assert values().fill(text) == filled


@pytest.mark.parametrize(
    "text",
    [
        "{upstream.other}",
        "{upstream.other.port}",
        "{secret.other}",
        "{prepared.key}",
        "{env.HOME}",
        "{port}",
        "{port.a}",
    ],
)
def test_a_placeholder_without_a_value_is_named(text: str) -> None:
    with pytest.raises(UnknownPlaceholder, match=re.escape(f"unknown placeholder {text}")):
        values().fill(f"before {text} after")


def test_a_secret_is_the_same_throughout_a_run_and_unlike_any_other() -> None:
    run, other = values(), values()
    names = ("secret.main", "secret.client", "secret.agent.dispo", "secret.agent.scout")
    first = [run.of(name) for name in names]
    assert [run.of(name) for name in names] == first
    assert len({*first, *(other.of(name) for name in names)}) == 2 * len(names)
    assert all(re.fullmatch(r"sk-kc-[a-z0-9-]+-[0-9a-f]{24}", secret) for secret in first)
    assert run.secrets["agent.dispo"].startswith("sk-kc-agent-dispo-")
    assert sorted(run.secrets.values()) == sorted(first)


def test_an_agent_s_key_can_be_asked_for_whoever_the_agent_is() -> None:
    run = values()
    assert run.fill("Bearer {secret.agent.nobody}") == f"Bearer {run.secret('agent.nobody')}"


def test_ports_are_chosen_for_every_name_that_is_used_and_anew_for_each_start() -> None:
    run = values()

    async def choose() -> dict[str, int]:
        await run.choose_ports("serve {port.admin}", json.dumps({"dispo": "{port.dispo}", "again": "{port.admin}"}))
        return run.ports

    run.ports = {"port.former": 1}
    first, second = asyncio.run(choose()), asyncio.run(choose())
    assert set(first) == set(second) == {"port", "port.admin", "port.dispo"}
    assert len({*first.values(), *second.values()}) == 6
    assert run.fill("{port} {port.dispo}") == f"{second['port']} {second['port.dispo']}"


def test_a_profile_is_rendered_to_its_last_corner() -> None:
    run = values(
        client_headers={"authorization": "Bearer {secret.client}", "x-team": "{prepared.team}"},
        agent={"port": {"dispo": "{port.dispo}", "scout": 18901}},
        routes={
            "plan": {"upstream": "main", "headers": {"x-base": "{upstream.ledger}"}},
            "none": {"upstream": "main", "headers": {"x-config": {"json": "/provider", "is": None}}},
        },
        per_model={"k": {"headers": {"x-key": "{secret.main}"}, "path": {"chat": "/{secret.client}/chat"}}},
    )
    run.prepared = {"team": "blue"}
    run.ports = {"port.dispo": 4003}
    rendered = run.rendered()
    assert rendered.client_headers == {"authorization": f"Bearer {run.secret('client')}", "x-team": "blue"}
    assert rendered.agent is not None
    assert rendered.agent.model_dump() == {"port": {"dispo": "4003", "scout": 18901}}
    assert rendered.routes["plan"].headers == {"x-base": "http://127.0.0.1:4002"}
    assert rendered.routes["none"].headers == {"x-config": JsonMark.model_validate({"json": "/provider", "is": None})}
    assert rendered.per_model["k"].headers == {"x-key": run.secret("main")}
    assert rendered.per_model["k"].path.chat == f"/{run.secret('client')}/chat"


def test_what_starts_the_router_stays_as_it_was_written() -> None:
    run = values(start={"command": ["router", "{port}", "{env.HOME}"]})
    assert run.rendered() == run.profile


def test_a_key_that_the_preparation_did_not_print_is_named() -> None:
    run = values(client_headers={"x-team": "{prepared.team}"})
    run.prepared = {"other": "blue"}
    with pytest.raises(UnknownPlaceholder, match=re.escape("{prepared.team}")):
        run.rendered()
