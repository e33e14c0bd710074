"""A router that is ill on the client's wire, for the tests of the command line: `wire_router.py PORT HABIT [FOLDER]`.

It forwards every request, whole; then it answers as its habit says.
"""

from __future__ import annotations

import os
import socketserver
import sys
import threading
import time
from typing import TYPE_CHECKING

from odd_router import forward

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
BLOCK = b"x" * 65536
AT_ONCE = 10
TRIES = 15_000
"""Of a gigabyte in blocks: the client has to leave long before."""

under_way = threading.Semaphore(AT_ONCE)


class Handler(socketserver.StreamRequestHandler):
    """Serves one connection, one request."""

    def handle(self) -> None:
        """Forward, then answer."""
        words = self.rfile.readline().split()
        headers = dict(iter(self.header, None))
        body = self.rfile.read(int(headers.get("content-length", 0)))
        if not words:
            return
        free = under_way.acquire(blocking=False)
        try:
            if HABIT == "exhausts" and not free:
                return  # the connection ends without an answer
            status, _, answer = forward(words[1].decode(), body)
            for part in said(HABIT, status, answer):
                self.wfile.write(part)
        except OSError:  # the client has left
            return
        finally:
            if free:
                under_way.release()

    def header(self) -> tuple[str, str] | None:
        """The next header of the request; nothing after the last."""
        name, colon, value = self.rfile.readline().decode("latin-1").partition(":")
        return (name.strip().lower(), value.strip()) if colon else None


class Server(socketserver.ThreadingTCPServer):
    """Takes the whole suite at once, and leaves without waiting for its threads."""

    request_queue_size = 128
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


def said(habit: str, status: int, answer: bytes) -> Iterator[bytes]:  # noqa: C901, PLR0912 (one case a habit)
    """What the client gets, part by part."""
    head = b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\n" % status
    whole = head + b"content-length: %d\r\n\r\n" % len(answer)
    match habit:
        case "garbage":
            yield b"\x00\xff\x13\x37 this is no HTTP\r\n\r\n"
        case "endless":
            yield head + b"\r\n"
            for _ in range(TRIES):
                yield BLOCK
        case "big-headers":
            yield head + b"x-much: " + b"a" * 1_000_000 + b"\r\n\r\n"
        case "drips":
            yield whole
            for byte in answer:
                yield bytes([byte])
                time.sleep(1)
        case "closes-in-head":
            yield head + b"content-le"
        case "switches":
            yield b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
            time.sleep(600)
        case "redirects":
            yield b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/elsewhere\r\ncontent-length: 0\r\n\r\n"
        case "lies":
            yield CHUNKED + b"%x\r\n" % (len(answer) - 3) + answer + b"\r\n0\r\n\r\n"
        case "continues":
            for _ in range(TRIES):
                yield b"HTTP/1.1 100 Continue\r\n\r\n"
                time.sleep(0.001)
        case "never-closes":
            yield head + b"\r\n" + answer
            time.sleep(600)
        case "forks":
            if not os.fork():
                os.setsid()
                time.sleep(600)
                os._exit(0)
            yield whole + answer
        case "exhausts":
            time.sleep(0.05)
            yield whole + answer


if __name__ == "__main__":
    HABIT = sys.argv[2]
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
