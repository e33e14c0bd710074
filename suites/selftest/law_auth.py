"""The laws of keys: own ones, wrong ones, and what a 401 looks like."""

from __future__ import annotations

from dataclasses import replace

from suites.selftest.sights import MESSAGES, asking, chat, error, page, seen, whole

UNKNOWN = ("invalid_authentication_error", "Invalid Authentication")
MISSING = ("incorrect_api_key_error", "Incorrect API key provided")
X_API_KEY = {"path": MESSAGES, "sent": {"x-api-key": "sk-made-up"}}
TWO_KEYS = {"x-api-key": "sk-made-up", "authorization": "Bearer sk-made-up"}
CODING = {"path": "/coding/v1/chat/completions", "host": "coding"}
LISTED = {"method": "GET", "path": "/coding/v1/models", "host": "coding"}
UNANSWERED = replace(chat(whole()), exchange=replace(chat(whole()).exchange, response=None, error="closed: by peer"))

FINE = [
    ("api.auth.own-key-accepted", chat(whole())),
    ("api.auth.own-key-accepted", error(400, "invalid_request_error", "Invalid request: messages must not be empty")),
    ("api.auth.invalid-key-401", error(401, *UNKNOWN, key="wrong")),
    ("api.auth.invalid-key-401", error(401, *UNKNOWN, key="wrong", **LISTED)),
    ("api.auth.401-shape", error(401, *UNKNOWN, key="unknown", host=None)),
    ("api.auth.401-shape", error(401, *MISSING, path=MESSAGES)),
    ("api.auth.x-api-key-on-messages", seen(200, {}, asked=asking(), **X_API_KEY)),
]
WRONG = [
    ("api.auth.own-key-accepted", error(401, *UNKNOWN), "response"),
    ("api.auth.own-key-accepted", error(401, *UNKNOWN, key="drained"), "response"),
    ("api.auth.invalid-key-401", chat(whole(), key="wrong"), "response"),
    ("api.auth.invalid-key-401", page(500, key="wrong"), "response"),
    ("api.auth.invalid-key-401", error(403, "permission_denied_error", "no", key="wrong"), "response"),
    ("api.auth.invalid-key-401", error(401, *MISSING, key="wrong"), "response /error/type"),
    ("api.auth.401-shape", page(401), "response body"),
    ("api.auth.401-shape", seen(401, {"error": "unauthorized"}), "response body"),
    ("api.auth.401-shape", error(401, "authentication_error", "no"), "response /error/type"),
    ("api.auth.401-shape", error(401, "invalid_authentication_error", ""), "response /error/message"),
    ("api.auth.x-api-key-on-messages", error(401, *MISSING, **X_API_KEY), "response"),
]
SILENT = [
    ("api.auth.own-key-accepted", error(401, *UNKNOWN, key="unknown")),
    ("api.auth.own-key-accepted", page(504)),
    ("api.auth.own-key-accepted", UNANSWERED),
    ("api.auth.invalid-key-401", error(429, "engine_overloaded_error", "overloaded", key="wrong")),
    ("api.auth.invalid-key-401", error(403, "access_terminated_error", "agents only", key="wrong", host="coding")),
    *(("api.auth.invalid-key-401", page(status, key="wrong")) for status in (502, 503)),
    ("api.auth.invalid-key-401", seen(200, {}, key="wrong", method="GET", path="/v1/users/me/balance")),
    ("api.auth.401-shape", chat(whole())),
    ("api.auth.401-shape", error(401, "odd", "", **CODING)),
    (
        "api.auth.x-api-key-on-messages",
        error(401, *MISSING, path=MESSAGES, sent={"authorization": "Bearer sk-made-up"}),
    ),
    *(
        ("api.auth.x-api-key-on-messages", error(401, *MISSING, **{**X_API_KEY, **other}))
        for other in ({"sent": {}}, {"sent": TWO_KEYS}, {"path": "/v1/chat/completions"}, {"key": "unknown"})
    ),
    ("api.auth.x-api-key-on-messages", error(429, "engine_overloaded_error", "overloaded", **X_API_KEY)),
]
