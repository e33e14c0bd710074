"""What laws say about limits, headers, lists of models and formats, whole: expected, actual, place, message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.judge.check import Flaw
from suites.selftest.law_limits import (
    CONTENT_TYPE,
    COOLDOWN,
    HEAD,
    PLAIN,
    REQUEST_IDS,
    RETRY,
    TYPES,
    WAIT,
    rate,
    without,
)
from suites.selftest.law_models import entry, listed
from suites.selftest.law_response_format import IS_KEPT, KEPT
from suites.selftest.sights import chat, error, flaws, seen, whole

if TYPE_CHECKING:
    from kimi_conformance.judge.api.sight import Sight

KNOWN: Final = "rate_limit_reached_error or engine_overloaded_error or exceeded_current_quota_error"
WAITS, NO_WAIT = "whole seconds, at least 1", "a rate limit does not say how long to wait"
ID, NO_ID = "response header msh-request-id", "msh-request-id is missing, or has another form"
TRACED, NO_TRACE = "response header msh-trace-mode", "the answer was not traced"
KIND, NO_JSON = "response header content-type", "JSON does not call itself JSON"
CONTENT: Final = "/message/content"
LONG: Final = "a" * 400


def answers(*contents: str) -> Sight:
    """An answer to a schema, with a choice for each of these contents."""
    return chat({"choices": [{"message": {"content": each}, "finish_reason": "stop"} for each in contents]}, KEPT)


def chatting(**headers: str) -> Sight:
    return chat(whole(), headers={**HEAD, **{name.replace("_", "-"): value for name, value in headers.items()}})


ROWS: list[tuple[str, Sight, list[Flaw]]] = [
    (
        "api.limits.rate-429",
        rate(kind="engine_overloaded_error"),
        [
            Flaw(
                "rate_limit_reached_error",
                '"engine_overloaded_error"',
                "response /error/type",
                "the type of a 429 is not that of its words",
            )
        ],
    ),
    (
        TYPES,
        error(429, "odd", "no"),
        [Flaw(KNOWN, '"odd"', "response /error/type", "a 429 of no known type")],
    ),
    (
        TYPES,
        seen(429, {"error": {}}),
        [Flaw(KNOWN, '429 application/json {"error":{}}', "response /error/type", "a 429 of no known type")],
    ),
    (RETRY, rate(headers={**WAIT, "retry-after": "0"}), [Flaw(WAITS, "0", "response header retry-after", NO_WAIT)]),
    (RETRY, rate(headers=HEAD), [Flaw(WAITS, "no header", "response header retry-after", NO_WAIT)]),
    (
        COOLDOWN,
        rate(headers={**WAIT, "x-retry-after": "2"}),
        [Flaw("1", "2", "response header x-retry-after", "two headers disagree")],
    ),
    (
        COOLDOWN,
        rate(headers={**HEAD, "x-retry-after": "2"}),
        [Flaw("retry-after beside it", "2", "response header x-retry-after", "two headers disagree")],
    ),
    (
        "api.limits.wording",
        error(429, "rate_limit_reached_error", 5, headers=WAIT),
        [
            Flaw(
                "RPM, TPM, TPD or concurrency, and a number",
                "5",
                "response /error/message",
                "the limit that was reached is not named",
            )
        ],
    ),
    (REQUEST_IDS, chatting(msh_request_id="1"), [Flaw("a UUID", "1", ID, NO_ID)]),
    (REQUEST_IDS, chat(whole(), headers=without("msh-request-id")), [Flaw("a UUID", "no header", ID, NO_ID)]),
    ("api.headers.trace-mode", chatting(msh_trace_mode="off"), [Flaw("on", "off", TRACED, NO_TRACE)]),
    ("api.headers.trace-mode", chatting(), [Flaw("on", "no header", TRACED, NO_TRACE)]),
    (CONTENT_TYPE, chat(whole(), headers=PLAIN), [Flaw("application/json", "text/plain", KIND, NO_JSON)]),
    (
        CONTENT_TYPE,
        chatting(content_type="text/plain; charset=GBK"),
        [Flaw("application/json", "text/plain; charset=GBK", KIND, NO_JSON)],
    ),
    (
        CONTENT_TYPE,
        chat(whole(), headers=without("content-type")),
        [Flaw("application/json", "no header", KIND, NO_JSON)],
    ),
    (
        CONTENT_TYPE,
        chatting(content_type="application/json; charset=GBK"),
        [Flaw("charset=utf-8", "GBK", KIND, "JSON in another charset than UTF-8")],
    ),
    (
        "api.models.ids-unique",
        listed(*(entry(id=name) for name in "hgfedcba" * 2), entry(id="h")),
        [
            Flaw("each id once", name, "response /data", f"{name} is listed {3 if name == 'h' else 2} times")
            for name in "abcdefgh"
        ],
    ),
    (
        "api.balance.sum",
        seen(
            200,
            {"data": {"available_balance": 0.5, "voucher_balance": 0, "cash_balance": -31}},
            method="GET",
            path="/v1/users/me/balance",
        ),
        [
            Flaw(
                "at most 0.00000",
                "0.50000",
                "response /data/available_balance",
                "more is available than voucher and cash come to",
            )
        ],
    ),
    (
        IS_KEPT,
        answers("no", '{"name":1}'),
        [
            Flaw("JSON", '"no"', f"response /choices/0{CONTENT}", "JSON was asked for, and something else came"),
            Flaw(
                "what fits the schema: type",
                "1",
                f"response /choices/1{CONTENT}, $.name",
                "1 is not of type 'string'",
            ),
        ],
    ),
    (
        IS_KEPT,
        answers(f'{{"name":["{LONG}"]}}'),
        [
            Flaw(
                "what fits the schema: type",
                f'["{LONG[:157]}…',
                f"response /choices/0{CONTENT}, $.name",
                f"['{LONG[:298]}",
            )
        ],
    ),
]


@pytest.mark.parametrize(("requirement", "sight", "told"), ROWS)
def test_a_flaw_is_told_whole(requirement: str, sight: Sight, told: list[Flaw]) -> None:
    assert flaws(requirement, sight) == told
