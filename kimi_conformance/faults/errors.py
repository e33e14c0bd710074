"""Faults of a router that tells its client something else than the upstream's error."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.faults.fault import fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from kimi_conformance.faults.fault import Apply
    from kimi_conformance.reference import Steps
    from kimi_conformance.reference.asgi import Send
    from kimi_conformance.reference.call import Fields, Reply

KEYS: Final = "router.error.401-kept"
FORBIDDEN: Final = "router.error.403-kept"
UNKNOWN: Final = "router.error.404-of-upstream-kept"
WRONG: Final = "router.error.400-kept"
LIMITS: Final = "router.error.429-types-kept"
SERVER: Final = "router.error.5xx-kept"
PAGE: Final = "router.error.html-504-handled"
CODED: Final = "router.error.gzip-error-handled"

JSON: Final = (b"content-type", b"application/json")


@dataclass(frozen=True, slots=True)
class Error:
    """An upstream's error, whole."""

    status: int
    headers: Fields
    body: bytes


def telling(change: Callable[[Error], Error]) -> Apply:
    """The client gets another error than the upstream's."""

    def apply(steps: Steps) -> Steps:
        async def relay(reply: Reply, send: Send) -> None:
            if reply.status < 400:  # noqa: PLR2004 - RFC 9110, 15.5
                await steps.relay(reply, send)
                return
            body = b"".join([piece async for piece in reply.pieces])
            told = change(Error(reply.status, reply.headers, body))
            headers = (*without(told.headers, b"content-length"), (b"content-length", b"%d" % len(told.body)))
            await steps.relay(replace(reply, status=told.status, headers=headers, pieces=_at_once(told.body)), send)

        return replace(steps, relay=relay)

    return apply


def without(headers: Fields, *names: bytes) -> Fields:
    """The headers but for these."""
    return tuple((name, value) for name, value in headers if name not in names)


async def _at_once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _own(status: int, message: str, type_: str = "api_error", headers: Fields = ()) -> Error:
    """An error in the router's own words."""
    return Error(status, (JSON, *headers), json.dumps({"error": {"message": message, "type": type_}}).encode())


def _wrapped(error: Error, change: Callable[[dict[str, Any]], Any]) -> Error:
    """The error with what its member `error` says changed; one that has none stays."""
    try:
        said = json.loads(error.body)
    except ValueError:
        return error
    inner = said.get("error")
    if not isinstance(inner, dict):
        return error
    return replace(error, body=json.dumps({**said, "error": change(inner)}).encode())


@fault("error.all-500", telling, KEYS, FORBIDDEN, UNKNOWN, WRONG, LIMITS)
def all_500(error: Error) -> Error:
    """Whatever the upstream says, the client gets a 500 that quotes it."""
    return replace(error, status=500)


@fault("error.own-words", telling, KEYS, FORBIDDEN, UNKNOWN, WRONG, LIMITS, SERVER)
def own_words(error: Error) -> Error:
    """The client gets the upstream's status in the router's own words."""
    return _own(error.status, "the upstream refused the request", headers=without(error.headers, b"content-type"))


@fault("error.own-401", telling, KEYS)
def own_401(error: Error) -> Error:
    """Both kinds of 401 are told in one way."""
    return _own(401, "unauthorized") if error.status == 401 else error  # noqa: PLR2004 - its meaning


@fault("error.403-as-401", telling, FORBIDDEN)
def forbidden_as_unauthorized(error: Error) -> Error:
    """403 and 401 are one."""
    return replace(error, status=401) if error.status == 403 else error  # noqa: PLR2004 - its meaning


@fault("error.own-404", telling, UNKNOWN)
def own_404(error: Error) -> Error:
    """A model that the upstream does not have is told as one that the router does not have."""
    return _own(404, "no route for this model", "not_found") if error.status == 404 else error  # noqa: PLR2004 - its meaning


@fault("error.404-as-502", telling, UNKNOWN)
def unknown_as_bad_gateway(error: Error) -> Error:
    """A 404 of the upstream is a 502."""
    return replace(error, status=502) if error.status == 404 else error  # noqa: PLR2004 - its meaning


@fault("error.400-unexplained", telling, WRONG)
def unexplained(error: Error) -> Error:
    """A 400 does not say what is wrong."""
    return _own(400, "Bad Request", "invalid_request_error") if error.status == 400 else error  # noqa: PLR2004


@fault("error.429-flattened", telling, LIMITS)
def flattened(error: Error) -> Error:
    """Of a 429 only its message is left, in another envelope."""
    if error.status != 429:  # noqa: PLR2004 - its meaning
        return error
    return _wrapped(error, lambda inner: {"message": f"429 {inner['message']}", "type": "throttling_error"})


@fault("error.429-in-one-kind", telling, LIMITS)
def in_one_kind(error: Error) -> Error:
    """Every 429 is a rate limit."""
    if error.status != 429:  # noqa: PLR2004 - its meaning
        return error
    return _own(429, "Rate limit exceeded", "rate_limit_reached_error", without(error.headers, b"content-type"))


@fault("error.retry-after-dropped", telling, LIMITS)
def retry_after_dropped(error: Error) -> Error:
    """Of the upstream's headers the client gets the content type alone."""
    return replace(
        error, headers=tuple(one for one in error.headers if one[0] in (b"content-type", b"content-encoding"))
    )


@fault("error.quota-as-402", telling, LIMITS)
def quota_as_payment(error: Error) -> Error:
    """An account without money is a 402."""
    return replace(error, status=402) if b"exceeded_current_quota_error" in error.body else error


@fault("error.5xx-as-400", telling, SERVER)
def server_as_client(error: Error) -> Error:
    """What the upstream did wrong is held against the client."""
    return replace(error, status=400) if error.status >= 500 else error  # noqa: PLR2004 - RFC 9110, 15.6


@fault("error.200-with-error", telling, KEYS, SERVER, PAGE)
def success_with_error(error: Error) -> Error:
    """Errors come with status 200."""
    return replace(error, status=200)


@fault("error.page-called-json", telling, PAGE)
def page_called_json(error: Error) -> Error:
    """Whatever comes from the upstream is called JSON."""
    return replace(error, headers=(JSON, *without(error.headers, b"content-type")))


@fault("error.page-as-404", telling, PAGE)
def page_as_404(error: Error) -> Error:
    """What is no JSON cannot be read, and counts as nothing."""
    return _own(404, "not found") if b"<html>" in error.body else error


@fault("error.coding-forgotten", telling, CODED)
def coding_forgotten(error: Error) -> Error:
    """A compressed error goes on as it is, without the header that says so."""
    return replace(error, headers=without(error.headers, b"content-encoding"))


@fault("error.unpacked-but-called-packed", telling, CODED)
def called_packed(error: Error) -> Error:
    """A compressed error is unpacked, and goes on with the header that says it is not."""
    coded = any(name == b"content-encoding" for name, _ in error.headers)
    return replace(error, body=gzip.decompress(error.body)) if coded else error
