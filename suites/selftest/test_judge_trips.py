"""The judge on gate requirements that compare trips, or look at more of a trip than its route."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.trip import Arrival, Ask, Decision, Trip
from suites.selftest.plays import SECTIONS, arrived, ask, fails, findings, onward, profile, trip

if TYPE_CHECKING:
    from collections.abc import Callable

GATE: Final = "router.gate."
STREAMS: Final = GATE + "same-for-streams"
SURFACES: Final = GATE + "same-for-every-surface"
MEMORY: Final = GATE + "no-memory-between-requests"
ODD: Final = GATE + "non-string-model-is-refused"
PREFIX: Final = GATE + "prefix-resolved"


def took(route: str, asked: Ask, **more: Any) -> Trip:
    return trip(asked, onward(route, asked), **more)


PLAIN: Final = ask("kimi-k3")
STREAMED: Final = replace(PLAIN, stream=True)
ON_MESSAGES: Final = replace(PLAIN, surface="messages")


@pytest.mark.parametrize(("requirement", "other"), [(STREAMS, STREAMED), (SURFACES, ON_MESSAGES)])
def test_two_requests_that_took_one_route_are_alike(requirement: str, other: Ask) -> None:
    assert findings(requirement, took("kimi", PLAIN), took("kimi", other)) == ()


def unmarked(asked: Ask) -> Arrival:
    return arrived("gateway", {"model": asked.model.value})


@pytest.mark.parametrize(
    ("requirement", "other", "how"),
    [(STREAMS, STREAMED, "on chat, streamed"), (SURFACES, ON_MESSAGES, "on messages, not streamed")],
)
@pytest.mark.parametrize(
    ("arrivals", "seen"),
    [
        pytest.param([partial(onward, "plan")], "plan", id="another-route"),
        pytest.param([], "no upstream", id="no-upstream"),
        pytest.param([unmarked], "no route of the profile", id="no-route"),
    ],
)
def test_two_requests_that_went_apart_are_not(
    requirement: str, other: Ask, how: str, arrivals: list[Callable[[Ask], Arrival]], seen: str
) -> None:
    astray = trip(other, *(arrival(other) for arrival in arrivals))
    actual = f"{seen} {how}"
    assert findings(requirement, took("kimi", PLAIN), astray) == (
        fails(
            requirement,
            "kimi, as on chat, not streamed",
            actual,
            "upstream request",
            f"the route depends on more than agent and model: {actual}",
        ),
    )


@pytest.mark.parametrize("requirement", [STREAMS, SURFACES])
def test_requests_that_all_reached_nothing_are_not_alike(requirement: str) -> None:
    refused = Decision(None, None, "no")
    unserved = fails(requirement, "an upstream request", "none", "upstream", "no upstream was called for any of them")
    assert findings(requirement, trip(PLAIN, status=500), trip(STREAMED, status=500)) == (unserved,)
    assert findings(requirement, trip(PLAIN, decision=refused), trip(STREAMED, decision=refused)) == (unserved,)


def test_of_a_request_that_was_retried_the_last_route_counts() -> None:
    retried = trip(STREAMED, onward("default", STREAMED), onward("kimi", STREAMED))
    assert findings(STREAMS, took("kimi", PLAIN), retried) == ()


def test_every_later_request_is_compared_with_the_first() -> None:
    found = findings(SURFACES, took("plan", PLAIN), took("plan", PLAIN), took("kimi", STREAMED), took("kimi", PLAIN))
    assert [one.actual for one in found] == ["kimi on chat, streamed", "kimi on chat, not streamed"]


def test_bare_decisions_are_alike_where_they_name_one_route() -> None:
    kimi, plan, refused = (Decision(route, None, why) for route, why in (("kimi", None), ("plan", None), (None, "no")))
    first = trip(PLAIN, decision=kimi)
    assert findings(SURFACES, first, trip(ON_MESSAGES, decision=kimi)) == ()
    for other, seen in ((plan, "plan"), (refused, "no upstream")):
        [found] = findings(SURFACES, first, trip(ON_MESSAGES, decision=other))
        assert found.actual == f"{seen} on messages, not streamed"


def test_bare_decisions_for_routes_that_the_profile_lacks_are_told_apart_too() -> None:
    here, there = (Decision(route, None, None) for route in ("nowhere", "elsewhere"))
    assert findings(SURFACES, trip(PLAIN, decision=here), trip(ON_MESSAGES, decision=here)) == ()
    [found] = findings(SURFACES, trip(PLAIN, decision=here), trip(ON_MESSAGES, decision=there))
    assert (found.expected, found.actual) == (
        "nowhere, as on chat, not streamed",
        "elsewhere on messages, not streamed",
    )


STRANGER: Final = ask("kimi-nobodys")


def test_requests_that_each_took_their_own_route_left_no_trace() -> None:
    trips = [took("kimi", PLAIN, mark="kc1", answer=b"kc1"), took("default", STRANGER, mark="kc2", answer=b"kc2")]
    assert findings(MEMORY, *trips, *reversed(trips)) == ()


def test_a_route_that_stuck_is_found() -> None:
    [found] = findings(MEMORY, took("kimi", PLAIN, mark="kc1"), took("kimi", STRANGER, mark="kc2"))
    assert found.message == "took the wrong route: kimi: upstream gateway, X-Virtual-Key: vk-kimi"


def test_a_model_that_stuck_is_found() -> None:
    stuck = trip(STRANGER, onward("default", STRANGER, model="kimi-k3"), mark="kc2")
    assert findings(MEMORY, took("kimi", PLAIN, mark="kc1"), stuck) == (
        fails(
            MEMORY,
            '"kimi-nobodys"',
            '"kimi-k3"',
            "upstream request /model",
            'the upstream was asked for "kimi-k3", not "kimi-nobodys"',
        ),
    )


def test_the_answer_to_another_request_is_found() -> None:
    swapped = took("default", STRANGER, mark="kc2", answer=b'{"content": "kc1"}')
    assert findings(MEMORY, took("kimi", PLAIN, mark="kc1"), swapped) == (
        fails(MEMORY, "the answer to kc2", "the answer to kc1", "client response", "got another's answer"),
    )


def test_a_request_that_must_be_refused_has_no_model_to_stick() -> None:
    strict = profile(policy={**SECTIONS["policy"], "default": None})
    assert findings(MEMORY, took("kimi", PLAIN), trip(STRANGER, status=404), of=strict) == ()
    assert findings(PREFIX, trip(STRANGER, status=404), of=strict) == ()


def test_a_client_that_got_no_answer_got_nobody_elses() -> None:
    cut = trip(PLAIN, onward("kimi", PLAIN), status=None, error="reset: by peer")
    assert findings(MEMORY, cut, took("default", STRANGER, mark="kc2")) == ()


NUMBER: Final = ask(3)
REFUSED: Final = trip(NUMBER, status=400)


def test_an_odd_model_is_refused_and_the_next_request_served() -> None:
    assert findings(ODD, REFUSED, took("kimi", PLAIN)) == ()


def test_an_odd_model_that_is_served_is_found() -> None:
    found = findings(ODD, took("default", NUMBER), took("kimi", PLAIN))
    assert [one.message for one in found] == [
        "a model that is not a string reached an upstream",
        "was not refused with 4xx",
    ]


def test_an_odd_model_that_is_answered_by_500_is_found() -> None:
    [found] = findings(ODD, trip(NUMBER, status=500), took("kimi", PLAIN))
    assert (found.expected, found.actual) == ("4xx: a model that is not a string", "the client got 500: {}")


@pytest.mark.parametrize(
    ("status", "error", "actual"), [(None, "refused: connection", "refused: connection"), (502, None, "status 502")]
)
def test_a_router_that_an_odd_model_killed_is_found(status: int | None, error: str | None, actual: str) -> None:
    *_, found = findings(ODD, REFUSED, trip(PLAIN, onward("kimi", PLAIN), status=status, error=error))
    message = "the router did not answer the next request"
    assert found == fails(ODD, "the next request is answered", actual, "client response", message)


def test_an_odd_model_may_be_forwarded_where_the_profile_says_so() -> None:
    lax = profile(policy={**SECTIONS["policy"], "non_string_model": "forward"})
    assert findings(ODD, took("default", NUMBER), took("kimi", PLAIN), of=lax) == ()


PREFIXED: Final = ask("moonshot/kimi-k9")


def test_a_prefix_that_was_resolved_is_right() -> None:
    assert findings(PREFIX, trip(PREFIXED, onward("kimi", PREFIXED, model="kimi-k9"))) == ()


@pytest.mark.parametrize(
    ("route", "model", "messages"),
    [
        pytest.param("kimi", "moonshot/kimi-k9", ['asked for "moonshot/kimi-k9", not "kimi-k9"'], id="not-stripped"),
        pytest.param("default", "kimi-k9", ["took the wrong route: default: upstream gateway"], id="not-routed"),
        pytest.param("plan", "k9", ["wrong route: plan", 'asked for "k9", not "kimi-k9"'], id="neither"),
    ],
)
def test_a_prefix_that_was_not_resolved_is_found(route: str, model: str, messages: list[str]) -> None:
    found = findings(PREFIX, trip(PREFIXED, onward(route, PREFIXED, model=model)))
    assert [text in one.message for one, text in zip(found, messages, strict=True)] == [True] * len(messages)
