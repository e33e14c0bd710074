"""Profiles of routers that are asked for real, and what a command makes of them. The real Kimi is the offline one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import yaml

from suites.selftest.command import run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from suites.selftest.command import Done

DAY: Final = "2026-11-25"
CONFIG: Final = {
    "client_key": "{secret.client}",
    "upstreams": {
        "kimi": {"url": "{upstream.kimi}", "headers": {"authorization": "Bearer {env.MOONSHOT_API_KEY}"}},
        "other": {"url": "{upstream.other}", "headers": {"authorization": "Bearer {secret.other}"}},
    },
    "routes": {"kimi": {"upstream": "kimi", "tier": "kimi"}, "default": {"upstream": "other", "tier": "default"}},
    "plan_agents": {},
    "models": {"kimi-k3": "kimi"},
    "prefixes": {},
    "default": "default",
    "ledger": {"url": "{upstream.ledger}/rest/v1/tool_calls", "headers": {"apikey": "{secret.ledger}"}},
    "answer_s": 12,
    "gap_s": 5,
    "max_body": 1048576,
}


def profile(live: str | None, **sections: Any) -> dict[str, Any]:
    """The reference router before a Kimi that is real, and others that are not."""
    kimi = {"speaks": "kimi"} | ({"live": live} if live else {"secret": "kimi"})
    return {
        "name": "live",
        "asgi": {
            "app": "kimi_conformance.reference:app_from_env",
            "factory": True,
            "files": {"reference.json": "reference.json"},
            "env": {"REFERENCE_CONFIG": "{scratch}/reference.json"},
        },
        "surfaces": {"chat": "/v1/chat/completions", "models": "/v1/models"},
        "client_headers": {"authorization": "Bearer {secret.client}"},
        "upstreams": {
            "kimi": kimi,
            "other": {"speaks": "openai", "secret": "other"},
            "ledger": {"speaks": "postgrest", "secret": "ledger"},
        },
        "routes": {"kimi": {"upstream": "kimi", "tier": "kimi"}, "default": {"upstream": "other", "tier": "default"}},
        "policy": {"models": {"kimi-k3": "kimi"}, "default": "default", "non_string_model": "refuse"},
        "trace": {"header": "x-trace-id"},
        "ledger": {
            "postgrest": {"upstream": "ledger", "path": "/rest/v1/tool_calls"},
            "columns": {"trace": "/trace_id", "model": "/model"},
        },
        **sections,
    }


def written(folder: Path, live: str | None, key: str = "{env.MOONSHOT_API_KEY}") -> Path:
    """The profile as a file in `folder`; `key` is what the router shows Kimi."""
    config = json.dumps(CONFIG).replace("{env.MOONSHOT_API_KEY}", key)
    (folder / "reference.json").write_text(config, "utf-8")
    path = folder / "router.yaml"
    path.write_text(yaml.safe_dump(profile(live), sort_keys=False), "utf-8")
    return path


def checked(
    folder: Path, *words: str | Path, env: Mapping[str, str | None] | None = None
) -> tuple[Done, dict[str, Any]]:
    """What `check` says, and its results; none where it did not get so far."""
    json_file = folder / "results.json"
    done = run("check", *words, "--json", json_file, "--date", DAY, cwd=folder, env=env)
    return done, json.loads(json_file.read_text("utf-8")) if json_file.exists() else {}


def verdicts(results: Mapping[str, Any]) -> dict[str, str]:
    """The verdict of each requirement."""
    return {requirement["id"]: requirement["verdict"] for requirement in results["requirements"]}


def cases(results: Mapping[str, Any], verdict: str) -> list[dict[str, Any]]:
    """The cases of that verdict."""
    every = (case for requirement in results["requirements"] for case in requirement["cases"])
    return [case for case in every if case["verdict"] == verdict]
