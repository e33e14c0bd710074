"""Errors of the wrong family, of the wrong type, or of no form at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kimi_conformance.faults.wire.edit import both, change, drop, put
from kimi_conformance.faults.wire.whole import answer, entire, failing, header, page, status
from kimi_conformance.faults.wire.wire_fault import wire

if TYPE_CHECKING:
    from kimi_conformance.exchange import Exchange

ENVELOPE: Final = "api.errors.envelope"
FITS: Final = "api.errors.status-fits-type"
GATEWAY: Final = "api.errors.gateway-family"
FILTER: Final = "api.errors.content-filter"
TYPE: Final = "error/type"
REFUSED: Final = "refused/api.sampling.temperature-fixed"
NOT_FOUND: Final = {"error": {"message": "Not found", "type": "resource_not_found_error"}}


def _early(exchange: Exchange) -> Exchange:
    return replace(exchange, end_ms=exchange.start_ms + 30_000)


FAULTS: Final = (
    wire("error-html", "An error is a page.", page(400), ENVELOPE, "api.errors.json-content-type", on=REFUSED),
    wire(
        "error-no-envelope",
        "Message and type of an error stand at its top.",
        entire(lambda found: found["error"]),
        ENVELOPE,
        on=REFUSED,
    ),
    wire(
        "error-string",
        "An error is its message.",
        answer(change("error", lambda found: found["message"])),
        ENVELOPE,
        on=REFUSED,
    ),
    wire("error-in-a-list", "An error stands in a list.", entire(lambda found: [found]), ENVELOPE, on=REFUSED),
    wire("error-type-missing", "An error has no type.", answer(drop(TYPE)), ENVELOPE, on=REFUSED),
    wire(
        "error-type-twice",
        "The type of an error stands at its top, too.",
        answer(put("type", "error_")),
        ENVELOPE,
        on=REFUSED,
    ),
    wire(
        "error-message-empty",
        "An error has an empty message.",
        answer(put("error/message", "")),
        ENVELOPE,
        on="error/403",
    ),
    wire("error-message-missing", "An error has no message.", answer(drop("error/message")), ENVELOPE, on="error/403"),
    wire(
        "error-of-another-status",
        "A 400 has the type of a 404.",
        answer(put(TYPE, "resource_not_found_error")),
        FITS,
        on=REFUSED,
    ),
    wire(
        "error-as-text",
        "An error calls itself text.",
        header("content-type", lambda _: "text/plain"),
        "api.errors.json-content-type",
        "api.headers.json-content-type",
        on=REFUSED,
    ),
    wire(
        "error-with-param",
        "An error has a param.",
        answer(put("error/param", "temperature")),
        "api.errors.no-code-no-param",
        on=REFUSED,
    ),
    wire(
        "error-with-code",
        "An error has a code.",
        answer(put("error/code", "invalid_value")),
        "api.errors.no-code-no-param",
        on=REFUSED,
    ),
    wire(
        "risky-of-another-type",
        "A risky text is refused as an invalid request.",
        answer(put(TYPE, "invalid_request_error")),
        FILTER,
        on="error/risky",
    ),
    wire("risky-403", "A risky text is refused with 403.", status(403), FILTER, on="error/risky"),
    wire(
        "403-of-another-type",
        "A 403 has the type of a 401.",
        answer(put(TYPE, "invalid_authentication_error")),
        "api.errors.permission-denied-403",
        FITS,
        on="error/403",
    ),
    wire(
        "403-without-envelope",
        "A 403 has no envelope.",
        entire(lambda found: found["error"]),
        "api.errors.permission-denied-403",
        ENVELOPE,
        on="error/403",
    ),
    wire(
        "403-of-the-platform-on-coding",
        "A 403 of the coding host has the platform's type.",
        answer(put(TYPE, "permission_denied_error")),
        "api.coding.agents-only-403",
        on="error/403-coding",
    ),
    wire(
        "500-of-another-type",
        "A 500 has a type of OpenAI's.",
        answer(put(TYPE, "api_error")),
        "api.errors.server-error-500",
        on="error/500",
    ),
    wire("500-html", "A 500 is a page.", page(500), "api.errors.server-error-500", ENVELOPE, on="error/500"),
    wire(
        "503-of-another-type",
        "A 503 has the type of an overloaded engine.",
        answer(put(TYPE, "engine_overloaded_error")),
        "api.errors.unavailable-503",
        FITS,
        on="error/503",
    ),
    wire("503-html", "A 503 is a page.", page(503), "api.errors.unavailable-503", on="error/503"),
    wire(
        "504-json",
        "A 504 is JSON.",
        failing(504, {"error": {"message": "timeout", "type": "server_error"}}),
        "api.errors.gateway-timeout-504",
        on="error/504",
    ),
    wire("504-early", "A 504 comes after half a minute.", _early, "api.errors.gateway-timeout-504", on="error/504"),
    wire(
        "gateway-code-not-scode",
        "The code of the gateway is not its scode.",
        answer(put("scode", "0x3")),
        GATEWAY,
        on="gone/path-embeddings",
    ),
    wire(
        "gateway-scode-missing",
        "An error of the gateway has no scode.",
        answer(drop("scode")),
        GATEWAY,
        on="gone/path-embeddings",
    ),
    wire(
        "gateway-code-as-text",
        "The code of the gateway is a string.",
        answer(put("code", "5")),
        GATEWAY,
        on="gone/path-embeddings",
    ),
    wire(
        "gateway-status-true",
        "An error of the gateway has the status true.",
        answer(put("status", new=True)),
        GATEWAY,
        on="gone/path-embeddings",
    ),
    wire(
        "gateway-message-missing",
        "An error of the gateway has no message.",
        answer(drop("message")),
        GATEWAY,
        on="gone/path-embeddings",
    ),
    wire(
        "path-of-another-code",
        "The 404 of a path has another code.",
        answer(both(put("code", 3), put("scode", "0x3"))),
        "api.errors.unknown-path",
        on="gone/path-embeddings",
    ),
    wire(
        "path-as-model",
        "The 404 of a path looks like that of a model.",
        failing(404, NOT_FOUND),
        "api.errors.unknown-path",
        "api.messages.models-path-404",
        on="gone/path-*s",
    ),
    wire(
        "method-as-chat",
        "A method that is not there is refused in the chat wire's shape.",
        failing(405, NOT_FOUND),
        "api.errors.wrong-method",
        on="gone/path-method",
    ),
    wire(
        "tokens-refused-as-chat",
        "A refused estimate has the chat wire's shape.",
        failing(400, {"error": {"message": "messages must not be empty", "type": "invalid_request_error"}}),
        "api.tokens.error-family",
        on="error/tokens",
    ),
    wire(
        "json-in-latin-1",
        "JSON calls itself Latin-1.",
        header("content-type", lambda _: "application/json; charset=iso-8859-1"),
        "api.headers.json-content-type",
        on="chat",
    ),
)
