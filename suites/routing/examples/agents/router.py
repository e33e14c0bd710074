"""A small router that is told the agent in one of five ways: AGENT_BY is header, path, bearer, body or port.

An example to read beside the profiles of the same names; standard library only. What goes where is said by decision.py.
Answers are passed on whole: this shows how agents are named, not how streams are carried.
"""

from __future__ import annotations

import json
import os
import re
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from decision import decide

# /v1/messages, or /agents/dispo/v1/messages
PATH = re.compile(r"(?:/agents/(?P<agent>[^/]+))?(?P<surface>/v1/(?:chat/completions|messages))")
BOUND_S = 10.0

KEYS: dict[str, str] = json.loads(os.environ.get("AGENT_KEYS", "{}"))
PORTS: dict[str, int] = json.loads(os.environ.get("AGENT_PORTS", "{}"))
SHORTCUT, GATEWAY = (urlsplit(os.environ[name]).netloc for name in ("SHORTCUT_URL", "GATEWAY_URL"))
ROUTES: dict[str, tuple[str, dict[str, str]]] = {
    "plan": (SHORTCUT, {}),
    "kimi": (GATEWAY, {"x-provider": "moonshot"}),
    "default": (GATEWAY, {"x-provider": "fallback"}),
}


class Router(BaseHTTPRequestHandler):
    """One request."""

    def do_POST(self) -> None:
        """Decide, call the upstream of the route, pass its answer on."""
        data = self.rfile.read(int(self.headers["content-length"] or 0))
        path, body = PATH.fullmatch(self.path), parsed(data)
        if path is None or not isinstance(body, dict):
            return self.refuse(400, f"takes JSON objects at paths that match {PATH.pattern}")
        decision = decide({"agent": AGENT_BY[WAY](self, path, body), "model": body.get("model")})
        if "refuse" in decision:
            return self.refuse(400, decision["refuse"])
        host, marks = ROUTES[decision["route"]]
        upstream = HTTPConnection(host, timeout=BOUND_S)
        upstream.request("POST", path["surface"], data, {"content-type": "application/json", **marks})
        response = upstream.getresponse()
        kind = response.headers["content-type"] or "application/json"
        return self.answer(response.status, response.read(), {"content-type": kind, "x-tier": decision["tier"]})

    def refuse(self, status: int, why: str) -> None:
        """An answer of the router's own."""
        self.answer(status, json.dumps({"error": {"message": why}}).encode(), {"content-type": "application/json"})

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        """Send an answer. HTTP/1.0, which is what http.server speaks, closes the connection after it."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep the log for what goes wrong."""


def parsed(data: bytes) -> Any:
    """`data` as JSON, or None."""
    try:
        return json.loads(data)
    except ValueError:
        return None


def in_header(router: Router, _path: re.Match[str], _body: dict[str, Any]) -> Any:
    """`x-agent-id: dispo`."""
    return router.headers["x-agent-id"]


def in_path(_router: Router, path: re.Match[str], _body: dict[str, Any]) -> Any:
    """`/agents/dispo/v1/messages`."""
    return path["agent"] and unquote(path["agent"])


def by_bearer(router: Router, _path: re.Match[str], _body: dict[str, Any]) -> Any:
    """`authorization: Bearer KEY`, a key for each agent."""
    key = (router.headers["authorization"] or "").removeprefix("Bearer ")
    return next((agent for agent, known in KEYS.items() if known == key), None)


def in_body(_router: Router, _path: re.Match[str], body: dict[str, Any]) -> Any:
    """`{"metadata": {"agent": "dispo"}}`."""
    metadata = body.get("metadata")
    return metadata.get("agent") if isinstance(metadata, dict) else None


def by_port(router: Router, _path: re.Match[str], _body: dict[str, Any]) -> Any:
    """A port for each agent."""
    return next((agent for agent, port in PORTS.items() if port == router.connection.getsockname()[1]), None)


AGENT_BY = {"header": in_header, "path": in_path, "bearer": by_bearer, "body": in_body, "port": by_port}
WAY = os.environ["AGENT_BY"]


class Server(ThreadingHTTPServer):
    """Takes more clients at once than the five of the standard library."""

    request_queue_size = 128


if __name__ == "__main__":
    # PORT comes last: whoever finds it open finds the agents' own ports open, too.
    *own, common = [Server(("127.0.0.1", port), Router) for port in (*PORTS.values(), int(os.environ["PORT"]))]
    for server in own:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    common.serve_forever()
