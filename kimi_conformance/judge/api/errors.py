"""Errors of the chat wire: their shape, their types, and what never comes with them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.api.hosts_known import elsewhere, on_coding, on_platform
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.api.places import answered, shown
from kimi_conformance.judge.api.sight import NO_JSON
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

QUOTA: Final = "exceeded_current_quota_error"
TYPES: Final = {
    400: ("invalid_request_error", "content_filter"),
    401: ("invalid_authentication_error", "incorrect_api_key_error"),
    403: ("permission_denied_error", "access_terminated_error"),
    404: ("resource_not_found_error",),
    429: ("rate_limit_reached_error", "engine_overloaded_error", QUOTA),
    499: ("client_closed_request",),
    500: ("server_error", "unexpected_output"),
    503: ("server_unavailable",),
}
"""Which types of errors come with a status."""
KINDS: Final = tuple(kind for kinds in TYPES.values() for kind in kinds)
ALWAYS: Final = frozenset({401, 429})
"""What has the chat wire's shape on every face of the platform."""
CHAT_WIRE: Final = frozenset({"chat", "models", "responses", "files", "file", "file.content", "batches", "batch"})
EDGE: Final = frozenset({413, 502, 503, *range(520, 531)})
"""What the edge may answer with a page of its own."""
QUOTA_WAS_403: Final = 2025


def failed(sight: Sight) -> bool:
    """Whether it was answered with an error."""
    return sight.status >= HTTPStatus.BAD_REQUEST


def by_gateway(sight: Sight) -> bool:
    """Whether the gateway answered, as it does where a path is not there."""
    return sight.shape == "error.gateway"


def of_chat_wire(sight: Sight, _contract: Contract) -> bool:
    """Whether it is an error that has to have the chat wire's shape. A 504 is a page, and a path may be missing."""
    if sight.given:
        return sight.given == "error"
    if not failed(sight) or sight.status == HTTPStatus.GATEWAY_TIMEOUT or elsewhere(sight):
        return False
    if by_gateway(sight) and sight.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        return False
    if on_coding(sight):
        return sight.face == "chat"
    everywhere = sight.face is not None and sight.status in ALWAYS and (on_platform(sight) or sight.face != "messages")
    return sight.face in CHAT_WIRE or everywhere


@law("api.errors.envelope", when=of_chat_wire)
def envelope(s: Sight, c: Contract) -> Iterator[Flaw]:
    """An error is an object `error` with a message and a type, inside of a JSON object, and no page."""
    if s.body is NO_JSON:
        weight = Verdict.WARN if s.status in EDGE else Verdict.FAIL
        yield Flaw("a JSON object", answered(s), "response body", "an error that is no JSON", weight)
        return
    for error in c.schemas.errors("error", s.body):
        yield Flaw(error.expected, error.actual, f"response {error.at}", error.message)
    for member in ("type", "message"):
        if member in s.answer:
            message = f"{member} stands at the top level of the error"
            yield Flaw("inside of error", f"a member {member}", f"response /{member}", message)


def _typed(s: Sight, c: Contract) -> bool:
    judged = s.face in ("chat", "models", "responses") or s.status in ALWAYS
    elsewhere = not on_coding(s) and s.error.get("type") in KINDS
    known = s.status in TYPES or elsewhere
    return of_chat_wire(s, c) and s.status != 0 and judged and known and isinstance(s.error.get("type"), str)


def allowed(s: Sight) -> tuple[str, ...]:
    """The types that go with the status; in 2025 an exceeded quota was a 403."""
    then = s.status == HTTPStatus.FORBIDDEN and (s.on is None or s.on.year <= QUOTA_WAS_403)
    return (*TYPES.get(s.status, ()), *((QUOTA,) if then else ()))


@law("api.errors.status-fits-type", when=_typed)
def status_fits_type(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Status and type go together."""
    if s.error["type"] not in allowed(s):
        expected = " or ".join(allowed(s)) or "another status"
        message = f"a {s.status} with a type that does not go with it"
        yield Flaw(expected, shown(s.error["type"]), "response /error/type", message)


def _with_headers(s: Sight, _c: Contract) -> bool:
    kept = s.exchange.response is not None and bool(s.exchange.response.headers)
    seen = failed(s) and s.status != HTTPStatus.GATEWAY_TIMEOUT and s.face is not None
    return seen and kept and not s.partial and not elsewhere(s)


@law("api.errors.json-content-type", when=_with_headers)
def json_content_type(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """An error says that it is JSON."""
    if s.kind != "application/json":
        weight = Verdict.WARN if s.status in EDGE else Verdict.FAIL
        where = "response header content-type"
        yield Flaw(
            "application/json", s.kind or "no content-type", where, "an error that does not call itself JSON", weight
        )


@law("api.errors.not-with-200", when=lambda s, _c: s.ok and s.shape is not None and not s.streamed)
def not_with_200(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """A 2xx is no error."""
    if s.answer.get("error"):
        yield Flaw("no error", shown(s.answer["error"]), "response /error", f"an error comes with {s.status}")


def _chat_error(s: Sight, c: Contract) -> bool:
    return of_chat_wire(s, c) and s.face != "responses" and bool(s.error)


@law("api.errors.no-code-no-param", when=_chat_error)
def no_code_no_param(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """Errors have neither `code` nor `param`, but for that of the content filter, whose code is a number."""
    for member in ("code", "param"):
        value: Any = s.error.get(member)
        filtered = s.error.get("type") == "content_filter" and (member == "param" or isinstance(value, int))
        if member in s.error and not filtered:
            yield Flaw("no such member", shown(value), f"response /error/{member}", f"an error with {member}")
