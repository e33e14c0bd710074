"""The drivers through the bench: a process and its closed world, a URL, an application, a bare decision."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.trip import ABSENT, Ask, Decision, Named, Play, outcome
from kimi_conformance.judge.destination import on_expected_route
from kimi_conformance.oracle import Routed
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router import child, ready
from kimi_conformance.router.bench import Bench
from kimi_conformance.router.case import Case
from kimi_conformance.router.driver import CannotStart
from kimi_conformance.router.player import Infra, Player

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.router.player import Played

AGENTS = Path(__file__).parents[1] / "routing" / "examples" / "agents"
BOUND_S = 15
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

PROFILE: dict[str, Any] = {
    "name": "under-test",
    "surfaces": {"chat": "/v1/chat/completions"},
    "upstreams": {"main": {"speaks": "openai", "secret": "main"}},
    "routes": {"only": {"upstream": "main", "tier": "usual"}},
    "policy": {"default": "only"},
}


@asynccontextmanager
async def opened(folder: Path, **profile: Any) -> AsyncIterator[Bench]:
    bench = Bench(Profile.model_validate(PROFILE | profile), folder, folder, folder)
    try:
        async with asyncio.timeout(BOUND_S):
            await bench.open()
            yield bench
    finally:
        await bench.close()


def process(folder: Path, *, env: dict[str, str] | None = None, **start: Any) -> dict[str, Any]:
    """The `start` of the router above."""
    (folder / "router.py").write_text(ROUTER, "utf-8")
    return {"start": {"command": ["{python}", "-B", "router.py"], "env": {"PORT": "{port}"} | (env or {})} | start}


def ask(model: Any = "any") -> Ask:
    return Ask(Named("model", model))


def case(name: str, *models: str) -> Case:
    return Case("router.gate.rule", (("case", name),), tuple(map(ask, models or [name])))


def told(trip: Trip) -> dict[str, Any]:
    assert trip.client.response is not None, trip.client.error
    said: dict[str, Any] = trip.client.response.json()
    return said


def cannot_start(folder: Path, **profile: Any) -> str:
    """Why the router could not be started."""

    async def start() -> None:
        async with opened(folder, **profile):
            pytest.fail("it started")

    with pytest.raises(CannotStart) as refusal:
        asyncio.run(start())
    return str(refusal.value)


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
    ("profile", "fresh"),
    [
        ({"start": {"command": ["router"]}, "isolation": "fresh"}, True),
        ({"start": {"command": ["router"]}}, False),
        ({"url": "http://127.0.0.1:1", "isolation": "fresh"}, False),
    ],
)
def test_a_router_can_be_fresh_for_each_case_only_where_we_start_it(
    profile: dict[str, Any], tmp_path: Path, *, fresh: bool
) -> None:
    assert Bench(Profile.model_validate(PROFILE | profile), tmp_path, tmp_path, tmp_path).fresh == fresh


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[child.Child, dict[str, Any]]]:
    """The router of the agents' examples, started by somebody else, and a profile that leads there."""
    port, shortcut, gateway = [await ready.free_port() for _ in range(3)]
    urls = {"SHORTCUT_URL": f"http://127.0.0.1:{shortcut}", "GATEWAY_URL": f"http://127.0.0.1:{gateway}"}
    command, env = [sys.executable, "-B", "router.py"], {"AGENT_BY": "header", "PORT": str(port), **urls}
    router = await child.start(command, cwd=AGENTS, env=env, log=folder / "log")
    try:
        await ready.wait_ready(router, host="127.0.0.1", port=port, path=None, status=200, timeout_s=BOUND_S)
        listening = {
            "shortcut": {"speaks": "anthropic", "serves": ["claude*"], "listen": f"127.0.0.1:{shortcut}"},
            "gateway": {"speaks": ["openai", "anthropic"], "listen": f"127.0.0.1:{gateway}"},
        }
        routes = {"only": {"upstream": "gateway"}}
        agent = {"header": "x-agent-id"}
        yield router, {"url": f"http://127.0.0.1:{port}/", "upstreams": listening, "routes": routes, "agent": agent}
    finally:
        await router.stop()


