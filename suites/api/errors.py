"""Errors: their shapes, and which type goes with which status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.call import Case, case, each
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.material import Material

HELLO = "chat/kimi-k3-hello"
REFUSED = (
    "sampling/kimi-k3-temperature-0.6",
    "chat/kimi-k3-empty-messages",
    "hosts/chat-ai-no-key",
    "lifecycle/never",
    "limits/rpm",
    "limits/overload",
    "limits/quota-suspended",
    "limits/quota-403-of-2025",
    "lifecycle/not-found-2024",
)


@cases_of(
    "api.errors.envelope", "api.errors.status-fits-type", "api.errors.json-content-type", "api.errors.no-code-no-param"
)
def refused(m: Material) -> Iterator[Case]:
    """400, 401, 404, and 429 in its three types."""
    yield from each(m.named(*REFUSED), m[HELLO])


@cases_of("api.errors.not-with-200")
def not_with_200(m: Material) -> Iterator[Case]:
    """What was accepted."""
    yield from each(m.named(HELLO, "hosts/models-ai", "balance/ai"), itself=True)


@cases_of("api.errors.unknown-path")
def unknown_path(m: Material) -> Iterator[Case]:
    """Paths that nobody knows; one of them lacks `/v1`."""
    yield from each(m.named("errors/unknown-path", "errors/path-without-version"), m["hosts/models-ai"])


@cases_of("api.errors.wrong-method")
def wrong_method(m: Material) -> Iterator[Case]:
    """GET where only POST is known."""
    yield from each(m.named("errors/wrong-method"), m[HELLO])


@cases_of("api.errors.gateway-family")
def gateway_family(m: Material) -> Iterator[Case]:
    """The gateway's own errors."""
    names = ("errors/unknown-path", "errors/wrong-method", "messages/models-path", "tokens/unanswered-call")
    yield from each(m.named(*names), m["hosts/models-ai"])


def _rare(m: Material, name: str) -> Iterator[Case]:
    yield case(m[f"errors/{name}"], twins=m.named(HELLO))


@cases_of("api.errors.content-filter")
def content_filter(m: Material) -> Iterator[Case]:
    """A text that is too risky, on both hosts."""
    yield from each(m.named("errors/content-filter", "coding/content-filter"), m[HELLO])


server_error = cases_of("api.errors.server-error-500")(lambda m: _rare(m, "server-error"))
unavailable = cases_of("api.errors.unavailable-503")(lambda m: _rare(m, "unavailable"))
gateway_timeout = cases_of("api.errors.gateway-timeout-504")(lambda m: _rare(m, "gateway-timeout"))


@cases_of("api.errors.permission-denied-403")
def permission_denied(m: Material) -> Iterator[Case]:
    """A door that is closed, and a quota in 2025."""
    yield from each(m.named("errors/permission-denied", "limits/quota-403-of-2025"), m[HELLO])


@cases_of("api.headers.request-ids", "api.headers.trace-mode")
def request_ids(m: Material) -> Iterator[Case]:
    """Answers, and errors."""
    yield from each(m.named(HELLO, "chat/kimi-k3-long"), itself=True)
    yield from each(m.named("sampling/kimi-k3-temperature-0.6", "limits/rpm"), m[HELLO])


@cases_of("api.headers.json-content-type")
def json_content_type(m: Material) -> Iterator[Case]:
    """JSON answers."""
    yield from each(m.named(HELLO, "hosts/models-ai", "balance/ai"), itself=True)
