"""Alerts: a message to the operators' channel when a call ends in a limit, one for each episode."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.reference.call import Outgoing
from kimi_conformance.reference.upstream import UpstreamError, call

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Hashable, Mapping

    from kimi_conformance.reference.call import Call, Reply
    from kimi_conformance.reference.config import Alerts

PATIENCE_S: Final = 5.0
LARGEST: Final = 1 << 16
"""So much of an error is read: it is passed on whole all the same."""

MESSAGE: Final = 300
NAME: Final = 100
"""So many characters of what others wrote go into an alert: Discord takes 2000 in all."""

KINDS: Final = {
    "exceeded_current_quota_error": "the balance is used up: recharge the account",
    "insufficient_quota": "the balance is used up: recharge the account",
    "engine_overloaded_error": "the engine is overloaded: nothing to do but wait",
}
LIMITED: Final = "a rate limit: it goes by itself"

LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limited:
    """A call that ended in `status`, and what the error says of itself."""

    status: int
    type: str
    message: str


@dataclass(slots=True)
class Overheard:
    """What was passed on of an answer, as far as it is kept."""

    kept: bytearray = field(default_factory=bytearray)

    def listen(self, reply: Reply) -> Reply:
        """The same reply, whose pieces are kept as they pass."""
        return replace(reply, pieces=self._pass(reply.pieces))

    async def _pass(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for piece in pieces:
            self.kept += piece[: max(0, LARGEST - len(self.kept))]
            yield piece


@dataclass(slots=True)
class Episodes:
    """What was told, and when: the same is not told again within an episode."""

    _told: dict[Hashable, float] = field(default_factory=dict)

    def begins(self, key: Hashable, length_s: float) -> bool:
        """Whether an episode of `key` begins now."""
        now = time.monotonic()
        self._told = {known: at for known, at in self._told.items() if now - at < length_s}
        if key in self._told:
            return False
        self._told[key] = now
        return True


def limited(status: int, kept: bytes) -> Limited:
    """What the error in an answer says of itself; nothing, where it is none that can be read."""
    try:
        error = json.loads(kept)["error"]
        return Limited(status, str(error["type"]), str(error["message"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return Limited(status, "", "")


def episode(call: Call, limit: Limited) -> Hashable:
    """What makes two alerts one: the same model, and the same kind of error."""
    return (str(call.model), limit.status, limit.type)


def message(call: Call, limit: Limited) -> dict[str, Any]:
    """The alert. It mentions nobody, and says what to do."""
    words = f"**{limit.status} {limit.type[:NAME] or 'without a type'}** on `{str(call.model)[:NAME]}`"
    whose = f"agent {str(call.agent)[:NAME]}, trace {call.trace[:NAME]}"
    content = f"{words}: {KINDS.get(limit.type, LIMITED)}\n{whose}\n> {limit.message[:MESSAGE]}"
    return {"content": content, "allowed_mentions": {"parse": []}}


async def notify(alerts: Alerts, said: Mapping[str, Any]) -> None:
    """Posts an alert. A webhook that is down costs the alert, never the call: the log says so."""
    headers = ((b"content-type", b"application/json"),)
    try:
        reply = await call(Outgoing(alerts.url, headers, json.dumps(said).encode(), PATIENCE_S, PATIENCE_S))
        reply.close()
    except UpstreamError as error:
        LOG.warning("an alert is lost: %s", error)
        return
    if reply.status >= 300:  # noqa: PLR2004 - RFC 9110, 15.4: from here on nothing was done
        LOG.warning("an alert is lost: the webhook answered %d", reply.status)