def test_a_router_that_runs_already_is_seen_from_both_sides(tmp_path: Path) -> None:
    async def trips() -> list[Trip]:
        surfaces = {"messages": "/v1/messages"}
        async with running(tmp_path) as (_, profile), opened(tmp_path, **profile, surfaces=surfaces) as bench:
            claude, dispo = Named("claude", "claude-sonnet-4-5"), Named("dispo", "dispo")
            made = [await bench.trip(Ask(claude, "messages", dispo)), await bench.trip(Ask(claude, "messages"))]
            await bench.restart()
            made.append(await bench.trip(Ask(Named("kimi", "kimi-k3"), "messages", dispo)))
            await bench.settle(made)
            return [bench.completed(trip) for trip in made]

    made = asyncio.run(trips())
    assert [trip.client.status for trip in made] == [200, 200, 200]
    assert [[arrival.upstream for arrival in trip.arrivals] for trip in made] == [
        ["shortcut"],
        ["gateway"],
        ["gateway"],
    ]


def test_a_router_that_runs_no_more_leaves_the_rest_unsaid(tmp_path: Path) -> None:
    async def play() -> list[Played]:
        async with running(tmp_path) as (router, profile), opened(tmp_path, **profile) as bench:
            done = await Player(bench).play([case("done")])
            await router.stop()
            return [*done.values(), *(await Player(bench).play([case("left")])).values()]

    done, left = asyncio.run(play())
    assert isinstance(done, Play)
    assert isinstance(left, Infra)
    assert left.reason.startswith("the router could not be started again: nobody accepts connections at http://127.")


