"""An alert says which model and what kind of limit, once in an episode, and never at a call's expense."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from kimi_conformance.contract.scene import Scene
from kimi_conformance.contract.trip import Arrival, Play
from kimi_conformance.contract.verdict import Verdict
from kimi_conformance.exchange import Exchange, Request, Response
from kimi_conformance.judge import judge
from kimi_conformance.oracle import World
from kimi_conformance.registry.contracts import catalogue, requirements
from suites.selftest.plays import TODAY, again, ask, findings, onward, profile, trip

if TYPE_CHECKING:
    from kimi_conformance.contract.profile import Profile
    from kimi_conformance.contract.trip import Ask, Trip

ALERTS: Final = {"upstream": "alerts", "on": [429], "episode_s": 60}
LEDGER: Final = {"postgrest": {"upstream": "ledger", "path": "/rows"}, "columns": {"trace": "/trace"}}


def told(**sections: Any) -> Profile:
    """The profile with alerts and a ledger, of a router that is seen from both sides."""
    given = {"url": None, "asgi": "made:app", "alerts": ALERTS, "ledger": LEDGER, "trace": {"header": "x-trace-id"}}
    return profile(**given | sections)


TOLD: Final = told()
ON_429: Final = "router.alert.alert-on-429"
ONCE: Final = "router.alert.one-alert-per-episode"
NONE: Final = "router.alert.none-on-success"
APART: Final = "router.alert.alert-tells-quota-from-rate"
OUTAGE: Final = "router.alert.outage-does-not-fail-the-call"
SAFE: Final = "router.alert.no-secret-in-alert"

RATE, QUOTA, OVERLOAD = "rate_limit_reached_error", "exceeded_current_quota_error", "engine_overloaded_error"


def alert(said: Any, at: float = 10.0, upstream: str = "alerts") -> Arrival:
    body = (
        said if isinstance(said, bytes) else json.dumps({"content": said} if isinstance(said, str) else said).encode()
    )
    headers = (("Content-Type", "application/json"),)
    return Arrival(upstream, Exchange(Request("POST", "/hook", headers, body), Response(204)), at)


def limited(*alerts: Arrival, kind: str = RATE, asked: Ask | None = None, status: int | None = 429, **how: Any) -> Trip:
    """A call of kimi-k2.6 that ended in a limit, and what came to the webhook."""
    asked = asked or ask(agent="dispo")
    error = json.dumps({"error": {"type": kind, "message": "no"}}).encode()
    one = trip(asked, onward("kimi", asked, status=429), status=status, answer=error, of=TOLD, **how)
    return again(one, side=alerts)


def verdicts(requirement: str, *trips: Trip, of: Profile = TOLD) -> list[Verdict]:
    return [finding.verdict for finding in findings(requirement, *trips, of=of)]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        pytest.param("429 rate_limit_reached_error on kimi-k2.6", RATE, id="by-its-type"),
        pytest.param("Kimi-K2.6: Rate limit!", RATE, id="by-a-word"),
        pytest.param("kimi-k2.6: too many requests", RATE, id="by-the-name-of-the-status"),
        pytest.param("kimi-k2.6: please recharge, the balance is used up", QUOTA, id="balance"),
        pytest.param("kimi-k2.6: quota", "insufficient_quota", id="quota-of-another-dialect"),
        pytest.param("kimi-k2.6 is overloaded", OVERLOAD, id="overload"),
        pytest.param({"embeds": [{"title": "kimi-k2.6", "description": RATE}]}, RATE, id="embed"),
    ],
)
def test_an_alert_names_the_model_and_the_kind_in_whatever_words(said: Any, kind: str) -> None:
    assert verdicts(ON_429, limited(alert(said), kind=kind)) == []


@pytest.mark.parametrize(
    ("said", "kind", "says"),
    [
        pytest.param("rate limit", RATE, "names no model", id="no-model"),
        pytest.param("429 on kimi-k2.6", RATE, "one of rate", id="no-kind"),
        pytest.param("rate limit on kimi-k2.6", QUOTA, "one of quota", id="the-wrong-kind"),
        pytest.param("kimi-k2.6: rate limit" + "x" * 2000, RATE, "content: Must be 2000 or fewer", id="too-long"),
        pytest.param({"text": "kimi-k2.6: rate limit"}, RATE, "empty message", id="another-messenger"),
        pytest.param(b"kimi-k2.6: rate limit", RATE, "no JSON object", id="no-json"),
    ],
)
def test_an_alert_that_says_too_little_or_too_much_is_told(said: Any, kind: str, says: str) -> None:
    found = findings(ON_429, limited(alert(said), kind=kind), of=TOLD)
    assert says in found[0].message
    assert found[0].verdict is Verdict.FAIL


def test_a_limit_without_an_alert_is_a_finding_and_a_call_without_a_limit_says_nothing() -> None:
    assert verdicts(ON_429, limited()) == [Verdict.FAIL]
    assert verdicts(ON_429, limited(alert("x"), status=200))[0] is Verdict.NOT_OBSERVED
    assert verdicts(ON_429, again(limited(), arrivals=())) == [Verdict.NOT_OBSERVED]
    assert verdicts(ON_429, limited(alert("429", upstream="ledger"))) == [Verdict.FAIL]


def test_one_of_two_alerts_may_be_the_one_that_names_them() -> None:
    assert verdicts(ON_429, limited(alert("something is wrong"), alert("kimi-k2.6: rate limit"))) == []


def test_an_error_of_no_type_cannot_be_named() -> None:
    assert verdicts(ON_429, limited(alert("429 on kimi-k2.6"), kind="odd")) == [Verdict.NOT_OBSERVED]


@pytest.mark.parametrize(
    ("times", "due"),
    [
        pytest.param([[10.0], [], []], [], id="one"),
        pytest.param([[10.0], [500.0], []], [Verdict.FAIL], id="two"),
        pytest.param([[10.0, 11.0], [], []], [Verdict.FAIL], id="two-for-one-call"),
        pytest.param([[10.0], [], [60_011.0]], [], id="the-next-episode"),
        pytest.param([[], [], []], [Verdict.NOT_OBSERVED], id="none"),
    ],
)
def test_an_episode_has_one_alert(times: list[list[float]], due: list[Verdict]) -> None:
    trips = (limited(*(alert("429", at) for at in each), mark=f"kc{at}") for at, each in enumerate(times))
    assert verdicts(ONCE, *trips) == due


def test_calls_that_were_not_limited_are_no_episode() -> None:
    assert verdicts(ONCE, limited(alert("429")), limited(status=200)) == [Verdict.NOT_OBSERVED]


def test_a_success_raises_no_alert() -> None:
    asked = ask()
    served = trip(asked, onward("kimi", asked), of=TOLD)
    assert verdicts(NONE, served) == []
    assert verdicts(NONE, again(served, side=(alert("kimi-k2.6 answered"),))) == [Verdict.FAIL]
    assert verdicts(NONE, limited()) == [Verdict.NOT_OBSERVED]


@pytest.mark.parametrize(
    ("said", "due"),
    [
        pytest.param("rate limit on kimi-k2.6", Verdict.NOT_OBSERVED, id="perhaps-of-an-earlier-call"),
        pytest.param("429 on kimi-k2.6", Verdict.NOT_OBSERVED, id="perhaps-too"),
        pytest.param("429 on kimi-k2.6, trace kc1", Verdict.FAIL, id="of-this-very-call"),
    ],
)
def test_an_alert_of_an_earlier_call_that_came_late_is_not_held_against_a_success(said: str, due: Verdict) -> None:
    asked = ask()
    assert verdicts(NONE, again(trip(asked, onward("kimi", asked), of=TOLD), side=(alert(said),))) == [due]


@pytest.mark.parametrize(
    ("rate", "quota", "due"),
    [
        pytest.param("kimi-k2.6: rate limit", "kimi-k2.6: quota", [], id="words"),
        pytest.param("429 on kimi-k2.6 (kc1) at 12:01", "429 on kimi-k2.6 (kc2) at 12:02", [Verdict.WARN], id="alike"),
        pytest.param("429, trace 00ff00ff00ff", "429, trace ff00ff00ff00", [Verdict.WARN], id="another-trace"),
    ],
)
def test_words_and_not_numbers_tell_a_quota_from_a_rate_limit(rate: str, quota: str, due: list[Verdict]) -> None:
    first = limited(alert(rate), mark="kc1")
    assert verdicts(APART, first, limited(alert(quota), kind=QUOTA, mark="kc2")) == due
    assert verdicts(APART, first, limited(kind=QUOTA, mark="kc2")) == [Verdict.NOT_OBSERVED]


def down(act: str = "webhook-500") -> Ask:
    return ask(agent="dispo", scene=Scene(acts=("429-tokens",), webhook=act))


@pytest.mark.parametrize(
    ("one", "due"),
    [
        pytest.param(limited(alert("429"), asked=down()), [], id="the-same-answer"),
        pytest.param(limited(alert("429"), asked=down(), status=500), [Verdict.FAIL], id="another-answer"),
        pytest.param(
            limited(alert("429"), asked=down(), status=None, error="timeout: 15 s"), [Verdict.FAIL], id="none"
        ),
        pytest.param(limited(asked=down()), [Verdict.NOT_OBSERVED], id="nobody-was-told"),
    ],
)
def test_a_webhook_that_is_down_changes_no_answer(one: Trip, due: list[Verdict]) -> None:
    assert verdicts(OUTAGE, one, limited(kind=QUOTA, mark="kc2")) == due


def test_a_router_that_makes_another_error_of_every_limit_is_not_blamed_for_its_webhook() -> None:
    both = (limited(alert("429"), asked=down(), status=503), limited(kind=QUOTA, status=503, mark="kc2"))
    assert verdicts(OUTAGE, *both) == []


def with_secret(one: Trip, requirement: str) -> list[tuple[Verdict, str]]:
    world = World(TOLD, catalogue(), TODAY, {"portkey": "sk-kc-portkey-0123456789abcdef01234567"})
    found = judge(requirements("router")[requirement], Play("case", requirement, (one,)), world)
    return [(finding.verdict, finding.actual) for finding in found]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        pytest.param("429 on kimi-k2.6", [], id="none"),
        pytest.param("key 0123456789abcdef01234567", ["secret portkey, plain"], id="plain"),
        pytest.param("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", ["secret portkey, base64"], id="base64"),
    ],
)
def test_a_key_in_an_alert_is_found_and_one_in_its_head_is_the_webhooks_own(said: str, found: list[str]) -> None:
    assert with_secret(limited(alert(said)), SAFE) == [(Verdict.FAIL, each) for each in found]


def test_a_key_in_a_row_is_found_wherever_it_was_seen() -> None:
    rule, key = "router.ledger.no-secret-in-row", "0123456789abcdef01234567"
    asked = ask()
    row = trip(asked, onward("kimi", asked), rows=({"trace": "kc1", "meta": {"headers": [key]}},), of=TOLD)
    lost = again(trip(asked, onward("kimi", asked), of=TOLD), side=(alert(key, upstream="ledger"),))
    good = trip(asked, onward("kimi", asked), rows=({"trace": "kc1"},), of=TOLD)
    bad = [(Verdict.FAIL, "secret portkey, plain")]
    assert [with_secret(one, rule) for one in (row, lost, good)] == [bad, bad, []]
    assert with_secret(limited(), SAFE) == [(Verdict.NOT_OBSERVED, "none")]


def took(ms: float, *, direct: bool = False, **how: Any) -> Trip:
    asked = ask(direct=direct)
    one = trip(asked, onward("kimi", asked), of=TOLD, **how)
    return again(one, client=replace(one.client, start_ms=100.0, end_ms=100.0 + ms))


def pairs(straight: list[float], through: list[float]) -> list[Trip]:
    both = zip(straight, through, strict=True)
    return [one for by, way in both for one in (took(by, direct=True), took(way))]


@pytest.mark.parametrize(
    ("straight", "through", "verdict", "seen"),
    [
        pytest.param([1.0] * 5, [3.0] * 5, Verdict.PASS, "2.0 ms, the median of 5", id="little"),
        pytest.param([1.0] * 5, [9000.0, 2.0, 2.0, 2.0, 9000.0], Verdict.PASS, "1.0 ms", id="two-outliers"),
        pytest.param([5.0] * 3, [4.0] * 3, Verdict.PASS, "-1.0 ms", id="faster-than-straight"),
        pytest.param([1.0] * 3, [1002.0] * 3, Verdict.WARN, "1001.0 ms", id="much"),
    ],
)
def test_the_median_of_what_a_router_adds_is_reported(
    straight: list[float], through: list[float], verdict: Verdict, seen: str
) -> None:
    (finding,) = findings("router.latency.adds-little", *pairs(straight, through), of=TOLD)
    assert finding.verdict is verdict
    assert finding.actual.startswith(seen)


def test_a_profile_may_bound_what_its_router_adds() -> None:
    of = told(limits={"overhead_ms": 50})
    (finding,) = findings("router.latency.adds-little", *pairs([1.0] * 3, [61.0] * 3), of=of)
    assert (finding.verdict, finding.expected) == (Verdict.WARN, "at most 50 ms")


def test_calls_that_were_not_served_tell_no_times() -> None:
    failed = [*pairs([1.0], [2.0]), took(1.0, direct=True), took(1.0, status=502)]
    assert verdicts("router.latency.adds-little", *failed) == [Verdict.NOT_OBSERVED]
    assert verdicts("router.latency.adds-little", took(1.0)) == [Verdict.NOT_OBSERVED]
