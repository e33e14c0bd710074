"""A router that runs already, before the offline Kimi, and what the client's side alone shows of it."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from kimi_conformance.contract.verdict import Verdict, worst
from kimi_conformance.faults import FAULTS
from kimi_conformance.reference import STEPS, create
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router.plan import make_plan
from kimi_conformance.router.run import Run
from kimi_conformance.router.way import ONE_SIDED_CAP, Way
from suites.selftest.live_router import CONFIG, DAY
from suites.selftest.offline_kimi import AI, kimi, started

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from kimi_conformance.router.verdicts import Judged
    from suites.selftest.offline_kimi import Asked

OWN_KEY: Final = "sk-of-a-client-3b81"
KEYS: Final = {"ROUTER_KEY": OWN_KEY}
BOUND_S: Final = 10.0
MODEL: Final = "kimi-k3"
PROMISED: Final[Mapping[str, Any]] = {
    "name": "there",
    "surfaces": {"chat": "/v1/chat/completions", "messages": "/v1/messages", "models": "/v1/models"},
    "client_headers": {"authorization": "Bearer {env.ROUTER_KEY}"},
    "upstreams": {"kimi": {"speaks": "kimi"}},
    "routes": {"kimi": {"upstream": "kimi"}},
    "policy": {"models": {MODEL: "kimi"}, "default": "kimi"},
}
"""What the operator of the router says of it."""


@contextmanager
def reference(fault: str | None = None) -> Iterator[tuple[str, Asked]]:
    """The reference router on a port, with one fault perhaps, and the Kimi behind it, which it asks on the chat wire.

    Nobody listens where its ledger is.
    """
    with started(kimi(date.fromisoformat(DAY))) as real:
        upstream = {"url": real.url, "headers": {"authorization": f"Bearer {AI}"}, "chat_only": True}
        config = {
            **CONFIG,
            "client_key": OWN_KEY,
            "upstreams": {"kimi": upstream, "other": upstream},
            "ledger": {"url": "http://127.0.0.1:9/rows", "headers": {}},
        }
        app = create(config, FAULTS[fault].apply(STEPS) if fault else STEPS)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none", lifespan="on"))  # type: ignore[arg-type]
            thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
            thread.start()
            try:
                _until_started(server)
                yield f"http://127.0.0.1:{listening.getsockname()[1]}", real
            finally:
                server.should_exit = True
                thread.join(BOUND_S)


def _until_started(server: uvicorn.Server) -> None:
    end = time.monotonic() + BOUND_S
    while not server.started:
        if time.monotonic() > end:
            raise TimeoutError("uvicorn")
        time.sleep(0.01)


def seen(
    folder: Path, url: str, *, only: Sequence[str] = (), env: Mapping[str, str] = KEYS, **sections: Any
) -> dict[str, Judged]:
    """What one side shows of the router at `url`, case by case, by a profile with these sections in it."""
    path = folder / "there.yaml"
    path.write_text(json.dumps({**PROMISED, "url": url, **sections}), "utf-8")
    loaded = load_profile(str(path), live=True)
    plan = make_plan(loaded, date.fromisoformat(DAY))
    way = Way(live=True, picked=bool(only), cap=ONE_SIDED_CAP, env=env)
    run = Run(plan, tools=folder, way=way)
    try:
        run.start(plan.select(only)[0])
        return dict(run.results())
    finally:
        run.close()


def by_requirement(judged: Mapping[str, Judged]) -> dict[str, Verdict]:
    """The worst verdict of each requirement of which a case was played."""
    found: dict[str, Verdict] = {}
    for case, one in judged.items():
        if one.play:
            name = case.split("@")[0]
            found[name] = worst([found.get(name, one.verdict), one.verdict])
    return found
