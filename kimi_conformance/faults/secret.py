"""Faults of a router that tells keys: to clients, to other upstreams, to the ledger, to its log."""

from __future__ import annotations

import logging
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.fault import fault, itself
from kimi_conformance.reference.upstream import UpstreamError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Call, Fields, Outcome, Outgoing, Refusal, Reply, Routed
    from kimi_conformance.reference.config import Config, Ledger

DOWNSTREAM: Final = "router.secret.upstream-key-never-downstream"
UPSTREAM: Final = "router.secret.client-key-never-upstream"
ELSEWHERE: Final = "router.secret.key-stays-with-its-upstream"
LOGGED: Final = "router.secret.keys-never-logged"
UNRESOLVED: Final = "router.secret.no-unresolved-reference-on-wire"

KEYS: Final = frozenset({b"authorization", b"x-api-key", b"x-portkey-api-key"})
REFERENCE: Final = "op://Aurora/moonshot/api_key"
LOG: Final = logging.getLogger(__name__)


def replying(change: Callable[[Outgoing, Reply], Reply]) -> Apply:
    """The answer of an upstream is changed by one who knows what was sent."""

    def apply(steps: Steps) -> Steps:
        async def call(outgoing: Outgoing) -> Reply:
            return change(outgoing, await steps.call(outgoing))

        return replace(steps, call=call)

    return apply


def sending(change: Callable[[Call, Fields], Fields]) -> Apply:
    """The headers for an upstream are changed by one who knows the call."""

    def apply(steps: Steps) -> Steps:
        def forward_headers(call: Call, decision: Routed) -> Fields:
            return change(call, steps.forward_headers(call, decision))

        return replace(steps, forward_headers=forward_headers)

    return apply


def rows(add: Callable[[Call, Routed], Mapping[str, object]]) -> Apply:
    """Every row has more in it."""

    def apply(steps: Steps) -> Steps:
        def account(call: Call, decision: Routed, outcome: Outcome) -> Mapping[str, object]:
            return {**steps.account(call, decision, outcome), **add(call, decision)}

        return replace(steps, account=account)

    return apply


@fault("secret.key-in-error", itself, DOWNSTREAM)
def key_in_error(steps: Steps) -> Steps:
    """Where nobody answers, the error tells the headers of the request."""

    async def call(outgoing: Outgoing) -> Reply:
        try:
            return await steps.call(outgoing)
        except UpstreamError as failure:
            raise UpstreamError(ConnectionError(f"{failure}; headers: {outgoing.headers!r}")) from failure

    return replace(steps, call=call)


@fault("secret.key-in-refusal", replying, DOWNSTREAM)
def key_in_refusal(outgoing: Outgoing, reply: Reply) -> Reply:
    """A 401 of the upstream tells which key was refused."""
    if reply.status != 401:  # noqa: PLR2004 - RFC 9110, 15.5.2
        return reply

    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"error":{"message":"refused key: %s"}}' % _key(outgoing)

    return replace(reply, headers=_without_length(reply.headers), pieces=pieces())


@fault("secret.key-in-debug-header", replying, DOWNSTREAM)
def key_in_debug_header(outgoing: Outgoing, reply: Reply) -> Reply:
    """Every answer has the upstream's key in a header, in base64."""
    return replace(reply, headers=(*reply.headers, (b"x-debug", b64encode(b"key=" + _key(outgoing)))))


@fault("secret.key-in-pieces", replying, DOWNSTREAM)
def key_in_pieces(outgoing: Outgoing, reply: Reply) -> Reply:
    """A stream begins with a comment that has the key in it, sent in two pieces."""
    if (b"text/event-stream") not in dict(reply.headers).get(b"content-type", b""):
        return reply

    async def pieces() -> AsyncIterator[bytes]:
        key = _key(outgoing)
        yield b": " + key[:-6]
        yield key[-6:] + b"\n\n"
        async for piece in reply.pieces:
            yield piece

    return replace(reply, pieces=pieces())


@fault("secret.client-key-forwarded", sending, UPSTREAM)
def client_key_forwarded(call: Call, fields: Fields) -> Fields:
    """The client's Authorization goes on to the upstream, under another name."""
    return (*fields, *((b"x-forwarded-" + name, value) for name, value in call.headers if name == b"authorization"))


