"""What goes out to the upstream of a route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kimi_conformance.reference.body import with_model
from kimi_conformance.reference.fields import end_to_end
from kimi_conformance.reference.translate import CHAT_PATH, translated_body, translates

if TYPE_CHECKING:
    from kimi_conformance.reference.call import Call, Fields, Routed

TRACE: Final = b"x-trace-id"

CLIENT_ONLY: Final = frozenset({b"authorization", b"x-api-key", b"cookie", b"host", b"content-length", b"expect"})
"""The client's own credentials, and what belongs to its message."""


def forward_url(call: Call, decision: Routed) -> str:
    """The URL: the surface's own path at the route's upstream, with the client's query."""
    if translates(call.surface, decision):
        return decision.route.upstream.url + CHAT_PATH
    return decision.route.upstream.url + call.path + (f"?{call.query}" if call.query else "")


def forward_headers(call: Call, decision: Routed) -> Fields:
    """The client's fields with ours in their place. Those that steer a gateway are ours alone."""
    given = {**decision.route.upstream.headers, **decision.route.headers}
    own = {name.encode("latin-1"): value.encode("latin-1") for name, value in given.items()}
    own[TRACE] = call.trace.encode("latin-1")
    if translates(call.surface, decision):
        own[b"accept-encoding"] = b"identity"  # what is translated has to be read
    kept = (
        (name, value)
        for name, value in end_to_end(call.headers)
        if name not in CLIENT_ONLY and name not in own and not name.startswith(b"x-portkey-")
    )
    return (*kept, *own.items())


def forward_body(call: Call, decision: Routed) -> bytes:
    """The bytes that the client sent, but for a name that the route knows under another; or their translation."""
    raw = translated_body(call.body) if translates(call.surface, decision) else call.body.raw
    return raw if decision.model is None else with_model(raw, decision.model)
