"""Faults of a router that lets its ledger or its webhook stand in the way, or goes past its gateway."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.answers import reply
from kimi_conformance.faults.fault import fault, itself
from kimi_conformance.reference.call import Outgoing, Refusal
from kimi_conformance.reference.upstream import UpstreamError
from kimi_conformance.reference.upstream import call as post

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Call, Fields, Reply, Routed
    from kimi_conformance.reference.config import Config, Route
    from kimi_conformance.reference.failure import Failure

LEDGER_DOWN: Final = "router.ledger.outage-does-not-fail-the-call"
WEBHOOK_DOWN: Final = "router.alert.outage-does-not-fail-the-call"
BYPASS: Final = "router.ledger.no-bypass"

FOR_EVER_S: Final = 600.0
SLOW_S: Final = 1.2

LIMITED: Final = 429


@fault("ledger.waited-for", itself, LEDGER_DOWN)
def waited_for(steps: Steps) -> Steps:
    """Before a call that is not streamed the ledger is asked for its leave, however long it takes."""

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        if not call.body.members.get("stream"):
            await _asked(config, call)
        return await steps.gate(config, call)

    return replace(steps, gate=gate)


@fault("ledger.fails-the-call", itself, LEDGER_DOWN)
def fails_the_call(steps: Steps) -> Steps:
    """A call that cannot be written down is not made."""

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        if (await _asked(config, call, 1.0)) >= 300:  # noqa: PLR2004 - RFC 9110, 15.4
            return Refusal(503, "the ledger is down")
        return await steps.gate(config, call)

    return replace(steps, gate=gate)


@fault("ledger.gives-up", itself, LEDGER_DOWN, warns=True)
def gives_up(steps: Steps) -> Steps:
    """Once a row is lost, none is written any more."""
    lost: list[str] = []

    async def insert(ledger: Any, row: Mapping[str, Any]) -> None:
        if lost:
            return
        headers = {**ledger.headers, "content-type": "application/json"}
        status = await _status(ledger.url, headers, row, 5.0)
        if status >= 300:  # noqa: PLR2004 - RFC 9110, 15.4
            lost.append(row["trace_id"])

    return replace(steps, insert=insert)


def going(elsewhere: Callable[[Config, Call, Routed], Route | None]) -> Apply:
    """Some calls take another route than theirs."""

    def apply(steps: Steps) -> Steps:
        async def gate(config: Config, call: Call) -> Routed | Refusal:
            decision = await steps.gate(config, call)
            if isinstance(decision, Refusal):
                return decision
            other = elsewhere(config, call, decision)
            return replace(decision, route=other) if other else decision

        return replace(steps, gate=gate)

    return apply


@fault("ledger.streams-past-the-gateway", going, BYPASS)
def streams_past_the_gateway(config: Config, call: Call, _: Routed) -> Route | None:
    """A streamed chat goes straight to Kimi, as the gateway would hold it up."""
    return _direct(config) if call.surface == "chat" and call.body.members.get("stream") else None


@fault("ledger.past-a-gateway-that-fails", itself, BYPASS)
def past_a_gateway_that_fails(steps: Steps) -> Steps:
    """A call that fails at the gateway is made at Kimi itself."""
    direct: list[Route] = []

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        direct[:] = [_direct(config)]
        return await steps.gate(config, call)

    def fall_back(route: Route, failure: Failure) -> Route | None:
        return direct[0] if steps.fall_back(route, failure) else None

    return replace(steps, gate=gate, fall_back=fall_back)


@fault("ledger.trace-kept-back", itself, "router.ledger.dual-write")
def trace_kept_back(steps: Steps) -> Steps:
    """The gateway is not told the trace id."""

    def forward_headers(call: Call, decision: Routed) -> Fields:
        return tuple((name, value) for name, value in steps.forward_headers(call, decision) if name != b"x-trace-id")

    return replace(steps, forward_headers=forward_headers)


@fault("ledger.trace-of-its-own", itself, "router.ledger.dual-write")
def trace_of_its_own(steps: Steps) -> Steps:
    """The gateway is told another trace id than the ledger."""

    def forward_headers(call: Call, decision: Routed) -> Fields:
        return tuple(
            (name, b"gw-" + value[::-1] if name == b"x-trace-id" else value)
            for name, value in steps.forward_headers(call, decision)
        )

    return replace(steps, forward_headers=forward_headers)


@fault("alert.waited-for", itself, WEBHOOK_DOWN)
def alert_waited_for(steps: Steps) -> Steps:
    """The client of a limited call waits until the alert has gone out, and gets 502 where it cannot."""
    known: list[Config] = []

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        known[:] = [config]
        return await steps.gate(config, call)

    async def call(outgoing: Outgoing) -> Reply:
        reply = await steps.call(outgoing)
        alerts = known[0].alerts
        if reply.status == LIMITED and alerts:
            status = await _status(alerts.url, {"content-type": "application/json"}, {"content": "429"}, 1.0)
            if status >= 300:  # noqa: PLR2004 - RFC 9110, 15.4
                reply.close()
                raise UpstreamError(ConnectionError("the webhook is down"))
        return reply

    return replace(steps, gate=gate, call=call)


@fault("latency.slow", itself, "router.latency.adds-little", warns=True)
def slow(steps: Steps) -> Steps:
    """Every call first waits for a look-up."""

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        await asyncio.sleep(SLOW_S)
        return await steps.gate(config, call)

    return replace(steps, gate=gate)


@fault("latency.looks-through-answers", reply, "router.latency.adds-little", warns=True)
def looks_through_answers(answer: Reply) -> Reply:
    """The last of every answer is held back until somebody has looked through the whole."""

    async def held(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        last = b""
        async for piece in pieces:
            if last:
                yield last
            last = piece
        await asyncio.sleep(SLOW_S)
        yield last

    return replace(answer, pieces=held(answer.pieces))


def _direct(config: Config) -> Route:
    """The route that leads to Kimi itself."""
    return config.models["kimi-k3.1-pro-highspeed"]


async def _asked(config: Config, call: Call, patience_s: float = FOR_EVER_S) -> int:
    """The ledger's answer to a row in a table beside its own."""
    headers = {**config.ledger.headers, "content-type": "application/json"}
    return await _status(f"{config.ledger.url}_begun", headers, {"trace_id": call.trace}, patience_s)


async def _status(url: str, headers: Mapping[str, str], value: Mapping[str, Any], patience_s: float) -> int:
    """The status of an answer; 599 where there is none."""
    fields = tuple((name.encode("latin-1"), text.encode("latin-1")) for name, text in headers.items())
    try:
        reply = await post(Outgoing(url, fields, json.dumps(value).encode(), patience_s, patience_s))
    except UpstreamError:
        return 599
    reply.close()
    return reply.status
