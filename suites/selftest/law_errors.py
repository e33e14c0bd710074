"""The laws of errors: the chat wire's shape, types by status, and the gateway's own family."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from suites.selftest.sights import DAY, HEAD, MESSAGES, asking, chat, error, invalid, page, seen, stream, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

GATEWAY = {
    "code": 5,
    "error": "url.not_found",
    "message": "没找到对象",
    "method": "GET",
    "scode": "0x5",
    "status": False,
}
NOWHERE = {"method": "GET", "path": "/v1/embeddings"}
MODELS = {"method": "GET", "path": MESSAGES.replace("messages", "models")}
LIST = {"method": "GET", "path": "/v1/models"}
MONEY = {"method": "GET", "path": "/v1/users/me/balance"}
AGENTS = {"kimi-api-version": "2026-09-01-beta"}
RISKY = "The request was rejected because it was considered high risk"
INACTIVE = (
    "Your account org-...<ak-...> is not active, organization <org-...> exceeded current quota, "
    "please check your plan and billing details"
)
TEXT = {**HEAD, "content-type": "text/plain"}
FITS, JSON = "api.errors.status-fits-type", "api.errors.json-content-type"
NO_CODE = "api.errors.no-code-no-param"
ROUTED = "https://router.example/v1/chat/completions"
KINDS = {
    400: ("invalid_request_error", "content_filter"),
    401: ("invalid_authentication_error", "incorrect_api_key_error"),
    403: ("permission_denied_error", "access_terminated_error"),
    404: ("resource_not_found_error",),
    429: ("rate_limit_reached_error", "engine_overloaded_error", "exceeded_current_quota_error"),
    499: ("client_closed_request",),
    500: ("server_error", "unexpected_output"),
    503: ("server_unavailable",),
}


def gateway(status: int = 404, *, leave: str = "", **changes: object) -> Sight:
    body = {name: value for name, value in {**GATEWAY, **changes}.items() if name != leave}
    return seen(status, body, **NOWHERE)


PATHS = ("/v1/models", "/v1/files", "/v1/files/a", "/v1/files/a/content", "/v1/batches", "/v1/batches/a")
CODED = {"error": {"type": "content_filter", "message": RISKY, "code": "400"}}
FINE = [
    *((FITS, error(status, kind, "no")) for status, kinds in KINDS.items() for kind in kinds),
    ("api.errors.envelope", invalid("invalid temperature: only 1 is allowed for this model")),
    ("api.errors.envelope", error(401, "incorrect_api_key_error", "Incorrect API key provided", path=MESSAGES)),
    ("api.errors.envelope", seen(404, {"error": {"type": "odd", "message": "no"}, "code": 5}, asked=asking())),
    (FITS, invalid("Invalid request: messages must not be empty")),
    (FITS, error(403, "exceeded_current_quota_error", INACTIVE)),
    (FITS, error(403, "access_terminated_error", "agents only", host="coding")),
    (JSON, invalid("no")),
    ("api.errors.not-with-200", chat(whole())),
    ("api.errors.not-with-200", chat({**whole(), "error": None})),
    (NO_CODE, invalid("no")),
    (
        NO_CODE,
        seen(400, {"error": {"code": 400, "message": RISKY, "param": "prompt", "type": "content_filter"}}),
    ),
    ("api.errors.unknown-path", gateway()),
    ("api.messages.models-path-404", seen(404, GATEWAY, **MODELS)),
    ("api.errors.gateway-family", gateway()),
    ("api.errors.wrong-method", seen(405, GATEWAY, method="GET")),
    ("api.errors.content-filter", error(400, "content_filter", RISKY)),
    (
        "api.errors.permission-denied-403",
        error(403, "permission_denied_error", "The API you are accessing is not open"),
    ),
    (
        "api.errors.permission-denied-403",
        error(403, "exceeded_current_quota_error", INACTIVE, on=DAY.replace(year=2025)),
    ),
    ("api.errors.server-error-500", error(500, "unexpected_output", "invalid state transition")),
    ("api.errors.unavailable-503", error(503, "server_unavailable", "unavailable")),
    ("api.errors.gateway-timeout-504", page(504, ms=900_000.0, timed=True)),
    ("api.errors.unknown-path", seen(404, GATEWAY, path="/anthropic/v1/moon")),
    ("api.errors.unknown-path", seen(404, GATEWAY, path="/chat/completions")),
    ("api.messages.models-path-404", seen(404, GATEWAY, method="GET", path="/anthropic/v1/models/")),
    *(
        ("api.errors.gateway-family", each)
        for each in (gateway(message=""), gateway(leave="status"), gateway(code=10, scode="0xA"))
    ),
]
WRONG = [
    *(
        ("api.errors.envelope", seen(400, {"detail": "no"}, method="GET", path=path), "response /error")
        for path in PATHS
    ),
    ("api.errors.envelope", seen(401, {"detail": "no"}, **MONEY), "response /error"),
    (FITS, error(401, "odd", "no", method="GET", path="/v1/files"), "response /error/type"),
    (NO_CODE, seen(400, CODED), "response /error/code"),
    ("api.errors.envelope", page(400), "response body"),
    ("api.errors.envelope", page(500), "response body"),
    (
        "api.errors.envelope",
        seen(400, {"message": "no", "type": "invalid_request_error"}),
        "response /error, response /type, response /message",
    ),
    ("api.errors.envelope", seen(400, {"error": "no"}), "response /error"),
    ("api.errors.envelope", seen(400, {"error": {"message": "", "type": "a"}}), "response /error/message"),
    ("api.errors.envelope", seen(0, {"error": {"message": "no"}}, given="error"), "response /error/type"),
    (FITS, error(400, "rate_limit_reached_error", "no"), "response /error/type"),
    (FITS, error(402, "invalid_request_error", "no"), "response /error/type"),
    (FITS, error(403, "exceeded_current_quota_error", INACTIVE, on=DAY), "response /error/type"),
    (JSON, invalid("no", headers=TEXT), "response header content-type"),
    (JSON, invalid("no", headers={"date": "today"}), "response header content-type"),
    ("api.errors.not-with-200", chat({"error": {"message": "no", "type": "server_error"}}), "response /error"),
    (
        NO_CODE,
        seen(400, {"error": {"message": "no", "type": "a", "code": "b"}}),
        "response /error/code",
    ),
    (
        "api.errors.unknown-path",
        error(404, "resource_not_found_error", "no", **NOWHERE),
        "response /error, response /code",
    ),
    ("api.errors.unknown-path", seen(200, {}, **NOWHERE), "response"),
    ("api.errors.unknown-path", gateway(code=3), "response /code"),
    ("api.messages.models-path-404", seen(200, {"data": []}, **MODELS), "response"),
    ("api.errors.gateway-family", gateway(error=""), "response /error"),
    ("api.errors.gateway-family", gateway(leave="message"), "response /message"),
    ("api.errors.gateway-family", gateway(code="5"), "response /code"),
    ("api.errors.gateway-family", gateway(scode="0x3"), "response /scode"),
    ("api.errors.gateway-family", seen(404, {**GATEWAY, "status": True}), "response /status"),
    ("api.errors.wrong-method", seen(200, {}, method="GET"), "response"),
    ("api.errors.wrong-method", invalid("no", method="GET"), "response body"),
    ("api.errors.content-filter", error(403, "content_filter", RISKY), "response"),
    ("api.errors.content-filter", error(403, "content_filter", "no"), "response"),
    ("api.errors.content-filter", invalid(RISKY), "response /error/type"),
    ("api.errors.permission-denied-403", error(403, "forbidden", "no"), "response /error/type"),
    ("api.errors.permission-denied-403", page(403), "response /error/type"),
    ("api.errors.permission-denied-403", error(403, "access_terminated_error", "no"), "response /error/type"),
    ("api.errors.server-error-500", error(500, "invalid_request_error", "no"), "response /error/type"),
    ("api.errors.server-error-500", page(500), "response /error/type"),
    ("api.errors.unavailable-503", error(503, "server_error", "no"), "response /error/type"),
    ("api.errors.unavailable-503", page(503), "response body"),
    ("api.errors.gateway-timeout-504", error(504, "server_error", "no"), "response body"),
    ("api.errors.gateway-timeout-504", page(504, ms=60_000.0, timed=True), "response"),
    ("api.errors.envelope", seen(400, GATEWAY), "response /error, response /message"),
    ("api.errors.envelope", seen(401, {"detail": "no"}, host=None, **MONEY), "response /error"),
    *(
        (FITS, error(400, "rate_limit_reached_error", "no", **each), "response /error/type")
        for each in (LIST, {"path": "/v1/responses"})
    ),
    (FITS, error(400, "exceeded_current_quota_error", INACTIVE), "response /error/type"),
    *(
        ("api.errors.unknown-path", seen(200, {}, method="GET", path=f"/v1/{path}"), "response")
        for path in ("embeddings/", "images/X")
    ),
    ("api.errors.gateway-family", gateway(code=True), "response /code"),
    ("api.errors.envelope", seen(429, {"detail": "no"}, **MONEY), "response /error"),
    *(
        (NO_CODE, seen(400, {"error": {"message": "no", "type": "a", **odd}}), f"response /error/{next(iter(odd))}")
        for odd in ({"param": None}, {"code": 400})
    ),
    ("api.errors.gateway-family", gateway(scode=5), "response /scode"),
]
SILENT = [
    ("api.errors.envelope", seen(401, {"detail": "no"}, path=MESSAGES, host=None)),
    (FITS, error(400, "odd", "no", method="GET", path="/v1/files")),
    (JSON, page(404, partial=True)),
    ("api.errors.envelope", chat(whole())),
    ("api.errors.envelope", page(504)),
    ("api.errors.envelope", seen(404, GATEWAY)),
    ("api.errors.envelope", error(400, "invalid_request_error", "no", path=MESSAGES)),
    ("api.errors.envelope", seen(401, {"type": "error"}, path="/coding/v1/messages", host="coding")),
    (FITS, error(418, "teapot", "no")),
    (FITS, error(402, "access_terminated_error", "no membership", host="coding")),
    (JSON, page(504)),
    (JSON, invalid("no", headers={})),
    ("api.errors.not-with-200", invalid("no")),
    ("api.errors.not-with-200", seen(200, {"error": {}}, method="GET", path="/v1/files/file_1/content")),
    (NO_CODE, chat(whole())),
    ("api.errors.unknown-path", seen(404, GATEWAY)),
    ("api.errors.unknown-path", seen(404, {}, method="GET", path="/v1/formulas/moonshot/a:1/tools")),
    ("api.errors.unknown-path", seen(404, {}, method="GET", path="/v1/models/kimi-k9")),
    ("api.errors.unknown-path", page(404, method="GET", path="/favicon.ico")),
    ("api.errors.unknown-path", seen(404, {}, host=None, **NOWHERE)),
    ("api.messages.models-path-404", seen(401, {}, **MODELS)),
    ("api.errors.gateway-family", invalid("no")),
    ("api.errors.wrong-method", seen(200, "", method="OPTIONS")),
    ("api.errors.content-filter", invalid("no")),
    ("api.errors.content-filter", seen(200, {"error": {"type": "content_filter", "message": RISKY}})),
    ("api.errors.permission-denied-403", error(403, "access_terminated_error", "agents only", host="coding")),
    ("api.errors.permission-denied-403", error(404, "resource_not_found_error", "no")),
    ("api.errors.permission-denied-403", error(403, "a", "b", **MONEY)),
    ("api.errors.unavailable-503", page(502)),
    ("api.errors.gateway-timeout-504", page(502)),
    ("api.errors.gateway-timeout-504", page(504, path="/favicon.ico")),
    ("api.errors.server-error-500", error(500, "a", "b", **MONEY)),
    ("api.errors.envelope", seen(401, {"detail": "no"}, method="GET", path="/coding/v1/models", host="coding")),
    (FITS, seen(0, {"error": {"message": "no", "type": "server_error"}}, given="error")),
    (JSON, replace(page(404), exchange=replace(page(404).exchange, response=None))),
    (JSON, page(404, method="GET", path="/favicon.ico")),
    (JSON, invalid("no", headers=TEXT, partial=True)),
    (JSON, invalid("no", headers=TEXT, host=None, path=ROUTED)),
    ("api.errors.not-with-200", stream({"choices": []})),
    (NO_CODE, seen(400, {"error": "no"})),
    ("api.errors.unknown-path", seen(404, {}, **MODELS)),
    ("api.errors.unknown-path", seen(401, {}, **NOWHERE)),
    ("api.errors.unknown-path", seen(200, {}, method="GET", path="/v1/moon")),
    ("api.errors.unknown-path", seen(404, {"type": "error"}, path="/v1/skills", sent=AGENTS)),
    ("api.messages.models-path-404", seen(404, {}, host=None, **MODELS)),
    ("api.messages.models-path-404", seen(404, {}, path=MODELS["path"])),
    ("api.messages.models-path-404", seen(404, {}, method="GET", path=f"{MODELS['path']}X")),
    ("api.errors.wrong-method", seen(200, "", method="HEAD")),
    ("api.errors.wrong-method", seen(200, {}, method="GET", host=None)),
    ("api.errors.wrong-method", seen(401, {}, method="GET")),
    ("api.errors.wrong-method", seen(200, {}, path="/v1/files/file_1", sent=AGENTS)),
    ("api.errors.envelope", chat(whole(), given="chat.completion")),
    ("api.errors.envelope", seen(400, {"detail": "no"}, host=None, path=ROUTED)),
    ("api.errors.envelope", seen(401, {"detail": "no"}, method="GET", path="/favicon.ico")),
    (FITS, error(401, "odd", "no", path=MESSAGES, host=None)),
    (FITS, seen(400, {"error": {"message": "no", "type": 5}})),
    (JSON, chat(whole())),
    (NO_CODE, error(400, "invalid_request_error", "no", path=MESSAGES)),
    (NO_CODE, error(400, "invalid_request_error", "no", path="/v1/responses")),
    ("api.errors.wrong-method", page(404, method="GET", path="/favicon.ico")),
]
