"""A router that heeds no proxy has a network of its own, where the machine allows it: what it calls comes to us."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.trip import Ask, Named
from kimi_conformance.router import child
from kimi_conformance.router.bench import Bench
from kimi_conformance.router.namespace import Namespace, possible

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip

BOUND_S: Final = 30

ROUTER: Final = """
import json, os, urllib.error, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # heeds none
CALLS = {"kimi-k3": "https://api.portkey.ai", "plain": "http://api.portkey.ai", "other": "https://api.moonshot.ai"}

class Router(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        url = CALLS[json.loads(body)["model"]] + "/v1/chat/completions"
        headers = {"content-type": "application/json", "x-portkey-virtual-key": "vk"}
        try:
            with OPENER.open(urllib.request.Request(url, body, headers), timeout=5) as answer:
                status, said = answer.status, answer.read()
        except urllib.error.URLError as error:
            status, said = 502, str(error.reason).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Router).serve_forever()
"""

PROFILE: Final = Profile.model_validate(
    {
        "name": "stubborn",
        "start": {"command": ["{python}", "{scratch}/router.py"], "env": {"PORT": "{port}"}},
        "surfaces": {"chat": "/v1/chat/completions"},
        "upstreams": {"portkey": {"speaks": "portkey", "virtual_keys": {"vk": "kimi"}}},
        "intercept": {"api.portkey.ai": "portkey"},
        "routes": {"kimi": {"upstream": "portkey"}},
        "policy": {"models": {"kimi-k3": "kimi"}, "default": "kimi"},
    }
)


async def _allowed(folder: Path) -> bool:
    network = Namespace(())
    running = await child.start(
        network.command(["true"]), cwd=folder, env={"PATH": os.environ["PATH"]}, log=folder / "log"
    )
    try:
        return await network.enter() and await network.begin() is None
    finally:
        await running.stop()
        network.close()


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    if not sys.platform.startswith("linux") or not asyncio.run(_allowed(tmp_path)):
        pytest.skip("this machine allows no networks of one's own: not run")
    (tmp_path / "router.py").write_text(ROUTER, "utf-8")
    return tmp_path


def tripped(scratch: Path, *models: str) -> list[Trip]:
    async def story() -> list[Trip]:
        bench = Bench(PROFILE, scratch, scratch, scratch)
        async with asyncio.timeout(BOUND_S):
            try:
                await bench.open()
                trips = [await bench.trip(Ask(Named("model", model))) for model in models]
                await bench.settle(trips)
                return [bench.completed(trip) for trip in trips]
            finally:
                await bench.close()

    return asyncio.run(story())


def test_what_heeds_no_proxy_comes_to_the_stand_in_all_the_same(scratch: Path) -> None:
    secure, plain = tripped(scratch, "kimi-k3", "plain")
    for trip in (secure, plain):
        assert trip.client.status == 200
        assert [arrival.upstream for arrival in trip.arrivals] == ["portkey"]
        assert trip.arrivals[0].exchange.request.header("host") == "api.portkey.ai"


def test_what_is_called_beside_it_finds_no_network(scratch: Path) -> None:
    (trip,) = tripped(scratch, "other")
    assert (trip.client.status, trip.arrivals) == (502, ())


def test_a_command_that_is_not_there_is_not_tried(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("", "utf-8")
    assert possible("./here", tmp_path, {}) is sys.platform.startswith("linux")
    assert not possible("./there", tmp_path, {})
    assert not possible("no-such-command", tmp_path, {"PATH": "/bin:/usr/bin"})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there are no such networks here: not run")
def test_where_it_is_not_allowed_the_command_runs_as_it_is(tmp_path: Path) -> None:
    ours = str(Path("/proc/self/ns/net").readlink())

    async def story() -> None:
        network = Namespace(("api.portkey.ai",))
        (network._folder / "hosts").unlink()  # noqa: SLF001 - what cannot be mounted is as good as not allowed
        words = network.command(["readlink", "/proc/self/ns/net"])
        running = await child.start(words, cwd=tmp_path, env={"PATH": os.environ["PATH"]}, log=tmp_path / "log")
        try:
            assert not await network.enter()
            await asyncio.wait_for(asyncio.shield(running.exited), BOUND_S)
            assert running.log_tail() == ours
        finally:
            await running.stop()
            network.close()

    asyncio.run(story())
