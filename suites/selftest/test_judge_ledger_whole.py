"""Findings about the ledger, whole: rows that are too many or missing, calls that a gateway never saw, and outages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.scene import Scene
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.judge.check import ONE_SIDED
from suites.selftest.plays import SECTIONS, ask, fails, findings, onward, profile, trip
from suites.selftest.test_judge_ledger import (
    BYPASS,
    COLUMNS,
    DUAL,
    KEPT,
    LEDGER,
    ONE,
    OUTAGE,
    ROW,
    SIDE,
    TRUTH,
    call,
    kept,
    looked_up,
    outside,
    with_trace,
)

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Arrival, Trip
    from kimi_conformance.contract.verdict import Finding

IN_POSTGRES: Final = {"postgres": {"dsn_env": "LEDGER_DSN", "table": "t"}, "columns": COLUMNS}
ALONE: Final = kept(ledger=IN_POSTGRES, url="http://127.0.0.1:1", asgi=None)
"""A router of which the client's side is seen alone, and whose ledger the suite reads."""


def found(requirement: str, *trips: Trip, of: Profile = KEPT) -> list[Finding]:
    return [*findings(requirement, *trips, of=of)]


def unseen(requirement: str, *told: str) -> Finding:
    return replace(fails(requirement, *told), verdict=Verdict.NOT_OBSERVED)


def lost(requirement: str) -> Finding:
    """What is said of a call that was answered 200 and reached nobody."""
    actual = "none; the client got status 200"
    return unseen(requirement, "an upstream request", actual, "upstream", "no upstream was called")


def miscounted(due: str, seen: int, message: str) -> Finding:
    return fails(ONE, due, str(seen), "ledger", message)


NONE_OF_ONE: Final = miscounted("1 row", 0, "1 upstream request, and no row under its trace id kc1")


# one row per call


@pytest.mark.parametrize(
    ("one", "due"),
    [
        pytest.param(call(), NONE_OF_ONE, id="none"),
        pytest.param(
            call(ROW, ROW, calls=2),
            miscounted("1 row", 2, "2 upstream requests, and 2 rows under its trace id kc1"),
            id="two",
        ),
        pytest.param(
            trip(ask(7), status=400, rows=(ROW,), of=KEPT),
            miscounted("0 rows", 1, "0 upstream requests, and 1 row under its trace id kc1"),
            id="of-what-was-refused",
        ),
    ],
)
def test_rows_that_are_missing_or_too_many_are_counted(one: Trip, due: Finding) -> None:
    assert found(ONE, call(ROW), one) == [due]


def test_a_call_that_reached_nobody_is_told_and_hides_none_behind_it() -> None:
    for rule, due in ((ONE, [NONE_OF_ONE]), (TRUTH, [without_row("kc1")])):
        assert found(rule, call(ROW), call(calls=0), call()) == [lost(rule), *due]


def test_a_body_that_is_no_request_may_be_refused_without_a_row() -> None:
    odd = trip(ask(body=b"{"), status=400, of=KEPT)
    assert found(ONE, call(ROW), odd) == []


def test_where_nobody_sees_the_upstreams_rows_are_counted_by_who_was_served() -> None:
    message = "the client was served, and no row under its trace id kc1"
    assert found(ONE, call(calls=0), of=ALONE) == [miscounted("1 row", 0, message)]


def test_rows_tell_whole_what_they_tell_though_nobody_sees_the_upstreams() -> None:
    for rule in (ONE, TRUTH, "router.ledger.joined-by-trace"):
        assert ONE_SIDED[rule].says == "tells"


# what cannot be joined

ROWLESS: Final = "the router runs already, and writes to a ledger that is not the suite's"
TRACELESS: Final = (
    "the profile names no column with the trace id (`ledger.columns.trace`): rows cannot be joined with calls"
)


@pytest.mark.parametrize("requirement", [ONE, TRUTH, DUAL])
@pytest.mark.parametrize("ledger", [None, LEDGER])
def test_a_ledger_of_a_router_that_runs_already_is_not_read(requirement: str, ledger: Any) -> None:
    of = kept(ledger=ledger, url="http://127.0.0.1:1", asgi=None)
    due = unseen(requirement, "a ledger that can be read", "none", "ledger", ROWLESS)
    assert found(requirement, call(), of=of) == [due]


@pytest.mark.parametrize("requirement", [ONE, TRUTH, DUAL])
@pytest.mark.parametrize("ledger", [None, {**LEDGER, "columns": {"status": "/status"}}])
def test_rows_without_a_trace_are_joined_with_nothing(requirement: str, ledger: Any) -> None:
    due = unseen(requirement, "a trace column", "none", "profile /ledger/columns", TRACELESS)
    assert found(requirement, call(), of=kept(ledger=ledger)) == [due]


# rows that tell the truth


def without_row(mark: str, rule: str = TRUTH) -> Finding:
    return fails(rule, "a row", "none", "ledger", f"no row has the trace id {mark}")


def test_a_call_without_its_row_is_told_by_its_trace() -> None:
    assert found(TRUTH, call(ROW), call(mark="kc2")) == [without_row("kc2")]
    (first, second) = found(TRUTH, call(), call(mark="kc2"))
    assert (first, second) == tuple(replace(without_row(mark), verdict=Verdict.NOT_OBSERVED) for mark in ("kc1", "kc2"))