def test_a_url_where_nobody_listens_is_said(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{asyncio.run(ready.free_port())}"
    assert f"nobody accepts connections at {url}" in cannot_start(tmp_path, url=url)


FACTORY = """
import json, os, pathlib

made = {"at import": os.environ["MARK"]}

def make():
    made["in factory"], made["file"] = os.environ["MARK"], pathlib.Path(os.environ["CONFIG"]).read_text()
    return app

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": os.environ.get("LIFESPAN", "lifespan.startup.complete"), "message": "no database"})
        return
    body = json.dumps({**made, "at call": os.environ.get("MARK")}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
"""


def test_an_application_gets_files_and_environment_while_it_is_made_and_leaves_ours_alone(tmp_path: Path) -> None:
    (tmp_path / "made_app.py").write_text(FACTORY, "utf-8")
    (tmp_path / "template").write_text("{upstream.main} {untouched}", "utf-8")
    env = {"MARK": "{secret.main}", "CONFIG": "{scratch}/deep/config"}
    asgi = {"app": "made_app:make", "factory": True, "env": env, "files": {"deep/config": "template"}}

    async def made() -> tuple[dict[str, Any], Bench]:
        async with opened(tmp_path, asgi=asgi) as bench:
            return told(await bench.trip(ask())), bench

    before = dict(os.environ)
    said, bench = asyncio.run(made())
    assert dict(os.environ) == before
    key = bench.secrets["main"]
    assert said == {"at import": key, "in factory": key, "at call": None, "file": said["file"]}
    assert said["file"].startswith("http://127.0.0.1:")
    assert said["file"].endswith(" {untouched}")


@pytest.mark.parametrize(
    ("app", "why"),
    [("no_such_module:app", "there is no module no_such_module"), ("made_app:nothing", "no attribute 'nothing'")],
)
def test_an_application_that_cannot_be_had_is_said(app: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "made_app.py").write_text("app = None", "utf-8")
    assert why in cannot_start(tmp_path, asgi=app)


DECIDER = """
import json, os, sys

def decide(question):
    match question.get("model"):
        case "echo": return {"route": json.dumps(question), "tier": ",".join(sorted(os.environ))}
        case "refuse": return {"refuse": "not today"}
        case "odd": return {"rout": "only"}
        case "raise": raise ValueError("no such model")
        case "exit": os._exit(7)
    return {"route": "only"}

if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(decide(json.loads(line))), flush=True)
"""


def decided(folder: Path, *models: Any, program: bool) -> list[Trip]:
    """One trip for each of `models`, in turn."""
    (folder / "decider.py").write_text(DECIDER, "utf-8")
    command = {"command": ["{python}", "-B", "decider.py"], "env": {"KEY": "{secret.main}"}}

    async def trips() -> list[Trip]:
        async with opened(folder, decide=command if program else "decider:decide") as bench:
            made = [await bench.trip(ask(model)) for model in models]
            await bench.settle(made)
            return [bench.completed(trip) for trip in made]

    return asyncio.run(trips())


@pytest.mark.parametrize("program", [pytest.param(False, id="callable"), pytest.param(True, id="program")])
def test_a_bare_decision_is_asked_for_what_there_is_and_says_route_tier_or_refusal(
    tmp_path: Path, *, program: bool
) -> None:
    echo, refused, routed, absent = decided(tmp_path, "echo", "refuse", None, ABSENT, program=program)
    assert echo.decision is not None
    assert echo.decision.route == '{"model": "echo", "surface": "chat"}'
    assert [trip.decision for trip in (refused, routed, absent)] == [
        Decision(None, None, "not today"),
        Decision("only", None, None),
        Decision("only", None, None),
    ]
    assert [outcome(trip) for trip in (echo, refused, routed, absent)] == ["served", "refused", "served", "served"]
    assert [trip.sent.json() for trip in (routed, absent)] == [{"model": None, "surface": "chat"}, {"surface": "chat"}]


@pytest.mark.parametrize(
    ("program", "model", "error"),
    [
        pytest.param(False, "raise", "closed: the function raised ValueError: no such model", id="callable-raises"),
        pytest.param(False, "odd", "protocol: the answer is neither", id="callable-odd"),
        pytest.param(True, "raise", "ValueError: no such model", id="program-raises"),
        pytest.param(True, "exit", "closed: the program ended", id="program-exits"),
        pytest.param(True, "odd", "protocol: the answer is neither", id="program-odd"),
    ],
)
def test_a_decision_that_fails_is_no_decision_and_the_finding_says_why(
    model: str, error: str, tmp_path: Path, *, program: bool
) -> None:
    before, failed, after = decided(tmp_path, "k1", model, "k2", program=program)
    assert [trip.decision for trip in (before, failed, after)] == [
        Decision("only", None, None),
        None,
        Decision("only", None, None),
    ]
    assert outcome(failed) == "failed"
    assert error in (failed.client.error or "")
    profile = Profile.model_validate(PROFILE | {"decide": "decider:decide"})
    (flaw,) = on_expected_route(failed, Routed("only", "usual", model), profile)
    assert error in flaw.actual


def test_a_deciding_program_has_an_environment_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT_OUT", "yes")
    monkeypatch.setenv("LANG", "C.UTF-8")
    (echo,) = decided(tmp_path, "echo", program=True)
    assert echo.decision is not None
    assert {*(echo.decision.tier or "").split(",")} - {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"} == {
        *("HOME", "KEY", "LANG", "PATH")
    }


@pytest.mark.parametrize(
    ("decide", "why"),
    [
        pytest.param("no_such_module:decide", "there is no module no_such_module", id="callable"),
        pytest.param({"command": ["./no-such-program"]}, "could not start ./no-such-program", id="program"),
    ],
)
def test_a_decision_that_cannot_be_had_is_said(decide: Any, why: str, tmp_path: Path) -> None:
    assert why in cannot_start(tmp_path, decide=decide)