@fault("secret.client-key-in-row", rows, UPSTREAM)
def client_key_in_row(call: Call, _: Routed) -> Mapping[str, object]:
    """Every row of the ledger has the client's headers in it."""
    return {"headers": {name.decode("latin-1"): value.decode("latin-1") for name, value in call.headers}}


@fault("secret.keys-of-all", itself, ELSEWHERE)
def keys_of_all(steps: Steps) -> Steps:
    """Every upstream gets the keys of the other routes, too."""
    keys: dict[str, str] = {}

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        for route in config.models.values():
            keys.update({f"x-key-of-{route.name}": value for value in route.upstream.headers.values()})
        return await steps.gate(config, call)

    def forward_headers(call: Call, decision: Routed) -> Fields:
        more = ((name.encode(), value.encode()) for name, value in keys.items())
        return (*steps.forward_headers(call, decision), *more)

    return replace(steps, gate=gate, forward_headers=forward_headers)


@fault("secret.key-in-row", rows, ELSEWHERE)
def key_in_row(_: Call, decision: Routed) -> Mapping[str, object]:
    """Every row of the ledger has the headers of the upstream's request in it."""
    return {"sent": dict(decision.route.upstream.headers)}


@fault("secret.own-key-in-row", itself, ELSEWHERE)
def own_key_in_row(steps: Steps) -> Steps:
    """Every row of the ledger has the ledger's own key in it."""

    async def insert(ledger: Ledger, row: Mapping[str, object]) -> None:
        await steps.insert(ledger, {**row, "ledger": dict(ledger.headers)})

    return replace(steps, insert=insert)


@fault("secret.key-logged", itself, LOGGED, profile="reference")
def key_logged(steps: Steps) -> Steps:
    """What an upstream refuses is logged with the headers of its request."""

    async def call(outgoing: Outgoing) -> Reply:
        reply = await steps.call(outgoing)
        if reply.status == 401:  # noqa: PLR2004 - RFC 9110, 15.5.2
            LOG.warning("refused: %r", outgoing.headers)
        return reply

    return replace(steps, call=call)


@fault("secret.webhook-in-error", itself, DOWNSTREAM)
def webhook_in_error(steps: Steps) -> Steps:
    """Where nobody answers, the error tells the address to which the alert would go."""
    address = ""

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        nonlocal address
        address = config.alerts.url if config.alerts else ""
        return await steps.gate(config, call)

    async def call(outgoing: Outgoing) -> Reply:
        try:
            return await steps.call(outgoing)
        except UpstreamError as failure:
            raise UpstreamError(ConnectionError(f"{failure}; tell {address}")) from failure

    return replace(steps, gate=gate, call=call)


@fault("secret.webhook-logged", itself, LOGGED, profile="reference")
def webhook_logged(steps: Steps) -> Steps:
    """The address of the webhook is logged with the first call."""

    async def gate(config: Config, call: Call) -> Routed | Refusal:
        LOG.warning("alerts go to %s", config.alerts)
        return await steps.gate(config, call)

    return replace(steps, gate=gate)


@fault("secret.client-key-logged", itself, LOGGED, profile="reference")
def client_key_logged(steps: Steps) -> Steps:
    """Every call is logged with its headers, in base64."""

    def forward_headers(call: Call, decision: Routed) -> Fields:
        LOG.warning("a call: %s", b64encode(repr(call.headers).encode()))
        return steps.forward_headers(call, decision)

    return replace(steps, forward_headers=forward_headers)


@fault("secret.reference-as-key", sending, UNRESOLVED)
def reference_as_key(_: Call, fields: Fields) -> Fields:
    """The reference of the key goes out, not the key."""
    return tuple((name, REFERENCE.encode() if name in KEYS else value) for name, value in fields)


@fault("secret.reference-in-row", rows, UNRESOLVED)
def reference_in_row(_call: Call, _decision: Routed) -> Mapping[str, object]:
    """Every row of the ledger names the reference of the key."""
    return {"key": REFERENCE}


def _key(outgoing: Outgoing) -> bytes:
    return next((value for name, value in outgoing.headers if name in KEYS), b"")


def _without_length(fields: Fields) -> Fields:
    return tuple((name, value) for name, value in fields if name.lower() != b"content-length")
