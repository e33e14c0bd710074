"""The judge on fallbacks, finding by finding: who was asked, after how many attempts, and with what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from suites.selftest.failing_plays import (
    FAIL,
    NOT_OBSERVED,
    OVERLOADED,
    QUOTA,
    RETRYING,
    WARN,
    answered,
    asked,
    error,
    found,
    got,
    retrying,
)
from suites.selftest.plays import SECTIONS, arrived, fails, profile

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Arrival, Trip
    from kimi_conformance.contract.verdict import Finding

AFTER, ONCE, KEY = "router.fallback.after-exhaustion", "router.fallback.once", "router.fallback.no-key-of-the-first"
NOT_CLIENTS, FIRST = "router.fallback.not-for-client-errors", "router.fallback.first-error-shown"

OK: Final = b'{"choices":[{"message":{"content":"You said kc1."}}]}'
DOWN: Final = error("server_unavailable", "try later")
ILL: Final = asked("429-tokens", others="429-tokens")


def first(status: int | None = 503, body: bytes = DOWN, **how: Any) -> Arrival:
    return answered(ILL, status, body, **how)


def second(status: int | None = 200, body: bytes = OK, route: str = "direct", **how: Any) -> Arrival:
    return answered(ILL, status, body, route=route, **{"t_ms": 900.0} | how)


def tries(count: int, status: int = 503, body: bytes = DOWN) -> list[Arrival]:
    return [first(status, body, t_ms=100.0 * number) for number in range(count)]


def unasked(requirement: str, seen: str) -> Finding:
    message = f"route direct was not asked, so that nothing can be said of it; the client got {seen}"
    told = fails(requirement, "a call on route direct", "none", "upstream", message)
    return replace(told, verdict=NOT_OBSERVED)


def passed_over(seen: str) -> Finding:
    message = f"route direct was not asked when the first had failed: {seen}"
    return fails(AFTER, "a call on route direct", seen, "upstream", message)


def early(had: int, due: int = 4) -> Finding:
    message = f"the fallback was asked after {had} of the {due} attempts that the route promises"
    return fails(AFTER, f"{due} attempts before", str(had), "upstream", message)


UNMARKED: Final = arrived("gateway", {}, t_ms=900.0)
SERVED: Final[dict[str, Any]] = {"status": 200, "body": OK}
NOBODY: Final = passed_over("nobody was; the client got status 503")


@pytest.mark.parametrize(
    ("arrivals", "client", "due"),
    [
        pytest.param([*tries(4), second()], SERVED, [], id="as-promised"),
        pytest.param(tries(4), {"status": 503}, [NOBODY], id="nobody"),
        pytest.param([*tries(4), second(route="default")], SERVED, [passed_over("gateway was asked")], id="another"),
        pytest.param([*tries(4), UNMARKED], SERVED, [passed_over("gateway was asked")], id="no-route-at-all"),
        pytest.param(
            [*tries(4), second(route="plan"), second(route="default")],
            SERVED,
            [passed_over("shortcut was asked")],
            id="two-others",
        ),
        pytest.param([*tries(3), second()], SERVED, [early(3)], id="one-too-few"),
        pytest.param([*tries(4), second(t_ms=300.0)], SERVED, [], id="at-the-same-time"),
        pytest.param([*tries(4), second(t_ms=250.0)], SERVED, [early(3)], id="before-the-last"),
        pytest.param([first(t_ms=901.0), second()], SERVED, [early(0, 1)], id="before-the-first"),
        pytest.param([*tries(1, 429, error(QUOTA)), second()], SERVED, [], id="quota-is-not-tried-again"),
        pytest.param([first(None, cut="reset: x"), second()], SERVED, [], id="what-is-not-promised-is-not-tried-again"),
        pytest.param([*tries(2, 503, error(OVERLOADED)), second()], SERVED, [early(2)], id="both-kinds-are-promised"),
    ],
)
def test_the_fallback_is_asked_when_the_route_has_had_its_attempts(
    arrivals: list[Arrival], client: dict[str, Any], due: list[Finding]
) -> None:
    assert [*found(AFTER, got(ILL, arrivals, **client))] == due


@pytest.mark.parametrize(
    ("kinds", "by", "due"),
    [
        pytest.param(["overloaded"], "router", [], id="one-of-two-kinds"),
        pytest.param(["overloaded", "server_error"], "router", [early(1)], id="these-very-kinds"),
        pytest.param(["overloaded", "server_error"], "portkey", [], id="portkey-tries-again-by-itself"),
    ],
)
def test_attempts_are_due_from_the_router_alone_and_for_the_kinds_promised(
    kinds: list[str], by: str, due: list[Finding]
) -> None:
    one = [*tries(1, 503, error(OVERLOADED)), second()]
    assert [*found(AFTER, got(ILL, one, **SERVED), of=retrying(on=kinds, by=by))] == due


def test_a_route_without_retries_is_tried_once() -> None:
    routes = {**SECTIONS["routes"], "kimi": {**SECTIONS["routes"]["kimi"], "fallback": "direct"}}
    bare = profile(routes=routes)
    assert found(AFTER, got(ILL, [first(), second()], **SERVED), of=bare) == ()
    assert [*found(AFTER, got(ILL, [first(t_ms=901.0), second()], **SERVED), of=bare)] == [early(0, 1)]


@pytest.mark.parametrize(
    ("client", "seen"),
    [
        ({"status": 503}, "status 503"),
        ({"status": 200, "body": b"{}"}, "status 200"),
        ({"status": 200, "body": b'{"content": "\xff"}'}, "status 200"),
        ({"status": None, "cut": "reset: x"}, "reset: x"),
    ],
)
def test_the_fallback_s_answer_reaches_the_client(client: dict[str, Any], seen: str) -> None:
    due = fails(
        AFTER, "the fallback's answer", seen, "client response", f"the fallback answered, and the client got {seen}"
    )
    assert [*found(AFTER, got(ILL, [*tries(4), second()], **client))] == [due]


def test_an_answer_may_have_bytes_that_are_no_text() -> None:
    assert found(AFTER, got(ILL, [*tries(4), second()], 200, OK + b"\xff")) == ()


def resting(requirement: str) -> Finding:
    message = "router answered without calling an upstream: cooldown?"
    told = fails(requirement, "an upstream request", "none; the client got status 503", "upstream", message)
    return replace(told, verdict=NOT_OBSERVED)


@pytest.mark.parametrize("requirement", [AFTER, NOT_CLIENTS])
def test_of_a_router_that_asked_nobody_nothing_can_be_said(requirement: str) -> None:
    assert found(requirement, got(ILL, [], 503)) == (resting(requirement),)


def test_each_request_of_a_case_is_looked_at() -> None:
    right, alone, unseen = got(ILL, [*tries(4), second()], **SERVED), got(ILL, tries(4), 503), got(ILL, [], 503)
    assert [*found(AFTER, alone, unseen, alone, right, alone)] == [NOBODY, resting(AFTER), NOBODY, NOBODY]
    for requirement in (ONCE, KEY, FIRST):
        none = unasked(requirement, "status 503")
        assert [*found(requirement, alone, alone)] == [none, none]


def test_what_the_client_did_wrong_is_not_taken_elsewhere() -> None:
    told = "401 of the first destination was taken to moonshot"
    due = fails(NOT_CLIENTS, "no other destination", "moonshot", "upstream", told)
    assert found(NOT_CLIENTS, got(ILL, [first(401), second()], **SERVED)) == (due,)
    assert found(NOT_CLIENTS, got(ILL, tries(2, 401), 401)) == ()


def test_what_came_elsewhere_alone_shows_nothing_and_hides_none_behind_it() -> None:
    right, unseen, elsewhere = got(ILL, tries(2, 401), 401), got(ILL, [], 503), got(ILL, [second()], **SERVED)
    wrong = got(ILL, [first(401), second()], **SERVED)
    told = found(NOT_CLIENTS, right, unseen, elsewhere, wrong)
    assert [one.verdict for one in told] == [NOT_OBSERVED, FAIL]
    assert told[0] == resting(NOT_CLIENTS)
    made = got(ILL, [first(secret=SECRET), second(503, DOWN)], 503, DOWN)
    for requirement in (KEY, FIRST):
        assert [*found(requirement, made, elsewhere)] == [unasked(requirement, "status 200")]


def too_often(most: int, times: int) -> Finding:
    return fails(ONCE, str(most), str(times), "upstream", f"route direct was asked {times} times for one request")


def with_retries_of_its_own(by: str = "router") -> Profile:
    routes: dict[str, Any] = {name: route.model_dump(exclude_none=True) for name, route in RETRYING.routes.items()}
    routes["direct"] |= {"retry": {"on": ["server_error"], "retries": 1, "base_ms": 1, "by": by}}
    return profile(routes=routes, upstreams=SECTIONS["upstreams"])


OWN: Final = with_retries_of_its_own()


@pytest.mark.parametrize(
    ("arrivals", "of", "due"),
    [
        pytest.param([first(), second(503, DOWN)], RETRYING, [], id="once"),
        pytest.param([first(), *[second(503, DOWN)] * 2], RETRYING, [too_often(1, 2)], id="twice"),
        pytest.param([first(), *[second(503, DOWN)] * 2], OWN, [], id="its-own-retry"),
        pytest.param([first(), *[second(503, DOWN)] * 3], OWN, [too_often(2, 3)], id="more-than-its-own"),
        pytest.param(
            [first(), *[second(503, DOWN)] * 2],
            with_retries_of_its_own("portkey"),
            [too_often(1, 2)],
            id="portkeys-own",
        ),
        pytest.param([first(), *[second(401, DOWN)] * 2], OWN, [too_often(1, 2)], id="no-kind-that-it-promises"),
        pytest.param(
            [first(), second(401, DOWN), second(503, DOWN)], OWN, [too_often(1, 2)], id="by-what-it-said-first"
        ),
        pytest.param([first(), second(503, DOWN), second(401, DOWN)], OWN, [], id="by-what-it-said-first-and-not-last"),
        pytest.param(
            [first(), second(503, DOWN), second(503, DOWN, route="plan")],
            RETRYING,
            [
                fails(
                    ONCE, "nobody after route direct", "shortcut", "upstream", "a third destination was asked: shortcut"
                )
            ],
            id="a-third",
        ),
    ],
)
def test_the_fallback_is_asked_as_often_as_it_promises(
    arrivals: list[Arrival], of: Profile, due: list[Finding]
) -> None:
    assert [*found(ONCE, got(ILL, arrivals, 503, DOWN), of=of)] == due


def test_a_request_without_a_fallback_does_not_end_the_look_at_a_case() -> None:
    alone = got(ILL, [first()], 503)
    twice = got(ILL, [first(), *[second(503, DOWN)] * 2], 503)
    assert [*found(ONCE, alone, twice)] == [unasked(ONCE, "status 503"), too_often(1, 2)]
    assert [*found(ONCE, got(ILL, [first(), second(route="default")], 503))] == [unasked(ONCE, "status 503")]


SECRET: Final = "canary-of-the-first"


def leaked(*places: str) -> list[Finding]:
    told = "the fallback at moonshot was given the key of gateway, in its"
    return [
        fails(KEY, "no key of the first", f"in the {place}", f"upstream request {place}", f"{told} {place}")
        for place in places
    ]


def keyed(*, headers: Any = (), url: str = "", body: bytes = b"", route: str = "direct", own: Any = ()) -> Trip:
    """The first was given a secret; the second has these headers, this URL and this body more."""
    there = second(route=route)
    sent = there.exchange.request
    changed = replace(sent, headers=(*sent.headers, *headers), url=sent.url + url, body=sent.body + body)
    mine = first(secret=SECRET)
    given = replace(mine.exchange.request, headers=(*mine.exchange.request.headers, *own))
    return got(
        ILL,
        [
            replace(mine, exchange=replace(mine.exchange, request=given)),
            replace(there, exchange=replace(there.exchange, request=changed)),
        ],
        **SERVED,
    )


@pytest.mark.parametrize(
    ("made", "due"),
    [
        pytest.param(keyed(), [], id="nowhere"),
        pytest.param(keyed(headers=(("X-Other", f"a {SECRET}!"),)), leaked("header x-other"), id="in-any-header"),
        pytest.param(keyed(url=f"?key={SECRET}"), leaked("URL"), id="in-the-url"),
        pytest.param(keyed(body=SECRET.encode()), leaked("body"), id="in-the-body"),
        pytest.param(
            keyed(headers=(("B", SECRET), ("A", SECRET), ("C", SECRET)), url=SECRET, body=SECRET.encode()),
            leaked("URL", "body", "header a", "header b", "header c"),
            id="in-order",
        ),
        pytest.param(
            keyed(own=(("X-Trace", "a-long-trace"),), headers=(("X-Trace", "a-long-trace"),)), [], id="no-credential"
        ),
        pytest.param(keyed(own=(("X-Api-Key", "12345678"),), headers=(("X-Api-Key", "12345678"),)), [], id="too-short"),
        pytest.param(
            keyed(own=(("X-Api-Key", "123456789"),), headers=(("X-Api-Key", "123456789"),)),
            leaked("header x-api-key"),
            id="just-long-enough",
        ),
    ],
)
def test_no_key_of_the_first_is_anywhere_in_a_call_of_the_second(made: Trip, due: list[Finding]) -> None:
    assert [*found(KEY, made)] == due


@pytest.mark.parametrize(
    "name", ["Authorization", "Proxy-Authorization", "X-Api-Key", "Api-Key", "X-Portkey-Api-Key", "X-Goog-Api-Key"]
)
def test_what_opens_a_door_rides_in_any_of_these_headers(name: str) -> None:
    other = "another-canary"
    assert [*found(KEY, keyed(own=((name, other),), headers=(("A", other),)))] == leaked("header a")


def test_a_key_cannot_be_told_apart_where_there_is_none_or_nobody_to_tell() -> None:
    message = "the first upstream was given no key that could be told apart"
    none = replace(fails(KEY, "a key of the first", "none", "upstream request", message), verdict=NOT_OBSERVED)
    assert found(KEY, got(ILL, [first(), second()], **SERVED)) == (none,)
    elsewhere = keyed(route="default", headers=(("A", SECRET),))
    assert found(KEY, elsewhere) == (unasked(KEY, "status 200"),)


def test_where_both_fail_the_first_error_is_shown() -> None:
    told = fails(FIRST, "503", "400", "client response status", "the upstream's 503 became 400")
    status = replace(told, verdict=WARN)
    made = got(ILL, [first(), second(400, DOWN)], 400, DOWN)
    assert found(FIRST, made) == (status,)
    assert [*found(FIRST, got(ILL, [first()], 503), made)] == [unasked(FIRST, "status 503"), status]


@pytest.mark.parametrize("one", [first(None, cut="reset: x"), first(200, OK), first(399, DOWN)])
def test_where_the_first_said_no_error_there_is_none_to_show(one: Arrival) -> None:
    (seen,) = found(FIRST, got(ILL, [one, second(503, DOWN)], 503, DOWN))
    assert (seen.verdict, seen.expected) == (NOT_OBSERVED, "an error of an upstream")


def test_an_error_of_400_is_one_that_can_be_shown() -> None:
    assert found(FIRST, got(ILL, [first(400), second(503, DOWN)], 400, DOWN)) == ()
