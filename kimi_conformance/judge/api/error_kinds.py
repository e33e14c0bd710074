"""Errors by their kind: content filter, permission, breakdowns, and the 504 that is a page."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.errors import TYPES, allowed, of_chat_wire
from kimi_conformance.judge.api.hosts_known import elsewhere, on_platform
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.api.sight import NO_JSON
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

SILENCE_MS: Final = 900_000.0


def _filtered(s: Sight, _c: Contract) -> bool:
    risky = "high risk" in str(s.error.get("message"))
    refused = s.status >= HTTPStatus.BAD_REQUEST and not elsewhere(s)
    return refused and (s.error.get("type") == "content_filter" or risky)


@law("api.errors.content-filter", when=_filtered)
def content_filter(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A risky request is refused with 400, and a type of its own."""
    if s.status != HTTPStatus.BAD_REQUEST:
        yield Flaw("400", str(s.status), "response", "the content filter answers with another status than 400")
    if s.error.get("type") != "content_filter":
        message = "a text that is too risky is refused with another type"
        yield Flaw("content_filter", shown(s.error.get("type")), "response /error/type", message)


def _typed(s: Sight, kinds: tuple[str, ...]) -> Iterator[Flaw]:
    if s.error.get("type") not in kinds:
        seen = shown(s.error["type"]) if "type" in s.error else answered(s)
        yield Flaw(" or ".join(kinds), seen, "response /error/type", f"a {s.status} of another type")


@law(
    "api.errors.permission-denied-403",
    when=lambda s, c: s.status == HTTPStatus.FORBIDDEN and on_platform(s) and of_chat_wire(s, c),
)
def permission_denied(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A 403 of the platform says that something is not permitted."""
    yield from _typed(s, tuple(kind for kind in allowed(s) if kind != "access_terminated_error"))


@law(
    "api.errors.server-error-500",
    when=lambda s, c: s.status == HTTPStatus.INTERNAL_SERVER_ERROR and of_chat_wire(s, c),
)
def server_error(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A 500 says that the server failed."""
    yield from _typed(s, TYPES[500])


@law(
    "api.errors.unavailable-503",
    when=lambda s, c: s.status == HTTPStatus.SERVICE_UNAVAILABLE and of_chat_wire(s, c),
)
def unavailable(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A 503 says that the server is away; one of the edge may be a page."""
    if s.body is NO_JSON:
        message = "a 503 that is not Kimi's own"
        yield Flaw("server_unavailable", answered(s), "response body", message, Verdict.WARN)
    else:
        yield from _typed(s, TYPES[503])


@law(
    "api.errors.gateway-timeout-504",
    when=lambda s, _c: s.status == HTTPStatus.GATEWAY_TIMEOUT and s.face is not None and not elsewhere(s),
)
def gateway_timeout(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A 504 is a page, after a quarter of an hour of silence."""
    if s.body is not NO_JSON:
        yield Flaw("an HTML page", answered(s), "response body", "a 504 that is JSON")
    waited = s.exchange.end_ms - s.exchange.start_ms
    if s.timed and waited < SILENCE_MS:
        yield Flaw("after 900 s", f"after {waited / 1000:.0f} s", "response", "a 504 before its time")
