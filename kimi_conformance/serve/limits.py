"""The 429s of an account: too many requests a minute, and no money left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.serve.shapes import refuse
from kimi_conformance.upstream import kimi_problems as problems
from kimi_conformance.upstream.kimi_problems import COOLDOWN, QUOTA, too_many_messages
from kimi_conformance.upstream.kimi_wire import Problem

if TYPE_CHECKING:
    from kimi_conformance.serve.call import Call
    from kimi_conformance.upstream.script import Script

AGENTS_ONLY = Problem(
    403,
    "access_terminated_error",
    "Kimi For Coding is currently only available for Coding Agents such as Kimi CLI, Claude Code, Roo Code, Kilo Code, "
    "etc.",
)
CODING_RATE = Problem(
    429,
    "rate_limit_reached_error",
    "We're receiving too many requests at the moment. Please wait a moment and try again.",
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
        problem = CODING_RATE
    else:
        problem = too_many_messages() if call.face == "messages" else problems.too_many(rpm)
    return refuse(problem, call.face, call.host, COOLDOWN)
