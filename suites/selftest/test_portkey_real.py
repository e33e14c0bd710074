"""The open gateway of npm does what the Portkey stand-in is said to do: the same configs, the same failures."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.exchange import Request
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router import child, ready
from kimi_conformance.router.http_client import HttpClient
from kimi_conformance.router.install import CannotInstall, install
from kimi_conformance.upstream import openai
from kimi_conformance.upstream.gates import Gates
from kimi_conformance.upstream.script import Reset, Script, json_answer
from kimi_conformance.upstream.server import StandIn
from suites.selftest.command import run
from suites.selftest.portkey_rows import ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kimi_conformance.contract.profile import Profile
    from suites.selftest.portkey_rows import Answer, Row

PROFILE: Final = load_profile("portkey").profile
START_S: Final = 20.0
BODY: Final = b'{"model":"kimi-k3","messages":[{"role":"user","content":"hello"}]}'


@pytest.fixture(scope="module")
def tools() -> Path:
    """Where the gateway is installed."""
    return _installed(PROFILE)


@pytest.fixture
def chained() -> Path:
    """Where it is installed for the profile in which it is chained between."""
    return _installed(load_profile("portkey-chained").profile)


def _installed(profile: Profile) -> Path:
    """The folder of its tools, which npm gets where they are not there yet; skips where it cannot."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("npm_config_fetch_retries", "0")
        patch.setenv("npm_config_fetch_timeout", "10000")
        try:
            return install(profile, lambda _: None)
        except CannotInstall as error:
            pytest.skip(f"the gateway cannot be installed here: {str(error).splitlines()[0]}")


@dataclass
class Providers:
    """One server for all options of all rows: each has a path of its own there, and its answers one after the other."""

    calls: defaultdict[str, list[tuple[str, Answer]]] = field(default_factory=lambda: defaultdict(list))

    def answer(self, request: Request) -> Script:
        """The next answer of the option that the path names."""
        _, number, place, *_ = request.url.split("/")
        row, option = ROWS[int(number)], place.replace("(", "[").replace(")", "]")
        answers = row.answers.get(option, (200,))
        made = sum(called == option for called, _ in self.calls[row.id])
        answer = answers[min(made, len(answers) - 1)]
        self.calls[row.id].append((option, answer))
        if answer == "gone":
            return Script(before=(Reset(),))
        if answer == 200:
            asked = Request("POST", openai.CHAT, body=request.body)
            return openai.answer(asked, openai.Config())
        return json_answer(int(answer), {"error": {"message": f"says {answer}", "type": "odd"}})


def reaching(config: Mapping[str, Any], base: str, place: str = "config") -> dict[str, Any]:
    """`config` with every target at a path of its own below `base`."""
    made = dict(config)
    if "targets" in made:
        targets = enumerate(made["targets"])
        made["targets"] = [reaching(target, base, f"{place}.targets({index})") for index, target in targets]
    else:
        made |= {"api_key": "none", "custom_host": f"{base}/{place}"}
    return made


def test_every_config_comes_to_the_same_at_the_real_gateway(tools: Path, tmp_path: Path) -> None:
    providers = Providers()

    async def one(number: int, row: Row, gateway: str, base: str) -> tuple[object, ...]:
        config = json.dumps(reaching(row.config, f"{base}/{number}"))
        headers = (("content-type", "application/json"), ("x-portkey-config", config))
        sent = Request("POST", f"{gateway}/v1/chat/completions", headers, BODY)
        got = await HttpClient().send(sent, clock=lambda: time.monotonic() * 1000)
        assert got.response, got.error
        told = (got.response.header(f"x-portkey-{name}") for name in ("last-used-option-index", "retry-attempt-count"))
        return (row.id, got.status, *told, tuple(providers.calls[row.id]))

    async def every() -> list[tuple[object, ...]]:
        behind = StandIn(
            "providers",
            providers.answer,
            clock=lambda: 0.0,
            on_arrival=lambda *_: None,
            on_done=lambda *_: None,
            gates=Gates(),
        )
        await behind.start()
        port = await ready.free_port()
        script = tools / "node_modules/@portkey-ai/gateway/build/start-server.js"
        command = ["node", str(script), "--headless", f"--port={port}"]
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        running = await child.start(command, cwd=tmp_path, env=env, log=tmp_path / "gateway.log")
        try:
            await ready.wait_ready(running, host="127.0.0.1", port=port, path="/", status=200, timeout_s=START_S)
            gateway = f"http://127.0.0.1:{port}"
            return list(await asyncio.gather(*(one(n, row, gateway, behind.url) for n, row in enumerate(ROWS))))
        finally:
            await running.stop()
            await behind.stop()

    expected = [(row.id, row.status, row.option, row.retries, row.calls) for row in ROWS]
    assert asyncio.run(every()) == expected


@pytest.mark.usefixtures("chained")
def test_chained_between_it_retries_and_falls_back_for_a_router_that_does_not(tmp_path: Path) -> None:
    areas = ("router.retry.*", "router.fallback.*", "router.gate.each-registered-model-reaches-its-route")
    only = [word for glob in areas for word in ("--only", glob)]
    done = run("check", "portkey-chained", *only, "--json", tmp_path / "results.json", cwd=tmp_path)
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    words = {requirement["id"]: requirement["verdict"] for requirement in results["requirements"]}
    told = {"router.retry.rate-limit-retried", "router.fallback.after-exhaustion", "router.fallback.once", areas[-1]}
    assert (done.code, {words[name] for name in told}) == (0, {"pass"})
