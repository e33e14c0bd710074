"""The operator's proxy on Python's standard library alone: threads, one connection to an upstream for each call."""

from __future__ import annotations

import json
import os
import socket
import uuid
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from decide import MODELS, Decision, decide
from outward import ANSWER_S, CLIENT_KEY, PORTKEY, PORTKEY_KEY, SHORTCUT, SHORTCUT_KEY, Alerts, post, write_row

MAX_BODY = 32 << 20
PIECE = 1 << 16
MARKS = {
    "kimi": {"x-portkey-virtual-key": "moonshot-kimi-84f4a1"},
    "default": {"x-portkey-config": "pc-default"},
}
SURFACES = ("/v1/chat/completions", "/v1/messages")
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
CLIENT_ONLY = HOP_BY_HOP | {"authorization", "x-api-key", "host", "content-length", "expect"}
ERRORS = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 413: "request_too_large"}


class Proxy(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 75
    alerts = Alerts()

    def do_GET(self) -> None:
        """Health, and the list of models."""
        if self.path == "/health":
            self._answer(200, {"status": "ok"})
        elif not self._admitted():
            self._refuse(401, "the client key is missing or wrong")
        elif self.path == "/v1/models":
            data = [{"id": name, "object": "model", "created": 0, "owned_by": "moonshot"} for name in MODELS]
            self._answer(200, {"object": "list", "data": data})
        else:
            self._refuse(404, f"{self.path} is not served here")

    def do_POST(self) -> None:
        """A completion."""
        path = self.path.split("?", 1)[0]
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            self._refuse(413, f"the body has no length, or more than {MAX_BODY} bytes")
            return
        raw = self.rfile.read(int(length))
        if not self._admitted():
            self._refuse(401, "the client key is missing or wrong")
        elif path not in SURFACES:
            self._refuse(404, f"{path} is not served here")
        elif (members := _members(raw)) is None:
            self._refuse(400, "the body must be a JSON object")
        elif isinstance(decision := decide(self.headers.get("x-agent-id"), members.get("model")), str):
            self._refuse(400, decision)
        elif decision.route == "plan" and path != "/v1/messages":
            self._refuse(400, "the plan route serves /v1/messages only")
        else:
            if decision.rename is not None:
                raw = json.dumps({**members, "model": decision.rename}, ensure_ascii=False).encode()
            self._complete(decision, members, raw)

    def _complete(self, decision: Decision, members: dict[str, Any], raw: bytes) -> None:
        trace = self.headers.get("x-trace-id") or str(uuid.uuid4())
        agent = self.headers.get("x-agent-id")
        status, said = self._pass_on(decision, trace, raw)
        row = {"trace_id": trace, "agent_id": agent, "model": members.get("model"), "status": status}
        write_row({**row, "tier": decision.tier, "attempts": 1})
        if status == 429:
            self.alerts.limited(members.get("model"), said)

    def _pass_on(self, decision: Decision, trace: str, raw: bytes) -> tuple[int, bytes]:
        """The status that the client got, and the body of a 429."""
        base, own = PORTKEY, {"x-portkey-api-key": PORTKEY_KEY, **MARKS.get(decision.route, {})}
        if decision.route == "plan":
            version = self.headers.get("anthropic-version", "2023-06-01")
            base, own = SHORTCUT, {"x-api-key": SHORTCUT_KEY, "anthropic-version": version}
        own["x-trace-id"] = trace
        kept = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in CLIENT_ONLY | own.keys() and not name.lower().startswith("x-portkey-")
        }
        try:
            answer = post(base + self.path.removeprefix("/v1"), {**kept, **own}, raw, ANSWER_S)
        except (OSError, HTTPException) as error:
            late = isinstance(getattr(error, "reason", error), TimeoutError)
            self._refuse(504 if late else 502, f"the upstream gave no answer ({type(error).__name__})")
            return 504 if late else 502, b""
        with answer:
            return answer.status, self._relay(answer)

    def _relay(self, answer: Any) -> bytes:
        """Pass on what comes as it comes. What is cut must look cut: the connection ends in the middle."""
        length = answer.headers.get("content-length")
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.headers.items():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        if length is None:
            self.send_header("transfer-encoding", "chunked")
        sent, said = 0, b""
        try:
            self.end_headers()
            while piece := answer.read1(PIECE):
                self.wfile.write(piece if length else b"%x\r\n%b\r\n" % (len(piece), piece))
                sent += len(piece)
                said += piece if answer.status == 429 else b""
            if length is None:
                self.wfile.write(b"0\r\n\r\n")
            elif sent < int(length):
                self.close_connection = True
        except (OSError, HTTPException):
            self.close_connection = True
        return said

    def _admitted(self) -> bool:
        bearer = self.headers.get("authorization") == f"Bearer {CLIENT_KEY}"
        return bearer or self.headers.get("x-api-key") == CLIENT_KEY

    def _refuse(self, status: int, message: str) -> None:
        error = {"type": ERRORS.get(status, "api_error"), "message": message}
        self._answer(status, {"type": "error", "error": error})

    def _answer(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response_only(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """No line for each request."""


class Server(ThreadingHTTPServer):
    """Takes many connections at once."""

    request_queue_size = 256
    daemon_threads = True

    def server_bind(self) -> None:
        """Without a look at names."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, *_: Any) -> None:
        """A client that has left is no error."""


def _members(raw: bytes) -> dict[str, Any] | None:
    """The body as an object; None for what is none in strict JSON."""

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no JSON")

    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


if __name__ == "__main__":
    Server(("127.0.0.1", int(os.environ["PORT"])), Proxy).serve_forever()