def test_of_several_rows_the_last_is_read() -> None:
    untrue = ROW | {"status": 500}
    assert found(TRUTH, call(untrue, ROW)) == []
    assert [one.where for one in found(TRUTH, call(ROW, untrue))] == ["ledger row /status"]


# written down twice


def beside(one: Trip, *more: Arrival) -> Trip:
    return replace(one, arrivals=(*one.arrivals, *more))


def unlike_one(seen: str, count: int) -> Finding:
    return fails(DUAL, "one request at gateway", seen, "upstream", f"{count} requests reached gateway")


@pytest.mark.parametrize(
    ("one", "due"),
    [
        pytest.param(call(ROW, calls=0), unlike_one("none", 0), id="no-request"),
        pytest.param(
            beside(with_trace(call(ROW)), *with_trace(call(ROW)).arrivals),
            unlike_one("gateway, gateway", 2),
            id="two-requests",
        ),
        pytest.param(
            with_trace(call(ROW, ROW)),
            fails(DUAL, "one row", "2", "ledger", "2 rows under the trace id kc1"),
            id="two-rows",
        ),
        pytest.param(
            with_trace(call()), fails(DUAL, "one row", "0", "ledger", "no row under the trace id kc1"), id="no-row"
        ),
    ],
)
def test_a_call_that_is_not_written_down_twice_is_told_by_where_it_is_missing(one: Trip, due: Finding) -> None:
    assert found(DUAL, one) == [due]


def test_a_request_elsewhere_is_none_at_the_gateway() -> None:
    assert found(DUAL, beside(with_trace(call(ROW)), onward("plan", ask()))) == []


# past the gateway


def past(actual: str) -> Finding:
    return fails(BYPASS, "the gateway only", actual, "upstream", f"went past the gateway: {actual}")


def test_a_call_past_the_gateway_is_told_by_where_it_went() -> None:
    gone = (onward("direct", ask()), outside("moonshot.ai"), outside("kimi.ai:443"), looked_up("api.kimi.com"))
    assert found(BYPASS, call(calls=0), beside(call(), *gone)) == [
        lost(BYPASS),
        past("POST /v1/chat/completions at moonshot"),
        past("CONNECT at outside: moonshot.ai"),
        past("CONNECT at outside: kimi.ai:443"),
        past("name looked up at outside: api.kimi.com"),
    ]


def test_a_gateway_may_be_called_as_kimi_s_hosts_are() -> None:
    upstreams = {**SECTIONS["upstreams"], "api.kimi.com": {"speaks": "portkey"}}
    (named,) = call().arrivals
    one = replace(call(), arrivals=(replace(named, upstream="api.kimi.com"),))
    assert found(BYPASS, one, of=kept(upstreams=upstreams)) == []


# a ledger that is down


def down(act: str, **how: Any) -> Trip:
    return replace(call(asked=ask(agent="dispo", scene=Scene(ledger=act)), **how), side=(SIDE,))


def failed(told: str, fate: str) -> Finding:
    message = f"with a ledger that {told}: {fate}"
    return fails(OUTAGE, "the upstream's answer", fate, "client response", message)


NO_ROW: Final = fails(OUTAGE, "a row", "none", "ledger", "the ledger is up again, and the next call has left no row")
UNUSED: Final = unseen(OUTAGE, "a call of the ledger", "none", "ledger", "the ledger was never called")


@pytest.mark.parametrize(
    ("one", "due"),
    [
        pytest.param(
            down("refused", status=503), failed("refuses connections the call was failed", "status 503"), id="refused"
        ),
        pytest.param(down("ledger-500", status=404), failed("answers 500 the call was failed", "status 404"), id="500"),
        pytest.param(
            down("aside-reset", status=None, error="reset: no timeout"),
            failed("breaks off the call was failed", "reset: no timeout"),
            id="reset",
        ),
        pytest.param(
            down("aside-held", status=None, error="timeout: no answer within 15 s"),
            failed("does not answer the call was failed and kept waiting", "timeout: no answer within 15 s"),
            id="held",
        ),
        pytest.param(down("503", status=502), failed("503 the call was failed", "status 502"), id="by-the-name-of-it"),
        pytest.param(
            down("ledger-500", calls=0), replace(lost(OUTAGE), verdict=Verdict.FAIL), id="answered-by-the-router-itself"
        ),
    ],
)
def test_a_call_that_fell_with_the_ledger_is_told_with_what_became_of_it(one: Trip, due: Finding) -> None:
    assert found(OUTAGE, down("ledger-500"), one, call(ROW)) == [due]


def test_a_call_before_the_outage_is_not_held_against_it_and_hides_none_behind_it() -> None:
    before = call(ROW, status=503)
    due = failed("answers 500 the call was failed", "status 503")
    assert found(OUTAGE, before, down("ledger-500", status=503)) == [due]


def test_the_next_call_leaves_a_row_again_where_the_ledger_is_in_use() -> None:
    assert found(OUTAGE, down("ledger-500"), call()) == [replace(NO_ROW, verdict=Verdict.WARN)]
    unused = replace(NO_ROW, verdict=Verdict.NOT_OBSERVED)
    assert found(OUTAGE, replace(down("ledger-500"), side=()), call()) == [UNUSED, unused]
    assert found(OUTAGE, down("ledger-500"), call(calls=0)) == []


@pytest.mark.parametrize("ledger", [None, IN_POSTGRES])
def test_a_ledger_that_no_stand_in_plays_is_never_called(ledger: Any) -> None:
    assert found(OUTAGE, down("ledger-500"), of=profile(ledger=ledger)) == [UNUSED]
