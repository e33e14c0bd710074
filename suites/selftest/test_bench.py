"""The bench with real stand-ins: what a trip brings back from both sides, whatever the router does to it."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.trip import Ask, Named, Play
from kimi_conformance.router.bench import Bench
from kimi_conformance.router.case import Case
from kimi_conformance.router.player import Player
from kimi_conformance.upstream.script import Script, Send, json_answer
from kimi_conformance.upstream.server import PortTaken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.exchange import Request
    from kimi_conformance.router.tally import Played

# A router that passes on no header of the client's. The model of a call says what it does with it.
ROUTER = """
import asyncio, json, os
from kimi_conformance.exchange import Request
from kimi_conformance.router.http_client import HttpClient

MAIN, LEDGER, KEY = (os.environ[name] for name in ("MAIN", "LEDGER", "KEY"))
seen = {"calls": 0, "flying": 0, "most": 0}

async def app(scope, receive, send):
    assert scope["type"] == "http"
    seen["calls"] += 1
    seen["flying"] += 1
    seen["most"] = max(seen["most"], seen["flying"])
    data = (await receive())["body"]
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    model, trace = json.loads(data)["model"], headers.get("x-trace-id")
    target = "?".join(filter(None, [scope["path"], scope["query_string"].decode()]))
    if model == "no-mark":
        data = b'{"model": "no-mark", "messages": [{"role": "user", "content": "Hi"}]}'
    if model == "refused":
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    response = await post(MAIN + target, data)
    if model == "twice":
        response = await post(MAIN + target, data)
    if model == "row":
        await post(LEDGER, json.dumps({"trace_id": trace, "try": 1}).encode())
    if model == "rows":
        await post(LEDGER, json.dumps([{"trace_id": trace, "try": 1}, {"trace_id": trace, "try": 2}]).encode())
    told = json.dumps({**seen, "path": scope["path"], "headers": headers}).encode()
    seen["flying"] -= 1
    await send({"type": "http.response.start", "status": response.status, "headers": []})
    await send({"type": "http.response.body", "body": told if model == "tell" else response.body})
    if model == "twice-late":
        await asyncio.sleep(0.01)
        await post(MAIN + target, data)
    if model == "late-row":
        await asyncio.sleep(0.1)
        await post(LEDGER, json.dumps({"trace_id": trace, "try": 1}).encode())

async def post(url, body):
    headers = (("content-type", "application/json"), ("authorization", "Bearer " + KEY))
    exchange = await HttpClient().send(Request("POST", url, headers, body), clock=lambda: 0.0, timeout_s=5)
    return exchange.response
