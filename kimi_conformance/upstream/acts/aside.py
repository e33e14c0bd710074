"""What a ledger or a webhook does that is down: neither may stand in the way of a call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.upstream import postgrest
from kimi_conformance.upstream.acts.act import act, said
from kimi_conformance.upstream.script import Gate, Reset, Script, json_answer

if TYPE_CHECKING:
    from kimi_conformance.upstream.acts.act import Heard

ANSWERED: Final = "answered"
"""The gate that opens as soon as the client of the call has its answer, or has given up."""

PATIENCE_S: Final = 600.0
"""Longer than any client here waits."""


@act("ledger-500")
def ledger_500(_: Heard) -> Script:
    """PostgREST whose database is gone."""
    return postgrest.error(500, "57P01", "terminating connection due to administrator command")


@act("aside-reset")
def aside_reset(_: Heard) -> Script:
    """The request is taken whole, and RST is the answer."""
    return Script(before=(Reset(),))


@act("aside-held")
def aside_held(heard: Heard) -> Script:
    """No answer before the client of the call has its own: who waits for this one waits for ever."""
    return replace(heard.healthy(said(heard.mark)), before=(Gate(ANSWERED, PATIENCE_S),))


@act("webhook-500")
def webhook_500(_: Heard) -> Script:
    """Discord when it is down."""
    return json_answer(500, {"message": "500: Internal Server Error", "code": 0})


@act("webhook-429")
def webhook_429(_: Heard) -> Script:
    """Discord's own limit for a webhook: how long to wait is told in the body, too."""
    limits = (
        ("X-RateLimit-Limit", "5"),
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Reset-After", "1.9"),
        ("X-RateLimit-Scope", "user"),
        ("Retry-After", "2"),
    )
    return json_answer(429, {"message": "You are being rate limited.", "retry_after": 1.9, "global": False}, limits)
