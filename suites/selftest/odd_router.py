"""A router with one bad habit, for the tests of the command line: `odd_router.py PORT HABIT [FOLDER]`, in one file.

But for its habit it forwards every POST to the upstream in `UPSTREAM`, whole, and hands the answer back.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

GIGABYTE = 1 << 30
BLOCK = b"0123456789abcde\n" * 4096
SOME = 12
"""So many requests are served well before a habit that takes its time shows."""

REST_S = 30
resting_until = 0.0

numbers = itertools.count(1)


class Handler(BaseHTTPRequestHandler):
    """Serves one connection."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Forward, or show the habit."""
        body = self.rfile.read(int(self.headers["content-length"]))
        show(HABIT, body)
        self.say(*answered(self.path, body))

    def say(self, status: int, kind: str, answer: bytes) -> None:
        """Answer."""
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Silence."""


class Server(ThreadingHTTPServer):
    """Takes the whole suite at once, and leaves without waiting for its threads."""

    request_queue_size = 128
    daemon_threads = True
    block_on_close = False


def is_fit(body: bytes) -> bool:
    """Whether this is a JSON object, its model a name, or missing."""
    try:
        members = json.loads(body)
    except ValueError:
        return False
    return isinstance(members, dict) and isinstance(members.get("model", ""), str | None)


def answered(path: str, body: bytes) -> tuple[int, str, bytes]:
    """Status, content type and body for a request."""
    if time.monotonic() < resting_until:
        return 503, "application/json", b'{"error": "resting"}'
    if not is_fit(body):
        return 400, "application/json", b"{}"
    answer = forward(path, body)
    rest(HABIT, answer[0])
    return answer


def forward(path: str, body: bytes) -> tuple[int, str, bytes]:
    """Status, content type and body of the upstream's answer."""
    upstream = urlsplit(os.environ["UPSTREAM"])
    connection = http.client.HTTPConnection(str(upstream.hostname), upstream.port)
    try:
        connection.request("POST", path, body, {"content-type": "application/json"})
        response = connection.getresponse()
        return response.status, response.headers["content-type"], response.read()
    finally:
        connection.close()


def rest(habit: str, status: int) -> None:
    """After what `habit` takes for a reason: call nobody for a while."""
    global resting_until  # noqa: PLW0603 (the whole router rests)
    if habit == "rests" and status in {401, 429}:
        resting_until = time.monotonic() + REST_S


def show(habit: str, body: bytes) -> None:
    """What `habit` does to a request."""
    number = next(numbers)
    match habit:
        case "mute":
            threading.Event().wait()
        case "dies-of-numbers" if b'"model":3' in body:
            os._exit(7)
        case "dies-once" if number > SOME and first_time("died"):
            os._exit(9)
        case "holds-once" if number > SOME and first_time("holding"):
            Path(FOLDER, "holder").write_text(str(os.getpid()), "utf-8")
            threading.Event().wait()
        case "holds" if number > SOME:
            Path(FOLDER, "holding").touch()
            threading.Event().wait()


def begin(habit: str) -> None:
    """What `habit` does before it serves."""
    match habit:
        case "never-ready":
            threading.Event().wait()
        case "exits":
            sys.exit("no configuration")
        case "floods":
            flood()
        case "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        case "daemon" if not os.fork():
            os.setsid()
            if os.fork():
                os._exit(0)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(600)
            os._exit(0)


def flood() -> None:
    """A gigabyte of log."""
    for _ in range(GIGABYTE // len(BLOCK)):
        os.write(1, BLOCK)
    Path(FOLDER, "flooded").touch()


def first_time(name: str) -> bool:
    """Whether nobody has asked this before, in this life or an earlier one."""
    try:
        Path(FOLDER, name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


if __name__ == "__main__":
    PORT, HABIT, FOLDER = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    begin(HABIT)
    Server(("127.0.0.1", PORT), Handler).serve_forever()
