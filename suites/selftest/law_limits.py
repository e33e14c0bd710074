"""The laws of 429s, and of headers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from suites.selftest.sights import (
    HEAD,
    MESSAGES,
    chat,
    error,
    page,
    seen,
    stream,
    whole,
)

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

ACCOUNT = "Your account org-0123456789abcdef0123456789abcdef"
KEY = "<ak-abcdefghij0123456789>"
RPM = f"{ACCOUNT}{KEY} request reached organization max RPM: 3, please try again after 1 seconds"
TPD = f"{ACCOUNT}{KEY} request reached organization TPD rate limit, current: 1501880, limit: 1500000"
SUSPENDED = (
    f"{ACCOUNT} {KEY} is suspended due to insufficient balance, please recharge your account or check your plan "
    "and billing details"
)
QUOTA = "You exceeded your current token quota: <org-1> 31275, please check your account balance"
BUSY = "The engine is currently overloaded, please try again later"
TOO_FAST = "Organization Rate limit exceeded, please try again after 1 seconds"
WAIT = {**HEAD, "retry-after": "1", "x-retry-after": "1", "msh-cooldown-seconds": "1"}
RETRY, COOLDOWN, TYPES = "api.limits.retry-after-on-rate", "api.limits.cooldown-headers", "api.limits.429-types"
REQUEST_IDS, CONTENT_TYPE = "api.headers.request-ids", "api.headers.json-content-type"
NO_WAIT, BUDGET = "api.limits.no-retry-after-on-overload", "api.limits.no-budget-headers"
PLAIN = {**HEAD, "content-type": "text/plain"}
ROUTER = {"path": "https://router.example/v1/chat/completions", "host": None}


def rate(message: str = RPM, kind: str = "rate_limit_reached_error", **known: object) -> Sight:
    return error(429, kind, message, **{"headers": WAIT, **known})


def quota(message: str = SUSPENDED, kind: str = "exceeded_current_quota_error") -> Sight:
    return error(429, kind, message)


def overload(kind: str = "engine_overloaded_error", **known: object) -> Sight:
    return error(429, kind, BUSY, **known)


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in HEAD.items() if key != name}


FINE = [
    ("api.limits.rate-429", error(429, "rate_limit_reached_error", "Slow down.")),
    ("api.limits.quota-429", quota()),
    ("api.limits.quota-429", quota(QUOTA)),
    ("api.limits.rate-429", rate()),
    ("api.limits.rate-429", rate(TPD)),
    ("api.limits.rate-429", rate(TOO_FAST, path=MESSAGES)),
    ("api.limits.overload-429", overload()),
    (TYPES, rate(path=MESSAGES)),
    (TYPES, quota()),
    (RETRY, rate()),
    (COOLDOWN, rate()),
    (COOLDOWN, rate(headers={**HEAD, "retry-after": "1", "x-retry-after": "1"})),
    (NO_WAIT, overload()),
    ("api.limits.wording", rate(TPD)),
    (BUDGET, chat(whole())),
    (RETRY, rate(headers={**WAIT, "retry-after": " 1 "})),
    (REQUEST_IDS, chat(whole())),
    (REQUEST_IDS, chat(whole(), headers={name: f" {value} " for name, value in HEAD.items()})),
    (CONTENT_TYPE, rate()),
    (CONTENT_TYPE, chat(whole(), headers={"content-type": "application/json"})),
    (CONTENT_TYPE, chat(whole(), headers={"content-type": "application/json; charset=UTF-8"})),
]
WRONG = [
    ("api.limits.quota-429", rate(SUSPENDED), "response /error/type"),
    ("api.limits.quota-429", quota(RPM), "response /error/type"),
    ("api.limits.rate-429", rate(kind="engine_overloaded_error"), "response /error/type"),
    ("api.limits.rate-429", rate(SUSPENDED), "response /error/type"),
    ("api.limits.overload-429", overload("rate_limit_reached_error"), "response /error/type"),
    (TYPES, error(429, "rate_limit_error", "slow down"), "response /error/type"),
    (TYPES, page(429), "response /error/type"),
    (
        TYPES,
        seen(429, {"type": "error", "error": {"type": "rate_limit_reached_error", "message": RPM}}, path=MESSAGES),
        "response /type",
    ),
    (RETRY, rate(headers=HEAD), "response header retry-after"),
    (RETRY, rate(headers={**HEAD, "retry-after": "0"}), "response header retry-after"),
    (RETRY, rate(headers={**HEAD, "retry-after": "1.5"}), "response header retry-after"),
    (COOLDOWN, rate(headers={**WAIT, "x-retry-after": "2"}), "response header x-retry-after"),
    (COOLDOWN, rate(headers={**HEAD, "msh-cooldown-seconds": "1"}), "response header msh-cooldown-seconds"),
    (NO_WAIT, overload(headers=WAIT), "response header retry-after"),
    ("api.limits.wording", rate("slow down"), "response /error/message"),
    ("api.limits.wording", seen(429, {"error": {"type": "rate_limit_reached_error"}}), "response /error/message"),
    (
        BUDGET,
        chat(whole(), headers={**HEAD, "X-RateLimit-Limit": "3"}),
        "response header x-ratelimit-limit",
    ),
    (REQUEST_IDS, chat(whole(), headers=without("msh-request-id")), "response header msh-request-id"),
    (
        REQUEST_IDS,
        chat(whole(), headers={**HEAD, "x-msh-trace-id": "1"}),
        "response header x-msh-trace-id",
    ),
    (
        CONTENT_TYPE,
        chat(whole(), headers={**HEAD, "content-type": "text/plain"}),
        "response header content-type",
    ),
    (CONTENT_TYPE, chat(whole(), headers=without("content-type")), "response header content-type"),
    (
        CONTENT_TYPE,
        chat(whole(), headers={"content-type": "application/json; charset=gbk"}),
        "response header content-type",
    ),
]
SILENT = [
    (TYPES, error(429, "odd", "no", path="/v1/nowhere")),
    ("api.limits.rate-429", rate(host="coding", path="/coding/v1/chat/completions")),
    (COOLDOWN, chat(whole(), headers={**HEAD, "x-retry-after": "1"})),
    ("api.limits.wording", rate(host="coding", path="/coding/v1/chat/completions")),
    ("api.limits.quota-429", rate()),
    ("api.limits.rate-429", overload()),
    ("api.limits.overload-429", quota()),
    ("api.limits.quota-429", error(403, "exceeded_current_quota_error", SUSPENDED)),
    (TYPES, rate(path="/coding/v1/messages", host="coding")),
    (RETRY, error(400, "rate_limit_reached_error", RPM)),
    (RETRY, rate(host="coding")),
    (RETRY, rate(headers={})),
    (RETRY, rate(headers={"date": "today"}, partial=True)),
    (COOLDOWN, rate(headers=HEAD)),
    (COOLDOWN, rate(**ROUTER)),
    (NO_WAIT, rate()),
    (NO_WAIT, overload(headers={})),
    ("api.limits.wording", rate(TOO_FAST, path=MESSAGES)),
    (BUDGET, chat(whole(), headers={})),
    (BUDGET, chat(whole(), host="coding")),
    (REQUEST_IDS, chat(whole(), host=None)),
    (REQUEST_IDS, page(504)),
    *((REQUEST_IDS, error(status, "odd", "no")) for status in (502, 504)),
    (REQUEST_IDS, chat(whole(), on=date(2025, 12, 31))),
    (REQUEST_IDS, seen(200, "<html>", headers=HEAD)),
    (CONTENT_TYPE, stream({"choices": []})),
    (CONTENT_TYPE, chat(whole(), headers={"content-type": "text/event-stream"})),
    (CONTENT_TYPE, chat(whole(), headers=PLAIN, partial=True)),
    (CONTENT_TYPE, chat(whole(), headers=PLAIN, **ROUTER)),
    (CONTENT_TYPE, chat(whole(), headers={})),
    (CONTENT_TYPE, replace(chat(""), exchange=replace(chat("").exchange, response=None))),
    (CONTENT_TYPE, seen(200, '{"a": 1}', method="GET", path="/v1/files/file_1/content")),
]
