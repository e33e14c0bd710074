"""The laws of hosts: what each says to the key of another."""

from __future__ import annotations

from suites.selftest.sights import MESSAGES, chat, error, seen, whole

UNKNOWN = ("invalid_authentication_error", "Invalid Authentication")
MISSING = ("incorrect_api_key_error", "Incorrect API key provided")
EXPIRED = (
    "invalid_authentication_error",
    "The API Key appears to be invalid or may have expired. Please verify your credentials and try again.",
)
NO_KEY = "api.hosts.missing-key-401-other-type"

FINE = [
    ("api.hosts.ai-key-on-cn-401", error(401, *UNKNOWN, host="platform-cn", key="other-host")),
    ("api.hosts.cn-key-on-ai-401", error(401, *UNKNOWN, key="other-host", method="GET", path="/v1/models")),
    ("api.hosts.platform-key-on-coding-401", error(401, *EXPIRED, host="coding", key="other-host")),
    ("api.hosts.coding-key-on-platform-401", error(401, *UNKNOWN, key="coding")),
    (NO_KEY, error(401, *MISSING, key="none", method="GET", path="/v1/models")),
    (NO_KEY, error(401, *MISSING, key="none", host="platform-cn")),
    (NO_KEY, error(401, *MISSING, key="none", path=MESSAGES)),
    ("api.hosts.coding-key-on-platform-401", error(401, *UNKNOWN, host="platform-cn", key="coding")),
]
WRONG = [
    ("api.hosts.ai-key-on-cn-401", chat(whole(), host="platform-cn", key="other-host"), "response"),
    ("api.hosts.cn-key-on-ai-401", error(401, *MISSING, key="other-host"), "response /error/type"),
    ("api.hosts.platform-key-on-coding-401", chat(whole(), host="coding", key="other-host"), "response"),
    ("api.hosts.coding-key-on-platform-401", error(404, *UNKNOWN, key="coding"), "response"),
    (NO_KEY, error(401, *UNKNOWN, key="none"), "response /error/type"),
    (NO_KEY, seen(200, {"data": []}, key="none", method="GET", path="/v1/models"), "response"),
]
SILENT = [
    ("api.hosts.ai-key-on-cn-401", error(401, *UNKNOWN, host="platform-ai", key="other-host")),
    ("api.hosts.ai-key-on-cn-401", error(401, *UNKNOWN, host="platform-cn", key="coding")),
    ("api.hosts.cn-key-on-ai-401", error(401, *UNKNOWN, host=None, key="other-host")),
    ("api.hosts.platform-key-on-coding-401", error(403, *EXPIRED, host="coding", key="other-host")),
    ("api.hosts.coding-key-on-platform-401", error(401, *UNKNOWN, host="coding", key="coding")),
    (NO_KEY, error(401, *UNKNOWN, key="unknown")),
    (NO_KEY, error(401, *MISSING, key="none", host="coding")),
    (NO_KEY, error(401, *UNKNOWN, key="none", path=MESSAGES, sent={"x-api-key": "sk-made-up"})),
    (NO_KEY, error(401, *UNKNOWN, key="none", sent={"authorization": "Bearer sk-made-up"})),
    (NO_KEY, error(401, *MISSING, key="none", path="/v1/responses")),
    (NO_KEY, error(429, "engine_overloaded_error", "The engine is currently overloaded", key="none")),
]
