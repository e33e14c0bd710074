"""A small router that is told the agent in one of five ways: AGENT_BY is header, path, bearer, body or port.

An example to read beside the profiles of the same names; standard library only. What goes where is said by decision.py.
Answers are passed on whole: this shows how agents are named, not how streams are carried.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from decision import decide

if TYPE_CHECKING:
    from collections.abc import Callable

# /v1/messages, or /agents/dispo/v1/messages
PATH = re.compile(r"(?:/agents/(?P<agent>[^/]+))?(?P<surface>/v1/(?:chat/completions|messages))")
BOUND_S = 10.0

PORTS: dict[str, int] = json.loads(os.environ.get("AGENT_PORTS", "{}"))
KEYS: dict[str, str] = json.loads(os.environ.get("AGENT_KEYS", "{}"))
UPSTREAMS = {"plan": os.environ["SHORTCUT_URL"], "kimi": os.environ["GATEWAY_URL"], "default": os.environ["GATEWAY_URL"]}
MARKS = {"kimi": {"x-provider": "moonshot"}, "default": {"x-provider": "fallback"}}


class Router(BaseHTTPRequestHandler):
    """One request."""

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server looks for
        """Decide, call the upstream of the route, pass its answer on."""
        data = self.rfile.read(int(self.headers["content-length"] or 0))
        path = PATH.fullmatch(self.path)
        if path is None:
            return self.answer(404, b'{"error": {"message": "no such path"}}')
        body = json.loads(data)
        decision = decide({"agent": AGENT_BY[os.environ["AGENT_BY"]](self, path, body), "model": body.get("model")})
        if "refuse" in decision:
            return self.answer(400, json.dumps({"error": {"message": decision["refuse"]}}).encode())
        upstream = http.client.HTTPConnection(urlsplit(UPSTREAMS[decision["route"]]).netloc, timeout=BOUND_S)
        sent = {"content-type": "application/json", **MARKS.get(decision["route"], {})}
        upstream.request("POST", path["surface"], data, sent)
        response = upstream.getresponse()
        kind = response.headers["content-type"] or "application/json"
        return self.answer(response.status, response.read(), {"content-type": kind, "x-tier": decision["tier"]})

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Send an answer; HTTP/1.0 closes the connection after it."""
        self.send_response(status)
        for name, value in (headers or {"content-type": "application/json"}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep the log for what goes wrong."""


def bearer(router: Router) -> str:
    """The key that the client sent."""
    return (router.headers["authorization"] or "").removeprefix("Bearer ")


def member(body: dict[str, Any]) -> Any:
    """The member of the body at /metadata/agent."""
    metadata = body.get("metadata")
    return metadata.get("agent") if isinstance(metadata, dict) else None


AGENT_BY: dict[str, Callable[[Router, re.Match[str], dict[str, Any]], Any]] = {
    "header": lambda router, _path, _body: router.headers["x-agent-id"],
    "path": lambda _router, path, _body: unquote(path["agent"] or "") or None,
    "bearer": lambda router, _path, _body: {key: agent for agent, key in KEYS.items()}.get(bearer(router)),
    "body": lambda _router, _path, body: member(body),
    "port": lambda router, _path, _body: {port: agent for agent, port in PORTS.items()}.get(router.server.server_port),
}


class Server(ThreadingHTTPServer):
    """A port of the router, which takes more clients at once than the five of the standard library."""

    request_queue_size = 128


def main() -> None:
    """Serve PORT, after the agents' own ports: whoever finds PORT open finds them open, too."""
    *own, common = [Server(("127.0.0.1", port), Router) for port in (*PORTS.values(), int(os.environ["PORT"]))]
    for server in own:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    common.serve_forever()


if __name__ == "__main__":
    main()
