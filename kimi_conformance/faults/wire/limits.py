"""429s that cannot be told apart, or do not say how long to wait."""

from __future__ import annotations

from typing import Final

from kimi_conformance.faults.wire.edit import change, put
from kimi_conformance.faults.wire.keys import anthropics
from kimi_conformance.faults.wire.whole import answer, entire, header, header_added
from kimi_conformance.faults.wire.wire_fault import wire

QUOTA, RATE, OVERLOAD = "exceeded_current_quota_error", "rate_limit_reached_error", "engine_overloaded_error"
NEXT: Final = {QUOTA: RATE, RATE: OVERLOAD, OVERLOAD: QUOTA}
ALL: Final = ("api.limits.quota-429", "api.limits.rate-429", "api.limits.overload-429")
WAIT: Final = "api.limits.retry-after-on-rate"
TYPE: Final = "error/type"

FAULTS: Final = (
    wire(
        "429-types-swapped",
        "Each of the three 429s has the type of another.",
        answer(change(TYPE, NEXT.__getitem__)),
        *ALL,
        on="limit/platform-*",
    ),
    wire(
        "429-all-rate",
        "An exceeded quota is told as a rate limit.",
        answer(put(TYPE, RATE)),
        "api.limits.quota-429",
        on="limit/platform-quota",
    ),
    wire(
        "429-overload-as-rate",
        "An overloaded engine is told as a rate limit.",
        answer(put(TYPE, RATE)),
        "api.limits.overload-429",
        on="limit/platform-overload",
    ),
    wire(
        "429-of-openai",
        "A 429 has a type of OpenAI's.",
        answer(put(TYPE, "rate_limit_error")),
        "api.limits.429-types",
        "api.errors.status-fits-type",
        on="limit/platform-rate",
    ),
    wire(
        "429-of-openai-on-coding",
        "A 429 of the coding host has a type of OpenAI's.",
        answer(put(TYPE, "rate_limit_error")),
        "api.coding.429-type",
        on="limit/coding",
    ),
    wire(
        "429-in-anthropics-shape",
        "A 429 of the Anthropic face has Anthropic's shape.",
        entire(anthropics),
        "api.limits.429-types",
        "api.messages.openai-error-on-401-429",
        on="limit/messages",
    ),
    wire(
        "retry-after-missing",
        "A rate limit does not say how long to wait.",
        header("retry-after", lambda _: None),
        WAIT,
        on="limit/platform-rate",
    ),
    wire(
        "retry-after-date",
        "A rate limit says until when to wait, not how long.",
        header("retry-after", lambda _: "Thu, 03 Sep 2026 00:00:01 GMT"),
        WAIT,
        on="limit/platform-rate",
    ),
    wire(
        "retry-after-zero",
        "A rate limit says to wait for no time.",
        header("retry-after", lambda _: "0"),
        WAIT,
        on="limit/platform-rate",
    ),
    wire(
        "retry-after-fraction",
        "A rate limit says a fraction of a second.",
        header("retry-after", lambda _: "0.5"),
        WAIT,
        on="limit/platform-rate",
    ),
    wire(
        "cooldown-differs",
        "The headers of a rate limit disagree.",
        header("msh-cooldown-seconds", lambda _: "60"),
        "api.limits.cooldown-headers",
        on="limit/platform-rate",
    ),
    wire(
        "x-retry-after-differs",
        "The two spellings of Retry-After disagree.",
        header("x-retry-after", lambda _: "60"),
        "api.limits.cooldown-headers",
        on="limit/platform-rate",
    ),
    wire(
        "overload-with-retry-after",
        "An overloaded engine says how long to wait.",
        header_added("retry-after", "5"),
        "api.limits.no-retry-after-on-overload",
        on="limit/platform-overload",
    ),
    wire(
        "rate-unnamed",
        "A rate limit does not say which was reached.",
        answer(put("error/message", "Too many requests")),
        "api.limits.wording",
        on="limit/platform-rate",
    ),
    wire(
        "budget-headers",
        "A header tells what is left.",
        header_added("x-ratelimit-remaining-requests", "2"),
        "api.limits.no-budget-headers",
        on="chat",
    ),
    wire(
        "budget-headers-on-429",
        "A rate limit says in a header when there is a budget again, as a help page promises.",
        header_added("X-RateLimit-Reset", "1788396093"),
        "api.limits.no-budget-headers",
        on="limit/platform-rate",
    ),
)
