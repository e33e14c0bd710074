"""Faults of a router that keeps its ledger badly: rows that are missing, one too many, or not true."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.fault import fault, itself
from kimi_conformance.reference.call import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Call, Outcome, Routed
    from kimi_conformance.reference.config import Config, Ledger

    Row = dict[str, Any]

ONE_ROW: Final = "router.ledger.one-row-per-call"
TRUTH: Final = "router.ledger.row-tells-the-truth"

LOOKUP_S: Final = 0.005


def rows(change: Callable[[Call, Row], list[Row]]) -> Apply:
    """Other rows are written than the one of the call."""

    def apply(steps: Steps) -> Steps:
        def account(call: Call, decision: Routed, outcome: Outcome) -> Mapping[str, Any]:
            return {"rows": change(call, dict(steps.account(call, decision, outcome)))}

        async def insert(ledger: Ledger, row: Mapping[str, Any]) -> None:
            for one in row["rows"]:
                await steps.insert(ledger, one)

        return replace(steps, account=account, insert=insert)

    return apply


def told(change: Callable[[Call, Routed, Outcome], Row]) -> Apply:
    """Some columns of the row say something else."""

    def apply(steps: Steps) -> Steps:
        def account(call: Call, decision: Routed, outcome: Outcome) -> Mapping[str, Any]:
            return {**steps.account(call, decision, outcome), **change(call, decision, outcome)}

        return replace(steps, account=account)

    return apply


@fault("ledger.no-row-for-streams", rows, ONE_ROW)
def no_row_for_streams(call: Call, row: Row) -> list[Row]:
    """A streamed call leaves no row: the usage comes at its end, and nobody reads so far."""
    return [] if call.body.members.get("stream") else [row]


@fault("ledger.no-row-on-failure", rows, ONE_ROW)
def no_row_on_failure(_: Call, row: Row) -> list[Row]:
    """A call that fails leaves no row."""
    return [] if row["status"] >= 400 else [row]  # noqa: PLR2004 - RFC 9110, 15.5


@fault("ledger.no-row-when-left", rows, ONE_ROW)
def no_row_when_left(_: Call, row: Row) -> list[Row]:
    """A call whose client has left leaves no row."""
    return [] if row["status"] == 499 else [row]  # noqa: PLR2004 - nginx's number for it


@fault("ledger.row-for-each-attempt", rows, ONE_ROW)
def row_for_each_attempt(_: Call, row: Row) -> list[Row]:
    """Every attempt leaves a row of its own."""
    return [row] * row["attempts"]


@fault("ledger.row-for-a-refusal", itself, ONE_ROW)
def row_for_a_refusal(steps: Steps) -> Steps:
    """What the router refuses itself leaves a row, too."""

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        decision = await steps.gate(config, call)
        if isinstance(decision, Refusal):
            await steps.insert(config.ledger, {"trace_id": call.trace, "status": decision.status})
        return decision

    return replace(steps, gate=gate)


@fault("ledger.failure-as-success", told, TRUTH)
def failure_as_success(_call: Call, _decision: Routed, _outcome: Outcome) -> Row:
    """Every call is written down with 200, as the row is made before the answer comes."""
    return {"status": 200}


@fault("ledger.limit-as-success", told, TRUTH)
def limit_as_success(_call: Call, _decision: Routed, outcome: Outcome) -> Row:
    """A call that ends in 429 is written down as accepted."""
    return {"status": 202 if outcome.status == 429 else outcome.status}  # noqa: PLR2004 - RFC 6585, 4


@fault("ledger.tier-of-the-default", told, TRUTH, "router.ledger.joined-by-trace")
def tier_of_the_default(_call: Call, _decision: Routed, _outcome: Outcome) -> Row:
    """Every row has the tier of the default."""
    return {"tier": "default"}


@fault("ledger.no-agent", told, TRUTH, "router.ledger.joined-by-trace")
def no_agent(_call: Call, _decision: Routed, _outcome: Outcome) -> Row:
    """No row says whose call it was."""
    return {"agent_id": None}


@fault("ledger.model-of-the-route", told, TRUTH)
def model_of_the_route(_call: Call, decision: Routed, _outcome: Outcome) -> Row:
    """A row names the route in the place of the model."""
    return {"model": decision.route.name}


@fault("ledger.one-attempt", told, TRUTH)
def one_attempt(_call: Call, _decision: Routed, _outcome: Outcome) -> Row:
    """Every row says that there was one attempt."""
    return {"attempts": 1}


@fault("ledger.row-in-a-global", itself, "router.ledger.joined-by-trace")
def row_in_a_global(steps: Steps) -> Steps:
    """The row is kept in a variable of the module while a look-up is waited for; the trace id alone is each call's."""
    latest: Row = {}

    async def insert(ledger: Ledger, row: Mapping[str, Any]) -> None:
        latest.update(row)
        await asyncio.sleep(LOOKUP_S)
        await steps.insert(ledger, {**latest, "trace_id": row["trace_id"]})

    return replace(steps, insert=insert)


@fault("ledger.trace-in-a-global", itself, "router.ledger.joined-by-trace")
def trace_in_a_global(steps: Steps) -> Steps:
    """The trace id that goes into the row is the latest that there is."""
    latest: Row = {}

    async def insert(ledger: Ledger, row: Mapping[str, Any]) -> None:
        latest.update(row)
        await asyncio.sleep(LOOKUP_S)
        await steps.insert(ledger, {**row, "trace_id": latest["trace_id"]})

    return replace(steps, insert=insert)


@fault("ledger.key-in-row", told, "router.ledger.no-secret-in-row")
def key_in_row(_call: Call, decision: Routed, _outcome: Outcome) -> Row:
    """A row holds the headers that went out, the upstream's key among them."""
    return {"headers": dict(decision.route.upstream.headers)}


@fault("ledger.client-key-in-row", told, "router.ledger.no-secret-in-row")
def client_key_in_row(call: Call, _decision: Routed, _outcome: Outcome) -> Row:
    """A row of a call that fails holds the client's headers in base64, for those who look into it later."""
    raw = b"\n".join(value for _, value in call.headers)
    return {"debug": b64encode(raw).decode()}
