"""The reference router that writes its rows to PostgREST in the other forms that there are."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.exchange import Request
from kimi_conformance.reference import STEPS, Steps, config_from_env, create
from kimi_conformance.router.http_client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kimi_conformance.reference.asgi import App
    from kimi_conformance.reference.call import Call, Refusal, Routed
    from kimi_conformance.reference.config import Config, Ledger

MERGE: Final = "resolution=merge-duplicates"


def app() -> App:
    """A router that writes in the form that LEDGER_FORM names."""
    return create(config_from_env(), FORMS[os.environ["LEDGER_FORM"]](STEPS))


def listed(steps: Steps) -> Steps:
    """A list of one row, when the call is over."""

    async def insert(ledger: Ledger, row: Mapping[str, Any]) -> None:
        await _send(ledger, "POST", [row])

    return replace(steps, insert=insert)


def upserted(steps: Steps) -> Steps:
    """The row with the trace id alone when the call begins, and the whole of it, merged, when it is over."""

    async def insert(ledger: Ledger, row: Mapping[str, Any]) -> None:
        await _send(ledger, "POST", row, "?on_conflict=trace_id", MERGE)

    return _begun(replace(steps, insert=insert))


def patched(steps: Steps) -> Steps:
    """The row with the trace id alone when the call begins, which is changed when it is over."""

    async def insert(ledger: Ledger, row: Mapping[str, Any]) -> None:
        rest = {name: value for name, value in row.items() if name != "trace_id"}
        await _send(ledger, "PATCH", rest, f"?trace_id=eq.{row['trace_id']}")

    return _begun(replace(steps, insert=insert))


def begun_and_inserted(steps: Steps) -> Steps:
    """A row when the call begins, and another one when it is over: one too many."""
    return _begun(steps)


FORMS: Final[Mapping[str, Callable[[Steps], Steps]]] = {
    "listed": listed,
    "upserted": upserted,
    "patched": patched,
    "begun-and-inserted": begun_and_inserted,
}


def _begun(steps: Steps) -> Steps:
    async def gate(config: Config, call: Call) -> Routed | Refusal:
        decision = await steps.gate(config, call)
        if hasattr(decision, "route"):
            await _send(config.ledger, "POST", {"trace_id": call.trace})
        return decision

    return replace(steps, gate=gate)


async def _send(ledger: Ledger, method: str, body: Any, query: str = "", prefer: str = "return=minimal") -> None:
    client = HttpClient()
    headers = {**ledger.headers, "prefer": prefer, "content-type": "application/json"}
    request = Request(method, ledger.url + query, tuple(headers.items()), json.dumps(body).encode())
    exchange = await client.send(request, clock=lambda: 0.0, timeout_s=30)
    await client.close()
    if exchange.status not in {200, 201, 204}:
        raise RuntimeError(f"the ledger answered {exchange.status} ({exchange.error})")
