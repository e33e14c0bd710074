"""A router that heeds no proxy and calls somebody beside its upstream: the report names the host."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.contract.profile import Profile
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.registry.profiles import load_profile
from kimi_conformance.router.plan import make_plan
from kimi_conformance.router.run import Run
from suites.selftest.networks import why_not_allowed
from suites.selftest.node_examples import needs_node

if TYPE_CHECKING:
    from pathlib import Path

    from kimi_conformance.contract.verdict import Finding

TODAY: Final = date(2026, 11, 23)
ONCE: Final = "router.request.one-request-per-request"
TELEMETRY: Final = "telemetry.example.com"

PYTHON: Final = """
import os, urllib.error, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # heeds none

class Router(BaseHTTPRequestHandler):
    def do_POST(self):
        try:
            OPENER.open("https://telemetry.example.com/v1/usage", b"{}", timeout=5)
        except urllib.error.URLError:
            pass
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {"content-type": "application/json", "x-portkey-virtual-key": "vk"}
        call = urllib.request.Request("https://api.portkey.ai" + self.path, body, headers)
        try:
            answer = OPENER.open(call, timeout=5)
        except urllib.error.HTTPError as error:
            answer = error
        said = answer.read()
        self.send_response(answer.status)
        self.send_header("content-type", answer.headers["content-type"])
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Router).serve_forever()
"""

NODE: Final = """
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

createServer(async (request, response) => {
  const body = await buffer(request);
  await fetch('https://telemetry.example.com/v1/usage', { method: 'POST', body: '{}' }).catch(() => {});
  const headers = { 'content-type': 'application/json', 'x-portkey-virtual-key': 'vk' };
  const answer = await fetch(`https://api.portkey.ai${request.url}`, { method: 'POST', headers, body });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') });
  response.end(Buffer.from(await answer.arrayBuffer()));
}).listen(Number(process.env.PORT), '127.0.0.1');
"""

# What the suite has Node load before a router's own code is left out: it would catch the call as well.
UNLED: Final = ("env", "-u", "NODE_OPTIONS", "-u", "NODE_USE_ENV_PROXY")
ROUTERS: Final = [
    pytest.param("router.py", PYTHON, ("{python}",), "name looked up at outside: telemetry.example.com", id="python"),
    pytest.param(
        "router.mjs",
        NODE,
        (*UNLED, "node"),
        "name looked up at outside: telemetry.example.com",
        id="node",
        marks=needs_node,
    ),
    pytest.param(
        "router.mjs",
        NODE,
        ("node",),
        "CONNECT at outside: telemetry.example.com:443",
        id="node-that-is-led",
        marks=needs_node,
    ),
]


def profile(*command: str) -> Profile:
    return Profile.model_validate(
        {
            "name": "telling",
            "start": {"command": command, "env": {"PORT": "{port}"}},
            "surfaces": {"chat": "/v1/chat/completions"},
            "upstreams": {"portkey": {"speaks": "portkey", "virtual_keys": {"vk": "kimi"}}},
            "intercept": {"api.portkey.ai": "portkey"},
            "routes": {"kimi": {"upstream": "portkey"}},
            "policy": {"models": {"kimi-k3": "kimi"}, "default": "kimi"},
        }
    )


def findings(scratch: Path, *command: str) -> list[Finding]:
    """What is found about requests that nobody asked for."""
    loaded = replace(load_profile("reference"), profile=profile(*command))
    plan = make_plan(loaded, TODAY)
    run = Run(plan, tools=scratch, keep=scratch)
    try:
        run.start([case for case in plan.cases.values() if case.requirement == ONCE])
        return [one for judged in run.results().values() for one in judged.findings]
    finally:
        run.close()


@pytest.mark.parametrize(("file", "program", "command", "actual"), ROUTERS)
def test_a_host_that_is_called_beside_the_upstream_is_named(
    file: str, program: str, command: tuple[str, ...], actual: str, tmp_path: Path
) -> None:
    if why := asyncio.run(why_not_allowed(tmp_path)):
        pytest.skip(why)
    (tmp_path / file).write_text(program, "utf-8")
    (found,) = findings(tmp_path, *command, str(tmp_path / file))
    assert (found.verdict, found.actual) == (Verdict.WARN, actual)
    mend = f"add it to the profile, `intercept: {{{TELEMETRY}: UPSTREAM}}`"
    message = (
        f"belongs to no request of the suite: {actual}; there is no network: if the router has this host hard-coded"
    )
    assert re.sub(r" \(\d+ times\)", "", found.message).startswith(f"{message}, {mend}; cases in flight: {ONCE}@")
