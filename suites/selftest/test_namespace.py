"""A router that heeds no proxy has a network of its own, where the machine allows it: what it calls comes to us."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.scene import PLAIN, REFUSED, Scene
from kimi_conformance.contract.trip import Ask, Named
from kimi_conformance.router import child
from kimi_conformance.router.bench import Bench
from kimi_conformance.router.names import Names
from kimi_conformance.router.namespace import Namespace, plain_switch, possible
from suites.selftest.networks import why_not_allowed
from suites.selftest.node_examples import needs_node

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Trip

BOUND_S: Final = 30

ROUTER: Final = """
import json, os, urllib.error, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # heeds none
CALLS = {"kimi-k3": "https://api.portkey.ai", "plain": "http://api.portkey.ai", "other": "https://api.moonshot.ai"}
CALLS["local"] = os.environ["LOCAL"]

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
        "start": {
            "command": ["{python}", "{scratch}/router.py"],
            "env": {"PORT": "{port}", "LOCAL": "{upstream.local}"},
        },
        "surfaces": {"chat": "/v1/chat/completions"},
        "upstreams": {"portkey": {"speaks": "portkey", "virtual_keys": {"vk": "kimi"}}, "local": {"speaks": "openai"}},
        "intercept": {"api.portkey.ai": "portkey"},
        "routes": {"kimi": {"upstream": "portkey"}, "local": {"upstream": "local"}},
        "policy": {"models": {"kimi-k3": "kimi", "local": "local"}, "default": "kimi"},
    }
)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    if why := asyncio.run(why_not_allowed(tmp_path)):
        pytest.skip(why)
    (tmp_path / "router.py").write_text(ROUTER, "utf-8")
    return tmp_path


def ask(model: str, *acts: str) -> Ask:
    return Ask(Named("model", model), scene=Scene(acts) if acts else PLAIN)


def tripped(scratch: Path, *asks: Ask) -> list[Trip]:
    async def story() -> list[Trip]:
        bench = Bench(PROFILE, scratch, scratch, scratch)
        async with asyncio.timeout(BOUND_S):
            try:
                await bench.open()
                trips = [await bench.trip(ask) for ask in asks]
                await bench.settle(trips)
                return [bench.completed(trip) for trip in trips]
            finally:
                await bench.close()

    return asyncio.run(story())


def test_what_heeds_no_proxy_comes_to_the_stand_in_all_the_same(scratch: Path) -> None:
    secure, plain = tripped(scratch, ask("kimi-k3"), ask("plain"))
    for trip in (secure, plain):
        assert trip.client.status == 200
        assert [arrival.upstream for arrival in trip.arrivals] == ["portkey"]
        assert trip.arrivals[0].exchange.request.header("host") == "api.portkey.ai"


def test_what_is_called_beside_it_finds_no_network(scratch: Path) -> None:
    (trip,) = tripped(scratch, ask("other"))
    assert (trip.client.status, trip.arrivals) == (502, ())


def test_an_upstream_at_which_nobody_listens_refuses_in_there_too_and_then_listens_again(scratch: Path) -> None:
    before, refused, after = tripped(scratch, ask("local"), ask("local", REFUSED), ask("local"))
    assert [len(trip.arrivals) for trip in (before, refused, after)] == [1, 0, 1]
    assert refused.client.response is not None
    assert (refused.client.status, b"refused" in refused.client.response.body) == (502, True)
    assert (before.client.status, after.client.status) == (200, 200)


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


LOOKS: Final = """
import json, socket, sys

def found(host):
    try:
        return sorted({each[4][0] for each in socket.getaddrinfo(host, 443)})
    except OSError as error:
        return type(error).__name__

print(json.dumps([found(host) for host in sys.argv[1:]]))
"""

RESOLVES: Final = """
const { promises: dns } = require('node:dns');
const found = (asked) => asked.then((addresses) => addresses, (error) => error.code);
const hosts = process.argv.slice(1);
Promise.all(hosts.map((host) => found(dns.resolve4(host)))).then((all) => console.log(JSON.stringify(all)));
"""


def told(folder: Path, *command: str) -> tuple[list[list[str] | str], set[str]]:
    """What a program finds of some hosts in a network in which api.portkey.ai is played, and what is told of then."""
    lost: list[str] = []
    hosts = ("API.Portkey.AI", "localhost", "telemetry.example.com", "redis")

    async def story() -> str:
        network = Namespace(("api.portkey.ai",))
        words = network.command([*command, *hosts])
        running = await child.start(words, cwd=folder, env={"PATH": os.environ["PATH"]}, log=folder / "log")
        try:
            assert await network.enter()
            await network.answer(Names(("api.portkey.ai",), lost.append))
            await network.begin()
            await asyncio.wait_for(asyncio.shield(running.exited), BOUND_S)
            return running.log_tail()
        finally:
            await running.stop()
            network.close()

    found: list[list[str] | str] = json.loads(asyncio.run(story()))
    return found, set(lost)


def test_a_host_that_is_not_there_is_told_and_one_that_is_played_is_found(scratch: Path) -> None:
    found, lost = told(scratch, sys.executable, "-c", LOOKS)
    assert (found[0], "127.0.0.1" in found[1], found[2:]) == (["127.0.0.1"], True, ["gaierror", "gaierror"])
    assert lost == {"telemetry.example.com", "redis"}  # and not in the domain of this machine


@needs_node
def test_what_asks_the_name_server_itself_finds_the_same(scratch: Path) -> None:
    found, lost = told(scratch, "node", "-e", RESOLVES)
    assert found == [["127.0.0.1"], ["127.0.0.1"], "ENOTFOUND", "ENOTFOUND"]
    assert lost == {"telemetry.example.com", "redis"}


def test_a_host_that_was_looked_up_is_noted_once_a_trip(scratch: Path) -> None:
    async def story() -> list[str]:
        bench = Bench(PROFILE, scratch, scratch, scratch)
        async with asyncio.timeout(BOUND_S):
            try:
                await bench.open()
                for _ in range(2):
                    await bench.settle([await bench.trip(ask("other"))])
                return [stray.upstream for stray in bench.take_strays()]
            finally:
                await bench.close()

    assert asyncio.run(story()) == ["outside: api.moonshot.ai"] * 2


@pytest.mark.parametrize(
    ("listed", "due"),
    [
        pytest.param("", "\nhosts: files dns\n", id="none"),
        pytest.param(
            "passwd: files systemd\nhosts: files mymachines resolve [!UNAVAIL=return] dns\nrpc: db files\n",
            "passwd: files systemd\nhosts: files dns\nrpc: db files\n",
            id="a-resolver-of-this-machine",
        ),
        pytest.param("# hosts: nis\n\thosts:\tnis", "# hosts: nis\nhosts: files dns", id="odd"),
    ],
)
def test_hosts_are_looked_for_in_files_and_at_the_name_server(listed: str, due: str) -> None:
    assert plain_switch(listed) == due
