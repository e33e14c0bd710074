"""What a ledger says is held against what was seen, and against nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.scene import Scene
from kimi_conformance.contract.trip import ABSENT, LOOKUP, Arrival
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.exchange import Exchange, Request, Response
from suites.selftest.plays import ask, findings, onward, profile, trip

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Ask, Trip

COLUMNS: Final = {name: f"/{name}" for name in ("trace", "model", "agent", "status", "tier", "attempts")}
LEDGER: Final = {"postgrest": {"upstream": "ledger", "path": "/rows"}, "columns": COLUMNS}
TRACE: Final = {"header": "x-trace-id"}


def kept(**sections: Any) -> Profile:
    """The profile with a ledger, of a router that is seen from both sides."""
    return profile(**{"url": None, "asgi": "made:app", "ledger": LEDGER, "trace": TRACE, **sections})


KEPT: Final = kept()
ROW: Final = {
    "trace": "kc1",
    "model": "kimi-k2.6",
    "agent": "dispo",
    "status": 200,
    "tier": "specialty",
    "attempts": 1,
}
ONE: Final = "router.ledger.one-row-per-call"
TRUTH: Final = "router.ledger.row-tells-the-truth"
DUAL: Final = "router.ledger.dual-write"
BYPASS: Final = "router.ledger.no-bypass"
OUTAGE: Final = "router.ledger.outage-does-not-fail-the-call"


def call(*rows: dict[str, Any], asked: Ask | None = None, calls: int = 1, **how: Any) -> Trip:
    """A call by dispo over the gateway, with these rows."""
    asked = asked or ask(agent="dispo")
    return trip(asked, *(onward("kimi", asked) for _ in range(calls)), rows=rows, of=KEPT, **how)


def verdicts(requirement: str, *trips: Trip, of: Profile = KEPT) -> list[Verdict]:
    return [finding.verdict for finding in findings(requirement, *trips, of=of)]


@pytest.mark.parametrize(
    ("one", "due"),
    [
        pytest.param(call(ROW), [], id="one"),
        pytest.param(call(), [Verdict.FAIL], id="none"),
        pytest.param(call(ROW, ROW), [Verdict.FAIL], id="two"),
        pytest.param(call(ROW, calls=3), [], id="one-of-three-attempts"),
        pytest.param(call(ROW, calls=0), [Verdict.NOT_OBSERVED] * 2, id="no-call"),
        pytest.param(call(ROW, status=None, error="closed: cut"), [], id="cut"),
    ],
)
def test_a_call_has_one_row(one: Trip, due: list[Verdict]) -> None:
    assert verdicts(ONE, one) == due


def test_what_the_router_refuses_itself_has_no_row_beside_a_twin_that_has_one() -> None:
    odd = ask(7)
    refused, written = (trip(odd, status=400, rows=rows, of=KEPT) for rows in ((), (ROW,)))
    assert verdicts(ONE, call(ROW), refused) == []
    assert verdicts(ONE, call(ROW), written) == [Verdict.FAIL]


@pytest.mark.parametrize("requirement", [ONE, TRUTH, DUAL])
def test_rows_without_a_trace_say_nothing(requirement: str) -> None:
    of = kept(ledger={**LEDGER, "columns": {"status": "/status"}})
    assert verdicts(requirement, call(), of=of) == [Verdict.NOT_OBSERVED]


@pytest.mark.parametrize(
    ("changed", "one"),
    [
        pytest.param({}, call(ROW), id="as-it-was"),
        pytest.param({"status": "200", "attempts": "1"}, call(ROW), id="numbers-as-texts"),
        pytest.param({"status": 200.0, "attempts": 1.0}, call(ROW), id="numbers-as-fractions"),
        pytest.param({"status": "success"}, call(ROW), id="a-word"),
        pytest.param({"status": True}, call(ROW), id="a-flag"),
        pytest.param({"status": "Failed"}, call(ROW, status=502), id="a-word-for-a-failure"),
        pytest.param({"status": 502}, call(ROW, status=502), id="the-failure"),
        pytest.param({"status": 200}, call(ROW, error="closed: cut"), id="cut-after-its-head"),
        pytest.param({"status": 502}, call(ROW, error="closed: cut"), id="cut-and-so-a-failure"),
        pytest.param({"status": 504}, call(ROW, status=None, error="timeout"), id="no-answer"),
        pytest.param({"status": 499}, call(ROW, asked=ask(agent="dispo", hangs_up=True)), id="left"),
        pytest.param({"attempts": 2}, call(ROW, calls=2), id="attempts"),
        pytest.param({"status": None}, call(ROW, asked=ask(agent="dispo", hangs_up=True)), id="left-and-never-ended"),
        pytest.param({"agent": None}, call(ROW, asked=ask()), id="nobody"),
        pytest.param({"agent": "anonymous"}, call(ROW, asked=ask()), id="nobody-by-a-word"),
        pytest.param({"model": "what-the-router-calls-it"}, call(ROW, asked=ask(ABSENT, "dispo")), id="no-model"),
    ],
)
def test_a_row_that_is_true_is_not_held_against_anybody(changed: dict[str, Any], one: Trip) -> None:
    told = replace(one, rows=(replace(one.rows[0], values=ROW | changed),))
    assert findings(TRUTH, told, of=KEPT) == ()


@pytest.mark.parametrize(
    ("changed", "one", "says"),
    [
        pytest.param({"model": "kimi-k3"}, call(ROW), 'the model "kimi-k3", not kimi-k2.6', id="model"),
        pytest.param({"model": "KIMI-K2.6"}, call(ROW), "not kimi-k2.6", id="model-in-capitals"),
        pytest.param({"agent": "scout"}, call(ROW), 'the agent "scout", not "dispo"', id="agent"),
        pytest.param({"agent": None}, call(ROW), 'the agent null, not "dispo"', id="no-agent"),
        pytest.param({"agent": "dispo"}, call(ROW, asked=ask()), "was nobody's", id="an-agent-of-nobody"),
        pytest.param({"tier": "max"}, call(ROW), 'the tier "max", not specialty', id="tier"),
        pytest.param({"status": 201}, call(ROW), "the client got 200", id="another-success"),
        pytest.param({"status": 500}, call(ROW), "the client got 200", id="a-success-as-a-failure"),
        pytest.param({"status": 200}, call(ROW, status=502), "as a success (200)", id="a-failure-as-a-success"),
        pytest.param({"status": 429}, call(ROW, status=502), "the client got 502", id="another-failure"),
        pytest.param({"status": "ok"}, call(ROW, status=429), 'as a success ("ok")', id="a-failure-as-ok"),
        pytest.param({"status": 200}, call(ROW, status=None, error="reset"), "as a success", id="no-answer"),
        pytest.param({"attempts": 1}, call(ROW, calls=4), "4 upstream requests, and the row says 1", id="attempts"),
        pytest.param({"attempts": None}, call(ROW), "the row says null", id="no-attempts"),
        pytest.param({"trace": "kc2"}, call(ROW), "another trace id", id="trace"),
    ],
)
def test_a_row_that_is_not_true_is_told_by_its_column(changed: dict[str, Any], one: Trip, says: str) -> None:
    told = replace(one, rows=(replace(one.rows[0], values=ROW | changed),))
    (finding,) = findings(TRUTH, told, of=KEPT)
    assert (finding.verdict, finding.where) == (Verdict.FAIL, f"ledger row /{next(iter(changed))}")
    assert says in finding.message


def test_a_status_in_words_that_nobody_knows_is_no_finding_against_a_router() -> None:
    assert verdicts(TRUTH, call(ROW | {"status": "routed"})) == [Verdict.NOT_OBSERVED]


def test_a_column_that_is_not_there_is_not_true() -> None:
    (finding,) = findings(TRUTH, call({name: value for name, value in ROW.items() if name != "tier"}), of=KEPT)
    assert finding.message == "the row names the tier absent, not specialty"


def test_the_status_of_the_upstream_is_as_true_as_that_of_the_client() -> None:
    asked = ask(agent="dispo")
    one = trip(asked, onward("kimi", asked, status=429), status=503, rows=(ROW | {"status": 429},), of=KEPT)
    assert findings(TRUTH, one, of=KEPT) == ()


def test_the_name_that_went_out_is_as_true_as_the_name_that_came_in() -> None:
    asked = ask("moonshot/kimi-k2.6", "dispo")
    for name, due in (("moonshot/kimi-k2.6", 0), ("kimi-k2.6", 0), ("k2.6", 1)):
        one = trip(asked, onward("kimi", asked, model="kimi-k2.6"), rows=(ROW | {"model": name},), of=KEPT)
        assert len(findings(TRUTH, one, of=KEPT)) == due


def test_of_a_fallback_either_tier_and_either_count_is_true() -> None:
    asked = ask(agent="dispo")
    for changed in ({"tier": "specialty"}, {"tier": "default"}, {"attempts": 3}, {"attempts": 2}, {"attempts": 1}):
        legs = (*(onward("kimi", asked, status=500) for _ in range(2)), onward("default", asked))
        one = trip(asked, *legs, rows=(ROW | {"attempts": 3} | changed,), of=KEPT)
        assert findings(TRUTH, one, of=KEPT) == ()


def test_a_call_without_a_row_among_others_that_have_theirs_has_lost_it() -> None:
    lost = replace(call(), mark="kc2")
    assert verdicts(TRUTH, call(ROW), lost) == [Verdict.FAIL]
    assert verdicts(TRUTH, call(), lost) == [Verdict.NOT_OBSERVED] * 2


def with_trace(one: Trip, value: str = "kc1", name: str = "x-trace-id") -> Trip:
    (arrival,) = one.arrivals
    request = arrival.exchange.request
    request = replace(request, headers=(*request.headers, (name, value)))
    return replace(one, arrivals=(replace(arrival, exchange=replace(arrival.exchange, request=request)),))


@pytest.mark.parametrize(
    ("one", "due"),
    [
        pytest.param(with_trace(call(ROW)), [], id="joined"),
        pytest.param(with_trace(call(ROW), name="x-portkey-trace-id"), [], id="by-another-header"),
        pytest.param(with_trace(call(ROW), '{"_trace": "kc1"}', "x-portkey-metadata"), [], id="within-metadata"),
        pytest.param(call(ROW), [Verdict.FAIL], id="trace-kept-back"),
        pytest.param(with_trace(call(ROW), "span-7"), [Verdict.FAIL], id="another-trace"),
        pytest.param(with_trace(call()), [Verdict.FAIL], id="no-row"),
        pytest.param(call(ROW, calls=0), [Verdict.FAIL], id="no-request"),
    ],
)
def test_a_call_over_a_gateway_is_written_down_twice_and_joined(one: Trip, due: list[Verdict]) -> None:
    assert verdicts(DUAL, one) == due


def outside(host: str) -> Arrival:
    return Arrival(f"outside: {host}", Exchange(Request("CONNECT", host), Response(403)), 6.0)


def looked_up(host: str) -> Arrival:
    return Arrival(f"outside: {host}", Exchange(Request(LOOKUP, host), None, "not caught: there is no such host"), 6.0)


@pytest.mark.parametrize("leg", ["arrivals", "side"])
@pytest.mark.parametrize(
    ("beside", "due"),
    [
        pytest.param((), [], id="nothing"),
        pytest.param((looked_up("api.moonshot.ai"),), [Verdict.FAIL], id="looked-up"),
        pytest.param((looked_up("telemetry.test"),), [], id="somebody-else-looked-up"),
        pytest.param((onward("direct", ask()),), [Verdict.FAIL], id="the-stand-in-for-kimi"),
        pytest.param((outside("api.moonshot.ai:443"),), [Verdict.FAIL], id="the-outer-world"),
        pytest.param((outside("api.moonshot.cn"),), [Verdict.FAIL], id="the-chinese-host"),
        pytest.param((outside("telemetry.test:443"),), [], id="somebody-else"),
        pytest.param((outside("api.notmoonshot.ai:443"),), [], id="a-name-that-ends-alike"),
    ],
)
def test_nothing_goes_past_the_gateway(beside: tuple[Arrival, ...], due: list[Verdict], leg: str) -> None:
    one = call(ROW)
    changed: dict[str, Any] = {leg: (*getattr(one, leg), *beside)}
    assert verdicts(BYPASS, replace(one, **changed)) == due


DOWN: Final = ask(agent="dispo", scene=Scene(ledger="ledger-500"))
SIDE: Final = Arrival("ledger", Exchange(Request("POST", "/rows", (), b"{}"), Response(500)), 6.0)


@pytest.mark.parametrize(
    ("down", "after", "due"),
    [
        pytest.param(call(asked=DOWN), call(ROW), [], id="served"),
        pytest.param(call(asked=DOWN, status=503), call(ROW), [Verdict.FAIL], id="failed"),
        pytest.param(call(asked=DOWN, calls=0, status=503), call(ROW), [Verdict.FAIL], id="not-even-made"),
        pytest.param(
            call(asked=DOWN, status=None, error="timeout: no answer within 15 s"), call(ROW), [Verdict.FAIL], id="held"
        ),
        pytest.param(call(asked=DOWN), call(), [Verdict.WARN], id="no-row-any-more"),
    ],
)
def test_a_ledger_that_is_down_costs_its_row_alone(down: Trip, after: Trip, due: list[Verdict]) -> None:
    assert verdicts(OUTAGE, replace(down, side=(SIDE,)), after) == due


def test_a_ledger_that_was_never_called_shows_nothing() -> None:
    assert verdicts(OUTAGE, call(asked=DOWN), call()) == [Verdict.NOT_OBSERVED] * 2


def test_a_ledger_that_nobody_could_reach_is_seen_in_use_by_the_next_call() -> None:
    refused = call(asked=ask(agent="dispo", scene=Scene(ledger="refused")))
    assert verdicts(OUTAGE, refused, replace(call(ROW), side=(SIDE,))) == []


def test_where_only_the_clients_side_is_seen_rows_of_postgresql_count() -> None:
    in_postgres = {"postgres": {"dsn_env": "LEDGER_DSN", "table": "t"}, "columns": COLUMNS}
    of = kept(ledger=in_postgres, url="http://127.0.0.1:1", asgi=None)
    assert of.one_sided
    served = call(ROW, calls=0)
    assert [verdicts(rule, served, of=of) for rule in (ONE, TRUTH)] == [[], []]
    assert verdicts(ONE, call(calls=0), of=of) == [Verdict.FAIL]
    assert verdicts(ONE, call(calls=0, status=502), of=of) == [Verdict.NOT_OBSERVED] * 2
