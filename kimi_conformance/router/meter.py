"""The meter of a live run: it counts the calls that cost, keeps their pace, and ends the run where money ends."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kimi_conformance.exchange import Exchange

UNPAID: Final = "unpaid: "
"""How the error of an exchange begins that was not made, for the sake of money."""
BROKEN: Final = "live: "
"""How the error of an exchange begins whose real service could not be reached, or broke off."""
QUOTA: Final = b"exceeded_current_quota_error"
TOO_MANY: Final = 429
LOOKED_AT: Final = 4096


@dataclass(slots=True)
class Meter:
    """At most `cap` calls, `pace_s` apart. `stopped` says why there are no more, once there are none."""

    cap: int
    pace_s: float = 0.0
    sent: int = 0
    stopped: str | None = None
    _last: float | None = None

    async def pace(self) -> None:
        """Wait until the next call may be made."""
        if self._last is not None and (left := self._last + self.pace_s - time.monotonic()) > 0:
            await asyncio.sleep(left)

    def take(self) -> str | None:
        """A call is about to be made: why it must not be, if so."""
        if self.stopped is None and self.sent >= self.cap:
            self.stopped = f"the cap of {self.cap} calls was reached"
        if self.stopped:
            return f"{UNPAID}{self.stopped}"
        self.sent += 1
        self._last = time.monotonic()
        return None

    def read(self, exchange: Exchange, host: str) -> None:
        """Look at what `host` answered: without funds nothing more is asked."""
        answer = exchange.response
        if answer and answer.status == TOO_MANY and QUOTA in answer.body[:LOOKED_AT]:
            self.stopped = f"{host} answered {QUOTA.decode()}: the account has no funds"
