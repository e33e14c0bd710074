"""Who may call at all: clients with the key of the router."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from kimi_conformance.reference.call import Refusal
from kimi_conformance.reference.fields import value

if TYPE_CHECKING:
    from kimi_conformance.reference.call import Fields
    from kimi_conformance.reference.config import Config


def admit(config: Config, headers: Fields) -> Refusal | None:
    """Why a client is refused that has not the key; SDKs of the two dialects send it in different headers."""
    scheme, _, token = (value(headers, b"authorization") or "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    given = (bearer, value(headers, b"x-api-key") or "")
    if any(compare_digest(one.encode("latin-1"), config.client_key.encode()) for one in given):
        return None
    return Refusal(401, "the client key is missing or wrong")
