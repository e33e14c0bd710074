"""Findings about secrets, whole: what is said of a leak, and where enough was seen to say that there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from kimi_conformance.contract.trip import Leak, Play
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge import judge
from kimi_conformance.judge.check import ONE_SIDED
from kimi_conformance.judge.leaks import (
    DOWNSTREAM,
    ECHOED,
    ELSEWHERE,
    LOGGED,
    UNRESOLVED,
    UPSTREAM,
    looked_for,
)
from kimi_conformance.oracle import World
from kimi_conformance.registry.contracts import catalogue, requirements
from suites.selftest.plays import BY_HAND, TODAY, ask, fails, findings, onward, profile, trip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kimi_conformance.contract.trip import Ask, Trip
    from kimi_conformance.contract.verdict import Finding

ASKED: Final = ask()
CALLED: Final = trip(ASKED, onward("kimi", ASKED))
RESTING: Final = trip(ASKED, status=503)
STARTED: Final = profile(url=None, start={"command": ["x"]})
REFERENCE: Final = "op://vault/item/field"


def unseen(requirement: str, *told: str) -> Finding:
    return replace(fails(requirement, *told), verdict=Verdict.NOT_OBSERVED)


def unused(requirement: str) -> Finding:
    """What is said where the router called nobody."""
    message = "router answered without calling an upstream: cooldown?"
    return unseen(requirement, "an upstream request", "none; the client got status 503", "upstream", message)


# what is said of leaks


def leaked(*cases: str, requirement: str = ELSEWHERE) -> tuple[Leak, ...]:
    return tuple(Leak(requirement, "gw", "plain", "request at x, body", case) for case in cases)


@pytest.mark.parametrize(
    ("cases", "during"),
    [
        pytest.param(["a"], " in a", id="one"),
        pytest.param(["a", "b", "a"], " in a, b", id="each-once"),
        pytest.param(["a", "b", "c", "d", "e"], " in a, b, c, d, e", id="as-many-as-are-named"),
        pytest.param([*"abcdef"], " in a, b, c, d, e and 1 more", id="one-more"),
        pytest.param(["", "b"], " in b", id="one-that-cannot-be-told"),
        pytest.param([""], "", id="none-that-can-be-told"),
    ],
)
def test_the_cases_of_a_leak_are_named(cases: list[str], during: str) -> None:
    message = f"secret.gw (plain) was seen{during}: request at x, body"
    due = fails(ELSEWHERE, "no key but the upstream's own", "secret.gw (plain)", "request at x, body", message)
    assert findings(ELSEWHERE, CALLED, leaks=leaked(*cases)) == (due,)


def test_a_reference_is_told_as_it_was_seen() -> None:
    one = Leak(UNRESOLVED, REFERENCE, "unresolved", "request at x, head", "a")
    message = f"the reference {REFERENCE} was seen in a: request at x, head"
    due = fails(
        UNRESOLVED,
        "the value of a reference, or no request",
        f"the reference {REFERENCE}",
        "request at x, head",
        message,
    )
    assert findings(UNRESOLVED, CALLED, leaks=(one,)) == (due,)


def test_a_leak_is_told_apart_by_secret_encoding_and_place() -> None:
    one = Leak(ELSEWHERE, "gw", "plain", "request at x, body", "a")
    others = [replace(one, secret="mine"), replace(one, encoding="hex"), replace(one, leg="request at y, body")]
    found = findings(ELSEWHERE, CALLED, leaks=(one, *others))
    assert [(each.actual, each.where) for each in found] == [
        (f"secret.{each.secret} ({each.encoding})", each.leg) for each in (one, *others)
    ]


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        (DOWNSTREAM, "no key of an upstream"),
        (ECHOED, "no key"),
        (UPSTREAM, "no key of a client"),
        (ELSEWHERE, "no key but the upstream's own"),
        (LOGGED, "no key"),
    ],
)
def test_leaks_are_told_with_what_was_to_be_seen_there(requirement: str, expected: str) -> None:
    found = findings(requirement, CALLED, leaks=leaked("a", requirement=requirement), of=STARTED)
    assert [(each.expected, each.actual) for each in found] == [(expected, "secret.gw (plain)")]


# where enough was seen


@pytest.mark.parametrize("requirement", [DOWNSTREAM, ECHOED, LOGGED])
def test_a_router_that_called_an_upstream_once_has_used_its_keys(requirement: str) -> None:
    assert findings(requirement, RESTING, CALLED, of=STARTED) == ()
    assert findings(requirement, RESTING, RESTING, of=STARTED) == (unused(requirement),)


def test_one_answer_is_enough_to_look_at() -> None:
    gone = [replace(CALLED, client=replace(CALLED.client, response=None, error=f"reset: {name}")) for name in "ab"]
    due = unseen(
        DOWNSTREAM, "an answer", "reset: a, reset: b", "client response", "the client got no answer to look at"
    )
    assert findings(DOWNSTREAM, *gone) == (due,)
    assert findings(DOWNSTREAM, *gone, CALLED) == ()


# where the client's side alone is seen

KEY: Final = "sk-0123456789abcdef"
MINE: Final = {"authorization": f"Bearer {KEY}"}


def alone(*trips: Trip, secrets: Mapping[str, str], leaks: tuple[Leak, ...] = ()) -> list[Finding]:
    """What is found of an echoed key where nobody sees the upstreams."""
    world = World(BY_HAND, catalogue(), TODAY, secrets, one_sided=True)
    return [*judge(requirements("router")[ECHOED], Play("by-hand", ECHOED, trips, leaks=leaks), world)]


def served(asked: Ask) -> Trip:
    return trip(asked, answer=b'{"choices": [{"index": 0, "message": {"content": "ok"}}]}')


def keyless() -> Finding:
    message = "the client sent no key, or one so short that it may stand anywhere"
    return unseen(ECHOED, "what the client's side shows", message, "client response", message)


@pytest.mark.parametrize(
    ("headers", "secrets", "due"),
    [
        pytest.param(MINE, {"env.KEY": KEY}, [], id="its-key"),
        pytest.param(MINE, {"env.OTHER": KEY.upper(), "env.KEY": KEY}, [], id="one-of-two"),
        pytest.param({}, {"env.KEY": KEY}, [keyless()], id="none"),
        pytest.param(MINE, {"env.OTHER": KEY.upper()}, [keyless()], id="another"),
        pytest.param(MINE, {}, [keyless()], id="none-that-is-known"),
        pytest.param({"x-api-key": "k" * 16}, {"env.KEY": "k" * 16}, [], id="long-enough"),
        pytest.param({"x-api-key": "k" * 15}, {"env.KEY": "k" * 15}, [keyless()], id="too-short"),
    ],
)
def test_a_client_that_sent_its_key_and_was_served_has_seen_whether_it_is_echoed(
    headers: dict[str, str], secrets: dict[str, str], due: list[Finding]
) -> None:
    assert alone(served(ask(headers=headers)), secrets=secrets) == due
    assert ONE_SIDED[ECHOED].says == "tells"


def test_a_client_that_was_not_served_has_seen_nothing() -> None:
    first, other = served(ask(headers=MINE)), trip(ask(headers=MINE), status=502)
    (told,) = alone(other, secrets={"env.KEY": KEY})
    assert told.verdict is Verdict.NOT_OBSERVED
    assert told.message.startswith("the client was not served, which shows nothing here: ")
    assert alone(first, other, secrets={"env.KEY": KEY}) == []


def test_a_key_that_the_client_s_side_alone_shows_is_told() -> None:
    found = alone(served(ask(headers=MINE)), secrets={"env.KEY": KEY}, leaks=leaked("a", requirement=ECHOED))
    assert [(one.verdict, one.actual) for one in found] == [(Verdict.WARN, "secret.gw (plain)")]


def test_only_a_long_key_is_looked_for() -> None:
    assert [looked_for("k" * count) for count in (15, 16, 17)] == [False, True, True]