"""

PROFILE: dict[str, Any] = {
    "name": "under-test",
    "asgi": {
        "app": "under_test:app",
        "env": {"MAIN": "{upstream.main}", "LEDGER": "{upstream.ledger}/rest/v1/tool_calls", "KEY": "{secret.main}"},
    },
    "surfaces": {"chat": "/v1/chat/completions"},
    "upstreams": {"main": {"speaks": "openai", "secret": "main"}, "ledger": {"speaks": "postgrest"}},
    "routes": {"only": {"upstream": "main"}},
    "policy": {"default": "only"},
    "trace": {"header": "x-trace-id"},
}
LEDGER = {
    "postgrest": {"upstream": "ledger", "path": "/rest/v1/tool_calls"},
    "columns": {"trace": "/trace_id"},
    "within_ms": 300,
}
BOUND_S = 10


@asynccontextmanager
async def opened(folder: Path, **profile: Any) -> AsyncIterator[Bench]:
    (folder / "under_test.py").write_text(ROUTER, "utf-8")
    bench = Bench(Profile.model_validate(PROFILE | profile), folder, folder, folder)
    try:
        async with asyncio.timeout(BOUND_S):
            await bench.open()
            yield bench
    finally:
        await bench.close()


def ask(model: str) -> Ask:
    return Ask(Named(model, model))


def case(model: str, *, alone: bool = False) -> Case:
    return Case("router.request.one-request-per-request", (("model", model),), (ask(model),), alone=alone)


def tripped(folder: Path, *models: str, **profile: Any) -> list[Trip]:
    """One trip for each of `models`, all at once."""

    async def trips() -> list[Trip]:
        async with opened(folder, **profile) as bench:
            made = await asyncio.gather(*(bench.trip(ask(model)) for model in models))
            await bench.settle(made)
            return [bench.completed(trip) for trip in made]

    return asyncio.run(trips())


def told(trip: Trip) -> dict[str, Any]:
    """The answer; for the model `tell` it is what the router says of itself."""
    assert trip.client.response is not None
    said: dict[str, Any] = trip.client.response.json()
    return said


def tries(trip: Trip) -> list[int]:
    return [row.values["try"] for row in trip.rows]


def test_fifty_at_once_are_each_joined_with_their_own_arrival_though_the_router_strips_all_headers(
    tmp_path: Path,
) -> None:
    trips = tripped(tmp_path, *(f"m{number}" for number in range(50)))
    assert len({trip.mark for trip in trips}) == 50
    for number, trip in enumerate(trips):
        (arrival,) = trip.arrivals
        assert arrival.upstream == "main"
        assert arrival.exchange.request.header("x-trace-id") is None
        assert arrival.exchange.request.json()["model"] == f"m{number}"
        assert trip.client.response is not None
        assert f"You said {trip.mark}." in trip.client.response.json()["choices"][0]["message"]["content"]


@pytest.mark.parametrize("model", ["twice", "twice-late"])
def test_both_of_two_upstream_requests_for_one_are_seen(model: str, tmp_path: Path) -> None:
    (twice,) = tripped(tmp_path, model)
    first, second = twice.arrivals
    assert first.t_ms < second.t_ms


@pytest.mark.parametrize(("model", "rows"), [("row", [1]), ("rows", [1, 2]), ("late-row", [1]), ("none", [])])
def test_the_rows_of_a_call_are_joined_with_it(model: str, rows: list[int], tmp_path: Path) -> None:
    trip, other = tripped(tmp_path, model, "row", ledger=LEDGER)
    assert tries(trip) == rows
    assert tries(other) == [1]


def test_a_row_that_comes_after_its_time_is_not_waited_for(tmp_path: Path) -> None:
    (trip,) = tripped(tmp_path, "late-row", ledger=LEDGER | {"within_ms": 10})
    assert trip.arrivals
    assert not trip.rows


def test_no_row_is_waited_for_where_nothing_was_called_or_rows_cannot_be_joined(tmp_path: Path) -> None:
    for_ever = LEDGER | {"within_ms": 2 * BOUND_S * 1000}
    (refused,) = tripped(tmp_path, "refused", ledger=for_ever)
    assert refused.client.status == 400
    (row,) = tripped(tmp_path, "row", ledger=for_ever | {"columns": {"tier": "/tier"}})
    assert row.client.status == 200
    assert not row.rows


def test_what_the_upstream_answers_can_be_scripted_for_one_trip_alone(tmp_path: Path) -> None:
    def echo(request: Request) -> Script:
        return Script(202, steps=(Send(request.json()["model"].encode()),))

    async def trips() -> list[Trip]:
        async with opened(tmp_path, ledger=LEDGER) as bench:
            plays = json_answer(429, {"error": {"type": "rate_limit_reached_error"}}), echo, None
            made = await asyncio.gather(*(bench.trip(ask("row"), play) for play in plays))
            await bench.settle(made)
            return [bench.completed(trip) for trip in made]

    limited, echoed, usual = asyncio.run(trips())
    assert [trip.client.status for trip in (limited, echoed, usual)] == [429, 202, 200]
    assert limited.client.response is not None
    assert limited.client.response.body == b'{"error":{"type":"rate_limit_reached_error"}}'
    assert echoed.client.response is not None
    assert echoed.client.response.body == b"row"
    assert [tries(trip) for trip in (limited, echoed, usual)] == [[1], [1], [1]]  # the ledger answers as ever


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages?beta=true"])
def test_an_upstream_of_two_dialects_speaks_the_one_that_it_is_asked_in(path: str, tmp_path: Path) -> None:
    upstreams = PROFILE["upstreams"] | {"main": {"speaks": ["openai", "anthropic"], "secret": "main"}}
    per_model = {"chatty": {"path": {"chat": path}}}
    profile = {"upstreams": upstreams, "per_model": per_model, "policy": {"models": {"chatty": "only"}}}
    chatty, other = tripped(tmp_path, "chatty", "other", **profile)
    assert told(chatty)["type"] == "message"
    assert told(other)["object"] == "chat.completion"


def test_an_upstream_takes_no_key_but_its_own(tmp_path: Path) -> None:
    env = PROFILE["asgi"]["env"] | {"KEY": "{secret.client}"}
    (trip,) = tripped(tmp_path, "any", asgi=PROFILE["asgi"] | {"env": env})
    assert trip.client.status == 401
    assert [arrival.exchange.status for arrival in trip.arrivals] == [401]


def test_the_secrets_of_two_runs_have_nothing_in_common(tmp_path: Path) -> None:
    async def secrets() -> set[str]:
        async with opened(tmp_path, client_headers={"authorization": "Bearer {secret.client}"}) as bench:
            assert set(bench.secrets) == {"main", "client"}
            return set(bench.secrets.values())

    assert len(asyncio.run(secrets()) | asyncio.run(secrets())) == 4


def test_a_model_may_ask_for_headers_and_a_path_of_its_own(tmp_path: Path) -> None:
    own = {"headers": {"x-config": '{"retry": "{secret.client}"}'}, "path": {"chat": "/kimi/v1/chat/completions"}}
    profile = {"policy": {"models": {"kimi-k3": "only"}}, "sends": {"kimi-k3": "tell"}, "per_model": {"kimi-k3": own}}
    (trip,) = tripped(tmp_path, "tell", **profile)
    said = told(trip)
    assert said["path"] == "/kimi/v1/chat/completions"
    assert json.loads(said["headers"]["x-config"])["retry"].startswith("sk-kc-client-")
    (usual,) = tripped(tmp_path, "tell")
    assert told(usual)["path"] == "/v1/chat/completions"
    assert "x-config" not in told(usual)["headers"]


def test_every_trip_has_the_trace_id_that_its_rows_are_joined_by(tmp_path: Path) -> None:
    (trip,) = tripped(tmp_path, "tell")
    assert told(trip)["headers"]["x-trace-id"] == trip.mark


def test_a_restart_gives_a_router_that_remembers_nothing(tmp_path: Path) -> None:
    async def calls() -> list[int]:
        async with opened(tmp_path) as bench:
            before = [told(await bench.trip(ask("tell")))["calls"] for _ in range(2)]
            await bench.restart()
            return [*before, told(await bench.trip(ask("tell")))["calls"]]

    assert asyncio.run(calls()) == [1, 2, 1]


def test_a_port_that_is_taken_is_said_and_nothing_is_left_listening(tmp_path: Path) -> None:
    async def take() -> None:
        holder = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = holder.sockets[0].getsockname()[1]
        ledger = {"speaks": "postgrest", "listen": f"127.0.0.1:{port}"}
        with pytest.raises(PortTaken, match=f"'ledger' cannot listen on 127.0.0.1:{port}"):
            async with opened(tmp_path, upstreams=PROFILE["upstreams"] | {"ledger": ledger}):
                pytest.fail("it opened all the same")
        holder.close()
        async with opened(tmp_path, upstreams=PROFILE["upstreams"] | {"ledger": ledger}) as bench:
            assert (await bench.trip(ask("row"))).client.status == 200

    asyncio.run(take())


def test_the_player_plays_as_many_at_once_as_it_may(tmp_path: Path) -> None:
    async def play() -> int:
        async with opened(tmp_path) as bench:
            await Player(bench, concurrency=6).play([case(f"m{number}") for number in range(24)])
            most: int = told(await bench.trip(ask("tell")))["most"]
            return most

    assert asyncio.run(play()) == 6


def test_a_call_without_its_mark_is_a_stray_beside_others_and_an_arrival_of_a_case_apart(tmp_path: Path) -> None:
    async def play() -> list[Played]:
        async with opened(tmp_path) as bench:
            calm = await Player(bench).play([case("m1"), case("no-mark")])
            apart = await Player(bench).play([case("m1", alone=True), case("no-mark", alone=True)])
            return [*calm.values(), *apart.values()]

    plays = [one for one in asyncio.run(play()) if isinstance(one, Play)]
    assert [len(one.trips[0].arrivals) for one in plays] == [1, 0, 1, 1]
    assert [[set(stray.beside) for stray in one.strays] for one in plays] == [
        [{case("m1").id, case("no-mark").id}],
        [],
        [],
        [],
    ]
