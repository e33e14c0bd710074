"""Live: calls sent for real, one at a time, within a budget; every answer is put on tape."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx
from vcr.record_mode import RecordMode

from kimi_conformance.api.origins import ORIGINS
from kimi_conformance.api.outward import Outward
from kimi_conformance.api.replay import taken_from
from kimi_conformance.api.request import request_of
from kimi_conformance.api.seen import Seen, Unseen
from kimi_conformance.cassette.capture import capture
from kimi_conformance.cassette.shelf import load, path_of, save
from kimi_conformance.cassette.tape import Tape
from kimi_conformance.contract.provenance import Provenance
from kimi_conformance.judge.api.sight import Sight

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from kimi_conformance.api.call import Call
    from kimi_conformance.api.surroundings import Surroundings
    from kimi_conformance.contract.calls import Host
    from kimi_conformance.contract.provenance import Origin

CAP: Final = 60
"""Calls in a night, whatever there is to ask."""
QUOTA: Final = "exceeded_current_quota_error"
SILENCE: Final = 3
"""So many calls in a row without any answer, and a host is asked no more."""
TIMEOUT: Final = httpx.Timeout(15.0, read=180.0)


@dataclass(slots=True)
class Live:
    """Sees calls live, each attempt once. `tapes` is where they are recorded; `pace_s` the time from call to call.

    It stops of itself where the account has no funds left, and at `cap` calls. A host that is silent is left alone.
    """

    around: Surroundings
    on: date
    tapes: Path
    cap: int = CAP
    pace_s: float = 0.0
    sleep: Callable[[float], None] = time.sleep
    sent: int = 0
    stopped: str | None = None
    seen: dict[tuple[str, int], Seen] = field(default_factory=dict)
    unseen: dict[str, str] = field(default_factory=dict)
    """Why a call was not sent, by its name."""
    _silent: dict[Host, int] = field(default_factory=dict)
    _last: float | None = None

    def __call__(self, call: Call, attempt: int = 0) -> Seen | Unseen:
        """What Kimi answers to `call` now; or why it was not asked."""
        if (call.name, attempt) in self.seen:
            return self.seen[call.name, attempt]
        taken = None
        if call.takes:
            taken = taken_from(self(call.takes))
        if why := self._why_not(call, taken):
            self.unseen[call.name] = why
            return Unseen(why)
        self._wait()
        self.sent += 1
        self.seen[call.name, attempt] = seen = self._send(call, taken)
        answered = seen.sight.exchange.response is not None
        self._silent[call.host] = 0 if answered else self._silent.get(call.host, 0) + 1
        if seen.sight.error.get("type") == QUOTA and call.whose == "own":
            self.stopped = f"stopped: {call.host} answered {QUOTA}: the account has no funds"
        return seen

    def _why_not(self, call: Call, taken: str | None) -> str | None:
        if why := self.around.why_not(call):
            return why
        if call.takes and taken is None:
            return f"{call.takes.name} gave no id to ask for"
        if self.stopped:
            return self.stopped
        if self._silent.get(call.host, 0) >= SILENCE:
            return f"{self.host_of(call)} gave no answer to {SILENCE} calls in a row"
        return f"the cap of {self.cap} calls was reached" if self.sent >= self.cap else None

    def _wait(self) -> None:
        now = time.monotonic()
        if self._last is not None and (left := self._last + self.pace_s - now) > 0:
            self.sleep(left)
        self._last = time.monotonic()

    def _send(self, call: Call, taken: str | None) -> Seen:
        origin = self.origin(call)
        provenance = Provenance(origin=origin, recorded_at=self.on, source=f"kimi-conformance, {self.host_of(call)}")
        path = path_of(call.name, self.tapes)
        path.unlink(missing_ok=True)  # a tape holds one attempt, the last
        cassette = load(path, RecordMode.ALL)
        tape = Tape(cassette, lambda: Outward(self.around), provenance, self.around.keys.values())
        with httpx.Client(transport=tape, trust_env=False, timeout=TIMEOUT) as client:
            exchange, _ = capture(client, request_of(call, taken))
        save(cassette)
        return Seen(Sight(exchange, self.on, call.host, call.whose, timed=True), origin, self.on)

    def origin(self, call: Call) -> Origin:
        """What an answer to `call` is: live where it was sent to Kimi itself, modelled anywhere else."""
        return "live" if self.around.bases[call.host] == ORIGINS[call.host] else "modelled"

    def host_of(self, call: Call) -> str:
        """Where `call` is sent, as a host with its port."""
        return urlsplit(self.around.bases[call.host]).netloc

    @property
    def where(self) -> str:
        """The main host."""
        return urlsplit(self.around.bases["platform-ai"]).netloc
