"""The driver `start`, through the bench: a process and its closed world."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.trip import Ask, Named, Play
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router import ready
from kimi_conformance.router.bench import Bench
from kimi_conformance.router.player import Player
from kimi_conformance.router.tally import Infra
from suites.selftest.driving import PROFILE, ask, cannot_start, case, opened, told

if TYPE_CHECKING:
    from kimi_conformance.router.tally import Played

AGENTS = Path(__file__).parents[1] / "routing" / "examples" / "agents"
ECHO_PREPARED = "import json, os; print(json.dumps({'team': os.environ['TEAM'] + '-7'}))"

# Answers with what it knows of its world. The model of a call says what else it does.
ROUTER = """
import http.server, json, os, pathlib, sys, urllib.request

class Router(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        model = json.loads(self.rfile.read(int(self.headers["content-length"])))["model"]
        if model == "deadly":
            os._exit(3)
        told = {"pid": os.getpid(), "environment": dict(os.environ), "authorization": self.headers["authorization"]}
        if model == "calls-out":
            urls = os.environ["OWN"] + "/v1/models", "http://telemetry.test/v1", "https://api.test/v1"
            told["tried"] = [tried(url) for url in urls]
        if model == "reads":
            told["config"] = pathlib.Path(os.environ["CONFIG"]).read_text()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

def tried(url):
    try:
        return urllib.request.urlopen(url, timeout=5).status
    except OSError as error:
        return str(error)

once = pathlib.Path(os.environ["HOME"], "started")
if "ONCE" in os.environ and once.exists():
    sys.exit("I start but once")
once.touch()
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Router).serve_forever()
"""


def process(folder: Path, *, env: dict[str, str] | None = None, **start: Any) -> dict[str, Any]:
    """The `start` of the router above."""
    (folder / "router.py").write_text(ROUTER, "utf-8")
    return {"start": {"command": ["{python}", "-B", "router.py"], "env": {"PORT": "{port}"} | (env or {})} | start}


def test_a_process_sees_nothing_of_the_outer_environment_but_what_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "LANG": "C.UTF-8",
        "LET_IN": "yes",
        "KEPT_OUT": "no",
        "HTTPS_PROXY": "http://real.test",
    }.items():
        monkeypatch.setenv(name, value)
    profile = process(tmp_path, env={"KEY": "{secret.main}", "URL": "{upstream.main}"}, pass_env=["LET_IN", "NOT_SET"])

    async def environment() -> tuple[dict[str, str], Bench]:
        async with opened(tmp_path, **profile) as bench:
            return told(await bench.trip(ask()))["environment"], bench

    seen, bench = asyncio.run(environment())
    proxies = {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"}
    own = {"PATH", "LANG", "HOME", "NO_PROXY", "no_proxy", "PORT", "KEY", "URL", "LET_IN"}
    by_system = {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"}  # CPython's (PEP 538) and macOS's own
    assert seen.keys() - by_system == own | proxies
    assert (seen["HOME"], seen["LET_IN"], seen["KEY"]) == (str(tmp_path), "yes", bench.secrets["main"])
    (proxy,) = {seen[name] for name in proxies}
    assert proxy.startswith("http://127.0.0.1:")
    assert proxy != seen["URL"]


def test_a_process_that_calls_out_is_refused_and_seen(tmp_path: Path) -> None:
    async def call_out() -> tuple[list[str], list[str]]:
        async with opened(tmp_path, **process(tmp_path, env={"OWN": "{upstream.main}"})) as bench:
            tried = told(await bench.trip(ask("calls-out")))["tried"]
            await bench.settle([])
            return tried, [stray.upstream for stray in bench.take_strays()]

    tried, strays = asyncio.run(call_out())
    assert "401" in tried[0]  # its own upstream, which wants a key
    assert "403" in tried[1]
    assert "403" in tried[2]
    assert strays == ["outside: telemetry.test", "outside: api.test:443"]


def test_files_are_copied_with_their_placeholders_filled_in(tmp_path: Path) -> None:
    config = '{"ports": [{port}, {port.admin}], "up": "{upstream.main}", "key": "{secret.main}", "as": "{model}"}'
    (tmp_path / "template.json").write_text(config, "utf-8")
    profile = process(
        tmp_path,
        env={"CONFIG": "{scratch}/deep/config.json", "ADMIN": "{port.admin}", "UP": "{upstream.main}"},
        files={"deep/config.json": "template.json"},
    )

    async def read() -> tuple[dict[str, Any], Bench]:
        async with opened(tmp_path, **profile) as bench:
            return told(await bench.trip(ask("reads"))), bench

    said, bench = asyncio.run(read())
    seen = said["environment"]
    assert said["config"] == (
        f'{{"ports": [{seen["PORT"]}, {seen["ADMIN"]}], "up": "{seen["UP"]}", '
        f'"key": "{bench.secrets["main"]}", "as": "{{model}}"}}'
    )


def test_what_the_preparation_prints_is_sent_by_the_client(tmp_path: Path) -> None:
    profile = process(tmp_path, env={"TEAM": "blue"}, prepare=["{python}", "-c", ECHO_PREPARED])
    headers = {"authorization": "Bearer {prepared.team} {secret.client}"}

    async def authorization() -> tuple[str, Bench]:
        async with opened(tmp_path, **profile, client_headers=headers) as bench:
            return told(await bench.trip(ask()))["authorization"], bench

    sent, bench = asyncio.run(authorization())
    assert sent == f"Bearer blue-7 {bench.secrets['client']}"


@pytest.mark.parametrize(
    ("program", "why"),
    [
        pytest.param("import sys; sys.exit('no team')", "ended with exit code 1: no team", id="fails"),
        pytest.param("print('team: blue')", "is no JSON", id="no-json"),
        pytest.param("print([1])", "printed no JSON object", id="no-object"),
        pytest.param("print({})", "unknown placeholder {prepared.team}", id="other-keys"),
    ],
)
def test_a_preparation_that_fails_says_why_and_leaves_no_router(program: str, why: str, tmp_path: Path) -> None:
    tell_port = f"import os, pathlib; pathlib.Path({str(tmp_path / 'port')!r}).write_text(os.environ['PORT']); "
    profile = process(tmp_path, prepare=["{python}", "-c", tell_port + program])
    assert why in cannot_start(tmp_path, **profile, client_headers={"x-team": "{prepared.team}"})
    port = int((tmp_path / "port").read_text())
    assert not asyncio.run(ready.port_in_use_by_other("127.0.0.1", port))


def test_a_request_that_ends_a_process_is_blamed_and_those_beside_it_are_answered(tmp_path: Path) -> None:
    async def play() -> list[Played]:
        async with opened(tmp_path, **process(tmp_path)) as bench:
            cases = [case("before"), case("killer", "deadly"), case("beside"), case("two", "first", "second")]
            return [*(await Player(bench).play(cases)).values()]

    plays = [one for one in asyncio.run(play()) if isinstance(one, Play)]
    assert [one.ended for one in plays] == [None, "exit code 3", None, None]
    assert [[trip.client.status for trip in one.trips] for one in plays] == [[200], [None], [200], [200, 200]]


def test_a_process_that_does_not_start_again_leaves_the_rest_unsaid(tmp_path: Path) -> None:
    async def play() -> list[Played]:
        async with opened(tmp_path, **process(tmp_path, env={"ONCE": "yes"})) as bench:
            cases = [case("done"), case("killer", "deadly"), case("left")]
            return [*(await Player(bench, concurrency=1).play(cases)).values()]

    done, *left = asyncio.run(play())
    assert isinstance(done, Play)
    for one in left:
        assert isinstance(one, Infra)
        assert one.reason.startswith("the router could not be started again: ")
        assert "exit code 1" in one.reason
        assert "I start but once" in one.reason


def test_a_restart_is_a_new_process_and_the_old_one_is_gone(tmp_path: Path) -> None:
    async def pids() -> tuple[int, int]:
        async with opened(tmp_path, **process(tmp_path)) as bench:
            old = told(await bench.trip(ask()))["pid"]
            await bench.restart()
            with pytest.raises(ProcessLookupError):
                os.kill(old, 0)
            return old, told(await bench.trip(ask()))["pid"]

    old, new = asyncio.run(pids())
    assert old != new
    with pytest.raises(ProcessLookupError):
        os.kill(new, 0)


def test_after_a_restart_agents_are_asked_at_the_ports_of_the_new_process(tmp_path: Path) -> None:
    async def arrivals() -> list[str]:
        loaded = load_profile(str(AGENTS / "port.yaml"))
        bench = Bench(loaded.profile, loaded.folder, tmp_path, tmp_path)
        try:
            await bench.open()
            await bench.restart()
            made = await bench.trip(Ask(Named("claude", "claude-sonnet-4-5"), "messages", Named("dispo", "dispo")))
            return [arrival.upstream for arrival in bench.completed(made).arrivals]
        finally:
            await bench.close()

    assert asyncio.run(arrivals()) == ["shortcut"]


@pytest.mark.parametrize(
    ("profile", "isolation", "restartable"),
    [
        ({"start": {"command": ["router"]}, "isolation": "fresh"}, "fresh", True),
        ({"start": {"command": ["router"]}}, "shared", True),
        ({"asgi": "package:app", "isolation": "none"}, "none", True),
        ({"url": "http://127.0.0.1:1", "isolation": "fresh"}, "shared", False),
        ({"url": "http://127.0.0.1:1", "isolation": "none"}, "none", False),
        ({"decide": "package:function", "isolation": "fresh"}, "shared", False),
    ],
)
def test_a_router_can_be_fresh_for_each_case_only_where_we_start_it(
    profile: dict[str, Any], isolation: str, tmp_path: Path, *, restartable: bool
) -> None:
    bench = Bench(Profile.model_validate(PROFILE | profile), tmp_path, tmp_path, tmp_path)
    assert (bench.isolation, bench.restartable) == (isolation, restartable)


@pytest.mark.parametrize(
    ("profile", "fixed"),
    [
        ({}, False),
        ({"agent": {"port": {"dispo": "{port.dispo}"}}}, False),
        ({"agent": {"port": {"dispo": 18901}}}, True),
        ({"upstreams": {"main": {"speaks": "openai", "secret": "main", "listen": "127.0.0.1:18903"}}}, True),
    ],
    ids=["free", "placeholder", "agent", "listen"],
)
def test_there_can_be_one_router_only_where_ports_are_fixed(
    profile: dict[str, Any], tmp_path: Path, *, fixed: bool
) -> None:
    given = Profile.model_validate(PROFILE | {"start": {"command": ["router"]}} | profile)
    assert Bench(given, tmp_path, tmp_path, tmp_path).fixed == fixed
