"""The driver `url`, through the bench: a router that somebody else runs."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kimi_conformance.contract.trip import Ask, Named, Play
from kimi_conformance.router import child, ready
from kimi_conformance.router.player import Player
from kimi_conformance.router.tally import Infra
from suites.selftest.driving import BOUND_S, cannot_start, case, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kimi_conformance.contract.trip import Trip
    from kimi_conformance.router.tally import Played

AGENTS = Path(__file__).parents[1] / "routing" / "examples" / "agents"


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
