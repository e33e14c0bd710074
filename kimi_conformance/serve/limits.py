"""The 429s of an account: too many requests a minute, and no money left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.serve.shapes import refuse
from kimi_conformance.upstream.kimi_wire import Problem

if TYPE_CHECKING:
    from kimi_conformance.exchange import Headers
    from kimi_conformance.serve.call import Call
    from kimi_conformance.upstream.script import Script

ORG, KEY_ID = "org-0123456789abcdef0123456789abcdef", "ak-abcdefghij0123456789"
"""Made up; as long as real ones."""

WAIT_S = "1"
"""In every capture, whatever was left of the minute (evidence 106)."""

COOLDOWN: Headers = (("Retry-After", WAIT_S), ("X-Retry-After", WAIT_S), ("Msh-Cooldown-Seconds", WAIT_S))

QUOTA = Problem(
    429,
    "exceeded_current_quota_error",
    f"Your account {ORG} <{KEY_ID}> is suspended due to insufficient balance, please recharge your account or check "
    "your plan and billing details",
)


AGENTS_ONLY = Problem(
    403,
    "access_terminated_error",
    "Kimi For Coding is currently only available for Coding Agents such as Kimi CLI, Claude Code, Roo Code, Kilo Code, "
    "etc.",
)
NO_AGENTS = ("curl/", "wget/", "python-requests/", "postmanruntime/", "mozilla/")
"""User agents that the coding host turns away: modelled, as which ones it knows is not published."""


def turned_away(call: Call) -> Script | None:
    """The coding host's gate: only agents may ask for answers (facts 1.14)."""
    agent = (call.request.header("user-agent") or "").lower()
    if call.host != "coding" or not agent.startswith(NO_AGENTS):
        return None
    return refuse(AGENTS_ONLY, call.face, call.host)


def limited(call: Call) -> Script | None:
    """Why an inference request of this account is not served now, if so. That the rate comes first is modelled."""
    rpm = call.account.rpm
    if rpm is not None and not call.state.within(call.key, rpm):
        return too_many(call, rpm)
    return None if call.account.funds else refuse(QUOTA, call.face, call.host)


def too_many(call: Call, rpm: int) -> Script:
    """The rate limit, in the words of the host and the face (evidence 024, 106; facts 1.15)."""
    if call.host == "coding":
        words = "We're receiving too many requests at the moment. Please wait a moment and try again."
    elif call.face == "messages":
        words = f"Organization Rate limit exceeded, please try again after {WAIT_S} seconds"
    else:
        reached = f"request reached organization max RPM: {rpm}, please try again after {WAIT_S} seconds"
        words = f"Your account {ORG}<{KEY_ID}> {reached}"
    return refuse(Problem(429, "rate_limit_reached_error", words), call.face, call.host, COOLDOWN)
