"""The judge on retries: how many attempts, at what pace; and on fallbacks: when, how often, with which key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from suites.selftest.failing_plays import (
    FAIL,
    JSON,
    NOT_OBSERVED,
    OVERLOADED,
    QUOTA,
    RETRYING,
    WARN,
    answered,
    asked,
    error,
    got,
    retrying,
    verdicts,
)
from suites.selftest.plays import SECTIONS, profile

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Arrival, Ask

RATE, KINDS = "router.retry.rate-limit-retried", "router.retry.promised-kinds-retried"
BACKOFF, WAITS = "router.retry.backoff-grows", "router.retry.retry-after-honoured"
CLIENTS, ONLY = "router.retry.client-errors-not-retried", "router.retry.only-as-promised"
AFTER, ONCE, KEY = "router.fallback.after-exhaustion", "router.fallback.once", "router.fallback.no-key-of-the-first"
NOT_CLIENTS, FIRST = "router.fallback.not-for-client-errors", "router.fallback.first-error-shown"

OK: Final = b'{"choices":[{"message":{"content":"You said kc1."}}]}'
ENDLESS, ONCE_ILL = asked("429-tokens", others="429-tokens"), asked("429-tokens", "healthy")
DOWN: Final = error("server_unavailable", "try later")


def tries(one: Ask, *statuses: int, body: bytes | None = None) -> list[Arrival]:
    """Attempts one after another, 100 ms apart; 200 is an answer."""
    return [
        answered(one, status, OK if status == 200 else body, t_ms=100.0 * number)
        for number, status in enumerate(statuses)
    ]


def paced(*times: float) -> Any:
    """An endless rate limit whose attempts came at these times."""
    return got(ENDLESS, [answered(ENDLESS, t_ms=time) for time in times])


@pytest.mark.parametrize(
    ("statuses", "status", "messages"),
    [
        pytest.param((429, 200), 200, [], id="two"),
        pytest.param((429,), 429, ["given up after 1 of 2 attempts, at 429", "well again in time"], id="one"),
        pytest.param((429, 200, 200), 200, ["3 attempts, where 2 were promised"], id="three"),
        pytest.param((429, 200), 502, ["well again in time"], id="answer-lost"),
    ],
)
def test_a_limit_that_passes(statuses: tuple[int, ...], status: int, messages: list[str]) -> None:
    seen = verdicts(RATE, got(ONCE_ILL, tries(ONCE_ILL, *statuses), status))
    assert all(verdict is FAIL for verdict, _ in seen)
    assert all(part in message for part, (_, message) in zip(messages, seen, strict=True))


@pytest.mark.parametrize(
    ("count", "messages"),
    [
        (4, []),
        (3, ["given up after 3 of 4 attempts, at 429"]),
        (5, ["5 attempts, where 4 were promised"]),
        (1, ["given up after 1 of 4 attempts, at 429"]),
    ],
)
def test_a_limit_that_stays(count: int, messages: list[str]) -> None:
    seen = verdicts(RATE, got(ENDLESS, tries(ENDLESS, *[429] * count)))
    assert seen == [(FAIL, message) for message in messages]


def test_the_last_error_must_come_through_unless_a_fallback_has_answered() -> None:
    arrivals = tries(ENDLESS, *[429] * 4)
    assert [each for each, _ in verdicts(RATE, got(ENDLESS, arrivals, 503, DOWN))] == [FAIL] * 3
    assert (
        verdicts(RATE, got(ENDLESS, [*arrivals, answered(ENDLESS, 200, OK, route="direct", t_ms=500)], 200, OK)) == []
    )


def test_an_overloaded_engine_of_another_vendor_may_count_as_either() -> None:
    """503 with words about overload: where only one of the two is promised, the number cannot be told."""
    one = asked("429-overload")
    body = error("server_error", "The engine is currently overloaded")
    for count in (1, 2, 4):
        seen = got(one, tries(one, *[503] * count, body=body), 503, body)
        assert verdicts(KINDS, seen, of=retrying(on=["overloaded"])) == []
    assert verdicts(KINDS, got(one, tries(one, 503, body=body), 503, body)) != []


def test_what_was_never_seen_is_not_judged() -> None:
    assert [each for each, _ in verdicts(RATE, got(ENDLESS, []))] == [NOT_OBSERVED]
    assert [each for each, _ in verdicts(BACKOFF, paced(0))] == [NOT_OBSERVED]
    assert [each for each, _ in verdicts(WAITS, paced(0, 50))] == [NOT_OBSERVED]


@pytest.mark.parametrize(
    ("took_ms", "verdict"),
    [
        pytest.param(300, None, id="as-promised"),
        pytest.param(141, None, id="half"),
        pytest.param(20, FAIL, id="at-once"),
    ],
)
def test_where_nobody_listens_the_waits_take_their_time(took_ms: float, verdict: Any) -> None:
    made = got(asked("refused"), [], 502)
    seen = verdicts(KINDS, replace(made, client=replace(made.client, end_ms=made.client.start_ms + took_ms)))
    assert [each for each, _ in seen] == ([] if verdict is None else [verdict])


@pytest.mark.parametrize(
    ("trips", "verdict"),
    [
        pytest.param([paced(0, 45, 130, 295)], None, id="as-promised"),
        pytest.param([paced(0, 21, 65, 150)], None, id="jittered-to-half"),
        pytest.param([paced(0, 5, 90, 255)], FAIL, id="the-first-too-short"),
        pytest.param([paced(0, 45, 90, 135)], FAIL, id="all-alike"),
        pytest.param([paced(0, 401, 802, 1203)], FAIL, id="all-alike-and-long"),
        pytest.param([paced(0, 900, 990, 1160)], NOT_OBSERVED, id="a-busy-machine"),
        pytest.param([paced(0, 900, 990, 1160), paced(0, 45, 900, 1065)], None, id="the-shortest-of-several-counts"),
    ],
)
def test_gaps_grow(trips: Any, verdict: Any) -> None:
    assert [each for each, _ in verdicts(BACKOFF, *trips)] == ([] if verdict is None else [verdict])


@pytest.mark.parametrize(("again_ms", "verdict"), [(1002, None), (999, None), (5000, None), (900, FAIL), (41, FAIL)])
def test_an_upstream_is_left_alone_for_as_long_as_it_says(again_ms: float, verdict: Any) -> None:
    first = answered(ONCE_ILL, headers=(*JSON, ("Retry-After", "1")), t_ms=0)
    seen = verdicts(WAITS, got(ONCE_ILL, [first, answered(ONCE_ILL, 200, OK, t_ms=again_ms)], 200, OK))
    assert [each for each, _ in seen] == ([] if verdict is None else [verdict])


@pytest.mark.parametrize(
    ("requirement", "verdict"), [(CLIENTS, FAIL), (ONLY, WARN), ("router.retry.quota-not-retried", WARN)]
)
def test_what_is_not_promised_is_tried_once(requirement: str, verdict: Any) -> None:
    assert verdicts(requirement, got(ENDLESS, tries(ENDLESS, 401))) == []
    assert [each for each, _ in verdicts(requirement, got(ENDLESS, tries(ENDLESS, 401, 401)))] == [verdict]


def fallen(*first: int, second: int | None = 200, status: int = 200, answer: bytes = OK) -> Any:
    """The route failed so often, then the fallback was asked, unless `second` is None."""
    arrivals = tries(ENDLESS, *first)
    if second:
        arrivals.append(answered(ENDLESS, second, OK, route="direct", t_ms=900))
    return got(ENDLESS, arrivals, status, answer)


@pytest.mark.parametrize(
    ("made", "part"),
    [
        pytest.param(fallen(429, 429, 429, 429), None, id="as-promised"),
        pytest.param(fallen(429, 429, 429, 429, second=None, status=429), "was not asked", id="never"),
        pytest.param(fallen(429), "asked after 1 of the 4 attempts", id="at-once"),
        pytest.param(fallen(429, 429, 429, 429, status=429), "the fallback answered, and", id="answer-lost"),
        pytest.param(fallen(429, 429, 429, 429, answer=b"{}"), "the fallback answered, and", id="another-answer"),
        pytest.param(fallen(401), None, id="nothing-to-try-again"),
    ],
)
def test_a_fallback_comes_after_all_attempts(made: Any, part: str | None) -> None:
    seen = verdicts(AFTER, made)
    assert len(seen) == (part is not None)
    assert all(verdict is FAIL and str(part) in message for verdict, message in seen)


def test_the_words_of_a_stream_are_put_together() -> None:
    answer = (
        b'data: {"choices":[{"delta":{"content":"You said k"}}]}\n\ndata: {"choices":[{"delta":{"content":"c1."}}]}\n\n'
    )
    assert verdicts(AFTER, fallen(429, 429, 429, 429, answer=answer)) == []


def test_what_the_client_did_wrong_stays_where_it_is() -> None:
    assert verdicts(NOT_CLIENTS, fallen(401, second=None, status=401)) == []
    assert [each for each, _ in verdicts(NOT_CLIENTS, fallen(401))] == [FAIL]


def test_a_fallback_is_asked_once_and_nobody_after_it() -> None:
    down = [answered(ENDLESS, 503, DOWN), answered(ENDLESS, 503, DOWN, route="direct")]
    third = answered(ENDLESS, 503, DOWN, route="default")
    assert verdicts(ONCE, got(ENDLESS, down, 503, DOWN)) == []
    assert [each for each, _ in verdicts(ONCE, got(ENDLESS, [*down, down[1]], 503, DOWN))] == [FAIL]
    assert [each for each, _ in verdicts(ONCE, got(ENDLESS, [*down, third], 503, DOWN))] == [FAIL]
    assert [each for each, _ in verdicts(ONCE, got(ENDLESS, down[:1], 503, DOWN))] == [NOT_OBSERVED]


def test_a_fallback_that_has_retries_of_its_own_may_use_them() -> None:
    routes: dict[str, Any] = {name: route.model_dump(exclude_none=True) for name, route in RETRYING.routes.items()}
    routes["direct"] = {**routes["direct"], "retry": {"on": ["server_error"], "retries": 1, "base_ms": 1}}
    down = [answered(ENDLESS, 503, DOWN), *[answered(ENDLESS, 503, DOWN, route="direct")] * 2]
    both = profile(routes=routes, upstreams=SECTIONS["upstreams"])
    assert verdicts(ONCE, got(ENDLESS, down, 503, DOWN), of=both) == []


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("canary-of-the-first", "canary-of-the-second", None),
        ("canary-of-the-first", "canary-of-the-first", FAIL),
        (None, "canary-of-the-second", NOT_OBSERVED),
    ],
)
def test_the_key_of_the_first_stays_there(first: str | None, second: str, verdict: Any) -> None:
    arrivals = [
        answered(ENDLESS, 503, DOWN, secret=first),
        answered(ENDLESS, 200, OK, route="direct", secret=second),
    ]
    assert [each for each, _ in verdicts(KEY, got(ENDLESS, arrivals, 200, OK))] == (
        [] if verdict is None else [verdict]
    )


def test_the_first_error_is_shown() -> None:
    both = [answered(ENDLESS, 503, DOWN), answered(ENDLESS, 500, error(OVERLOADED, "second"), route="direct")]
    assert verdicts(FIRST, got(ENDLESS, both, 503, DOWN)) == []
    assert {each for each, _ in verdicts(FIRST, got(ENDLESS, both, 500, error(OVERLOADED, "second")))} == {WARN}
    assert [each for each, _ in verdicts(FIRST, got(ENDLESS, both[:1], 503, DOWN))] == [NOT_OBSERVED]


def test_a_quota_is_told_by_its_type() -> None:
    empty = error(QUOTA, "no money")
    assert verdicts(RATE, got(ENDLESS, tries(ENDLESS, 429, body=empty), 429, empty)) == []
