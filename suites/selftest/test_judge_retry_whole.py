"""Findings about retries, whole: how many attempts there were, and when; and what a trip that shows nothing hides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from suites.selftest.failing_plays import (
    FAIL,
    JSON,
    NOT_OBSERVED,
    WARN,
    answered,
    asked,
    error,
    found,
    got,
    retrying,
)
from suites.selftest.plays import BY_HAND, fails

if TYPE_CHECKING:
    from kimi_conformance.contract.trip import Arrival, Ask, Trip
    from kimi_conformance.contract.verdict import Finding

RATE, KINDS = "router.retry.rate-limit-retried", "router.retry.promised-kinds-retried"
BACKOFF, WAITS = "router.retry.backoff-grows", "router.retry.retry-after-honoured"
CLIENTS, ONLY = "router.retry.client-errors-not-retried", "router.retry.only-as-promised"

OK: Final = b'{"choices":[{"message":{"content":"You said kc1."}}]}'
DOWN: Final = error("server_unavailable", "try later")
ENDLESS, HEALS, DEAF = asked("429-tokens", others="429-tokens"), asked("429-tokens", "healthy"), asked("refused")
AFTER_A_SECOND: Final = (*JSON, ("Retry-After", "1"))
CUT: Final = "reset: x"


def tries(one: Ask, *statuses: int | None) -> list[Arrival]:
    """Attempts one after another, 100 ms apart; 200 is an answer, None a connection that was cut."""
    return [
        answered(one, status, OK if status == 200 else None, t_ms=100.0 * number, cut=None if status else CUT)
        for number, status in enumerate(statuses)
    ]


def later(one: Trip, start_ms: float = 20.0, took_ms: float = 500.0) -> Trip:
    """The same trip, begun then."""
    return replace(one, client=replace(one.client, start_ms=start_ms, end_ms=start_ms + took_ms))


def unseen(requirement: str, *told: str) -> Finding:
    return replace(fails(requirement, *told), verdict=NOT_OBSERVED)


def lost(requirement: str, client: str = "status 429") -> Finding:
    """What is said of a trip that reached nobody."""
    message = "router answered without calling an upstream: cooldown?"
    return unseen(requirement, "an upstream request", f"none; the client got {client}", "upstream", message)


# as often as promised


def given_up(seen: str, after: int = 1, due: int = 4, requirement: str = RATE) -> Finding:
    message = f"given up after {after} of {due} attempts, at 429"
    return fails(requirement, f"{due} attempts", seen, "upstream", message)


def not_well(client: str) -> Finding:
    message = f"the upstream was well again in time, and the client got {client}"
    return fails(RATE, "an ordinary answer", client, "client response", message)


def test_attempts_are_counted_with_what_came_of_each_and_when() -> None:
    once = later(got(ENDLESS, tries(ENDLESS, 429)), -20.0)
    assert [*found(RATE, once)] == [given_up("1: 429 at 20 ms")]
    five = later(got(ENDLESS, tries(ENDLESS, *[429] * 5)), -20.0)
    when = "5: 429 at 20 ms, 429 at 120 ms, 429 at 220 ms, 429 at 320 ms, 429 at 420 ms"
    assert [*found(RATE, five)] == [fails(RATE, "4 attempts", when, "upstream", "5 attempts, where 4 were promised")]


def test_an_attempt_that_was_cut_is_counted_as_such() -> None:
    healed = got(HEALS, tries(HEALS, None, 200), 200, OK)
    when = "2: cut at 0 ms, 200 at 100 ms"
    assert [*found(RATE, healed)] == [fails(RATE, "1 attempts", when, "upstream", "2 attempts, where 1 were promised")]


def test_the_one_kind_that_a_route_promises_is_tried_again() -> None:
    once = got(ENDLESS, tries(ENDLESS, 429))
    assert [*found(RATE, once, of=retrying(on=["rate_limit"]))] == [given_up("1: 429 at 0 ms")]


@pytest.mark.parametrize("one", [ENDLESS, HEALS])
def test_of_a_trip_that_reached_nobody_nothing_else_is_said_and_none_behind_it_is_hidden(one: Ask) -> None:
    faulty = got(ENDLESS, tries(ENDLESS, 429))
    assert [*found(RATE, got(one, []), faulty)] == [lost(RATE), given_up("1: 429 at 0 ms")]


def test_an_upstream_that_is_well_at_the_last_attempt_is_well_in_time() -> None:
    last = asked(*["429-tokens"] * 3, "healthy")
    arrivals = tries(last, 429, 429, 429, 200)
    assert [*found(RATE, got(last, arrivals, 502, DOWN))] == [not_well("status 502")]
    assert [*found(RATE, got(last, arrivals, None, cut=CUT))] == [not_well(CUT)]
    assert [*found(RATE, got(last, arrivals, 200, OK))] == []


def test_an_upstream_that_is_well_only_after_that_is_not() -> None:
    too_late = asked(*["429-tokens"] * 4, "healthy")
    assert [*found(RATE, got(too_late, tries(too_late, *[429] * 4)))] == []


def test_a_route_that_promises_no_attempts_passes_the_error_on() -> None:
    assert [*found(RATE, got(HEALS, tries(HEALS, 429)), of=BY_HAND)] == []
    changed = fails(RATE, "429", "400", "client response status", "the upstream's 429 became 400")
    assert [*found(RATE, got(HEALS, tries(HEALS, 429), 400), of=BY_HAND)] == [changed]


@pytest.mark.parametrize(
    ("status", "answer", "due"),
    [
        pytest.param(399, OK, [], id="answered"),
        pytest.param(400, DOWN, [FAIL], id="refused"),
        pytest.param(503, DOWN, [FAIL], id="failed"),
        pytest.param(None, None, [FAIL], id="silent"),
    ],
)
def test_only_another_destination_that_answered_takes_the_place_of_the_error(
    status: int | None, answer: bytes | None, due: list[Any]
) -> None:
    other = answered(ENDLESS, status, answer, route="direct", t_ms=500.0)
    made = got(ENDLESS, [*tries(ENDLESS, *[429] * 4), other], 200, OK)
    assert [(one.verdict, one.actual) for one in found(RATE, made)] == [(verdict, "200") for verdict in due]


# where nobody listens


def deaf(took_ms: float, *others: float) -> Trip:
    """A call of an upstream where nobody listens, and other destinations asked at these times."""
    arrivals = [answered(DEAF, 200, OK, route="direct", t_ms=20.0 + at) for at in others]
    return later(got(DEAF, arrivals, 502, DOWN), 20.0, took_ms)


def hasty(took: str, least: int = 140) -> Finding:
    message = f"given up after {took} ms, and 3 retries take {least} ms at the least"
    return fails(KINDS, f"at least {least} ms", f"{took} ms", "client response", message)


@pytest.mark.parametrize(
    ("made", "changes", "due"),
    [
        pytest.param(deaf(132.0), {}, [hasty("132")], id="too-soon"),
        pytest.param(deaf(133.0), {}, [], id="a-timer-that-ran-out-early"),
        pytest.param(deaf(300.0, 90.0, 40.0), {}, [hasty("40")], id="until-another-was-asked"),
        pytest.param(deaf(56.0), {"backoff": "fixed"}, [hasty("56", 60)], id="fixed"),
        pytest.param(deaf(57.0), {"backoff": "fixed"}, [], id="fixed-and-early"),
    ],
)
def test_waits_between_attempts_that_nobody_sees_take_their_time(
    made: Trip, changes: dict[str, Any], due: list[Finding]
) -> None:
    assert [*found(KINDS, made, of=retrying(**changes))] == due


def test_where_no_wait_is_promised_none_is_seen() -> None:
    message = "the profile promises no wait between attempts, so that none can be seen"
    none = unseen(KINDS, "a wait", "none", "client response", message)
    assert [*found(KINDS, deaf(500.0), of=retrying(base_ms=0))] == [none]
    assert [*found(KINDS, deaf(0.0), of=BY_HAND)] == []


def test_a_call_of_a_deaf_upstream_hides_none_behind_it() -> None:
    once = got(ENDLESS, tries(ENDLESS, 429))
    assert [*found(RATE, deaf(500.0), once)] == [given_up("1: 429 at 0 ms")]


# once, where nothing is promised


@pytest.mark.parametrize(("requirement", "verdict"), [(CLIENTS, FAIL), (ONLY, WARN)])
def test_what_is_tried_again_without_a_promise_is_told_by_what_came_first(requirement: str, verdict: Any) -> None:
    first, second = tries(ENDLESS, 401, 403), tries(ENDLESS, None, 200)
    told = (
        ("2: 401 at 0 ms, 403 at 100 ms", "401 was tried 2 times"),
        ("2: cut at 0 ms, 200 at 100 ms", f"{CUT} was tried 2 times"),
    )
    assert [*found(requirement, got(ENDLESS, []), got(ENDLESS, first), got(ENDLESS, second))] == [
        lost(requirement),
        *(
            replace(
                fails(requirement, "one attempt", seen, "upstream", f"{what}, which the route does not promise"),
                verdict=verdict,
            )
            for seen, what in told
        ),
    ]


# the pace


def gaps(*of: float) -> Trip:
    """An endless rate limit whose attempts came so long after the answers before, each given within a millisecond."""
    times = [0.0]
    for gap in of:
        times.append(times[-1] + 1 + gap)
    return got(ENDLESS, [answered(ENDLESS, t_ms=at) for at in times])


def hurried(attempt: int, gap: int, due: int) -> Finding:
    message = f"attempt {attempt} came {gap} ms after the answer before, half of the promised gap is {due} ms"
    return fails(BACKOFF, f"at least {due} ms", f"{gap} ms", f"upstream request {attempt}", message)


def alike(shown: str) -> Finding:
    return fails(BACKOFF, "each gap above the one before", shown, "upstream", f"the gaps do not grow: {shown}")


def uneven(shown: str) -> Finding:
    message = f"the gaps are too uneven to tell whether they grow: {shown}"
    return unseen(BACKOFF, "each gap above the one before", shown, "upstream", message)


UNMEASURED: Final = unseen(BACKOFF, "a second attempt", "none", "upstream", "there was no gap to be measured")


@pytest.mark.parametrize(
    ("trips", "due"),
    [
        pytest.param([gaps(19)], [], id="one-gap-that-ran-out-early"),
        pytest.param([gaps(18)], [hurried(2, 18, 20)], id="too-short"),
        pytest.param([gaps(40, 37)], [hurried(3, 37, 40)], id="the-second-too-short"),
        pytest.param([gaps(18, 18)], [hurried(2, 18, 20)], id="the-first-of-two-is-told"),
        pytest.param([gaps(40, 50)], [alike("40 ms, 50 ms")], id="alike"),
        pytest.param([gaps(40, 51)], [], id="grown"),
        pytest.param([gaps(40, 40, 90)], [], id="the-last-counts"),
        pytest.param([gaps(90, 40), gaps(90, 80)], [uneven("90 ms, 40 ms")], id="uneven"),
        pytest.param([gaps(40, 50, 160), gaps(40, 50)], [uneven("40 ms, 50 ms")], id="one-was-tried-more-often"),
        pytest.param([gaps()], [UNMEASURED], id="no-second-attempt"),
        pytest.param([gaps(18), got(ENDLESS, [])], [lost(BACKOFF), UNMEASURED], id="one-reached-nobody"),
    ],
)
def test_the_gaps_between_attempts_grow_as_promised(trips: list[Trip], due: list[Finding]) -> None:
    assert [*found(BACKOFF, *trips)] == due


def test_gaps_on_a_route_that_promises_none_are_held_against_no_promise() -> None:
    assert [*found(BACKOFF, gaps(1, 1), of=BY_HAND)] == [UNMEASURED]


def test_a_gap_begins_with_the_head_of_an_answer_or_with_the_end_of_what_was_none() -> None:
    slow, cut = answered(ENDLESS, t_ms=0.0), answered(ENDLESS, None, t_ms=0.0, cut=CUT)
    second = answered(ENDLESS, t_ms=45.0)
    slow = replace(slow, exchange=replace(slow.exchange, end_ms=40.0))
    assert [*found(BACKOFF, got(ENDLESS, [slow, second]))] == []
    assert [*found(BACKOFF, got(ENDLESS, [cut, second]))] == []
    late = replace(cut, exchange=replace(cut.exchange, end_ms=40.0))
    assert [*found(BACKOFF, got(ENDLESS, [late, second]))] == [hurried(2, 5, 20)]


# Retry-After


def again(gap: float, headers: Any = AFTER_A_SECOND) -> Trip:
    """Asked again so long after the answer before."""
    first = answered(HEALS, headers=headers, t_ms=0)
    return got(HEALS, [first, answered(HEALS, 200, OK, t_ms=1 + gap)], 200, OK)


def not_again(seen: str) -> Finding:
    message = f"{seen}, so that nothing can be said of when it is made"
    return unseen(WAITS, "a second attempt", seen, "upstream", message)


def impatient(gap: int) -> Finding:
    message = f"the upstream said Retry-After: 1, and was asked again after {gap} ms"
    return fails(WAITS, "at least 1000 ms", f"{gap} ms", "upstream request 2", message)


def test_an_upstream_is_not_asked_before_the_time_that_it_said() -> None:
    assert [*found(WAITS, again(950.0))] == []
    assert [*found(WAITS, again(949.0))] == [impatient(949)]


def test_where_nobody_asked_again_nothing_is_said_and_none_behind_it_is_hidden() -> None:
    once = got(HEALS, [answered(HEALS, headers=AFTER_A_SECOND, t_ms=0)])
    nobody = not_again("no upstream request; the client got status 429")
    assert [*found(WAITS, got(HEALS, []), once, again(9.0))] == [
        nobody,
        not_again("no second attempt"),
        impatient(9),
    ]


@pytest.mark.parametrize("said", ["Sat, 28 Nov 2026 13:27:59 GMT", "1.5", "", "\u0661", "\uff11"])
def test_a_time_that_is_not_said_in_seconds_shows_nothing(said: str) -> None:
    assert [*found(WAITS, again(9.0, (*JSON, ("Retry-After", said))))] == [not_again("no seconds in Retry-After")]


def test_an_upstream_that_gave_no_answer_said_no_time() -> None:
    cut = [answered(HEALS, None, t_ms=0, cut=CUT), answered(HEALS, 200, OK, t_ms=10.0)]
    assert [one.verdict for one in found(WAITS, got(HEALS, cut, 200, OK))] == [NOT_OBSERVED]
