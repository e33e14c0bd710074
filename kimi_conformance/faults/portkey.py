"""Faults of a router that leaves retries and fallback to Portkey: done twice, or left to nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.fault import fault, itself

if TYPE_CHECKING:
    from collections.abc import Callable

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.call import Call, Fields, Outgoing, Reply, Routed

LEFT: Final = "router.retry.left-to-portkey"
NAMES: Final = "router.fallback.config-names-fallback"

KIMI: Final = {"virtual_key": "moonshot-kimi-84f4a1"}
BACKUP: Final = {"virtual_key": "openrouter-fallback"}
FALLS_BACK: Final = {"strategy": {"mode": "fallback"}}
RETRIES: Final = {"retry": {"attempts": 3}}

portkeys = partial(fault, profile="reference-portkey")


def configured(change: Callable[[], dict[str, Any]]) -> Apply:
    """Kimi's route has a config of the router's own in the header, in the place of the one that lies at Portkey."""

    def apply(steps: Steps) -> Steps:
        def forward_headers(call: Call, decision: Routed) -> Fields:
            own = json.dumps(change()).encode()
            fields = steps.forward_headers(call, decision)
            return tuple(
                (name, own if (name, value) == (b"x-portkey-config", b"pc-kimi") else value) for name, value in fields
            )

        return replace(steps, forward_headers=forward_headers)

    return apply


@portkeys("portkey.retried-again", itself, LEFT)
def retried_again(steps: Steps) -> Steps:
    """What Portkey could not get served the router asks it for twice more."""

    async def call(outgoing: Outgoing) -> Reply:
        reply = await steps.call(outgoing)
        for _ in range(2):
            if reply.status < 400:  # noqa: PLR2004 - RFC 9110, 15.5
                break
            reply.close()
            reply = await steps.call(outgoing)
        return reply

    return replace(steps, call=call)


@portkeys("portkey.retries-are-failures", itself, LEFT)
def retries_are_failures(steps: Steps) -> Steps:
    """An answer that took Portkey more than one call is given to the client as a 502."""

    async def call(outgoing: Outgoing) -> Reply:
        reply = await steps.call(outgoing)
        retried = dict(reply.headers).get(b"x-portkey-retry-attempt-count", b"0") != b"0"
        return replace(reply, status=502) if retried else reply

    return replace(steps, call=call)


@portkeys("portkey.config-without-retries", configured, LEFT)
def config_without_retries() -> dict[str, Any]:
    """The config falls back, and retries nothing."""
    return {**FALLS_BACK, "targets": [KIMI, BACKUP]}


@portkeys("portkey.config-without-fallback", configured, NAMES)
def config_without_fallback() -> dict[str, Any]:
    """The config retries, and has no other target."""
    return {**RETRIES, **KIMI}


@portkeys("portkey.config-turned-around", configured, NAMES)
def config_turned_around() -> dict[str, Any]:
    """The config has the fallback first and Kimi after it."""
    return {**FALLS_BACK, **RETRIES, "targets": [BACKUP, KIMI]}


@portkeys("portkey.config-with-other-fallback", configured, NAMES)
def config_with_other_fallback() -> dict[str, Any]:
    """The config falls back to Anthropic."""
    return {**FALLS_BACK, **RETRIES, "targets": [KIMI, {"provider": "anthropic"}]}
