"""The judge on how often: one upstream request for each of the client's, and none that nobody asked for."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.contract.trip import LOOKUP, Arrival, Stray
from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.exchange import Exchange, Request
from suites.selftest.plays import arrived, ask, fails, findings, onward, profile, trip

ONCE: Final = "router.request.one-request-per-request"
PLAIN: Final = ask("kimi-k3")
SEEN: Final = onward("kimi", PLAIN)


def test_one_request_for_each_is_right() -> None:
    assert findings(ONCE, trip(PLAIN, SEEN), trip(PLAIN, SEEN)) == ()


@pytest.mark.parametrize(
    ("arrivals", "actual", "message"),
    [
        pytest.param((), "0: none", "0 upstream requests for one", id="none"),
        pytest.param(
            (SEEN, arrived("shortcut", {}, t_ms=12.6)),
            "2: gateway at 5 ms, shortcut at 13 ms",
            "2 upstream requests for one",
            id="two",
        ),
        pytest.param(
            (SEEN, SEEN, SEEN),
            "3: gateway at 5 ms, gateway at 5 ms, gateway at 5 ms",
            "3 upstream requests for one",
            id="three",
        ),
    ],
)
def test_more_or_fewer_are_found_with_when_and_where(arrivals: Any, actual: str, message: str) -> None:
    assert findings(ONCE, trip(PLAIN, SEEN), trip(PLAIN, *arrivals)) == (
        fails(ONCE, "one upstream request", actual, "upstream", message),
    )


@pytest.mark.parametrize(
    ("beside", "named"),
    [
        pytest.param((), "none", id="nothing-in-flight"),
        pytest.param(("a@x=1", "b"), "a@x=1, b", id="two-in-flight"),
        pytest.param(tuple("abcdefghij"), "a, b, c, d, e, f, g, h", id="eight-at-most"),
    ],
)
def test_a_request_that_nobody_asked_for_is_found(beside: tuple[str, ...], named: str) -> None:
    stray = Stray(arrived("moonshot", {}, path="/v1/chat/completions?warm=up"), beside)
    what = "POST /v1/chat/completions at moonshot"
    message = f"belongs to no request of the suite: {what}; cases in flight: {named}"
    assert findings(ONCE, trip(PLAIN, SEEN), strays=(stray,)) == (
        fails(ONCE, "no request that nobody asked for", what, "upstream", message),
    )


def test_a_call_of_the_outer_world_that_nobody_asked_for_is_a_warning() -> None:
    call = "outside: registry.example:443"
    what = f"POST /v1/chat/completions at {call}"
    message = (
        f"belongs to no request of the suite: {what} (2 times); there is no network: if the router has this "
        "host hard-coded, add it to the profile, `intercept: {registry.example: UPSTREAM}`; cases in flight: a"
    )
    strays = (Stray(arrived(call, {}), ("a",)), Stray(arrived(call, {}), ("b",)))
    assert findings(ONCE, trip(PLAIN, SEEN), strays=strays) == (
        Finding(ONCE, Verdict.WARN, "no request that nobody asked for", what, "upstream", message),
    )


def test_a_host_that_was_looked_up_and_called_is_told_once() -> None:
    lookup = Arrival(
        "outside: registry.example", Exchange(Request(LOOKUP, "registry.example"), None, "not caught"), 4.0
    )
    call = Arrival("outside: registry.example:443", Exchange(Request("CONNECT", "registry.example:443")), 5.0)
    what = "name looked up at outside: registry.example"
    message = (
        f"belongs to no request of the suite: {what}; there is no network: if the router has this host "
        "hard-coded, add it to the profile, `intercept: {registry.example: UPSTREAM}`; cases in flight: a"
    )
    strays = tuple(Stray(each, ("a",)) for each in (lookup, lookup, call))
    assert findings(ONCE, trip(PLAIN, SEEN), strays=strays) == (
        Finding(ONCE, Verdict.WARN, "no request that nobody asked for", what, "upstream", message),
    )


def test_a_host_that_is_intercepted_and_was_not_reached_fails() -> None:
    call = Exchange(Request("CONNECT", "api.portkey.ai:443"), None, "not caught: the router did not take it")
    stray = Stray(Arrival("outside: api.portkey.ai:443", call, 5.0), ("a",))
    what = "CONNECT at outside: api.portkey.ai:443"
    message = "the router did not take it; cases in flight: a"
    of = profile(intercept={"api.portkey.ai": "gateway"})
    assert findings(ONCE, trip(PLAIN, SEEN), strays=(stray,), of=of) == (
        fails(ONCE, "a call that is caught", what, "upstream", message),
    )


@pytest.mark.parametrize(
    ("call", "said"),
    [
        pytest.param("outside: api.portkey.ai:443", "no", id="encrypted"),
        pytest.param("outside: api.portkey.ai:80", "no", id="plain"),
        pytest.param("outside: api.portkey.ai", "tls: alert: unknown ca", id="all-that-was-said"),
    ],
)
def test_a_host_is_the_same_at_its_usual_ports(call: str, said: str) -> None:
    missed = Exchange(Request("CONNECT", "api.portkey.ai"), None, f"not caught: {said}")
    of = profile(intercept={"api.portkey.ai": "gateway"})
    stray = Stray(Arrival(call, missed, 5.0), ("a",))
    assert findings(ONCE, trip(PLAIN, SEEN), strays=(stray,), of=of) == (
        fails(ONCE, "a call that is caught", f"CONNECT at {call}", "upstream", f"{said}; cases in flight: a"),
    )


@pytest.mark.parametrize("call", ["outside: api.portkey.ai:443", "outside: api.portkey.ai:8080"])
def test_a_host_that_is_intercepted_and_answered_or_has_another_port_is_a_warning(call: str) -> None:
    error = "not caught: no" if call.endswith(":8080") else None
    stray = Stray(Arrival(call, Exchange(Request("CONNECT", "api.portkey.ai"), None, error), 5.0), ("a",))
    of = profile(intercept={"api.portkey.ai": "gateway"})
    assert [one.verdict for one in findings(ONCE, trip(PLAIN, SEEN), strays=(stray,), of=of)] == [Verdict.WARN]


def test_a_request_that_was_doubled_in_another_case_names_that_case() -> None:
    stray = Stray(arrived("gateway", {}), ("router.gate.x@model=a",), doubled=True)
    what = "POST /v1/chat/completions at gateway"
    message = f"one upstream request too many in router.gate.x@model=a: {what}"
    assert findings(ONCE, trip(PLAIN, SEEN), strays=(stray,)) == (
        fails(ONCE, "one upstream request for each", what, "upstream", message),
    )


def test_all_that_nobody_asked_for_is_told() -> None:
    strays = tuple(Stray(arrived(upstream, {}), ()) for upstream in ("gateway", "moonshot"))
    found = findings(ONCE, trip(PLAIN), strays=strays)
    assert [one.actual.rsplit(" ", 1)[-1] for one in found] == ["none", "gateway", "moonshot"]


def test_a_call_that_was_served_twice_fails_whatever_case_it_was_seen_in() -> None:
    other = "router.gate.live-kimi-models-registered"  # a SHOULD
    stray = Stray(arrived("gateway", {}, t_ms=12.6), (f"{other}@by=hand",), doubled=True)
    what = "POST /v1/chat/completions at gateway at 13 ms"
    twice = fails(
        ONCE,
        "one upstream request for each",
        what,
        "upstream",
        f"one upstream request too many, which is billed, too: {what}",
    )
    assert twice in findings(other, trip(PLAIN, SEEN), strays=(stray,))


def test_an_answer_without_end_fails_whatever_case_it_was_seen_in_and_is_told_once() -> None:
    endless = trip(PLAIN, SEEN, error="protocol: sent more than 8 MB")
    found = findings(ONCE, endless, endless)
    assert found == (
        fails(ONCE, "an answer of a bounded length", "sent more than 8 MB", "client response", "sent more than 8 MB"),
    )
