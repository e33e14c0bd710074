"""Who asks: 401 in its two types, and the coding host's own words (facts 1.3 to 1.13, 1.21)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.upstream import asked
from kimi_conformance.upstream.kimi_wire import Problem

if TYPE_CHECKING:
    from kimi_conformance.contract.catalogue import Host
    from kimi_conformance.exchange import Request
    from kimi_conformance.serve.call import Face
    from kimi_conformance.serve.config import Account, Config

MISSING = Problem(401, "incorrect_api_key_error", "Incorrect API key provided")
"""Observed on the platform; that the coding host says the same is modelled."""
WRONG = Problem(401, "invalid_authentication_error", "Invalid Authentication")
WRONG_CODING = Problem(
    401,
    "invalid_authentication_error",
    "The API Key appears to be invalid or may have expired. Please verify your credentials and try again.",
)


def account_of(request: Request, config: Config, host: Host, face: Face) -> tuple[str, Account] | Problem:
    """The key and its account; a key of another host is as good as none. Only the Anthropic face takes x-api-key."""
    own = request.header("x-api-key") if face == "messages" else None
    if request.header("authorization") is None and own is None:
        return MISSING
    here = "coding" if host == "coding" else config.host
    for key in (asked.bearer(request), own):
        account = config.keys.get(key) if key else None
        if key and account and account.host == here:
            return key, account
    return WRONG_CODING if host == "coding" else WRONG
