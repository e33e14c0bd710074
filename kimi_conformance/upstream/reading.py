"""Reads one request out of the bytes of a connection; does no I/O."""

from __future__ import annotations

import h11

from kimi_conformance.exchange import Headers, Request

LARGEST_HEAD = 1 << 20
LARGEST_BODY = 32 << 20


class Reading:
    """A request as far as it has arrived. Feed it until `ended`.

    `error` says why it was refused (`protocol: …`) and `status` what to answer then. Once it has ended, `rest` holds
    the bytes after the request and `keep_alive` says whether another may follow.
    """

    def __init__(self) -> None:
        # A fresh machine per request: this one never hears of our answers, which may break every rule it knows.
        self._machine = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD)
        self._raw = b""
        self._head: h11.Request | None = None
        self._body: list[bytes] = []
        self.size = 0
        self.whole = False
        self.error: str | None = None
        self.status = 400

    @property
    def ended(self) -> bool:
        """Whether it is whole, or refused."""
        return self.whole or self.error is not None

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for `100 Continue` before it sends the body."""
        return self._machine.they_are_waiting_for_100_continue

    @property
    def keep_alive(self) -> bool:
        """Whether another request may follow on the connection."""
        return self.whole and self._machine.their_state is not h11.MUST_CLOSE

    @property
    def rest(self) -> bytes:
        """What came after the request."""
        return self._machine.trailing_data[0]

    def feed(self, data: bytes) -> None:
        """Take in what the connection gave."""
        if self._head is None:
            self._raw += data
        try:
            self._machine.receive_data(data)
            while not self.ended and self._take(self._machine.next_event()):
                pass
        except h11.RemoteProtocolError as refusal:
            self.error = f"protocol: {refusal}"
            self.status = refusal.error_status_hint

    def _take(self, event: object) -> bool:
        """Whether there may be more events in what was fed."""
        match event:
            case h11.Request():
                self._head = event
            case h11.Data():
                self._body.append(bytes(event.data))
                self.size += len(event.data)
                if self.size > LARGEST_BODY:
                    self.error, self.status = f"protocol: the body is larger than {LARGEST_BODY} bytes", 413
            case h11.EndOfMessage():
                self.whole = True
            case _:
                return False
        return True

    @property
    def request(self) -> Request:
        """The request as far as it came; of a head that was refused its first line, with all its bytes as body."""
        if self._head is not None:
            headers: Headers = tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in self._head.headers.raw_items()
            )
            method, url = self._head.method.decode("ascii"), self._head.target.decode("latin-1")
            return Request(method, url, headers, b"".join(self._body))
        words = self._raw.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        method, url = words[:2] if len(words) == len(("method", "target", "version")) else ("", "")
        return Request(method, url, body=self._raw)
