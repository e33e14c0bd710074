"""The ledger: a row for every call that went to an upstream."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.reference.call import Outgoing
from kimi_conformance.reference.upstream import UpstreamError, call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from kimi_conformance.reference.call import Call, Outcome, Routed
    from kimi_conformance.reference.config import Ledger

PATIENCE_S: Final = 5.0
LOG: Final = logging.getLogger(__name__)

Row = dict[str, Any]


def account(call: Call, decision: Routed, outcome: Outcome) -> Row:
    """The row of a call: what was asked by whom, the tier of the route that it took, and how it ended."""
    return {
        "trace_id": call.trace,
        "agent_id": call.agent,
        "model": call.model,
        "status": outcome.status,
        "tier": decision.route.tier,
        "attempts": outcome.attempts,
    }


async def insert(ledger: Ledger, row: Mapping[str, Any]) -> None:
    """Writes a row. A ledger that is down costs the row, never the call: the log says so."""
    headers = {**ledger.headers, "content-type": "application/json", "prefer": "return=minimal"}
    fields = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())
    try:
        reply = await call(Outgoing(ledger.url, fields, json.dumps(row).encode(), PATIENCE_S, PATIENCE_S))
        reply.close()
    except UpstreamError as error:
        LOG.warning("the row of %s is lost: %s", row["trace_id"], error)
        return
    if reply.status >= 300:  # noqa: PLR2004 - RFC 9110, 15.4: from here on nothing was done
        LOG.warning("the row of %s is lost: the ledger answered %d", row["trace_id"], reply.status)


class Insertions:
    """The rows that are on their way; nobody waits for them but the end of the router."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, inserting: Awaitable[None]) -> None:
        """Lets an insertion run by itself."""
        task = asyncio.ensure_future(inserting)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Waits for them all, for as long as one may take."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=PATIENCE_S)
