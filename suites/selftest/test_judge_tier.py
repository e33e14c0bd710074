"""The judge on the tier that a router records for a call."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kimi_conformance.contract.trip import Ask, Decision, Trip
from kimi_conformance.contract.verdict import Finding, Verdict
from kimi_conformance.judge import verdict
from suites.selftest.plays import SECTIONS, ask, fails, findings, onward, profile, trip

TIER: Final = "router.gate.tier-belongs-to-route"


def took(route: str, asked: Ask, **more: Any) -> Trip:
    return trip(asked, onward(route, asked), **more)


PLAIN: Final = ask("kimi-k3")
IN_HEADER: Final = profile(tier_seen={"header": "X-Tier"})
LEDGER: Final = {"postgrest": {"upstream": "gateway", "path": "/rest/v1/calls"}}
IN_LEDGER: Final = profile(tier_seen={"ledger": "tier"}, ledger=LEDGER)
IN_DEEP_COLUMN: Final = profile(tier_seen={"ledger": "t"}, ledger=LEDGER | {"columns": {"tier": "/meta/a~1b/1"}})

RIGHT_TIERS = [
    pytest.param(IN_HEADER, {"headers": (("x-tier", "specialty"),)}, id="header"),
    pytest.param(IN_LEDGER, {"rows": ({"tier": "specialty"},)}, id="row"),
    pytest.param(IN_DEEP_COLUMN, {"rows": ({"meta": {"a/b": ["", "specialty"]}},)}, id="deep-in-a-row"),
    pytest.param(IN_HEADER, {"decision": Decision("kimi", "specialty", None)}, id="decision"),
]


@pytest.mark.parametrize(("of", "seen"), RIGHT_TIERS)
def test_the_tier_of_the_route_is_right(of: Any, seen: dict[str, Any]) -> None:
    assert findings(TIER, took("kimi", PLAIN, **seen), of=of) == ()


@pytest.mark.parametrize(
    ("of", "seen", "actual", "where"),
    [
        pytest.param(IN_HEADER, {"headers": (("x-tier", "max"),)}, "'max'", "client response X-Tier", id="header"),
        pytest.param(IN_LEDGER, {"rows": ({"tier": "max"},)}, "'max'", "ledger row /tier", id="row"),
        pytest.param(IN_LEDGER, {"rows": ({"tier": None},)}, "None", "ledger row /tier", id="null"),
        pytest.param(IN_LEDGER, {"rows": ({"tire": "x"},)}, "None", "ledger row /tier", id="no-such-column"),
        pytest.param(IN_DEEP_COLUMN, {"rows": ({"meta": {"a/b": [1]}},)}, "None", "ledger row /meta/a~1b/1", id="deep"),
        pytest.param(IN_DEEP_COLUMN, {"rows": ({"meta": "x"},)}, "None", "ledger row /meta/a~1b/1", id="shallow"),
        pytest.param(IN_LEDGER, {"decision": Decision("kimi", "max", None)}, "'max'", "decision /tier", id="decision"),
    ],
)
def test_another_tier_is_found(of: Any, seen: dict[str, Any], actual: str, where: str) -> None:
    message = f"recorded tier {actual} on route kimi"
    assert findings(TIER, took("kimi", PLAIN, **seen), of=of) == (fails(TIER, "specialty", actual, where, message),)


def test_a_row_says_nothing_where_the_tier_is_in_a_header() -> None:
    of = profile(tier_seen={"header": "x-tier"}, ledger=LEDGER)
    both: dict[str, Any] = {"headers": (("x-tier", "specialty"),), "rows": ({"tier": "max", "None": "max"},)}
    assert findings(TIER, took("kimi", PLAIN, **both), of=of) == ()


def test_every_row_of_a_call_counts() -> None:
    rows = ({"tier": "specialty"}, {"tier": "max"}, {"tier": "default"})
    assert [one.actual for one in findings(TIER, took("kimi", PLAIN, rows=rows), of=IN_LEDGER)] == [
        "'max'",
        "'default'",
    ]


@pytest.mark.parametrize(
    ("of", "seen"),
    [
        pytest.param(IN_HEADER, {}, id="no-header"),
        pytest.param(IN_HEADER, {"status": None, "error": "reset: by peer"}, id="no-response"),
        pytest.param(IN_HEADER, {"rows": ({"tier": "max"},)}, id="a-row-that-nobody-promised"),
        pytest.param(IN_LEDGER, {}, id="no-row"),
        pytest.param(profile(tier_seen={"ledger": "tier"}), {"rows": ({"tier": "max"},)}, id="no-ledger"),
        pytest.param(profile(), {"headers": (("x-tier", "max"),)}, id="nowhere-to-look"),
        pytest.param(IN_LEDGER, {"decision": Decision("kimi", None, None)}, id="decision-without-a-tier"),
    ],
)
def test_a_tier_that_nobody_saw_is_not_observed(of: Any, seen: dict[str, Any]) -> None:
    found = findings(TIER, took("kimi", PLAIN, **seen), of=of)
    message = "no tier was seen: no ledger row or header belongs to this call"
    assert found == (Finding(TIER, Verdict.NOT_OBSERVED, "specialty", "nothing", "ledger", message),)
    assert verdict(found) is Verdict.NOT_OBSERVED


def test_the_tier_of_a_call_that_reached_nothing_is_nobodys() -> None:
    found = findings(TIER, trip(PLAIN, status=500, headers=(("x-tier", "max"),)), of=IN_HEADER)
    assert [(one.verdict, one.expected, one.actual) for one in found] == [
        (Verdict.NOT_OBSERVED, "specialty", "nothing")
    ]


def test_a_route_without_a_tier_and_a_refusal_promise_none() -> None:
    strict = profile(policy={**SECTIONS["policy"], "default": None}, tier_seen={"header": "x-tier"})
    assert findings(TIER, took("direct", ask("kimi-k3.1-pro"), headers=(("x-tier", "any"),)), of=IN_HEADER) == ()
    assert findings(TIER, took("direct", ask("kimi-k3.1-pro")), of=IN_HEADER) == ()
    assert findings(TIER, trip(ask("kimi-nobodys"), status=400, headers=(("x-tier", "any"),)), of=strict) == ()


@pytest.mark.parametrize(
    ("route", "recorded", "wanted"),
    [
        pytest.param("default", "default", None, id="wrong-route-honest-row"),
        pytest.param("default", "specialty", "default", id="wrong-route-row-of-the-right-one"),
        pytest.param("plan", "specialty", "max", id="wrong-upstream"),
        pytest.param("direct", "any", None, id="wrong-route-that-promises-no-tier"),
    ],
)
def test_a_tier_belongs_to_the_route_that_was_taken(route: str, recorded: str, wanted: str | None) -> None:
    message = f"recorded tier {recorded!r} on route {route}"
    wrong = fails(TIER, str(wanted), repr(recorded), "client response X-Tier", message)
    assert findings(TIER, took(route, PLAIN, headers=(("x-tier", recorded),)), of=IN_HEADER) == (
        () if wanted is None else (wrong,)
    )


def test_a_destination_under_two_names_has_two_tiers() -> None:
    twin = {"upstream": "gateway", "headers": {"x-virtual-key": "vk-kimi"}, "tier": "other"}
    of = profile(routes=SECTIONS["routes"] | {"twin": twin}, tier_seen={"header": "x-tier"})
    for tier in ("specialty", "other"):
        assert findings(TIER, took("kimi", PLAIN, headers=(("x-tier", tier),)), of=of) == ()
    [found] = findings(TIER, took("kimi", PLAIN, headers=(("x-tier", "max"),)), of=of)
    assert (found.expected, found.message) == ("other or specialty", "recorded tier 'max' on route kimi or twin")


def test_every_call_is_looked_at_for_its_tier() -> None:
    strict = profile(policy={**SECTIONS["policy"], "default": None}, tier_seen={"header": "x-tier"})
    wrong = took("kimi", PLAIN, headers=(("x-tier", "max"),))
    found = findings(TIER, trip(ask("kimi-nobodys"), status=400), wrong, took("kimi", PLAIN), wrong, of=strict)
    assert [one.actual for one in found] == ["'max'", "nothing", "'max'"]


def test_a_decision_has_its_tier_by_itself() -> None:
    both: dict[str, Any] = {"headers": (("x-tier", "max"),), "rows": ({"tier": "max"},)}
    for of in (IN_HEADER, IN_LEDGER):
        assert findings(TIER, trip(PLAIN, decision=Decision("kimi", "specialty", None), **both), of=of) == ()


def test_a_decision_for_no_route_of_the_profile_has_no_tier() -> None:
    assert findings(TIER, trip(PLAIN, decision=Decision("kimmi", "max", None)), of=IN_HEADER) == ()


def test_a_destination_under_many_names_has_their_tiers_in_order() -> None:
    twins = {f"twin-{name}": {**SECTIONS["routes"]["kimi"], "tier": name} for name in "gfedcba"}
    of = profile(routes=SECTIONS["routes"] | twins, tier_seen={"header": "x-tier"})
    [found] = findings(TIER, took("kimi", PLAIN, headers=(("x-tier", "max"),)), of=of)
    assert found.expected == " or ".join([*"abcdefg", "specialty"])
    assert found.message == "recorded tier 'max' on route " + " or ".join(
        ["kimi", *(f"twin-{name}" for name in "abcdefg")]
    )
